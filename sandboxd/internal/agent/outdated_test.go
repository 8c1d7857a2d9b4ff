package agent_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

// A call that the agent does not know is answered with what to do, and the agent goes on. The agent is a real one, and the call
// one that no agent knows: what a newer sandboxd asks of an older agent looks the same to that.
func TestAnAgentThatDoesNotKnowACall(t *testing.T) {
	r, err := native.New(native.Config{StateDir: t.TempDir(), AgentPath: runtimetest.AgentPath(t), CgroupParent: "casemate-test-outdated"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	box := runtimetest.NewBox(t, r, runtimetest.Limits, runtimetest.BusyboxRoot(t))
	var req agentv1.Request
	req.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, 4711, protowire.BytesType), nil))
	conn, err := box.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := frame.WriteMessage(conn, frame.Request, &req); err != nil {
		t.Fatal(err)
	}
	kind, answer, err := frame.NewReader(conn).Next()
	if err != nil || kind != frame.Response {
		t.Fatalf("the agent answers %v, %v", kind, err)
	}
	// And now as sandboxd hears it.
	err = box.Ping(runtimetest.Context(t))
	if err != nil {
		t.Errorf("the agent after that: %v", err)
	}
	err = hostile(t, says(wire(t, frame.Response, answer), false)).Ping(t.Context())
	if errdefs.KindOf(err) != errdefs.FailedPrecondition || errdefs.ReasonOf(err) != "AGENT_OUTDATED" {
		t.Errorf("sandboxd hears %v, want AGENT_OUTDATED", err)
	}
}
