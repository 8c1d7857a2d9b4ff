package rpc_test

import (
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func TestTeams(t *testing.T) {
	s := start(t)
	root, ctx := s.Client(s.OperatorKey), t.Context()
	_, err := root.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "ml"})
	wantError(t, err, errdefs.AlreadyExists, "TEAM_EXISTS")
	made, err := root.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "ops"})
	must(t, err)
	got, err := root.GetTeam(ctx, &secretsv1.GetTeamRequest{Name: "teams/ops"})
	must(t, err)
	if got.GetTeam().String() != made.GetTeam().String() || got.GetTeam().GetName() != "teams/ops" || got.GetTeam().GetCreateTime() == nil {
		t.Errorf("team %v, made %v", got, made)
	}
	bob := s.Client(s.CreateUser("ops", "bob", identity.RoleMember))
	list, err := bob.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
	must(t, err)
	if len(list.GetTeams()) != 1 || list.GetTeams()[0].GetName() != "teams/ops" {
		t.Errorf("teams %v, want bob's own only", list)
	}
}

func TestMembers(t *testing.T) {
	s := start(t)
	key := s.CreateUser("ml", "bob@example.com", identity.RoleMember)
	root, ctx := s.Client(s.OperatorKey), t.Context()
	_, err := root.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: "teams/ml", UserId: "bob@example.com", Role: secretsv1.Role_ROLE_ADMIN})
	wantError(t, err, errdefs.AlreadyExists, "MEMBER_EXISTS")

	update := func(user string, role secretsv1.Role) (*secretsv1.UpdateMemberResponse, error) {
		return root.UpdateMember(ctx, &secretsv1.UpdateMemberRequest{Name: "teams/ml/members/" + user, Role: role})
	}
	remove := func(user string) error {
		return second(root.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: "teams/ml/members/" + user}))
	}
	_, err = update("nobody", secretsv1.Role_ROLE_ADMIN)
	wantError(t, err, errdefs.NotFound, "MEMBER_NOT_FOUND")
	wantError(t, remove("nobody"), errdefs.NotFound, "MEMBER_NOT_FOUND")
	for _, role := range []secretsv1.Role{secretsv1.Role_ROLE_MEMBER, secretsv1.Role_ROLE_ADMIN} {
		_, err = update("root", role)
		wantError(t, err, errdefs.FailedPrecondition, "LAST_OWNER")
	}
	_, err = update("nobody", secretsv1.Role_ROLE_MEMBER)
	wantError(t, err, errdefs.NotFound, "MEMBER_NOT_FOUND")
	wantError(t, remove("root"), errdefs.FailedPrecondition, "LAST_OWNER")
	_, err = update("root", secretsv1.Role_ROLE_OWNER) // no change, so no harm
	must(t, err)

	// A new role counts at the next call, with the same key.
	bob := s.Client(s.CreateKey("ml", "bob@example.com", secretsdtest.AllScopes...))
	access := &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/1"}
	wantError(t, second(bob.AccessSecretVersion(ctx, access)), errdefs.PermissionDenied, "PERMISSION_DENIED")
	updated, err := update("bob@example.com", secretsv1.Role_ROLE_ADMIN)
	must(t, err)
	if m := updated.GetMember(); m.GetRole() != secretsv1.Role_ROLE_ADMIN || m.GetName() != "teams/ml/members/bob@example.com" || m.GetUserId() != "bob@example.com" {
		t.Errorf("member %v", m)
	}
	must(t, second(bob.AccessSecretVersion(ctx, access)))

	list, err := root.ListMembers(ctx, &secretsv1.ListMembersRequest{Parent: "teams/ml"})
	must(t, err)
	if len(list.GetMembers()) != 2 || list.GetMembers()[0].GetUserId() != "bob@example.com" || list.GetMembers()[1].GetUserId() != "root" {
		t.Errorf("members %v", list)
	}
	// Removal takes the keys along.
	must(t, remove("bob@example.com"))
	wantError(t, second(bob.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})), errdefs.Unauthenticated, "API_KEY_INVALID")
	wantError(t, second(s.Client(key).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})), errdefs.Unauthenticated, "API_KEY_INVALID")
}

func TestAPIKeys(t *testing.T) {
	s := start(t)
	root, ctx := s.Client(s.OperatorKey), t.Context()
	bobsKey := s.CreateUser("ml", "bob", identity.RoleMember, identity.ScopeRun, identity.ScopeManage)
	bob := s.Client(bobsKey)

	made, err := bob.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", Description: "laptop", TtlSeconds: 3600})
	must(t, err)
	record := made.GetApiKey()
	parsed, err := apikey.Parse(made.GetKey())
	must(t, err)
	if record.GetName() != "teams/ml/apiKeys/"+parsed.ID() || record.GetUserId() != "bob" || record.GetDescription() != "laptop" ||
		len(record.GetScopes()) != 1 || record.GetScopes()[0] != secretsv1.KeyScope_KEY_SCOPE_RUN ||
		record.GetExpireTime().AsTime().Sub(record.GetCreateTime().AsTime()) != time.Hour || record.GetRevokeTime() != nil {
		t.Errorf("key %v", record)
	}
	must(t, second(s.Client(made.GetKey()).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})))

	_, err = bob.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", Scopes: []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_READ}})
	wantError(t, err, errdefs.PermissionDenied, "SCOPE_EXCEEDED")
	_, err = bob.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", UserId: "root"})
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = root.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", UserId: "nobody"})
	wantError(t, err, errdefs.NotFound, "MEMBER_NOT_FOUND")
	denials := s.AuditEntries()
	if e := denials[len(denials)-2]; e.GetReason() != "SCOPE_EXCEEDED" {
		t.Errorf("entry %v, want the denial for SCOPE_EXCEEDED", e)
	}

	// A member sees its own, newest first; an admin sees all.
	own, err := bob.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: "teams/ml"})
	must(t, err)
	rootsKey := s.CreateKey("ml", "root")
	all, err := root.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: "teams/ml"})
	must(t, err)
	for _, k := range own.GetApiKeys() {
		if since := time.Since(k.GetLastUseTime().AsTime()); since < 0 || since > 2*time.Minute {
			t.Errorf("key %v was used just now", k)
		}
	}
	record.LastUseTime = own.GetApiKeys()[0].GetLastUseTime() // it was used since it was made
	if len(own.GetApiKeys()) != 2 || own.GetApiKeys()[0].String() != record.String() || len(all.GetApiKeys()) != 3 {
		t.Errorf("own %v\nall %v", own, all)
	}

	revoke := func(c secretsv1.SecretsManagerClient, id string) (*secretsv1.RevokeAPIKeyResponse, error) {
		return c.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: "teams/ml/apiKeys/" + id})
	}
	rootsParsed, err := apikey.Parse(rootsKey)
	must(t, err)
	_, err = revoke(bob, rootsParsed.ID())
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = revoke(root, "nosuchkey")
	wantError(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
	operators, err := apikey.Parse(s.OperatorKey)
	must(t, err)
	_, err = revoke(root, operators.ID()) // of no team
	wantError(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
	first, err := revoke(bob, parsed.ID())
	must(t, err)
	again, err := revoke(root, parsed.ID())
	must(t, err)
	if first.GetApiKey().GetRevokeTime() == nil || first.String() != again.String() {
		t.Errorf("revoked %v, again %v", first, again)
	}
	wantError(t, second(s.Client(made.GetKey()).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})), errdefs.Unauthenticated, "API_KEY_INVALID")
}
