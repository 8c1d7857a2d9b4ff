package daemon_test

import (
	"strings"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestFailedCreationNamesItsSandbox on both fronts, so that its events are found; one that was refused before has none.
func TestFailedCreationNamesItsSandbox(t *testing.T) {
	e := start(t)
	s := spec()
	s.User = "nobody-here"
	_, err := e.tryRun(s)
	events := e.events("teams/-/sandboxes/" + wantError(t, err, errdefs.InvalidArgument, "USER_NOT_FOUND").Metadata["sandbox"])
	if len(events) < 2 || !strings.HasPrefix(events[len(events)-1], "UNDONE : ") {
		t.Errorf("events: %q", events)
	}
	other := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	_, err = other.CreateSandbox(t.Context(), &coreweavev1.CreateSandboxRequest{Sandbox: &coreweavev1.Sandbox{
		Spec: &coreweavev1.SandboxSpec{Containers: []*coreweavev1.Container{{Image: "nowhere.invalid/none:1"}}},
	}})
	failed, ok := errdefs.As(errgrpc.FromError(err))
	if !ok || failed.Metadata["sandbox"] == "" {
		t.Fatalf("error %+v", failed)
	}
	if events := e.events("teams/-/sandboxes/" + failed.Metadata["sandbox"]); !strings.HasSuffix(events[0], "none:1") {
		t.Errorf("events: %q", events)
	}
	s.Image = ""
	_, err = e.tryRun(s)
	if got := wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT").Metadata["sandbox"]; got != "" {
		t.Errorf("a request that was refused at once names the sandbox %q", got)
	}
}

// TestInternalFailureNamesItsSandbox and still says nothing of its inside.
func TestInternalFailureNamesItsSandbox(t *testing.T) {
	e := start(t)
	e.refuseWrites(`NEW.state = 'RUNNING'`)
	_, err := e.tryRun(&sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage})
	got := wantError(t, err, errdefs.Internal, "INTERNAL")
	if !strings.HasPrefix(got.Message, "internal error (request id ") {
		t.Errorf("message %q", got.Message)
	}
	if events := e.events("teams/-/sandboxes/" + got.Metadata["sandbox"]); events[len(events)-1] != "UNDONE : internal error" {
		t.Errorf("events: %q", events)
	}
}
