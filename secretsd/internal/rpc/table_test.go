package rpc_test

import (
	"slices"
	"strings"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// row says who may call an rpc about things of a team, and with which scope on the key.
type row struct {
	// roles are those of the team's members who may; "*" is everybody with a valid key, and "operator" the operator alone.
	roles string
	// scopes are those of which the key needs one.
	scopes string
	// restricted are the roles that may when the secret is restricted, where that makes a difference.
	restricted string
}

const everyScope = "run manage read"

// table is written by hand, so that the code's own tables are held to something. An rpc without a row fails the test: say
// here who may call it.
var table = map[string]row{
	"CreateSecret":   {"owner admin", "manage", ""},
	"GetSecret":      {"owner admin member auditor", everyScope, ""},
	"ListSecrets":    {"owner admin member auditor service", everyScope, ""}, // the service, those that it is granted
	"UpdateSecret":   {"owner admin", "manage", ""},
	"DeleteSecret":   {"owner admin", "manage", ""},
	"UndeleteSecret": {"owner admin", "manage", ""},

	"AddSecretVersion":          {"owner admin", "manage", ""},
	"GetSecretVersion":          {"owner admin member auditor", everyScope, ""},
	"ListSecretVersions":        {"owner admin member auditor", everyScope, ""},
	"EnableSecretVersion":       {"owner admin", "manage", ""},
	"DisableSecretVersion":      {"owner admin", "manage", ""},
	"DestroySecretVersion":      {"owner admin", "manage", ""},
	"AccessSecretVersion":       {"owner admin", "read", "owner"},
	"BatchAccessSecretVersions": {"owner admin member service", "run", "owner"},

	"CreateSecretGrant": {"owner admin", "manage", ""},
	"DeleteSecretGrant": {"owner admin", "manage", ""},
	"ListSecretGrants":  {"owner admin auditor", "manage", ""},
	"TestPermissions":   {"*", everyScope, ""},

	"ListSecretUses":      {"owner admin auditor", "manage", ""},
	"RevokeSecretVersion": {"owner admin", "manage", ""},
	"WatchRevocations":    {"*", everyScope, ""}, // of whatever caller: by the workload's certificate, which the test has
	"ReportSandboxes":     {"*", everyScope, ""}, // as above
	"EndWorkloadInstance": {"operator", "manage", ""},

	"CreateTeam": {"operator", "manage", ""},
	"GetTeam":    {"owner admin member auditor", everyScope, ""},
	"ListTeams":  {"*", everyScope, ""},

	"UpdateTeam":    {"owner admin", "manage", ""},
	"DeleteTeam":    {"owner operator", "manage", ""},
	"RotateDataKey": {"owner admin", "manage", ""},
	"RotateKEK":     {"operator", "manage", ""},
	"GetKeyStatus":  {"owner admin member auditor", everyScope, ""}, // of a team

	"CreateMember": {"owner admin", "manage", ""},
	"ListMembers":  {"owner admin member auditor", everyScope, ""},
	"UpdateMember": {"owner admin", "manage", ""},
	"DeleteMember": {"owner admin", "manage", ""},

	"CreateAPIKey": {"owner admin member auditor", "manage", ""},
	"ListAPIKeys":  {"owner admin member auditor", "manage", ""},
	"RevokeAPIKey": {"owner admin", "manage", ""}, // of another member's key
	"RotateAPIKey": {"owner admin", "manage", ""}, // of another member's key; everybody their own

	"CreateOIDCTrust": {"owner admin", "manage", ""},
	"ListOIDCTrusts":  {"owner admin", "manage", ""},
	"DeleteOIDCTrust": {"owner admin", "manage", ""},
	"ExchangeToken":   {"*", everyScope, ""}, // and without any key

	"WhoAmI": {"*", everyScope, ""},

	"ListAuditEntries": {"owner admin auditor", "manage", ""},
	"VerifyAuditLog":   {"operator", "manage", ""},
	"TailAuditEntries": {"owner admin auditor", "manage", ""},
	"ExportAuditLog":   {"operator", "manage", ""},
}

func TestTableIsComplete(t *testing.T) {
	methods := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager").Methods()
	for i := range methods.Len() {
		if _, ok := table[string(methods.Get(i).Name())]; !ok {
			t.Errorf("%s has no row: who may call it?", methods.Get(i).Name())
		}
	}
}

// TestEveryRPCAndRole calls every rpc with every role and scope, about an open secret and about a restricted one, and
// expects what the table says. A key with all scopes may what one of them allows.
func TestEveryRPCAndRole(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	must(t, second(s.Client(s.OperatorKey).CreateSecret(ctx, &secretsv1.CreateSecretRequest{
		Parent: "teams/ml", SecretId: "CLOSED", Data: []byte("v"), Secret: &secretsv1.Secret{Restricted: true},
	})))
	s.AddVersion("ml", "CLOSED", "v2")
	s.CreateTeam("ops")
	victim, err := apikey.Parse(s.CreateUser("ml", "victim", identity.RoleMember))
	must(t, err)
	exists, missing := target{"ml", "HF_TOKEN", "2", "victim", victim.ID()}, target{"ml", "NO_SUCH", "9", "nobody", "0123456789abcdef"}
	closed := exists
	closed.secret = "CLOSED"

	check := func(role, team string, scopes []identity.Scope, key string) {
		client := s.SandboxdClient(key)
		for method, r := range table {
			may := func(roles string) bool {
				in := strings.Fields(roles)
				scoped := slices.ContainsFunc(scopes, func(s identity.Scope) bool { return slices.Contains(strings.Fields(r.scopes), string(s)) })
				return scoped && (roles == "*" || slices.Contains(in, role) && (team == "ml" || role == "operator"))
			}
			for _, on := range []target{exists, closed} {
				want := may(r.roles)
				if on == closed && r.restricted != "" {
					want = may(r.restricted)
				}
				if want && slices.Contains([]string{"RevokeAPIKey", "DeleteMember", "DestroySecretVersion", "DisableSecretVersion", "RevokeSecretVersion"}, method) {
					on = missing // so that nothing is lost
				}
				if err := calls[method](ctx, client, on); isDenied(err) == want {
					t.Errorf("%s of team %s with %v calls %s about %s: %v; want it allowed: %v", role, team, scopes, method, on.secret, err, want)
				}
			}
		}
	}
	for _, scopes := range [][]identity.Scope{{identity.ScopeRun}, {identity.ScopeManage}, {identity.ScopeRead}, secretsdtest.AllScopes} {
		for _, role := range identity.Roles {
			for _, team := range []string{"ml", "ops"} {
				user := string(role) + "-of-" + team
				if len(scopes) == 1 && scopes[0] == identity.ScopeRun {
					s.CreateUser(team, user, role)
				}
				check(string(role), team, scopes, s.CreateKey(team, user, scopes...))
			}
		}
	}
	// The operator's own key, which belongs to no team, of an operator who is a member of none.
	root := s.Client(s.OperatorKey)
	for _, team := range []string{"ml", "ops"} {
		must(t, second(root.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: "teams/" + team + "/members/root"})))
	}
	check("operator", "", secretsdtest.AllScopes, s.OperatorKey)
}
