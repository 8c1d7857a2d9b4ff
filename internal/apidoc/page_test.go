package apidoc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	_ "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// sections returns the page's text under each heading, whatever its level.
func sections(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "docs/api.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	title := ""
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			title = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
		all[title] += line
	}
	return all
}

// The page has every service, method, message, field, enum and value of the two public packages.
func TestThePageIsComplete(t *testing.T) {
	page := sections(t)
	seen := 0
	has := func(section protoreflect.FullName, text string) {
		t.Helper()
		seen++
		if !strings.Contains(page[string(section)], text) {
			t.Errorf("docs/api.md has no %q under %s", text, section)
		}
	}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if p := file.Package(); p != "casemate.sandbox.v1" && p != "casemate.secrets.v1" {
			return true
		}
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			has(service.FullName(), string(service.Name())) // its comment begins with its name
			for j := range service.Methods().Len() {
				m := service.Methods().Get(j)
				has(protoreflect.FullName(m.Name()), "["+string(m.Input().Name())+"]")
			}
		}
		for i := range file.Messages().Len() {
			message := file.Messages().Get(i)
			has(message.FullName(), string(message.Name()))
			if message.Messages().Len() > 0 && !message.Messages().Get(0).IsMapEntry() || message.Enums().Len() > 0 {
				t.Errorf("%s: the page's template does not know of nested types", message.FullName())
			}
			for j := range message.Fields().Len() {
				f := message.Fields().Get(j)
				has(message.FullName(), "| `"+string(f.Name())+"` |")
				if f.IsMap() { // the template knows by name which is no map of strings
					has(message.FullName(), fmt.Sprintf("| `%s` | `map<%s, %s>` |", f.Name(), f.MapKey().Kind(), f.MapValue().Kind()))
				}
			}
		}
		for i := range file.Enums().Len() {
			enum := file.Enums().Get(i)
			has(enum.FullName(), string(enum.Name()))
			for j := range enum.Values().Len() {
				has(enum.FullName(), "| `"+string(enum.Values().Get(j).Name())+"` |")
			}
		}
		return true
	})
	if seen < 200 {
		t.Errorf("only %d things were looked for: are the packages linked into this test?", seen)
	}
}
