package rpc_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// combineKeys makes bob a member of ml and an admin of ops, and a key with all scopes that acts in both.
func combineKeys(t *testing.T, s *secretsdtest.Server) (inML, inOps string, both *secretsv1.CreateAPIKeyResponse) {
	t.Helper()
	s.CreateTeam("ops")
	s.CreateSecret("ops", "HF_TOKEN", "of ops")
	inML = s.CreateUser("ml", "bob", identity.RoleMember, secretsdtest.AllScopes...)
	inOps = s.CreateUser("ops", "bob", identity.RoleAdmin, secretsdtest.AllScopes...)
	both, err := s.Client(inML).CreateAPIKey(t.Context(), &secretsv1.CreateAPIKeyRequest{
		Parent: "teams/ml", OtherKeys: []string{inOps}, Scopes: []secretsv1.KeyScope{
			secretsv1.KeyScope_KEY_SCOPE_RUN, secretsv1.KeyScope_KEY_SCOPE_MANAGE, secretsv1.KeyScope_KEY_SCOPE_READ,
		},
	})
	must(t, err)
	return inML, inOps, both
}

func TestKeyOfTwoTeams(t *testing.T) {
	s := start(t)
	_, _, both := combineKeys(t, s)
	record, ctx := both.GetApiKey(), t.Context()
	if !slices.Equal(record.GetTeams(), []string{"teams/ml", "teams/ops"}) || !strings.HasPrefix(record.GetName(), "teams/ml/apiKeys/") {
		t.Errorf("key %v", record)
	}
	c := s.Client(both.GetKey())
	me, err := c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	must(t, err)
	if m := me.GetMemberships(); me.GetTeam() != "teams/ml" || me.GetOperator() || len(m) != 2 ||
		m[0].GetTeam() != "teams/ml" || m[0].GetRole() != secretsv1.Role_ROLE_MEMBER ||
		m[1].GetTeam() != "teams/ops" || m[1].GetRole() != secretsv1.Role_ROLE_ADMIN {
		t.Errorf("WhoAmI = %v", me)
	}
	teams, err := c.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
	must(t, err)
	if len(teams.GetTeams()) != 2 {
		t.Errorf("teams %v", teams)
	}

	// Each team's own value under the same name, and each team's own role.
	for team, want := range map[string]string{"ml": "two", "ops": "of ops"} {
		got, err := s.SandboxdClient(both.GetKey()).BatchAccessSecretVersions(ctx, batchOf(team, "HF_TOKEN"))
		must(t, err)
		if string(got.GetValues()[0].GetData()) != want {
			t.Errorf("the batch of %s gave something else than what was stored", team)
		}
	}
	access := func(team string) error {
		return second(c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/" + team + "/secrets/HF_TOKEN/versions/latest"}))
	}
	must(t, access("ops"))
	wantError(t, access("ml"), errdefs.PermissionDenied, "PERMISSION_DENIED")

	// The key's name in the team that was asked is one that the team's admin can revoke it by.
	list, err := s.Client(s.OperatorKey).ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: "teams/ops"})
	must(t, err)
	var listed *secretsv1.APIKey
	for _, k := range list.GetApiKeys() {
		if len(k.GetTeams()) == 2 {
			listed = k
		}
	}
	if !strings.HasPrefix(listed.GetName(), "teams/ops/apiKeys/") || !slices.Equal(listed.GetTeams(), record.GetTeams()) {
		t.Fatalf("keys of ops %v", list)
	}
	revoked, err := s.Client(s.OperatorKey).RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: listed.GetName()})
	must(t, err)
	if revoked.GetApiKey().GetName() != listed.GetName() || revoked.GetApiKey().GetRevokeTime() == nil {
		t.Errorf("revoked %v", revoked)
	}
	wantError(t, access("ops"), errdefs.Unauthenticated, "API_KEY_INVALID")
}

// TestRemovedFromOneOfTwoTeams expects the next call with the key to be refused in that team, and answered in the other.
func TestRemovedFromOneOfTwoTeams(t *testing.T) {
	s := start(t)
	_, _, both := combineKeys(t, s)
	batch := func(team string) error {
		return second(s.SandboxdClient(both.GetKey()).BatchAccessSecretVersions(t.Context(), batchOf(team, "HF_TOKEN")))
	}
	must(t, batch("ops"))
	must(t, second(s.Client(s.OperatorKey).DeleteMember(t.Context(), &secretsv1.DeleteMemberRequest{Name: "teams/ops/members/bob"})))
	if err := batch("ops"); !isDenied(err) {
		t.Errorf("in the team that was left: %v", err)
	}
	must(t, batch("ml"))
}

func TestOtherKeysOverTheWire(t *testing.T) {
	s := start(t)
	inML, inOps, both := combineKeys(t, s)
	parsed, err := apikey.Parse(inOps)
	must(t, err)
	create := func(key, user string, others ...string) error {
		_, err := s.Client(key).CreateAPIKey(t.Context(), &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", UserId: user, OtherKeys: others})
		return err
	}
	mistyped := inOps[:len(inOps)-1] + string('A'+inOps[len(inOps)-1]%2)
	for name, refused := range map[string]struct {
		err    error
		kind   errdefs.Kind
		reason string
	}{
		"mistyped":          {create(inML, "", inOps, mistyped), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"no key":            {create(inML, "", marker), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"an empty one":      {create(inML, "", ""), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"too long":          {create(inML, "", inOps+strings.Repeat("x", 100)), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"too many":          {create(inML, "", slices.Repeat([]string{inOps}, 17)...), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"for another":       {create(s.OperatorKey, "bob", inOps), errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"the operator's":    {create(s.OperatorKey, "", both.GetKey()), errdefs.PermissionDenied, "OTHER_KEYS_REFUSED"},
		"of the operator's": {create(inML, "", s.OperatorKey), errdefs.PermissionDenied, "OTHER_KEYS_REFUSED"},
		"another user's":    {create(inML, "", s.CreateUser("ops", "eve", identity.RoleAdmin, secretsdtest.AllScopes...)), errdefs.PermissionDenied, "OTHER_KEYS_REFUSED"},
	} {
		e := wantError(t, refused.err, refused.kind, refused.reason)
		text := status.Convert(refused.err).Proto().String()
		for _, hidden := range []string{inOps, mistyped, parsed.ID(), marker, s.OperatorKey, "eve", "ops"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s: the error says %q: %v", name, hidden, e)
			}
		}
	}
	// Without the right to make keys there is no telling whether a presented key is good.
	runOnly := s.CreateKey("ml", "bob")
	for _, other := range []string{inOps, s.OperatorKey} {
		if err := create(runOnly, "", other); status.Code(err) != codes.PermissionDenied || !isDenied(err) {
			t.Errorf("with a key that may only run: %v", err)
		}
	}
	if log := s.Logs(); strings.Contains(log, inOps) || strings.Contains(log, mistyped) {
		t.Error("the log holds a presented key")
	}
}
