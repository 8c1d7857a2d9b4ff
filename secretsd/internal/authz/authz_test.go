package authz_test

import (
	"slices"
	"strings"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
)

// all are the actions that are decided per team, then the operator's.
var all = []authz.Action{
	authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.VersionUse, authz.VersionAccess,
	authz.MemberManage, authz.OwnerManage, authz.TeamGet, authz.KeyCreate, authz.AuditRead, authz.TeamRotateKey, authz.TeamUpdate, authz.TeamDelete,
	authz.TeamCreate, authz.TeamListAll, authz.AuditReadAll, authz.AuditVerify, authz.KEKManage, authz.TeamDeleteAny, authz.WorkloadManage,
}

var operatorOnly = all[14:]

// TestMatrix spells out every grant: role and scope in, allowed actions out.
func TestMatrix(t *testing.T) {
	for _, test := range []struct {
		role     identity.Role
		operator bool
		scope    identity.Scope
		want     []authz.Action
	}{
		{identity.RoleOwner, false, identity.ScopeRun, []authz.Action{authz.SecretList, authz.VersionUse, authz.TeamGet}},
		{identity.RoleOwner, false, identity.ScopeManage, []authz.Action{
			authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.MemberManage, authz.OwnerManage, authz.TeamGet,
			authz.KeyCreate, authz.AuditRead, authz.TeamRotateKey, authz.TeamUpdate, authz.TeamDelete,
		}},
		{identity.RoleOwner, false, identity.ScopeRead, []authz.Action{authz.SecretList, authz.VersionAccess, authz.TeamGet}},
		{identity.RoleAdmin, false, identity.ScopeRun, []authz.Action{authz.SecretList, authz.VersionUse, authz.TeamGet}},
		{identity.RoleAdmin, false, identity.ScopeManage, []authz.Action{
			authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.MemberManage, authz.TeamGet, authz.KeyCreate, authz.AuditRead,
			authz.TeamRotateKey, authz.TeamUpdate,
		}},
		{identity.RoleAdmin, false, identity.ScopeRead, []authz.Action{authz.SecretList, authz.VersionAccess, authz.TeamGet}},
		{identity.RoleMember, false, identity.ScopeRun, []authz.Action{authz.SecretList, authz.VersionUse, authz.TeamGet}},
		{identity.RoleMember, false, identity.ScopeManage, []authz.Action{authz.SecretList, authz.TeamGet, authz.KeyCreate}},
		{identity.RoleMember, false, identity.ScopeRead, []authz.Action{authz.SecretList, authz.TeamGet}},
		{identity.RoleAuditor, false, identity.ScopeRun, []authz.Action{authz.SecretList, authz.TeamGet}},
		{identity.RoleAuditor, false, identity.ScopeManage, []authz.Action{authz.SecretList, authz.GrantList, authz.TeamGet, authz.KeyCreate, authz.AuditRead}},
		{identity.RoleAuditor, false, identity.ScopeRead, []authz.Action{authz.SecretList, authz.TeamGet}},
		{identity.RoleService, false, identity.ScopeRun, []authz.Action{authz.VersionUse}},
		{identity.RoleService, false, identity.ScopeManage, nil},
		{identity.RoleService, false, identity.ScopeRead, nil},
		{"", true, identity.ScopeRun, nil},
		{"", true, identity.ScopeManage, operatorOnly},
		{"", true, identity.ScopeRead, nil},
		{"", false, identity.ScopeManage, nil},
		{"emperor", false, identity.ScopeManage, nil},
		{identity.RoleAdmin, false, "everything", nil},
		{identity.RoleAdmin, true, "", nil},
	} {
		c := identity.Caller{UserID: "ada", APIKeyID: "k", Operator: test.operator, Scopes: []identity.Scope{test.scope}}
		if test.role != "" {
			c.Teams = map[string]identity.Role{"ml": test.role}
		}
		if authz.Decide(c, authz.Workload, authz.Target{}).Allowed || authz.Decide(c, authz.Workload, authz.Target{Team: "ml"}).Allowed {
			t.Errorf("role %q, scope %q: a user may do what is for workloads", test.role, test.scope)
		}
		for _, a := range all {
			team := "ml"
			if slices.Contains(operatorOnly, a) {
				team = ""
			}
			d := authz.Decide(c, a, authz.Target{Team: team})
			if want := slices.Contains(test.want, a); d.Allowed != want || (d.Err() == nil) != want {
				t.Errorf("role %q, operator %v, scope %q: %s = %v, %v; want %v", test.role, test.operator, test.scope, a, d.Allowed, d.Err(), want)
			}
			if other := authz.Decide(c, a, authz.Target{Team: "ops"}); other.Allowed && !slices.Contains(operatorOnly, a) {
				t.Errorf("role %q: %s is allowed in another team", test.role, a)
			}
		}
		if !authz.Decide(c, authz.Self, authz.Target{}).Allowed {
			t.Errorf("role %q: a valid key may not ask who it is", test.role)
		}
	}
}

func TestScopesAdd(t *testing.T) {
	c := identity.Caller{
		UserID: "ada", Teams: map[string]identity.Role{"ml": identity.RoleOwner},
		Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead},
	}
	for _, a := range all {
		if want := !slices.Contains(operatorOnly, a); authz.Decide(c, a, authz.Target{Team: "ml"}).Allowed != want {
			t.Errorf("%s = %v, want %v", a, !want, want)
		}
	}
}

func TestZeroIsDenied(t *testing.T) {
	for _, a := range append(all, authz.Self, authz.Workload, "", "secret.eat") {
		if authz.Decide(identity.Caller{}, a, authz.Target{}).Allowed {
			t.Errorf("the zero caller may do %s", a)
		}
	}
	if (authz.Decision{}).Err() == nil {
		t.Error("the zero decision allows")
	}
	unknown := identity.Caller{UserID: "ada", Operator: true, Teams: map[string]identity.Role{"": identity.RoleAdmin}, Scopes: []identity.Scope{"manage"}}
	if authz.Decide(unknown, "secret.eat", authz.Target{}).Allowed {
		t.Error("an action that nobody has heard of is allowed")
	}
}

func TestDenialSaysWhatIsMissing(t *testing.T) {
	c := identity.Caller{
		UserID: "bob", APIKeyID: "k1", Teams: map[string]identity.Role{"ml": identity.RoleMember},
		Scopes: []identity.Scope{identity.ScopeRun},
	}
	for action, want := range map[authz.Action]string{
		authz.VersionAccess: "the role member does not allow it", authz.KeyCreate: "it needs the scope manage",
		authz.AuditVerify: "needs an operator's own key",
	} {
		err := authz.Decide(c, action, authz.Target{Team: "ml"}).Err()
		if errdefs.KindOf(err) != errdefs.PermissionDenied || errdefs.ReasonOf(err) != "PERMISSION_DENIED" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want PERMISSION_DENIED with %q", action, err, want)
		}
	}
}

// TestEveryMethodHasAnAction walks the service: an rpc that is not in the table would be refused to everybody.
func TestEveryMethodHasAnAction(t *testing.T) {
	service := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager")
	used := map[authz.Action]bool{}
	for i := range service.Methods().Len() {
		name := service.Methods().Get(i).Name()
		a, ok := authz.ActionOf("/" + string(service.FullName()) + "/" + string(name))
		if !ok {
			t.Errorf("%s is not in the table of actions", name)
		}
		used[a] = true
	}
	for _, a := range []authz.Action{
		authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.VersionUse, authz.VersionAccess, authz.MemberManage,
		authz.TeamGet, authz.KeyCreate, authz.AuditRead, authz.TeamCreate, authz.AuditVerify, authz.Self,
		authz.Workload, authz.Anyone,
		authz.TeamRotateKey, authz.TeamUpdate, authz.TeamDelete, authz.KEKManage,
	} {
		if !used[a] {
			t.Errorf("no rpc takes %s", a)
		}
	}
	for _, bad := range []string{"", "WhoAmI", "/casemate.secrets.v1.SecretsManager/", "/casemate.secrets.v2.SecretsManager/WhoAmI", "/x/WhoAmI"} {
		if _, ok := authz.ActionOf(bad); ok {
			t.Errorf("%q has an action", bad)
		}
	}
}
