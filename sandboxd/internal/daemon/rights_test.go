package daemon_test

import (
	"slices"
	"strings"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// grantUse lets a member use a secret in sandboxes.
func (e *env) grantUse(name, user string, conditions *secretsv1.GrantConditions) {
	e.t.Helper()
	e.Secretsd.Grant("red", name, &secretsv1.SecretGrant{
		Principal: &secretsv1.SecretGrant_UserId{UserId: user}, Rights: []secretsv1.SecretRight{secretsv1.SecretRight_SECRET_RIGHT_USE},
		Conditions: conditions,
	})
}

// as is another one's key at the same sandboxd.
func (e *env) as(key string) *env {
	return &env{Server: e.Server, t: e.t, key: key, api: e.Client(key)}
}

// looksInto are the calls that show what is in a sandbox, or let it be there for longer.
var looksInto = []string{
	"ExtendSandbox", "UpdateNetwork", "Exec", "StreamExec", "ReadFile", "WriteFile", "StatFile", "ListDirectory", "MakeDirectory", "RemoveFile", "MoveFile",
	"DownloadArchive", "UploadArchive", "WatchFiles", "StreamLogs", "ForwardPort",
	"StartProcess", "ListProcesses", "AttachProcess", "SendProcessInput", "SignalProcess", "WaitProcess",
}

// TestSandboxWithARestrictedSecretIsPrivate: a secret that ada alone is granted is not to be had from her sandbox by the
// rest of the team, also not by an admin with a key that the admin made for ada, and also not after a restart.
func TestSandboxWithARestrictedSecretIsPrivate(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "for ada")
	e.Secretsd.CreateSecret("red", "OPEN", "for all")
	e.Secretsd.Restrict("red", "TOKEN")
	s := script(`echo "$TOKEN"; sleep 600`)
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN"), secret("OPEN")}
	_, err := e.tryRun(s)
	got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(got.Violations) != 1 || got.Violations[0].Type != "PERMISSION_DENIED" || !strings.Contains(got.Message, "it is restricted") {
		t.Errorf("%+v", got)
	}
	e.nothingLeft()

	e.grantUse("TOKEN", "ada", nil)
	private := e.run(s).GetName()
	s.Secrets = s.Secrets[1:]
	shared := e.run(s).GetName()
	admin := e.Secretsd.CreateUser("red", "mallory", identity.RoleAdmin, secretsdtest.AllScopes...)
	copied, err := e.Secretsd.Client(admin).CreateAPIKey(t.Context(), &secretsv1.CreateAPIKeyRequest{Parent: "teams/red", UserId: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	others := map[string]*env{
		"a member": e.as(e.Secretsd.CreateUser("red", "bob", identity.RoleMember)), "an admin": e.as(admin),
		"a service": e.as(e.Secretsd.CreateUser("red", "ci", identity.RoleService)), "an admin's key for ada": e.as(copied.GetKey()),
	}
	insiders := map[string]*env{
		"ada": e, "another key of ada's": e.as(e.Secretsd.CreateKey("red", "ada")),
		"the owner": e.as(e.Secretsd.CreateUser("red", "olga", identity.RoleOwner)),
	}
	check := func() {
		t.Helper()
		for who, other := range others {
			for _, what := range looksInto {
				err := everyCall(other, private)[what]()
				if e, ok := errdefs.As(errgrpc.FromError(err)); !ok || e.Kind != errdefs.PermissionDenied || e.Reason != "SANDBOX_PRIVATE" || !strings.Contains(e.Message, "ada") {
					t.Errorf("%s calls %s: %v", who, what, err)
				}
			}
			if got := other.get(private); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
				t.Errorf("%s sees %v", who, got)
			}
			if got := other.shell(shared, "echo $OPEN"); got != "for all" {
				t.Errorf("%s has %q of the shared one", who, got)
			}
		}
		for who, insider := range insiders {
			if got := insider.shell(private, "echo $TOKEN"); got != "for ada" {
				t.Errorf("%s has %q", who, got)
			}
		}
	}
	check()
	e.Restart()
	check()
	// Whoever may not look into it may end it, and its log is no more open than it was.
	others["a member"].stop(private)
	for who, other := range others {
		err := everyCall(other, private)["StreamLogs"]()
		if errdefs.ReasonOf(errgrpc.FromError(err)) != "SANDBOX_PRIVATE" {
			t.Errorf("%s reads the log of what has ended: %v", who, err)
		}
	}
	if err := everyCall(insiders["the owner"], private)["StreamLogs"](); err != nil {
		t.Errorf("the owner reads the log: %v", err)
	}
}

// TestAuditorIsNoUser: an auditor neither runs sandboxes nor looks into those of others.
func TestAuditorIsNoUser(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	auditor := e.as(e.Secretsd.CreateUser("red", "aud", identity.RoleAuditor))
	_, err := auditor.tryRun(spec())
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	for what, call := range everyCall(auditor, name) {
		if err := call(); errdefs.ReasonOf(errgrpc.FromError(err)) != "SANDBOX_NOT_FOUND" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := e.as(e.Secretsd.CreateUser("red", "ci", identity.RoleService)).shell(name, "echo in"); got != "in" {
		t.Errorf("a service has %q", got)
	}
}

// TestGrantForOneImage: what sandboxd says of the image is what it makes the sandbox of, and where the caller is.
func TestGrantForOneImage(t *testing.T) {
	e := start(t)
	for _, name := range []string{"THIS", "OTHER", "HERE", "ELSEWHERE"} {
		e.Secretsd.CreateSecret("red", name, "v")
		e.Secretsd.Restrict("red", name)
	}
	e.grantUse("THIS", "ada", &secretsv1.GrantConditions{
		Images: []string{sandboxdtest.BusyboxImage}, Networks: []secretsv1.SandboxNetwork{secretsv1.SandboxNetwork_SANDBOX_NETWORK_NONE},
		Workloads: []string{"spiffe://casemate.local/sandboxd"},
	})
	e.grantUse("OTHER", "ada", &secretsv1.GrantConditions{Images: []string{"other:1"}})
	e.grantUse("HERE", "ada", &secretsv1.GrantConditions{Sources: []string{"127.0.0.0/8"}})
	e.grantUse("ELSEWHERE", "ada", &secretsv1.GrantConditions{Sources: []string{"192.0.2.0/24"}})
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("THIS"), secret("HERE")}
	e.run(s)
	s.Secrets = []*sandboxv1.SecretRef{secret("THIS"), secret("OTHER"), secret("ELSEWHERE")}
	_, err := e.tryRun(s)
	got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	var failed []string
	for _, v := range got.Violations {
		failed = append(failed, v.Subject+" "+v.Type)
	}
	if !slices.Equal(failed, []string{"teams/red/secrets/OTHER/versions/latest PERMISSION_DENIED", "teams/red/secrets/ELSEWHERE/versions/latest PERMISSION_DENIED"}) ||
		!strings.Contains(got.Message, "its grant is for the image docker.io/library/other:1") || !strings.Contains(got.Message, "for calls from 192.0.2.0/24") {
		t.Errorf("%v: %s", failed, got.Message)
	}
}

// TestBrokerOnlySecret: no request makes a value that is for a broker enter a sandbox.
func TestBrokerOnlySecret(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "v")
	e.Secretsd.BrokerOnly("red", "TOKEN", "api.example.com")
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	_, err := e.tryRun(s)
	got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(got.Violations) != 1 || got.Violations[0].Type != "INJECTION_NOT_AVAILABLE" || !strings.Contains(got.Message, "TOKEN: secret TOKEN in team red may enter no sandbox") {
		t.Errorf("%+v", got)
	}
	e.nothingLeft()
}
