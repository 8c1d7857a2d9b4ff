package daemons

import (
	"syscall"
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// TestDrainBySignal drains the process as an operator does: SIGUSR1, and it stops by itself, with success, when the last sandbox
// has ended; SIGUSR2 takes that back.
func TestDrainBySignal(t *testing.T) {
	ctx := t.Context()
	st.Sandboxd.Stop() // ends what other tests left, by keys that count no more
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	red, _ := twoTeams(ctx, t)
	run := func() (*sandboxv1.Sandbox, error) {
		resp, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: "python:3.11"}})
		return resp.GetSandbox(), err
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(st.Sandboxd.Pid(), s); err != nil {
			t.Fatal(err)
		}
	}
	sb, err := run()
	if err != nil {
		t.Fatal(err)
	}
	// until makes sandboxes until one is refused, or is not any more.
	until := func(refused bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; {
			extra, err := run()
			if err == nil {
				_, _ = red.sandboxes.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: extra.GetName()})
			}
			if refused == (errdefs.ReasonOf(errgrpc.FromError(err)) == "SANDBOXD_DRAINING") {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("20 s after the signal, making a sandbox gives %v", err)
			}
		}
	}
	signal(syscall.SIGUSR1)
	until(true)
	signal(syscall.SIGUSR2)
	until(false)
	signal(syscall.SIGUSR1)
	until(true)
	if _, err := red.sandboxes.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Error(err)
	}
	state, err := st.Sandboxd.Wait(20 * time.Second)
	if err != nil || state.ExitCode() != 0 {
		st.Sandboxd.Kill()
		t.Errorf("a drained sandboxd: %v, %v", state, err)
	}
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	fresh, err := run()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := red.sandboxes.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: fresh.GetName()}); err != nil {
		t.Error(err)
	}
}
