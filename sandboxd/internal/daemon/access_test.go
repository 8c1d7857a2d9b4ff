package daemon_test

import (
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
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
