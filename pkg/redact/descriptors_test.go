package redact_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	_ "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	_ "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// valueNames are the names of string fields that carry a value; every bytes field is taken to carry one.
var valueNames = map[protoreflect.Name]bool{
	"key": true, "other_keys": true, "value": true, "data": true, "payload": true, "token": true, "password": true,
}

// notValues are the bytes fields that can't carry one: hashes, and the layers of an image.
var notValues = map[protoreflect.FullName]bool{
	"casemate.secrets.v1.AuditEntry.prev_hash":             true,
	"casemate.secrets.v1.AuditEntry.hash":                  true,
	"casemate.secrets.v1.VerifyAuditLogResponse.head_hash": true,
	"casemate.secrets.v1.AuditCheckpoint.head_hash":        true,
	"casemate.secrets.v1.AuditCheckpoint.prev_hash":        true,
	"casemate.secrets.v1.AuditCheckpoint.signature":        true,
	// A public key.
	"casemate.secrets.v1.VerifyAuditLogResponse.public_key": true,
	"casemate.sandbox.v1.ImportImageRequest.data":           true,
	"casemate.sandbox.v1.DownloadArchiveEnd.sha256":         true,
	"casemate.sandbox.v1.UploadArchiveEnd.sha256":           true,
}

func carriesValue(f protoreflect.FieldDescriptor) bool {
	switch f.Kind() {
	case protoreflect.BytesKind:
		return !notValues[f.FullName()]
	case protoreflect.StringKind:
		return valueNames[f.Name()]
	default:
		return false
	}
}

// A field that can carry a secret value is marked debug_redact, so that the text formats of those protobuf
// implementations that honour the mark leave it out. (Go's does not: there, no request is ever logged.)
func TestFieldsThatCanCarryAValueAreMarked(t *testing.T) {
	seen := map[string]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "casemate.") {
			seen[file.Path()] = true
			walk(file.Messages(), func(f protoreflect.FieldDescriptor) {
				options, _ := f.Options().(*descriptorpb.FieldOptions)
				if carriesValue(f) && !options.GetDebugRedact() {
					t.Errorf("%s can carry a secret value: mark it [debug_redact = true], or list it in notValues with the reason", f.FullName())
				}
			})
		}
		return true
	})
	// The test is worth nothing for a package that it does not import.
	err := fs.WalkDir(os.DirFS("../../proto"), "casemate", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".proto") && !seen[path] {
			t.Errorf("%s is not linked into this test", path)
		}
		return err
	})
	if err != nil || len(seen) == 0 {
		t.Fatalf("%d files seen, %v", len(seen), err)
	}
}

// walk calls visit for every field of the messages and those within them, except the two of a map's entries, which stand
// for the map.
func walk(messages protoreflect.MessageDescriptors, visit func(protoreflect.FieldDescriptor)) {
	for i := range messages.Len() {
		m := messages.Get(i)
		if m.IsMapEntry() {
			continue
		}
		for j := range m.Fields().Len() {
			visit(m.Fields().Get(j))
		}
		walk(m.Messages(), visit)
	}
}
