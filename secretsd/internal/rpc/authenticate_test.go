package rpc_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
)

func TestEveryRPCNeedsAKey(t *testing.T) {
	s := start(t)
	on := target{"ml", "HF_TOKEN", "1", "root", "k"}
	stranger, err := apikey.Generate()
	must(t, err)
	nobody, wrong := s.Client(""), s.Client(stranger.Reveal())
	before := len(s.AuditEntries())
	for method, call := range calls {
		if method == "ExchangeToken" {
			continue // its credential is in the request
		}
		if action, _ := authz.ActionOf(servicePrefix + method); action == authz.Workload {
			wantError(t, call(t.Context(), nobody, on), errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
			continue
		}
		wantError(t, call(t.Context(), nobody, on), errdefs.Unauthenticated, "API_KEY_MISSING")
		e := wantError(t, call(t.Context(), wrong, on), errdefs.Unauthenticated, "API_KEY_INVALID")
		if t.Failed() {
			t.Fatalf("%s: %v", method, e)
		}
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+stranger.Reveal()[:60])
	_, err = nobody.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	wantError(t, err, errdefs.Unauthenticated, "API_KEY_MALFORMED")
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d audit entries by callers without a key: they could fill the log", n)
	}
	if logs := s.Logs(); strings.Contains(logs, stranger.Reveal()) || strings.Contains(logs, stranger.Reveal()[:60]) {
		t.Error("a key that was refused is in the log")
	}
}

func TestRevokedKeyFailsAtOnce(t *testing.T) {
	s := start(t)
	key := s.CreateUser("ml", "bob", identity.RoleMember)
	client := s.SandboxdClient(key)
	_, err := client.BatchAccessSecretVersions(t.Context(), batchOf("ml", "HF_TOKEN"))
	must(t, err)
	s.RevokeKey("ml", key)
	_, err = client.BatchAccessSecretVersions(t.Context(), batchOf("ml", "HF_TOKEN"))
	wantError(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
}

func TestWhoAmI(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	s.CreateUser("ops", "bob", identity.RoleAdmin)
	key := s.CreateUser("ml", "bob", identity.RoleMember, identity.ScopeRun, identity.ScopeRead)
	me, err := s.Client(key).WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{})
	must(t, err)
	parsed, err := apikey.Parse(key)
	must(t, err)
	if me.GetUserId() != "bob" || me.GetTeam() != "teams/ml" || me.GetApiKeyId() != parsed.ID() || me.GetOperator() ||
		len(me.GetScopes()) != 2 || len(me.GetMemberships()) != 1 || me.GetMemberships()[0].GetTeam() != "teams/ml" ||
		me.GetMemberships()[0].GetRole() != secretsv1.Role_ROLE_MEMBER {
		t.Errorf("WhoAmI = %v", me)
	}
}
