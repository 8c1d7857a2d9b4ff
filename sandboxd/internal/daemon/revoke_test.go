package daemon_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// soon is within which a revocation must be seen, from its answer on.
const soon = time.Second

// holder runs a sandbox that has a version of TOKEN, and ignores SIGTERM.
func (e *env) holder(version string) *sandboxv1.Sandbox {
	e.t.Helper()
	s := script(`trap "" TERM; while :; do sleep 1; done`)
	s.Secrets = []*sandboxv1.SecretRef{{Secret: "TOKEN", Version: version}}
	return e.run(s)
}

// wantRevoked expects a sandbox to be over soon after a revocation was answered, and to say why.
func (e *env) wantRevoked(name string, answered time.Time) {
	e.t.Helper()
	sb := e.wait(name)
	if took := time.Since(answered); took > soon {
		e.t.Errorf("%s ended %v after the revocation was answered", name, took)
	}
	if sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED ||
		sb.GetReason() != "SECRET_REVOKED: teams/red/secrets/TOKEN/versions/1 was revoked" {
		e.t.Errorf("the sandbox is %v (%s)", sb.GetState(), sb.GetReason())
	}
}

// eventuallyEnded waits until secretsd knows that a sandbox has ended: it is told a moment later.
func (e *env) eventuallyEnded(name string) *secretsv1.SecretUse {
	e.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		for _, u := range e.Secretsd.Uses("red", "TOKEN") {
			if u.GetSandbox() == name && u.GetEndTime() != nil {
				return u
			}
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("secretsd does not know that %s has ended: %v\n%s", name, e.Secretsd.Uses("red", "TOKEN"), e.Logs())
		}
	}
}

func startWithTwoVersions(t *testing.T) *env {
	t.Helper()
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "one")
	e.Secretsd.AddVersion("red", "TOKEN", "two")
	return e
}

func TestRevokedVersionEndsWhoHoldsIt(t *testing.T) {
	e := startWithTwoVersions(t)
	first, second, other := e.holder("1"), e.holder("1"), e.holder("2")
	if n := e.Secretsd.RevokeVersion("red", "TOKEN", "1"); n != 2 {
		t.Errorf("%d sandboxes are said to hold version 1", n)
	}
	answered := time.Now()
	e.wantRevoked(first.GetName(), answered)
	e.wantRevoked(second.GetName(), answered)
	if e.get(other.GetName()).GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Error("the sandbox with version 2 is gone too")
	}
	seen, err := coreweavev1.NewSandboxServiceClient(e.Conn(e.key)).GetSandbox(t.Context(), &coreweavev1.GetSandboxRequest{SandboxId: idOf(first)})
	if err != nil || !strings.HasPrefix(seen.GetStatus().GetStateReason(), "SECRET_REVOKED: ") {
		t.Errorf("the other API shows %v, %v", seen.GetStatus(), err)
	}
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{{Secret: "TOKEN", Version: "1"}}
	_, err = e.tryRun(s)
	if got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED"); got.Violations[0].Type != "VERSION_DISABLED" {
		t.Errorf("a new sandbox with the revoked version: %+v", got)
	}
	for _, sb := range []*sandboxv1.Sandbox{first, second} {
		u := e.eventuallyEnded(sb.GetName())
		if u.GetEnvVar() != "TOKEN" || u.GetUserId() != "ada" || u.GetVersion() != "teams/red/secrets/TOKEN/versions/1" {
			t.Errorf("receipt %v", u)
		}
	}
}

func TestRevocationFindsASandboxdThatWasDown(t *testing.T) {
	e := startWithTwoVersions(t)
	held, other := e.holder("1"), e.holder("2")
	e.Stop()
	e.Secretsd.RevokeVersion("red", "TOKEN", "1")
	e.Restart()
	e.wantRevoked(held.GetName(), time.Now())
	if e.get(other.GetName()).GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Error("the sandbox with version 2 is gone too")
	}
}

func TestRevocationAfterSecretsdWasDown(t *testing.T) {
	e := startWithTwoVersions(t)
	held := e.holder("1")
	e.Secretsd.Restart()
	e.Secretsd.RevokeVersion("red", "TOKEN", "1")
	e.wantRevoked(held.GetName(), time.Now())
}

// A revocation that is answered while a sandbox is being made must not miss it.
func TestNoSandboxSlipsThroughARevocation(t *testing.T) {
	e := startWithTwoVersions(t)
	type made struct {
		sb  *sandboxv1.Sandbox
		err error
	}
	results := make(chan made, 6)
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{{Secret: "TOKEN", Version: "1"}}
	for range cap(results) {
		go func() {
			sb, err := e.tryRun(s)
			results <- made{sb, err}
		}()
	}
	first := <-results // some are made, some are being made
	e.Secretsd.RevokeVersion("red", "TOKEN", "1")
	answered := time.Now()
	for i := range cap(results) {
		r := first
		if i > 0 {
			r = <-results
		}
		if r.err == nil {
			e.wait(r.sb.GetName())
		} else if reason := errdefs.ReasonOf(errgrpc.FromError(r.err)); reason != "SECRETS_UNRESOLVED" && reason != "SECRET_REVOKED" {
			t.Errorf("a creation failed with %v", r.err)
		}
	}
	if took := time.Since(answered); took > 2*soon {
		t.Errorf("the last holder ended %v after the revocation", took)
	}
	if running := e.list(&sandboxv1.ListSandboxesRequest{}); len(running) > 0 {
		t.Errorf("these have the revoked version: %v", running)
	}
}

func TestEveryEndIsReported(t *testing.T) {
	e := startWithTwoVersions(t)
	stopped, deleted, on := e.holder("1"), e.holder("1"), e.holder("1")
	s := script("exit 3")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	e.eventuallyEnded(e.run(s).GetName())
	if _, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: stopped.GetName(), GracePeriod: &durationpb.Duration{}}); err != nil {
		t.Fatal(err)
	}
	e.eventuallyEnded(stopped.GetName())
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: deleted.GetName()}); err != nil {
		t.Fatal(err)
	}
	e.eventuallyEnded(deleted.GetName())

	// One ends while secretsd is away, and sandboxd is restarted before secretsd is back.
	s.Command = []string{"sleep", "1"}
	unseen := e.run(s)
	e.Secretsd.Stop()
	for deadline := time.Now().Add(10 * time.Second); strings.Count(e.Logs(), `"sandbox ended"`) < 4; {
		if time.Now().After(deadline) {
			t.Fatalf("it did not end\n%s", e.Logs())
		}
	}
	e.Stop()
	e.Secretsd.Restart()
	e.Restart()
	e.eventuallyEnded(unseen.GetName())
	if u := e.Secretsd.Uses("red", "TOKEN"); len(u) != 5 || u[2].GetSandbox() != on.GetName() || u[2].GetEndTime() != nil {
		t.Errorf("uses %v: one sandbox runs on", u)
	}
}

// What secretsd released for a sandbox that could not be made has ended too.
func TestFailedCreationIsReported(t *testing.T) {
	e := startWithTwoVersions(t)
	s := script("true")
	s.Image = "no.such:image"
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	if _, err := e.tryRun(s); err == nil {
		t.Fatal("there is a sandbox")
	}
	for _, u := range e.Secretsd.Uses("red", "TOKEN") {
		e.eventuallyEnded(u.GetSandbox())
	}
	s.Image, s.User = spec().GetImage(), "nobody-of-that-name"
	if _, err := e.tryRun(s); err == nil {
		t.Fatal("there is a sandbox")
	}
	uses := e.Secretsd.Uses("red", "TOKEN")
	if len(uses) == 0 {
		t.Fatal("a creation that failed after its values were there has left no receipt")
	}
	e.eventuallyEnded(uses[0].GetSandbox())
	e.nothingLeft()
}
