package daemon_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// deaf is a sandbox that ignores SIGTERM, with a grace of its own.
func (e *env) deaf(grace time.Duration, change func(*sandboxv1.SandboxSpec)) *sandboxv1.Sandbox {
	e.t.Helper()
	s := script("trap '' TERM; echo trapped; while :; do sleep 0.01; done")
	s.StopGracePeriod = durationpb.New(grace)
	if change != nil {
		change(s)
	}
	sb := e.run(s)
	waitForLog(e, sb.GetName(), "trapped")
	return sb
}

// TestGraceOfTheSandbox has each of the ways to stop a sandbox without saying how much time it has.
func TestGraceOfTheSandbox(t *testing.T) {
	e := start(t)
	const grace = 200 * time.Millisecond // the default is ten seconds
	for name, end := range map[string]struct {
		change func(*sandboxv1.SandboxSpec)
		stop   func(name string)
	}{
		"stop":     {nil, func(name string) { e.stop(name) }},
		"lifetime": {func(s *sandboxv1.SandboxSpec) { s.MaxLifetime = durationpb.New(time.Hour) }, func(name string) { e.mustExtend(name, time.Millisecond) }},
		"idle":     {func(s *sandboxv1.SandboxSpec) { s.IdleTimeout = durationpb.New(50 * time.Millisecond) }, func(string) {}},
	} {
		t.Run(name, func(t *testing.T) {
			sb := e.deaf(grace, end.change)
			began := time.Now()
			end.stop(sb.GetName())
			ended := e.wait(sb.GetName())
			if took := time.Since(began); took > 8*time.Second || ended.GetExitCode() != 137 {
				t.Errorf("it took %v: %v", took, ended)
			}
			if got := ended.GetSpec().GetStopGracePeriod().AsDuration(); got != grace {
				t.Errorf("its grace is shown as %v", got)
			}
		})
	}
	t.Run("a request that says", func(t *testing.T) {
		sb := e.deaf(time.Minute, nil)
		began := time.Now()
		_, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(grace)})
		if took := time.Since(began); err != nil || took < grace || took > 30*time.Second {
			t.Errorf("it took %v: %v", took, err)
		}
	})
}

// TestGraceOutlivesRestarts: a sandbox keeps the time that it was made with.
func TestGraceOutlivesRestarts(t *testing.T) {
	e := start(t)
	sb := e.deaf(200*time.Millisecond, nil)
	e.Restart()
	began := time.Now()
	if ended := e.stop(sb.GetName()); ended.GetExitCode() != 137 || time.Since(began) > 8*time.Second {
		t.Errorf("after %v: %v", time.Since(began), ended)
	}
}

func TestGraceThatIsTooLong(t *testing.T) {
	e := start(t)
	s := spec()
	s.StopGracePeriod = durationpb.New(5*time.Minute + 1)
	_, err := e.tryRun(s)
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	sb := e.run(spec())
	_, err = e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(5*time.Minute + 1)})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	other := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	for _, seconds := range []int32{-1, 301} {
		_, err = other.DeleteSandbox(t.Context(), &coreweavev1.DeleteSandboxRequest{SandboxId: idOf(sb), GracePeriodSeconds: seconds})
		wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
	if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("after refused stops: %v", got)
	}
}
