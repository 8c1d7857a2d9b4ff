// These tests speak to a whole sandboxd through its native API, with a real secretsd behind it.
package daemon_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// env is a sandboxd with the team red, and ada, a member of it.
type env struct {
	*sandboxdtest.Server

	t   *testing.T
	key string // ada's
	api sandboxv1.SandboxServiceClient
}

func start(t *testing.T, opts ...sandboxdtest.Option) *env {
	t.Helper()
	e := &env{Server: sandboxdtest.Start(t, opts...), t: t}
	e.Secretsd.CreateTeam("red")
	e.key = e.Secretsd.CreateUser("red", "ada", identity.RoleMember)
	e.api = e.Client(e.key)
	return e
}

func secret(name string) *sandboxv1.SecretRef { return &sandboxv1.SecretRef{Secret: name} }

// spec is a busybox without a main process.
func spec() *sandboxv1.SandboxSpec { return &sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage} }

// script is a busybox with a shell script as its main process.
func script(text string) *sandboxv1.SandboxSpec {
	s := spec()
	s.Command = []string{"sh", "-c", text}
	return s
}

func (e *env) tryRun(s *sandboxv1.SandboxSpec) (*sandboxv1.Sandbox, error) {
	resp, err := e.api.RunSandbox(e.t.Context(), &sandboxv1.RunSandboxRequest{Spec: s})
	return resp.GetSandbox(), err
}

func (e *env) run(s *sandboxv1.SandboxSpec) *sandboxv1.Sandbox {
	e.t.Helper()
	sb, err := e.tryRun(s)
	if err != nil {
		e.t.Fatalf("%v\n%s", err, e.Logs())
	}
	if sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		e.t.Fatalf("the new sandbox is %v", sb)
	}
	return sb
}

func (e *env) exec(name string, argv ...string) *sandboxv1.ExecResponse {
	e.t.Helper()
	resp, err := e.api.Exec(e.t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: argv}})
	if err != nil {
		e.t.Fatal(err)
	}
	return resp
}

// shell returns what a script printed, without the last newline.
func (e *env) shell(name, text string) string {
	e.t.Helper()
	return strings.TrimSuffix(string(e.exec(name, "sh", "-c", text).GetStdout()), "\n")
}

func (e *env) get(name string) *sandboxv1.Sandbox {
	e.t.Helper()
	resp, err := e.api.GetSandbox(e.t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetSandbox()
}

func (e *env) wait(name string) *sandboxv1.Sandbox {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	resp, err := e.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name})
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetSandbox()
}

func (e *env) stop(name string) *sandboxv1.Sandbox {
	e.t.Helper()
	resp, err := e.api.StopSandbox(e.t.Context(), &sandboxv1.StopSandboxRequest{Name: name})
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetSandbox()
}

func (e *env) list(req *sandboxv1.ListSandboxesRequest) []*sandboxv1.Sandbox {
	e.t.Helper()
	resp, err := e.api.ListSandboxes(e.t.Context(), req)
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetSandboxes()
}

// logs returns what a sandbox's log has, both streams together.
func (e *env) logs(req *sandboxv1.StreamLogsRequest) string {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	stream, err := e.api.StreamLogs(ctx, req)
	if err != nil {
		e.t.Fatal(err)
	}
	var b strings.Builder
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			e.t.Fatal(err)
		}
		b.Write(resp.GetData())
	}
}

// nothingLeft checks that neither a listed record nor anything on the host is there.
func (e *env) nothingLeft() {
	e.t.Helper()
	if all := e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true}); len(all) > 0 {
		e.t.Errorf("recorded: %v", all)
	}
	if left := e.Leftovers(); len(left) > 0 {
		e.t.Errorf("left on the host: %v", left)
	}
}

// wantError checks an error's kind and reason, and returns it.
func wantError(t *testing.T, err error, kind errdefs.Kind, reason string) *errdefs.Error {
	t.Helper()
	got, ok := errdefs.As(errgrpc.FromError(err))
	if !ok || got.Kind != kind || got.Reason != reason {
		t.Fatalf("error %v (%+v), want %s", err, got, reason)
	}
	return got
}
