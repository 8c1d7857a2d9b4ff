package daemons

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// bothTeams is a caller whose key acts in the teams red, its home, and blue. Its user has combined keys of each.
func bothTeams(ctx context.Context, t *testing.T, st *stack.Stack, red, blue string) (c *client, keyID string) {
	t.Helper()
	admin := secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, st.OperatorKey))
	user := red + "-user"
	if _, err := admin.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: "teams/" + blue, UserId: user, Role: secretsv1.Role_ROLE_MEMBER}); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, team := range []string{red, blue} {
		made, err := admin.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{
			Parent: "teams/" + team, UserId: user,
			Scopes: []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_RUN, secretsv1.KeyScope_KEY_SCOPE_MANAGE},
		})
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, made.GetKey())
	}
	own := secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, keys[0]))
	both, err := own.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/" + red, OtherKeys: keys[1:]})
	if err != nil {
		t.Fatal(err)
	}
	c = &client{t: t, team: red, key: both.GetKey()}
	c.secrets = secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, c.key))
	c.sandboxes = sandboxv1.NewSandboxServiceClient(dial(t, st.DialSandboxd, c.key))
	me, err := c.secrets.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return c, me.GetApiKeyId()
}

// TestKeyOfTwoTeams expects what belongs to a team to be that team's, whichever of them the request names.
func TestKeyOfTwoTeams(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, blue := twoTeams(ctx, t)
	both, _ := bothTeams(ctx, t, st, red.team, blue.team)

	// The same request id in two teams stands for two sandboxes.
	const id = "one id"
	inRed := both.run(ctx, &sandboxv1.RunSandboxRequest{RequestId: id})
	inBlue := both.run(ctx, &sandboxv1.RunSandboxRequest{Parent: "teams/" + blue.team, RequestId: id})
	again := both.run(ctx, &sandboxv1.RunSandboxRequest{Parent: "teams/" + red.team, RequestId: id})
	if again.GetName() != inRed.GetName() || inBlue.GetName() == inRed.GetName() {
		t.Errorf("sandboxes %s, %s, and %s again", inRed.GetName(), inBlue.GetName(), again.GetName())
	}
	both.wantOutput(ctx, inRed.GetName(), "red-value\n", "printenv", "TOKEN")
	both.wantOutput(ctx, inBlue.GetName(), "blue-value\n", "printenv", "TOKEN")
	red.wantOutput(ctx, inRed.GetName(), "red-value\n", "printenv", "TOKEN")
	blue.wantOutput(ctx, inBlue.GetName(), "blue-value\n", "printenv", "TOKEN")

	for parent, want := range map[string]string{
		"": inRed.GetName(), "teams/" + red.team: inRed.GetName(), "teams/" + blue.team: inBlue.GetName(),
	} {
		list, err := both.sandboxes.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.GetSandboxes()) != 1 || list.GetSandboxes()[0].GetName() != want {
			t.Errorf("sandboxes of %q: %v, want %s", parent, list.GetSandboxes(), want)
		}
	}

	// A team that the key does not act in, and one that nobody does, are refused alike; each team's own key sees its own only.
	other, _ := twoTeams(ctx, t)
	for _, team := range []string{other.team, "no-such-team"} {
		_, err := both.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Parent: "teams/" + team, Spec: tokenSpec()})
		if reason(err) != "PERMISSION_DENIED" {
			t.Errorf("in team %s: %v", team, err)
		}
	}
	if _, err := red.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: inBlue.GetName()}); reason(err) != "SANDBOX_NOT_FOUND" {
		t.Errorf("red's own key and blue's sandbox: %v", err)
	}
}

// TestKeyOfTwoTeamsLosesOne removes the user from the second team, and then has that kind of key revoked from there.
func TestKeyOfTwoTeamsLosesOne(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, blue := twoTeams(ctx, t)
	admin := secretsv1.NewSecretsManagerClient(dial(t, st.DialSecretsd, st.OperatorKey))
	inBlue := &sandboxv1.RunSandboxRequest{Parent: "teams/" + blue.team, Spec: tokenSpec()}

	both, _ := bothTeams(ctx, t, st, red.team, blue.team)
	left := both.run(ctx, proto.CloneOf(inBlue))
	if _, err := admin.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: "teams/" + blue.team + "/members/" + red.team + "-user"}); err != nil {
		t.Fatal(err)
	}
	// No secret from that moment, and within about a second nothing else of the team's.
	if _, err := both.sandboxes.RunSandbox(ctx, proto.CloneOf(inBlue)); !slices.Contains([]string{"SECRETS_UNRESOLVED", "PERMISSION_DENIED"}, reason(err)) {
		t.Errorf("a secret of the team that the key has left: %v", err)
	}
	both.refusedSoon(ctx, left.GetName(), "SANDBOX_NOT_FOUND")
	both.wantOutput(ctx, both.run(ctx, &sandboxv1.RunSandboxRequest{}).GetName(), "red-value\n", "printenv", "TOKEN")

	both, keyID := bothTeams(ctx, t, st, red.team, blue.team)
	inRed := both.run(ctx, &sandboxv1.RunSandboxRequest{})
	if _, err := admin.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: "teams/" + blue.team + "/apiKeys/" + keyID}); err != nil {
		t.Fatal(err)
	}
	both.refusedSoon(ctx, inRed.GetName(), "API_KEY_INVALID")
	red.wantOutput(ctx, inRed.GetName(), "red-value\n", "printenv", "TOKEN")
}

// refusedSoon calls until sandboxd refuses for the reason, which it must within the second that it believes a key for.
func (c *client) refusedSoon(ctx context.Context, sandbox, want string) {
	c.t.Helper()
	deadline := time.Now().Add(1500 * time.Millisecond)
	for {
		_, err := c.output(ctx, sandbox, "true")
		if reason(err) == want {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("after 1.5 s: %v, want %s", err, want)
		}
	}
}
