package authz_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

// caller is a member of team ml, with a key of its own that has all scopes.
func caller(role identity.Role) identity.Caller {
	return identity.Caller{
		UserID: "bob", APIKeyID: "k", Teams: map[string]identity.Role{"ml": role}, Personal: true,
		Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead},
	}
}

func target(p secret.Policy) authz.Target {
	return authz.Target{Team: "ml", Secret: &p, Facts: secret.Facts{Time: now}}
}

// allowed are the actions on a secret that the caller may do.
func allowed(c identity.Caller, on authz.Target) (list []authz.Action) {
	for _, a := range authz.SecretActions {
		if authz.Decide(c, a, on).Allowed {
			list = append(list, a)
		}
	}
	return list
}

// TestRestricted spells out what each role may do with a secret that is restricted, and that it loses use and access alone.
func TestRestricted(t *testing.T) {
	for role, want := range map[identity.Role][]authz.Action{
		identity.RoleOwner: {
			authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.VersionUse, authz.VersionAccess, authz.AuditRead,
		},
		identity.RoleAdmin:   {authz.SecretList, authz.SecretManage, authz.GrantList, authz.VersionAdd, authz.AuditRead},
		identity.RoleMember:  {authz.SecretList},
		identity.RoleAuditor: {authz.SecretList, authz.GrantList, authz.AuditRead},
		identity.RoleService: nil,
	} {
		if got := allowed(caller(role), target(secret.Policy{Restricted: true})); !slices.Equal(got, want) {
			t.Errorf("%s may do %v with a restricted secret, want %v", role, got, want)
		}
		for _, a := range allowed(caller(role), target(secret.Policy{})) {
			if !slices.Contains(want, a) && a != authz.VersionUse && a != authz.VersionAccess {
				t.Errorf("%s: restricting takes away %s", role, a)
			}
		}
	}
}

// TestRights gives each right alone to one who has none, and expects its actions and no other.
func TestRights(t *testing.T) {
	for right, want := range map[secret.Right][]authz.Action{
		secret.RightList:   {authz.SecretList},
		secret.RightManage: {authz.SecretManage, authz.GrantList},
		secret.RightAdd:    {authz.VersionAdd},
		secret.RightUse:    {authz.VersionUse},
		secret.RightAccess: {authz.VersionAccess},
		secret.RightAudit:  {authz.GrantList, authz.AuditRead},
	} {
		p := secret.Policy{Restricted: true, Grants: []secret.Grant{{UserID: "bob", Rights: []secret.Right{right}}}}
		if got := allowed(caller(identity.RoleService), target(p)); !slices.Equal(got, want) {
			t.Errorf("the right %s allows %v, want %v", right, got, want)
		}
		for _, scope := range []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead} {
			c := caller(identity.RoleService)
			c.Scopes = []identity.Scope{scope}
			for _, a := range allowed(c, target(p)) {
				owner := caller(identity.RoleOwner)
				owner.Scopes = c.Scopes
				if !authz.Decide(owner, a, authz.Target{Team: "ml"}).Allowed {
					t.Errorf("the right %s allows %s to a key with the scope %s", right, a, scope)
				}
			}
		}
		other := caller(identity.RoleService)
		other.UserID = "eve"
		if got := allowed(other, target(p)); got != nil {
			t.Errorf("a grant to bob allows %v to eve", got)
		}
		outsider := caller(identity.RoleService)
		outsider.Teams = map[string]identity.Role{"ops": identity.RoleOwner}
		if got := allowed(outsider, target(p)); got != nil {
			t.Errorf("a grant allows %v to who is no member", got)
		}
	}
}

// TestGrantsToRoles: to a role's members, and to those who could give themselves the role.
func TestGrantsToRoles(t *testing.T) {
	for _, granted := range []identity.Role{identity.RoleAdmin, identity.RoleMember, identity.RoleAuditor, identity.RoleService} {
		p := secret.Policy{Restricted: true, Grants: []secret.Grant{{Role: granted, Rights: []secret.Right{secret.RightAccess}}}}
		for _, role := range identity.Roles {
			c := caller(role)
			c.Personal = false // is about grants by name only
			want := role == granted || role == identity.RoleAdmin || role == identity.RoleOwner
			if got := authz.Decide(c, authz.VersionAccess, target(p)).Allowed; got != want {
				t.Errorf("access granted to %s: %s has it: %v", granted, role, got)
			}
		}
	}
}

// TestGrantsByNameNeedAPersonalKey is against the admin who makes a key for bob.
func TestGrantsByNameNeedAPersonalKey(t *testing.T) {
	c := caller(identity.RoleMember)
	c.Personal = false
	p := secret.Policy{Restricted: true, Grants: []secret.Grant{{UserID: "bob", Rights: secret.Rights}}}
	d := authz.Decide(c, authz.VersionAccess, target(p))
	if d.Allowed || d.Conditional || !strings.Contains(d.Err().Error(), "keys made by an owner") {
		t.Errorf("decision %+v, %v", d, d.Err())
	}
}

// TestConditions holds one request to each condition alone.
func TestConditions(t *testing.T) {
	right := secret.Facts{
		Time: now, Source: netip.MustParseAddr("10.1.2.3"), Workload: "spiffe://casemate.local/sandboxd",
		Image: "docker.io/library/python:3.11", Network: secret.NetworkNone,
	}
	tests := map[string]struct {
		conditions secret.Conditions
		expires    time.Time
		wrong      func(*secret.Facts)
	}{
		"workload": {conditions: secret.Conditions{Workloads: []string{"spiffe://a/b", right.Workload}}, wrong: func(f *secret.Facts) { f.Workload = "spiffe://casemate.local/other" }},
		"no workload": {
			conditions: secret.Conditions{Workloads: []string{right.Workload}}, wrong: func(f *secret.Facts) { f.Workload = "" },
		},
		"image":      {conditions: secret.Conditions{Images: []string{"x", right.Image}}, wrong: func(f *secret.Facts) { f.Image = "docker.io/library/python:3.12" }},
		"no image":   {conditions: secret.Conditions{Images: []string{right.Image}}, wrong: func(f *secret.Facts) { f.Image = "" }},
		"network":    {conditions: secret.Conditions{Networks: []secret.NetworkMode{secret.NetworkNone, secret.NetworkRestricted}}, wrong: func(f *secret.Facts) { f.Network = secret.NetworkInternet }},
		"no network": {conditions: secret.Conditions{Networks: []secret.NetworkMode{secret.NetworkNone}}, wrong: func(f *secret.Facts) { f.Network = "" }},
		"source":     {conditions: secret.Conditions{Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}, wrong: func(f *secret.Facts) { f.Source = netip.MustParseAddr("10.2.0.0") }},
		"no source":  {conditions: secret.Conditions{Sources: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}, wrong: func(f *secret.Facts) { f.Source = netip.Addr{} }},
		"all": {
			conditions: secret.Conditions{Workloads: []string{right.Workload}, Images: []string{right.Image}}, wrong: func(f *secret.Facts) { f.Workload = "" },
		},
		"expiry": {expires: now.Add(1), wrong: func(f *secret.Facts) { f.Time = now.Add(1) }},
	}
	for name, test := range tests {
		g := secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightUse}, Conditions: test.conditions, ExpireTime: test.expires}
		on := target(secret.Policy{Restricted: true, Grants: []secret.Grant{g}})
		on.Facts = right
		if d := authz.Decide(caller(identity.RoleMember), authz.VersionUse, on); !d.Allowed || d.Always || d.Conditional {
			t.Errorf("%s: the right request: %+v, %v", name, d, d.Err())
		}
		test.wrong(&on.Facts)
		if d := authz.Decide(caller(identity.RoleMember), authz.VersionUse, on); d.Allowed || d.Always || d.Conditional != (name != "expiry") {
			t.Errorf("%s: the wrong request: %+v", name, d)
		}
		// A second grant without conditions adds.
		on.Secret.Grants = append(on.Secret.Grants, secret.Grant{Role: identity.RoleMember, Rights: g.Rights})
		if d := authz.Decide(caller(identity.RoleMember), authz.VersionUse, on); !d.Allowed || !d.Always {
			t.Errorf("%s: with a grant without conditions: %+v", name, d)
		}
	}
}

// TestHidden compares what is told of a secret and of none, to who may not list it.
func TestHidden(t *testing.T) {
	c := caller(identity.RoleService)
	use := []secret.Right{secret.RightUse}
	for name, p := range map[string]secret.Policy{
		"restricted":           {Restricted: true},
		"granted to others":    {Restricted: true, Grants: []secret.Grant{{UserID: "eve", Rights: secret.Rights}}},
		"under conditions":     {Restricted: true, Grants: []secret.Grant{{UserID: "bob", Rights: use, Conditions: secret.Conditions{Images: []string{"x"}}}}},
		"with a grant expired": {Restricted: true, Grants: []secret.Grant{{UserID: "bob", Rights: use, ExpireTime: now}}},
	} {
		for _, scopes := range [][]identity.Scope{c.Scopes, {identity.ScopeRun}, {identity.ScopeManage}, {identity.ScopeRead}} {
			c.Scopes = scopes
			for _, a := range authz.SecretActions {
				got, want := authz.Decide(c, a, target(p)), authz.Decide(c, a, target(secret.Policy{Absent: true}))
				if got.Allowed || want.Allowed || got.Err().Error() != want.Err().Error() {
					t.Errorf("%s, %s:\n%v\nand of a secret that does not exist\n%v", name, a, got.Err(), want.Err())
				}
			}
		}
		c = caller(identity.RoleService)
	}
	// Who may list is told what is in the way.
	p := secret.Policy{Restricted: true, Grants: []secret.Grant{
		{UserID: "bob", Rights: []secret.Right{secret.RightList}},
		{UserID: "bob", Rights: use, Conditions: secret.Conditions{Images: []string{"docker.io/library/python:3.11"}}},
	}}
	if err := authz.Decide(c, authz.VersionUse, target(p)).Err(); !strings.Contains(err.Error(), "for the image docker.io/library/python:3.11") {
		t.Error(err)
	}
	if err := authz.Decide(caller(identity.RoleMember), authz.VersionUse, target(secret.Policy{Restricted: true})).Err(); !strings.Contains(err.Error(), "it is restricted") {
		t.Error(err)
	}
	// And that there is none.
	if d := authz.Decide(caller(identity.RoleMember), authz.VersionUse, target(secret.Policy{Absent: true})); !d.Allowed {
		t.Error(d.Err())
	}
}
