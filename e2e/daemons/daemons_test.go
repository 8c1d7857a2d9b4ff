// Package daemons tests the two daemons as processes, through the native API: what happens to sandboxes, callers and
// secrets when one of the daemons goes away, and that teams don't see each other.
package daemons

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// client is a caller of one team: its key and its connections.
type client struct {
	t         *testing.T
	team      string
	key       string
	secrets   secretsv1.SecretsManagerClient
	sandboxes sandboxv1.SandboxServiceClient
}

// st is the pair of daemons that all tests here use, one after the other; each leaves both running.
var st *stack.Stack

func TestMain(m *testing.M) {
	publishing, err := stack.Publishing("38300-38399")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(stack.RunTests(m, nil, stack.Options{SandboxdExtra: publishing}, func(s *stack.Stack) { st = s }))
}

// twoTeams makes two teams, each with a member's key and a secret TOKEN of its own, red-value and blue-value.
func twoTeams(ctx context.Context, t *testing.T) (red, blue *client) {
	t.Helper()
	clients := map[string]*client{}
	for _, colour := range []string{"red", "blue"} {
		team := colour + "-" + strings.ToLower(rand.Text()[:8])
		for _, c := range []struct {
			stdin string
			args  []string
		}{
			{"", []string{"team", "create", team}},
			{colour + "-value", []string{"secret", "set", "TOKEN", "--team", team}},
			{"", []string{"member", "add", team + "-user", "--team", team}},
		} {
			if _, err := st.CLI(ctx, st.OperatorKey, c.stdin, c.args...); err != nil {
				t.Fatal(err)
			}
		}
		clients[colour] = newClient(ctx, t, team)
	}
	return clients["red"], clients["blue"]
}

func newClient(ctx context.Context, t *testing.T, team string) *client {
	t.Helper()
	c := &client{t: t, team: team}
	admin := dial(t, st.DialSecretsd, st.OperatorKey)
	made, err := secretsv1.NewSecretsManagerClient(admin).CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/" + team, UserId: team + "-user"})
	if err != nil {
		t.Fatal(err)
	}
	c.key = made.GetKey()
	c.secrets = secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, c.key))
	c.sandboxes = sandboxv1.NewSandboxServiceClient(dial(t, st.DialSandboxd, c.key))
	return c
}

func dial(t *testing.T, connect func(string, ...grpc.DialOption) (*grpc.ClientConn, error), key string) *grpc.ClientConn {
	t.Helper()
	conn, err := connect(key, grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// run makes a sandbox that has TOKEN, and stops it at the test's end.
func (c *client) run(ctx context.Context, req *sandboxv1.RunSandboxRequest) *sandboxv1.Sandbox {
	c.t.Helper()
	if req.GetSpec() == nil {
		req.Spec = tokenSpec()
	}
	resp, err := c.sandboxes.RunSandbox(ctx, req)
	if err != nil {
		c.t.Fatalf("RunSandbox: %v", err)
	}
	c.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_, _ = c.sandboxes.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: resp.GetSandbox().GetName(), AllowMissing: true})
	})
	return resp.GetSandbox()
}

// runOnceBack does the same when secretsd was away: until sandboxd has found it again, it answers SECRETSD_UNAVAILABLE.
func (c *client) runOnceBack(ctx context.Context) *sandboxv1.Sandbox {
	c.t.Helper()
	req := &sandboxv1.RunSandboxRequest{Spec: tokenSpec(), RequestId: rand.Text()}
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, err := c.sandboxes.RunSandbox(ctx, req)
		if err == nil {
			return c.run(ctx, req)
		}
		if reason(err) != "SECRETSD_UNAVAILABLE" || time.Now().After(deadline) {
			c.t.Fatalf("RunSandbox after secretsd came back: %v", err)
		}
	}
}

func tokenSpec() *sandboxv1.SandboxSpec {
	return &sandboxv1.SandboxSpec{Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}}}
}

// output runs a command and returns its stdout.
func (c *client) output(ctx context.Context, name string, argv ...string) (string, error) {
	resp, err := c.sandboxes.Exec(ctx, &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: argv}})
	return string(resp.GetStdout()), err
}

func (c *client) wantOutput(ctx context.Context, name, want string, argv ...string) {
	c.t.Helper()
	if out, err := c.output(ctx, name, argv...); err != nil || out != want {
		c.t.Errorf("%q printed %q (%v), want %q", argv, out, err, want)
	}
}

func reason(err error) string { return errdefs.ReasonOf(errgrpc.FromError(err)) }

func timeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestTeamsSideBySide(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, blue := twoTeams(ctx, t)
	r, b := red.run(ctx, &sandboxv1.RunSandboxRequest{}), blue.run(ctx, &sandboxv1.RunSandboxRequest{})
	red.wantOutput(ctx, r.GetName(), "red-value\n", "printenv", "TOKEN")
	blue.wantOutput(ctx, b.GetName(), "blue-value\n", "printenv", "TOKEN")

	if _, err := red.output(ctx, b.GetName(), "printenv"); reason(err) != "SANDBOX_NOT_FOUND" {
		t.Errorf("red's exec in blue's sandbox: %v", err)
	}
	if _, err := red.sandboxes.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: b.GetName()}); reason(err) != "SANDBOX_NOT_FOUND" {
		t.Errorf("red stops blue's sandbox: %v", err)
	}
	if _, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Parent: "teams/" + blue.team, Spec: tokenSpec()}); errdefs.KindOf(errgrpc.FromError(err)) != errdefs.PermissionDenied {
		t.Errorf("red runs a sandbox in team blue: %v", err)
	}
	list, err := red.sandboxes.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if err != nil || len(list.GetSandboxes()) != 1 || list.GetSandboxes()[0].GetName() != r.GetName() {
		t.Errorf("red sees %v (%v), want its own sandbox alone", list.GetSandboxes(), err)
	}
}

func TestFailedReferencesAreAllNamedAndNothingIsLeft(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	spec := tokenSpec()
	spec.Secrets = append(spec.Secrets, &sandboxv1.SecretRef{Secret: "FIRST_MISSING"}, &sandboxv1.SecretRef{Secret: "SECOND_MISSING"}, &sandboxv1.SecretRef{Secret: "TOKEN", Version: "9", EnvVar: "NINTH"})
	_, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: spec, RequestId: "retry"})
	if reason(err) != "SECRETS_UNRESOLVED" {
		t.Fatalf("RunSandbox: %v", err)
	}
	e, _ := errdefs.As(errgrpc.FromError(err))
	for _, want := range []string{red.team, "FIRST_MISSING", "SECOND_MISSING", "TOKEN"} {
		if !strings.Contains(e.Message, want) {
			t.Errorf("the message does not name %s: %s", want, e.Message)
		}
	}
	if len(e.Violations) != 3 {
		t.Errorf("%d violations for 3 references that failed: %v", len(e.Violations), e.Violations)
	}
	list, err := red.sandboxes.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if err != nil || len(list.GetSandboxes()) != 0 {
		t.Errorf("left behind: %v (%v)", list.GetSandboxes(), err)
	}
	// The request id was not used up by the failure.
	red.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: "retry"})
}

func TestRequestIDTwice(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, blue := twoTeams(ctx, t)
	first := red.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: "one"})
	if again := red.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: "one"}); again.GetName() != first.GetName() {
		t.Errorf("the same request id made %s and %s", first.GetName(), again.GetName())
	}
	other := tokenSpec()
	other.Tags = []string{"other"}
	if _, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{RequestId: "one", Spec: other}); reason(err) != "REQUEST_ID_CONFLICT" {
		t.Errorf("the same request id with another spec: %v", err)
	}
	if theirs := blue.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: "one"}); theirs.GetName() == first.GetName() {
		t.Error("another caller's request id is taken for the same")
	}
	st.Sandboxd.Kill()
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if again := red.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: "one"}); again.GetName() != first.GetName() {
		t.Errorf("after a crash the same request id made %s and %s", first.GetName(), again.GetName())
	}
}

func TestRevokedKey(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	sb := red.run(ctx, &sandboxv1.RunSandboxRequest{})
	stay := newClient(ctx, t, red.team)

	admin := secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, st.OperatorKey))
	me, err := red.secrets.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: "teams/" + red.team + "/apiKeys/" + me.GetApiKeyId()}); err != nil {
		t.Fatal(err)
	}
	if _, err := red.secrets.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); reason(err) != "API_KEY_INVALID" {
		t.Errorf("secretsd still takes a revoked key: %v", err)
	}
	// sandboxd may believe the key for a second after it last asked; never is it good for a secret.
	if _, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: tokenSpec()}); err == nil {
		t.Error("a revoked key got a secret")
	}
	red.refusedSoon(ctx, sb.GetName(), "API_KEY_INVALID")
	stay.wantOutput(ctx, sb.GetName(), "red-value\n", "printenv", "TOKEN")
}

func TestSecretsdStopped(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	main := tokenSpec()
	main.Command = []string{"python", "-c", "import time\nfor i in range(10**6): print(i, flush=True); time.sleep(0.05)"}
	sb := red.run(ctx, &sandboxv1.RunSandboxRequest{Spec: main})
	st.Secretsd.Stop()

	began := time.Now()
	_, err := red.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: tokenSpec()})
	if reason(err) != "SECRETSD_UNAVAILABLE" {
		t.Errorf("RunSandbox without secretsd: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("RunSandbox without secretsd took %v to fail", took)
	}
	if err := st.Secretsd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	// sandboxd finds secretsd again by itself.
	again := red.runOnceBack(ctx)
	// The first sandbox ran on meanwhile, and what failed left nothing.
	list, err := red.sandboxes.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if err != nil || len(list.GetSandboxes()) != 2 {
		t.Fatalf("sandboxes %v (%v), want two", list.GetSandboxes(), err)
	}
	for i, want := range []string{again.GetName(), sb.GetName()} {
		if got := list.GetSandboxes()[i]; got.GetName() != want || got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
			t.Errorf("sandbox %s is %v (%s), want %s running", got.GetName(), got.GetState(), got.GetReason(), want)
		}
	}
}

func TestSandboxdKilledAndStarted(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	main := tokenSpec()
	main.Command = []string{"python", "-c", "import time\nprint('before', flush=True)\nwhile True: time.sleep(0.05)"}
	main.MaxLifetime = durationpb.New(10 * time.Minute)
	sb := red.run(ctx, &sandboxv1.RunSandboxRequest{Spec: main})
	if _, err := red.output(ctx, sb.GetName(), "sh", "-c", "echo kept > /root/file; sleep 1000 >/dev/null 2>&1 & echo $! > /root/pid"); err != nil {
		t.Fatal(err)
	}
	st.Sandboxd.Kill()
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := red.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: sb.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got.GetSandbox(), sb) {
		t.Errorf("after the crash the sandbox is another:\n%v\n%v", got.GetSandbox(), sb)
	}
	red.wantOutput(ctx, sb.GetName(), "red-value\n", "printenv", "TOKEN")
	red.wantOutput(ctx, sb.GetName(), "kept\n", "cat", "/root/file")
	red.wantOutput(ctx, sb.GetName(), "sleep\n", "sh", "-c", "cat /proc/$(cat /root/pid)/comm")
	if log := firstLog(ctx, t, red, sb.GetName()); log != "before\n" {
		t.Errorf("the log after the crash begins with %q", log)
	}
	stopped, err := red.sandboxes.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(0)})
	if err != nil || stopped.GetSandbox().GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED {
		t.Errorf("StopSandbox of an adopted sandbox: %v %v", stopped, err)
	}
	left, err := filepath.Glob(filepath.Join(st.SandboxdDir, "sandboxes", "*", "*"))
	if err != nil || slices.ContainsFunc(left, func(p string) bool { return strings.Contains(p, "sb-") }) {
		t.Errorf("left on disk: %v (%v)", left, err)
	}
}

func firstLog(ctx context.Context, t *testing.T, c *client, name string) string {
	stream, err := c.sandboxes.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := stream.Recv()
	if err != nil {
		t.Fatalf("StreamLogs: %v", err)
	}
	return string(msg.GetData())
}
