package daemon_test

import (
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestKeysThatMayNot(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	get := func(key string) error {
		_, err := e.Client(key).GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
		return err
	}
	wantError(t, get(""), errdefs.Unauthenticated, "API_KEY_MISSING")
	never, err := apikey.Generate() // well formed, and nobody's
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, get(never.Reveal()), errdefs.Unauthenticated, "API_KEY_INVALID")
	manage := e.Secretsd.CreateUser("red", "mia", identity.RoleAdmin, identity.ScopeManage)
	wantError(t, get(manage), errdefs.PermissionDenied, "PERMISSION_DENIED")
	for what, call := range everyCall(&env{Server: e.Server, t: t, key: manage, api: e.Client(manage)}, name) {
		t.Run(what, func(t *testing.T) { wantError(t, call(), errdefs.PermissionDenied, "PERMISSION_DENIED") })
	}
	// The operator's first key belongs to no team.
	_, err = e.Client(e.Secretsd.OperatorKey).RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: spec()})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func TestRevokedKeyIsSeenWithinASecond(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.get(name)
	e.Secretsd.RevokeKey("red", e.key)
	for began := time.Now(); ; {
		_, err := e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
		if err != nil {
			wantError(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
			return
		}
		if time.Since(began) > 1500*time.Millisecond {
			t.Fatal("the revoked key still works")
		}
	}
}

// TestRevokedKeyEndsWhatRuns revokes a key whose calls last, and measures from the answer to the revocation to their end.
func TestRevokedKeyEndsWhatRuns(t *testing.T) {
	e := start(t)
	name := e.run(script("nc -ll -p 7 -e yes & while :; do echo tick; sleep 0.05; done")).GetName()
	ctx := t.Context()
	port := e.dial(e.sandboxOf(name))
	exec, err := e.api.StreamExec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = exec.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo here; sleep 600"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	logs, err := e.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: name, Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	process := e.background(name, "while :; do echo tick; sleep 0.05; done").GetId()
	attached, err := e.api.AttachProcess(ctx, &sandboxv1.AttachProcessRequest{Name: name, Process: process})
	if err != nil {
		t.Fatal(err)
	}
	watch, err := e.api.WatchFiles(ctx, &sandboxv1.WatchFilesRequest{Name: name, Path: "/tmp"})
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"StreamExec":    func() error { _, err := exec.Recv(); return err },
		"StreamLogs":    func() error { _, err := logs.Recv(); return err },
		"AttachProcess": func() error { _, err := attached.Recv(); return err },
		"WatchFiles":    func() error { _, err := watch.Recv(); return err },
		"ForwardPort":   func() error { _, err := port.Read(make([]byte, 1)); return err },
		"WaitSandbox":   nil,
		"WaitProcess":   nil,
		"Exec":          nil,
	}
	for _, what := range []string{"StreamExec", "StreamLogs", "AttachProcess", "WatchFiles", "ForwardPort"} {
		if err := calls[what](); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	type end struct {
		what string
		err  error
		at   time.Time
	}
	ends := make(chan end, len(calls))
	until := func(what string, next func() error) {
		for {
			if err := next(); err != nil {
				ends <- end{what, err, time.Now()}
				return
			}
		}
	}
	calls["WaitSandbox"] = func() error {
		_, err := e.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name})
		return err
	}
	calls["WaitProcess"] = func() error {
		_, err := e.api.WaitProcess(ctx, &sandboxv1.WaitProcessRequest{Name: name, Process: process})
		return err
	}
	calls["Exec"] = func() error {
		_, err := e.api.Exec(ctx, &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "600"}}})
		return err
	}
	for what, next := range calls {
		go until(what, next)
	}
	e.Secretsd.RevokeKey("red", e.key)
	revoked := time.Now()
	for range calls {
		got := <-ends
		wantError(t, got.err, errdefs.Unauthenticated, "API_KEY_INVALID")
		// Two seconds are promised; a loaded machine, with the race detector on, adds its own.
		if took := got.at.Sub(revoked); took > 6*time.Second {
			t.Errorf("%s ended %v after the revocation", got.what, took)
		}
	}
}

// TestGuessesAreThrottled guesses at sandboxd's own edge. Who had the right key before goes on.
func TestGuessesAreThrottled(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.Guesses = config.Guesses{PerMinute: 1, Burst: 5} }))
	name := e.run(spec()).GetName()
	guess := func() error {
		key, err := apikey.Generate()
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Client(key.Reveal()).GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
		return err
	}
	for range 5 {
		wantError(t, guess(), errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	for range 3 {
		wantError(t, guess(), errdefs.ResourceExhausted, "TOO_MANY_FAILED_ATTEMPTS")
	}
	e.get(name)
}

// Who a key is, is believed for a second after secretsd's last word, so calls go on for that long, and then nobody is let
// in: sandboxd must not go by what it once knew, since the key may have been revoked. Sandboxes need secretsd no more.
func TestSecretsdStopped(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "v")
	s := script("i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.05; done")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	name := e.run(s).GetName()
	e.Secretsd.Stop()
	_, err := e.tryRun(s)
	wantError(t, err, errdefs.Unavailable, "SECRETSD_UNAVAILABLE")

	exec := func() error {
		_, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
		return errgrpc.FromError(err)
	}
	var refused time.Time
	for began := time.Now(); refused.IsZero(); {
		if err := exec(); err != nil {
			wantError(t, err, errdefs.Unavailable, "SECRETSD_UNAVAILABLE")
			refused = time.Now()
		} else if time.Since(began) > 3*time.Second {
			t.Fatal("secretsd is down, and the key is still believed")
		}
	}
	began := time.Now()
	wantError(t, exec(), errdefs.Unavailable, "SECRETSD_UNAVAILABLE")
	if took := time.Since(began); took > 2500*time.Millisecond {
		t.Errorf("refusing took %v", took)
	}

	e.Secretsd.Restart()
	for began := time.Now(); exec() != nil; {
		if time.Since(began) > 10*time.Second {
			t.Fatal("never let in again")
		}
	}
	if got := e.shell(name, "echo $TOKEN"); got != "v" {
		t.Errorf("the sandbox has %q", got)
	}
	records := e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if len(records) != 1 || records[0].GetName() != name {
		t.Errorf("the failed run left %v", records)
	}
}
