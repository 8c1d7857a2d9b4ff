package daemons

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// soon is within which a revocation must be seen: from its answer, or from when the daemon that was away is back.
const soon = time.Second

// wantRevoked expects a sandbox to end soon after a moment, and to say why.
func (c *client) wantRevoked(ctx context.Context, name string, since time.Time) {
	c.t.Helper()
	resp, err := c.sandboxes.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name, Timeout: durationpb.New(20 * time.Second)})
	if took := time.Since(since); took > soon {
		c.t.Errorf("the sandbox ended after %v", took)
	}
	want := "SECRET_REVOKED: teams/" + c.team + "/secrets/TOKEN/versions/1 was revoked"
	if sb := resp.GetSandbox(); err != nil || sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || sb.GetReason() != want {
		c.t.Errorf("the sandbox is %v: %s (%v)", sb.GetState(), sb.GetReason(), err)
	}
}

// cli runs the command line as the operator, in the client's team.
func (c *client) cli(ctx context.Context, stdin string, args ...string) string {
	c.t.Helper()
	out, err := st.CLI(ctx, st.OperatorKey, stdin, append(args, "--team", c.team)...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func TestRevokedVersionEndsItsSandboxes(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	main := tokenSpec()
	main.Command = []string{"python", "-c", "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"}
	busy, idle := red.run(ctx, &sandboxv1.RunSandboxRequest{Spec: main}), red.run(ctx, &sandboxv1.RunSandboxRequest{})
	red.cli(ctx, "second-value", "secret", "set", "TOKEN")
	other := red.run(ctx, &sandboxv1.RunSandboxRequest{})
	holders := red.cli(ctx, "", "secret", "uses", "TOKEN", "--version", "1")
	for name, holds := range map[string]bool{busy.GetName(): true, idle.GetName(): true, other.GetName(): false} {
		if id := name[strings.LastIndex(name, "/")+1:]; strings.Contains(holders, id) != holds {
			t.Errorf("version 1 is held by\n%s\nwhich must have %s: %v", holders, id, holds)
		}
	}

	admin := secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, st.OperatorKey))
	resp, err := admin.RevokeSecretVersion(ctx, &secretsv1.RevokeSecretVersionRequest{
		Name: "teams/" + red.team + "/secrets/TOKEN/versions/1", Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
	})
	answered := time.Now()
	if err != nil || resp.GetRunningSandboxes() != 2 {
		t.Fatalf("RevokeSecretVersion: %v %v", resp, err)
	}
	red.wantRevoked(ctx, busy.GetName(), answered)
	red.wantRevoked(ctx, idle.GetName(), answered)
	red.wantOutput(ctx, other.GetName(), "second-value\n", "printenv", "TOKEN")
	if log := red.cli(ctx, "", "audit", "list"); !strings.Contains(log, "version.revoke") {
		t.Errorf("the audit log has no revocation:\n%s", log)
	}
}

// TestRevocationIsNotLost kills both daemons around a revocation, in the order that is worst for it: sandboxd first, so that it
// is not told, then secretsd, so that it remembers nothing.
func TestRevocationIsNotLost(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	held := red.run(ctx, &sandboxv1.RunSandboxRequest{})
	red.cli(ctx, "second-value", "secret", "set", "TOKEN")
	other := red.run(ctx, &sandboxv1.RunSandboxRequest{})

	st.Sandboxd.Kill()
	if out := red.cli(ctx, "", "secret", "revoke", "TOKEN", "--version", "1"); !strings.Contains(out, "the one sandbox that holds it") {
		t.Errorf("revoke printed %q", out)
	}
	st.Secretsd.Kill()
	if err := st.Secretsd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	red.wantRevoked(ctx, held.GetName(), time.Now())
	red.wantOutput(ctx, other.GetName(), "second-value\n", "printenv", "TOKEN")

	// secretsd alone: the sandboxd that was connected to it connects again.
	st.Secretsd.Kill()
	if err := st.Secretsd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	last := red.runOnceBack(ctx)
	red.cli(ctx, "", "secret", "revoke", "TOKEN", "--version", "2")
	revoked := time.Now()
	resp, err := red.sandboxes.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: last.GetName(), Timeout: durationpb.New(20 * time.Second)})
	if err != nil || !strings.HasPrefix(resp.GetSandbox().GetReason(), "SECRET_REVOKED: ") || time.Since(revoked) > soon {
		t.Errorf("%v after the revocation: %v %v", time.Since(revoked), resp.GetSandbox(), err)
	}
}
