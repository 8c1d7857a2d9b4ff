package daemon_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// idling is a script's sandbox that ends when nothing was done in it for so long.
func idling(after time.Duration) *sandboxv1.SandboxSpec {
	s := script("sleep 600")
	s.IdleTimeout = durationpb.New(after)
	return s
}

func TestIdleSandboxIsStopped(t *testing.T) {
	e := start(t)
	const timeout = 300 * time.Millisecond
	sb := e.run(idling(timeout))
	shown := sb.GetIdleExpireTime().AsTime()
	if in := shown.Sub(sb.GetStartTime().AsTime()); in < 0 || in > timeout+5*time.Second || sb.GetSpec().GetIdleTimeout().AsDuration() != timeout {
		t.Errorf("it runs since %v and will end at %v", sb.GetStartTime().AsTime(), shown)
	}
	// To look at it is no use of it: somebody who polls keeps nothing alive.
	for e.get(sb.GetName()).GetState() == sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		for _, listed := range e.list(&sandboxv1.ListSandboxesRequest{}) {
			if listed.GetState() == sandboxv1.SandboxState_SANDBOX_STATE_RUNNING && !listed.GetIdleExpireTime().AsTime().Equal(shown) {
				t.Fatalf("the list says it ends at %v, it was %v", listed.GetIdleExpireTime().AsTime(), shown)
			}
		}
		e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()})
	}
	ended := e.wait(sb.GetName())
	if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetReason() != "idle: nothing was done in it for 300ms" ||
		ended.GetExitCode() != 143 || ended.GetIdleExpireTime() != nil {
		t.Errorf("ended: %v", ended)
	}
	if at := ended.GetEndTime().AsTime(); at.Before(shown) {
		t.Errorf("it ended at %v, before %v", at, shown)
	}
}

// TestTheReaperKeepsNoIdleSandbox: it asks every agent for a sign of life each minute, and idle timeouts are longer than that.
func TestTheReaperKeepsNoIdleSandbox(t *testing.T) {
	e := start(t)
	sb := e.run(idling(time.Hour))
	before := e.get(sb.GetName()).GetIdleExpireTime().AsTime()
	e.reap()
	if after := e.get(sb.GetName()).GetIdleExpireTime().AsTime(); !after.Equal(before) {
		t.Errorf("it was to end at %v; after a pass of the reaper at %v", before, after)
	}
}

// TestWhatIsDoneKeepsASandbox has uses that last longer than the timeout.
func TestWhatIsDoneKeepsASandbox(t *testing.T) {
	e := start(t)
	const timeout = 400 * time.Millisecond
	sb := e.run(idling(timeout))
	began := time.Now()
	stream, err := e.api.StreamExec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
		Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "1"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		resp, err := stream.Recv()
		if err != nil {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		if resp.GetStarted() != nil {
			if during := e.get(sb.GetName()); during.GetIdleExpireTime() != nil {
				t.Errorf("a command runs, and it will end at %v", during.GetIdleExpireTime().AsTime())
			}
		}
		if exit := resp.GetExit(); exit != nil {
			if exit.GetExitCode() != 0 {
				t.Errorf("exit %v", exit)
			}
			break
		}
	}
	over := time.Now()
	if used := over.Sub(began); used < time.Second {
		t.Fatalf("the command took %v", used)
	}
	ended := e.wait(sb.GetName())
	if at := ended.GetEndTime().AsTime(); at.Sub(began) < time.Second+timeout {
		t.Errorf("it ended %v after a command of a second began: %v", at.Sub(began), ended)
	}
	_, err = e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
	if got := wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING"); got.Metadata["state"] != "COMPLETED" {
		t.Errorf("%+v", got)
	}
}

// TestEveryUsePutsTheEndOff has one call of each kind that counts.
func TestEveryUsePutsTheEndOff(t *testing.T) {
	e := start(t)
	name := e.run(idling(time.Hour)).GetName()
	for what, use := range map[string]func() error{
		"command": func() error { e.exec(name, "true"); return nil },
		"write": func() error {
			_, err := e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: "/tmp/f"})
			return err
		},
		"list": func() error {
			_, err := e.api.ListDirectory(t.Context(), &sandboxv1.ListDirectoryRequest{Name: name, Path: "/tmp"})
			return err
		},
		"extension": func() error {
			_, err := e.api.ExtendSandbox(t.Context(), &sandboxv1.ExtendSandboxRequest{
				Name: name, Expiration: &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(time.Hour)},
			})
			return err
		},
	} {
		before := e.get(name).GetIdleExpireTime().AsTime()
		if err := use(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var after time.Time
		for after.IsZero() { // sandboxd hangs up a moment after the answer
			if shown := e.get(name).GetIdleExpireTime(); shown != nil {
				after = shown.AsTime()
			}
		}
		if !after.After(before) {
			t.Errorf("%s: it will end at %v, before that it was %v", what, after, before)
		}
	}
}

func TestIdleClockStartsAnewWithSandboxd(t *testing.T) {
	e := start(t)
	sb := e.run(idling(time.Hour))
	e.Stop()
	down := time.Now()
	e.Restart()
	got := e.get(sb.GetName())
	if at := got.GetIdleExpireTime().AsTime(); at.Before(down.Add(time.Hour)) || got.GetSpec().GetIdleTimeout().AsDuration() != time.Hour {
		t.Errorf("after a restart at %v: %v", down, got)
	}
	// It is kept to still.
	short := e.run(idling(100 * time.Millisecond))
	if ended := e.wait(short.GetName()); ended.GetReason() != "idle: nothing was done in it for 100ms" {
		t.Errorf("ended: %v", ended)
	}
}

func TestOperatorsIdleTimeout(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) {
		c.Default.IdleTimeout, c.Max.IdleTimeout = 200*time.Millisecond, time.Hour
	}))
	if ended := e.wait(e.run(spec()).GetName()); ended.GetReason() != "idle: nothing was done in it for 200ms" || ended.ExitCode != nil {
		t.Errorf("the default: %v", ended)
	}
	_, err := e.tryRun(idling(2 * time.Hour))
	if got := wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT"); got.Violations[0].Subject != "spec.idle_timeout" {
		t.Errorf("%+v", got)
	}
}
