package rpc_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestRoleScopeRPC calls every rpc with every role and scope, and expects the answer that the table of actions and the
// grants give. Who is denied is told the same of what exists and of what does not, and leaves an audit entry.
func TestRoleScopeRPC(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	s.CreateUser("ml", "victim", identity.RoleMember)
	victimsKey, err := apikey.Parse(s.CreateKey("ml", "victim"))
	must(t, err)
	users := []struct {
		name, team string
		role       identity.Role
	}{
		{"olga", "ml", identity.RoleOwner}, {"ada", "ml", identity.RoleAdmin}, {"bob", "ml", identity.RoleMember},
		{"aud", "ml", identity.RoleAuditor}, {"ci", "ml", identity.RoleService}, {"eve", "ops", identity.RoleOwner},
	}
	for _, u := range users {
		s.CreateUser(u.team, u.name, u.role)
		for _, scope := range secretsdtest.AllScopes {
			key := s.CreateKey(u.team, u.name, scope)
			parsed, err := apikey.Parse(key)
			must(t, err)
			c := identity.Caller{
				UserID: u.name, APIKeyID: parsed.ID(), Team: u.team, Teams: map[string]identity.Role{u.team: u.role},
				Scopes: []identity.Scope{scope},
			}
			client := s.SandboxdClient(key)
			for method, call := range calls {
				if method == "ExchangeToken" {
					continue // it asks for no key: exchange_test.go
				}
				if action, _ := authz.ActionOf(servicePrefix + method); action == authz.Workload {
					continue // it takes no key: see workload_test.go
				}
				t.Run(fmt.Sprintf("%s/%s/%s", u.name, scope, method), func(t *testing.T) {
					action, _ := authz.ActionOf(servicePrefix + method)
					if method == "RotateAPIKey" {
						action = authz.MemberManage // the calls are about another user's key
					}
					allowed := authz.Decide(c, action, authz.Target{Team: "ml"}).Allowed
					service := u.role == identity.RoleService
					allowed = allowed || service && method == "ListSecrets" // those that are granted: none
					// What exists and what does not. The calls are such that nothing that exists is lost.
					exists := target{"ml", "HF_TOKEN", "2", "victim", victimsKey.ID()}
					missing := target{"ml", "NO_SUCH", "9", "nobody", "0123456789abcdef"}
					if slices.Contains([]string{"RevokeAPIKey", "DeleteMember", "DestroySecretVersion", "DisableSecretVersion", "RevokeSecretVersion"}, method) && allowed {
						exists = missing
					}
					if slices.Contains([]string{"CreateSecret", "CreateMember"}, method) && allowed {
						missing = exists // so that it stays missing
					}
					before := len(s.AuditEntries())
					errs := []error{call(t.Context(), client, exists), call(t.Context(), client, missing)}
					if allowed && service && method == "BatchAccessSecretVersions" {
						if isDenied(errs[0]) || !isDenied(errs[1]) { // it is not told what there is
							t.Errorf("what exists: %v; what does not: %v", errs[0], errs[1])
						}
						return
					}
					others := u.role == identity.RoleOwner || u.role == identity.RoleAdmin
					if allowed && (others || method != "RevokeAPIKey") {
						for _, err := range errs {
							if isDenied(err) {
								t.Errorf("denied: %v", err)
							}
						}
						return
					}
					for _, err := range errs {
						if !isDenied(err) {
							t.Errorf("not denied: %v", err)
						}
					}
					entries := entriesOfCalls(s, before) // and not of the rotations that others' calls have begun
					if len(entries) != 2 {
						t.Fatalf("%d audit entries of two denials", len(entries))
					}
					for _, e := range entries {
						if e.GetDecision() != secretsv1.AuditDecision_AUDIT_DECISION_DENIED || e.GetUserId() != u.name ||
							e.GetReason() != "PERMISSION_DENIED" || e.GetApiKeyId() != parsed.ID() {
							t.Errorf("entry %v, want a denial of %s", e, u.name)
						}
					}
					if a, b := anonymous(errs[0], exists), anonymous(errs[1], missing); a != b {
						t.Errorf("what exists is denied with\n%s\nand what does not with\n%s", a, b)
					}
				})
			}
		}
	}
}

// isDenied says whether an answer is a denial, of a batch for every reference.
func isDenied(err error) bool {
	e, ok := errdefs.As(errgrpc.FromError(err))
	if !ok {
		return false
	}
	if e.Reason == "SECRETS_UNRESOLVED" {
		return len(e.Violations) > 0 && e.Violations[0].Type == "PERMISSION_DENIED"
	}
	return e.Kind == errdefs.PermissionDenied && e.Reason == "PERMISSION_DENIED"
}

// anonymous is an error's text without the names that were in the request.
func anonymous(err error, on target) string {
	e, _ := errdefs.As(errgrpc.FromError(err))
	return strings.NewReplacer(on.secret, "SECRET", on.user, "USER", on.key, "KEY").Replace(fmt.Sprint(e.Message, e.Metadata, e.Violations))
}

// TestTeamsThatDoNotExist compares a stranger's denials in a team that exists and in one that does not.
func TestTeamsThatDoNotExist(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	client := s.SandboxdClient(s.CreateUser("ops", "eve", identity.RoleAdmin, secretsdtest.AllScopes...))
	for method, call := range calls {
		if slices.Contains([]string{"WhoAmI", "ListTeams", "VerifyAuditLog", "ExportAuditLog", "TestPermissions", "WatchRevocations", "ReportSandboxes", "ExchangeToken"}, method) {
			continue // they name no team, deny nothing, or ask for no key
		}
		ml, nowhere := target{"ml", "HF_TOKEN", "1", "root", "k"}, target{"nowhere", "HF_TOKEN", "1", "root", "k"}
		errs := []error{call(t.Context(), client, ml), call(t.Context(), client, nowhere)}
		if !isDenied(errs[0]) || !isDenied(errs[1]) {
			t.Errorf("%s: not denied: %v, %v", method, errs[0], errs[1])
			continue
		}
		if a, b := anonymous(errs[0], ml), strings.ReplaceAll(anonymous(errs[1], nowhere), "nowhere", "ml"); a != b {
			t.Errorf("%s: a team that exists is denied with\n%s\nand one that does not with\n%s", method, a, b)
		}
	}
}

func TestOperator(t *testing.T) {
	s := start(t)
	root := s.Client(s.OperatorKey)
	ctx := t.Context()
	// An operator is not thereby a member: make another the owner, and leave.
	s.CreateUser("ml", "ada", identity.RoleOwner)
	_, err := root.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: "teams/ml/members/root"})
	must(t, err)
	_, err = root.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/HF_TOKEN"})
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = root.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/1"})
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	teams, err := root.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
	must(t, err)
	if len(teams.GetTeams()) != 1 || teams.GetTeams()[0].GetName() != "teams/ml" {
		t.Errorf("teams %v, want all for an operator", teams)
	}
	me, err := root.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	must(t, err)
	if !me.GetOperator() || me.GetUserId() != "root" || me.GetTeam() != "" || len(me.GetMemberships()) != 0 || len(me.GetScopes()) != 3 {
		t.Errorf("WhoAmI = %v", me)
	}
	if _, err := root.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/-"}); err != nil {
		t.Error(err)
	}
	_, err = root.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml"})
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestUseIsNotAccess is the promise to a team: a member's code gets the value, the member does not.
func TestUseIsNotAccess(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	for _, scopes := range [][]identity.Scope{{identity.ScopeRun}, secretsdtest.AllScopes} {
		key := s.CreateUser("ml", "bob"+fmt.Sprint(len(scopes)), identity.RoleMember, scopes...)
		resp, err := s.SandboxdClient(key).BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))
		must(t, err)
		if string(resp.GetValues()[0].GetData()) != "two" || resp.GetValues()[0].GetName() != "teams/ml/secrets/HF_TOKEN/versions/2" {
			t.Error("the batch gave something else than what was stored")
		}
		for _, client := range []secretsv1.SecretsManagerClient{s.Client(key), s.SandboxdClient(key)} {
			_, err = client.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/2"})
			wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
		}
	}
}

// TestBatchNeedsBoth takes the workload's certificate without a caller, a caller without it, and the wrong workload.
func TestBatchNeedsBoth(t *testing.T) {
	s := start(t)
	s.Certs.Issue(t, "other")
	ctx := t.Context()
	_, err := s.SandboxdClient("").BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))
	wantError(t, err, errdefs.Unauthenticated, "API_KEY_MISSING")
	for peer, client := range map[string]secretsv1.SecretsManagerClient{
		"":                              s.Client(s.OperatorKey),
		"spiffe://casemate.local/other": secretsv1.NewSecretsManagerClient(s.WorkloadConn("other", s.OperatorKey)),
	} {
		before := len(s.AuditEntries())
		_, err = client.BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))
		wantError(t, err, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
		entries := s.AuditEntries()[before:]
		if len(entries) != 1 || entries[0].GetReason() != "WORKLOAD_NOT_ALLOWED" || entries[0].GetPeer() != peer || entries[0].GetUserId() != "root" {
			t.Errorf("entries %v, want one denial of peer %q", entries, peer)
		}
	}
	// A certificate of another CA, with the right SPIFFE ID in it, does not get as far as a call.
	files := testcerts.New(t).Files(identity.WorkloadSandboxd)
	cert, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	must(t, err)
	ca, err := os.ReadFile(s.CAFile())
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	conn := s.Conn(s.OperatorKey, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: roots, Certificates: []tls.Certificate{cert},
	})))
	if _, err := secretsv1.NewSecretsManagerClient(conn).WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("a certificate of another CA: %v, want a connection that fails", err)
	}
}
