package coreweave

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
)

// TestWireIsTheSDKs compares every name, number, type, presence and signature with those of the SDK's own descriptors.
func TestWireIsTheSDKs(t *testing.T) {
	golden, err := os.ReadFile("testdata/wire.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(golden)), "\n")[1:] // the first line says where it is from
	var w wire
	for _, file := range []protoreflect.FileDescriptor{
		sandboxv1.File_coreweave_sandbox_v1_sandbox_proto, sandboxv1.File_coreweave_sandbox_v1_runtime_class_proto,
	} {
		w.file(protodesc.ToFileDescriptorProto(file))
	}
	slices.Sort(w.lines)
	slices.Sort(want)
	if diff := cmp.Diff(want, w.lines); diff != "" {
		t.Errorf("the wire differs from the SDK's (-SDK +ours):\n%s", diff)
	}
}

// wire writes descriptors down, a line for each thing that must be as it is.
type wire struct{ lines []string }

func (w *wire) add(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

func (w *wire) file(f *descriptorpb.FileDescriptorProto) {
	for _, m := range f.GetMessageType() {
		w.message(f.GetPackage(), m)
	}
	for _, e := range f.GetEnumType() {
		w.enum(f.GetPackage(), e)
	}
	stream := map[bool]string{true: "stream "}
	for _, s := range f.GetService() {
		for _, m := range s.GetMethod() {
			w.add("rpc %s.%s.%s %s%s %s%s", f.GetPackage(), s.GetName(), m.GetName(),
				stream[m.GetClientStreaming()], m.GetInputType()[1:], stream[m.GetServerStreaming()], m.GetOutputType()[1:])
		}
	}
}

func (w *wire) message(prefix string, m *descriptorpb.DescriptorProto) {
	name := prefix + "." + m.GetName()
	w.add("message %s", name)
	for _, f := range m.GetField() {
		label := map[descriptorpb.FieldDescriptorProto_Label]string{descriptorpb.FieldDescriptorProto_LABEL_REPEATED: "repeated "}
		line := fmt.Sprintf("%s.%s = %d %s%s", name, f.GetName(), f.GetNumber(), label[f.GetLabel()],
			strings.ToLower(strings.TrimPrefix(f.GetType().String(), "TYPE_")))
		if f.GetTypeName() != "" {
			line += " " + f.GetTypeName()[1:]
		}
		switch {
		case f.GetProto3Optional():
			line += " presence"
		case f.OneofIndex != nil:
			line += " oneof " + m.GetOneofDecl()[f.GetOneofIndex()].GetName()
		}
		w.add("%s", line)
	}
	for _, r := range m.GetReservedRange() {
		w.add("%s reserved %d..%d", name, r.GetStart(), r.GetEnd()-1)
	}
	for _, r := range m.GetReservedName() {
		w.add("%s reserved %s", name, r)
	}
	for _, n := range m.GetNestedType() {
		w.message(name, n)
	}
	for _, e := range m.GetEnumType() {
		w.enum(name, e)
	}
}

func (w *wire) enum(prefix string, e *descriptorpb.EnumDescriptorProto) {
	name := prefix + "." + e.GetName()
	w.add("enum %s", name)
	for _, v := range e.GetValue() {
		w.add("%s.%s = %d", name, v.GetName(), v.GetNumber())
	}
}

// Requests as the SDK was seen to send them.
const (
	wandbCreate  = "0a9a011297010a90010a046d61696e120b707974686f6e3a332e31311a072f62696e2f736822022d63222d74726170202265786974203022205445524d20494e543b20736c65657020696e66696e697479202620776169744a3f0a1277616e64622d7465616d2d7365637265747312140a0848465f544f4b454e1a0848465f544f4b454e12130a0e4f50454e41495f4150495f4b45591a015828c0d102122435326363613632642d363038612d343936382d386235372d306138393435366632383666"
	plainCreate  = "0a8b011288010a85010a046d61696e120b707974686f6e3a332e31311a072f62696e2f736822022d63222d74726170202265786974203022205445524d20494e543b20736c65657020696e66696e697479202620776169744a340a076d7973746f726512140a0848465f544f4b454e1a0848465f544f4b454e12130a0e4f50454e41495f4150495f4b45591a0158122465623939363565662d623235312d346266302d626431342d613431666563333466346266"
	shellInit    = "0a1c0a0f73622d6433666335313431643763301203636174180120502818"
	exitDeletion = "0a0f73622d373836663664623334323266100a"
)

func decode[M proto.Message](t *testing.T, sample string, m M) M {
	t.Helper()
	raw, err := hex.DecodeString(sample)
	if err != nil {
		t.Fatal(err)
	}
	if err := (proto.UnmarshalOptions{}).Unmarshal(raw, m); err != nil {
		t.Fatal(err)
	}
	if n := len(m.ProtoReflect().GetUnknown()); n > 0 {
		t.Errorf("%T has %d bytes of fields that we don't know", m, n)
	}
	again, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, again) {
		t.Errorf("%T encodes to %x, the SDK sent %x", m, again, raw)
	}
	return m
}

func TestSamplesOfTheSDK(t *testing.T) {
	if got := decode(t, wandbCreate, &sandboxv1.CreateSandboxRequest{}); got.GetSandbox().GetSpec().GetMaxLifetimeSeconds() != 43200 {
		t.Errorf("wandb.sandbox's request: %v", got)
	}
	if got := decode(t, plainCreate, &sandboxv1.CreateSandboxRequest{}); got.GetRequestId() != "eb9965ef-b251-4bf0-bd14-a41fec34f4bf" {
		t.Errorf("cwsandbox's request: %v", got)
	}
	if got := decode(t, shellInit, &sandboxv1.ExecStreamRequest{}).GetInit(); !got.GetTty() || got.GetTtyWidth() != 80 || got.GetTtyHeight() != 24 {
		t.Errorf("a shell's first frame: %v", got)
	}
	if got := decode(t, exitDeletion, &sandboxv1.DeleteSandboxRequest{}); got.GetGracePeriodSeconds() != 10 {
		t.Errorf("the deletion at the end of a with block: %v", got)
	}
}
