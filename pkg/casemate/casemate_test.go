package casemate_test

import (
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestMain runs the tests in a network namespace of their own: some give sandboxes a network.
func TestMain(m *testing.M) { sandboxdtest.InOwnNetwork(m, nil) }

// env is a pair of daemons with the team red, and a client with all scopes there.
type env struct {
	*sandboxdtest.Server

	client *casemate.Client
}

func start(t *testing.T, opts ...sandboxdtest.Option) *env {
	t.Helper()
	e := &env{Server: sandboxdtest.Start(t, append(opts, sandboxdtest.WithTLS())...)}
	e.Secretsd.CreateTeam("red")
	// By the environment: that is how programs connect.
	t.Setenv("CASEMATE_SANDBOXD", e.TLSAddress())
	t.Setenv("CASEMATE_SECRETSD", e.Secretsd.Address())
	t.Setenv("CASEMATE_CA_FILE", e.Secretsd.CAFile())
	t.Setenv("CASEMATE_API_KEY", e.Secretsd.CreateUser("red", "ada", identity.RoleAdmin, secretsdtest.AllScopes...))
	t.Setenv("CASEMATE_TEAM", "")
	e.client = connect(t, casemate.FromEnvironment())
	return e
}

func connect(t *testing.T, o casemate.Options) *casemate.Client {
	t.Helper()
	c, err := casemate.Connect(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (e *env) run(t *testing.T, o casemate.RunOptions) *casemate.Sandbox {
	t.Helper()
	o.Image = sandboxdtest.BusyboxImage
	s, err := e.client.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantError checks an error as a program meets it.
func wantError(t *testing.T, err error, code codes.Code, reason string) *casemate.Error {
	t.Helper()
	var e *casemate.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T %v is no casemate.Error", err, err)
	}
	if e.Code != code || e.Reason != reason || status.Code(err) != code || e.Message != err.Error() {
		t.Errorf("code %v (%v), reason %s, message %q; want %v, %s", e.Code, status.Code(err), e.Reason, e, code, reason)
	}
	return e
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	good := secretsdtest.Start(t)
	for reason, change := range map[string]func(*casemate.Options){
		"API_KEY_MISSING":   func(o *casemate.Options) { o.APIKey = "" },
		"API_KEY_MALFORMED": func(o *casemate.Options) { o.APIKey = "x" },
		"ADDRESS_INVALID":   func(o *casemate.Options) { o.Sandboxd = "127.0.0.1:7470" },
		"CA_FILE_INVALID":   func(o *casemate.Options) { o.CAFile = "/nonexistent" },
	} {
		o := casemate.Options{Secretsd: good.Address(), CAFile: good.CAFile(), APIKey: good.OperatorKey}
		change(&o)
		_, err := casemate.Connect(o)
		if got := wantError(t, err, status.Code(err), reason); got.Code != codes.InvalidArgument && got.Code != codes.Unauthenticated {
			t.Errorf("%s has code %v", reason, got.Code)
		}
	}
}

func TestDaemonsThatCannotBeCalled(t *testing.T) {
	s := secretsdtest.Start(t)
	o := casemate.Options{Secretsd: s.Address(), CAFile: s.CAFile(), APIKey: s.OperatorKey, NoRetry: true}
	c := connect(t, o)
	_, err := c.Run(t.Context(), casemate.RunOptions{Image: "x"})
	wantError(t, err, codes.InvalidArgument, "ADDRESS_MISSING")
	_, err = c.Sandbox("sb-1").Exec(t.Context(), []string{"true"})
	wantError(t, err, codes.InvalidArgument, "ADDRESS_MISSING")
	_, err = c.Team(t.Context())
	wantError(t, err, codes.InvalidArgument, "TEAM_MISSING")
	s.Stop()
	_, err = c.SetSecret(t.Context(), "A", []byte("x"))
	if e := wantError(t, err, codes.Unavailable, casemate.ReasonUnreachable); e.Message[:8] != "secretsd" {
		t.Errorf("it does not say which daemon: %s", e)
	}
}

func TestSecretsReachTheSandbox(t *testing.T) {
	e := start(t)
	for i, value := range []string{"first", `{"password": "second"}`} {
		v, err := e.client.SetSecret(t.Context(), "DB", []byte(value))
		if want := "teams/red/secrets/DB/versions/" + string(rune('1'+i)); err != nil || v.GetName() != want {
			t.Fatalf("SetSecret: %v, %v, want %s", v, err, want)
		}
	}
	s := e.run(t, casemate.RunOptions{Env: map[string]string{"PLAIN": "text"}, Secrets: []casemate.Secret{
		{Name: "DB", Version: "1"}, {Name: "DB", Field: "password", EnvVar: "PGPASSWORD"},
	}, Files: []casemate.File{{Path: "/etc/made", Content: []byte("made"), Mode: 0o600}}})
	out, err := s.Output(t.Context(), "sh", "-c", `echo $PLAIN $DB $PGPASSWORD $(cat /etc/made) $(stat -c %a /etc/made)`)
	if want := "text first second made 600\n"; err != nil || string(out) != want {
		t.Errorf("in the sandbox %q (%v), want %q", out, err, want)
	}

	_, err = e.client.Run(t.Context(), casemate.RunOptions{Image: sandboxdtest.BusyboxImage, Secrets: []casemate.Secret{{Name: "NONE"}, {Name: "DB", EnvVar: "X", Version: "9"}}})
	if got := wantError(t, err, codes.FailedPrecondition, "SECRETS_UNRESOLVED"); len(got.Violations) != 2 || got.Violations[0].Type != "SECRET_NOT_FOUND" {
		t.Errorf("violations %v", got.Violations)
	}
	_, err = e.client.Secrets().GetSecret(t.Context(), &secretsv1.GetSecretRequest{Name: "teams/red/secrets/NONE"})
	wantError(t, err, codes.NotFound, "SECRET_NOT_FOUND")
}

func TestRunTwiceWithARequestID(t *testing.T) {
	e := start(t)
	one, other := e.run(t, casemate.RunOptions{}), e.run(t, casemate.RunOptions{})
	if one.Name == other.Name {
		t.Error("two wishes made one sandbox")
	}
	first, again := e.run(t, casemate.RunOptions{RequestID: "r"}), e.run(t, casemate.RunOptions{RequestID: "r"})
	if first.Name != again.Name {
		t.Error("one wish made two sandboxes")
	}
}
