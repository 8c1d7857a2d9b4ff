package manager_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// member makes a user a member of team ml and returns a caller with a key for it, made by the owner ada.
func (f *fixture) member(user string, role identity.Role) identity.Caller {
	f.t.Helper()
	_, err := f.CreateMember(f.t.Context(), f.ada, "ml", user, role)
	must(f.t, err)
	_, key, err := f.CreateAPIKey(f.t.Context(), f.ada, manager.NewAPIKey{Team: "ml", UserID: user, Scopes: f.ada.Scopes})
	must(f.t, err)
	c := f.as(key)
	c.Peer = sandboxd
	return c
}

// restricted makes a secret with one value, which is restricted.
func (f *fixture) restricted(name, value string) {
	f.t.Helper()
	_, _, err := f.CreateSecret(f.t.Context(), f.ada, manager.NewSecret{Team: "ml", Name: name, Value: redact.New([]byte(value)), Restricted: true})
	must(f.t, err)
}

func (f *fixture) grant(name string, g secret.Grant) secret.Grant {
	f.t.Helper()
	g, err := f.CreateGrant(f.t.Context(), f.ada, "ml", name, g)
	must(f.t, err)
	return g
}

// use resolves one secret as sandboxd does.
func (f *fixture) use(c identity.Caller, name string) error {
	f.t.Helper()
	_, err := f.BatchAccess(f.t.Context(), c, manager.Batch{Team: "ml", Refs: []secret.Ref{{Team: "ml", Name: name}}, SandboxID: "s"})
	return err
}

func (f *fixture) access(c identity.Caller, name string) error {
	f.t.Helper()
	_, err := f.AccessSecretVersion(f.t.Context(), c, secret.Ref{Team: "ml", Name: name})
	return err
}

func TestOwnersAreTheirOwnBusiness(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	admin, olga := f.member("mallory", identity.RoleAdmin), f.member("olga", identity.RoleOwner)
	before := f.mark()
	for what, err := range map[string]error{
		"make an owner":   second(f.CreateMember(ctx, admin, "ml", "alias", identity.RoleOwner)),
		"become one":      second(f.UpdateMember(ctx, admin, "ml", "mallory", identity.RoleOwner)),
		"lower one":       second(f.UpdateMember(ctx, admin, "ml", "olga", identity.RoleMember)),
		"remove one":      f.DeleteMember(ctx, admin, "ml", "olga"),
		"take one's key":  third(f.CreateAPIKey(ctx, admin, manager.NewAPIKey{Team: "ml", UserID: "olga"})),
		"end one's key":   second(f.RevokeAPIKey(ctx, admin, "ml", olga.APIKeyID)),
		"the owner's way": nil,
	} {
		if err == nil && what != "the owner's way" {
			t.Errorf("an admin may %s", what)
		}
		if err != nil && (errdefs.KindOf(err) != errdefs.PermissionDenied || !strings.Contains(err.Error(), "owner.manage")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	denials := 0
	for _, e := range f.entries(before) {
		if e.Decision == audit.Denied && e.UserID == "mallory" && e.Reason == "PERMISSION_DENIED" {
			denials++
		}
	}
	if denials != 6 {
		t.Errorf("%d denials in the audit log, want 6", denials)
	}
	must(t, second(f.UpdateMember(ctx, olga, "ml", "mallory", identity.RoleOwner)))
	must(t, f.DeleteMember(ctx, olga, "ml", "mallory"))
	must(t, f.DeleteMember(ctx, olga, "ml", "ada"))
	wantReason(t, f.DeleteMember(ctx, olga, "ml", "olga"), errdefs.FailedPrecondition, "LAST_OWNER")
	wantReason(t, second(f.UpdateMember(ctx, olga, "ml", "olga", identity.RoleAdmin)), errdefs.FailedPrecondition, "LAST_OWNER")
}

// TestManagingKeyMakesNoReader: a key that was stolen and may only manage lets nobody read.
func TestManagingKeyMakesNoReader(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "v")
	f.member("bob", identity.RoleMember)
	f.ada.Scopes = []identity.Scope{identity.ScopeManage, identity.ScopeRun}
	for _, role := range []identity.Role{identity.RoleAdmin, identity.RoleOwner} {
		wantReason(t, second(f.UpdateMember(t.Context(), f.ada, "ml", "bob", role)), errdefs.PermissionDenied, "SCOPE_EXCEEDED")
		wantReason(t, second(f.CreateMember(t.Context(), f.ada, "ml", "eve", role)), errdefs.PermissionDenied, "SCOPE_EXCEEDED")
	}
	_, err := f.CreateGrant(t.Context(), f.ada, "ml", "A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess}})
	wantReason(t, err, errdefs.PermissionDenied, "RIGHT_EXCEEDED")
	must(t, second(f.UpdateMember(t.Context(), f.ada, "ml", "bob", identity.RoleAuditor)))
}

// TestKeyFromBeforeOwnership: an admin's copy of a key does not become an owner's.
func TestKeyFromBeforeOwnership(t *testing.T) {
	f := newFixture(t)
	f.restricted("A", "v")
	admin := f.member("mallory", identity.RoleAdmin)
	own := f.member("bob", identity.RoleMember)
	_, copied, err := f.CreateAPIKey(t.Context(), admin, manager.NewAPIKey{Team: "ml", UserID: "bob", Scopes: admin.Scopes})
	must(t, err)
	must(t, second(f.UpdateMember(t.Context(), f.ada, "ml", "bob", identity.RoleOwner)))
	if c := f.as(copied); c.Personal || c.Teams["ml"] != identity.RoleAdmin || f.access(c, "A") == nil {
		t.Errorf("the copied key acts as %+v", c)
	}
	// What it makes is no better.
	_, made, err := f.CreateAPIKey(t.Context(), f.as(copied), manager.NewAPIKey{Team: "ml", Scopes: admin.Scopes})
	must(t, err)
	if c := f.as(made); c.Personal || c.Teams["ml"] != identity.RoleAdmin {
		t.Errorf("a key that the copied key made acts as %+v", c)
	}
	_, made, err = f.CreateAPIKey(t.Context(), own, manager.NewAPIKey{Team: "ml", Scopes: admin.Scopes})
	must(t, err)
	if c := f.as(made); !c.Personal || c.Teams["ml"] != identity.RoleOwner || f.access(c, "A") != nil {
		t.Errorf("a key that bob made with his own acts as %+v", c)
	}
}

// TestGrantsByNameAndKeys: what carol is granted by name, an admin does not get by making a key for her, and it ends with her
// membership.
func TestGrantsByNameAndKeys(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.restricted("A", "v")
	admin, carol := f.member("mallory", identity.RoleAdmin), f.member("carol", identity.RoleMember)
	wantReason(t, f.access(carol, "A"), errdefs.PermissionDenied, "PERMISSION_DENIED")
	f.grant("A", secret.Grant{UserID: "carol", Rights: []secret.Right{secret.RightAccess, secret.RightUse}})
	must(t, f.access(carol, "A"))
	must(t, f.use(carol, "A"))
	_, key, err := f.CreateAPIKey(ctx, admin, manager.NewAPIKey{Team: "ml", UserID: "carol", Scopes: admin.Scopes})
	must(t, err)
	copied := f.as(key)
	copied.Peer = sandboxd
	for what, err := range map[string]error{
		"the admin's access": f.access(admin, "A"), "by a key for carol": f.access(copied, "A"),
	} {
		if errdefs.ReasonOf(err) != "PERMISSION_DENIED" {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantReason(t, f.use(copied, "A"), errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	// The combination of an own key and one that an admin made is not her own.
	f.teams("ops")
	_, err = f.CreateMember(ctx, f.adminOf("ops"), "ops", "carol", identity.RoleMember)
	must(t, err)
	opsAdmin := f.adminOf("ops")
	opsAdmin.Teams["ops"] = identity.RoleAdmin
	_, inOps, err := f.CreateAPIKey(ctx, opsAdmin, manager.NewAPIKey{Team: "ops", UserID: "carol", Scopes: runManage})
	must(t, err)
	n := manager.NewAPIKey{Team: "ml", Scopes: runManage}
	n.OtherKeys = append(n.OtherKeys, inOps)
	_, both, err := f.CreateAPIKey(ctx, carol, n)
	must(t, err)
	if f.as(both).Personal {
		t.Error("a key that an admin of ops had a hand in is carol's own")
	}
	// She leaves, and an admin brings her back.
	must(t, f.DeleteMember(ctx, f.ada, "ml", "carol"))
	carol = f.member("carol", identity.RoleMember)
	wantReason(t, f.access(carol, "A"), errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestNobodyGivesWhatHeDoesNotHold goes through the rights of people who may manage a secret's rights.
func TestNobodyGivesWhatHeDoesNotHold(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.restricted("A", "v")
	f.member("eve", identity.RoleMember)
	everything := secret.Rights
	later := f.now.Add(time.Hour)
	for i, test := range []struct {
		role   identity.Role
		grants []secret.Grant
		want   []secret.Right
	}{
		{identity.RoleOwner, nil, everything},
		{identity.RoleAdmin, nil, []secret.Right{secret.RightList, secret.RightManage, secret.RightAdd, secret.RightAudit}},
		{identity.RoleAdmin, []secret.Grant{{Rights: []secret.Right{secret.RightUse}}}, []secret.Right{
			secret.RightList, secret.RightManage, secret.RightAdd, secret.RightUse, secret.RightAudit,
		}},
		{identity.RoleMember, []secret.Grant{{Rights: everything}}, everything},
		{identity.RoleMember, []secret.Grant{{Rights: []secret.Right{secret.RightManage}}}, []secret.Right{secret.RightList, secret.RightManage}},
		// What is granted under a condition, or for some time, can't be given on.
		{identity.RoleMember, []secret.Grant{
			{Rights: []secret.Right{secret.RightManage}}, {Rights: []secret.Right{secret.RightAccess, secret.RightAdd}, ExpireTime: later},
			{Rights: []secret.Right{secret.RightUse}, Conditions: secret.Conditions{Images: []string{"docker.io/library/python:*"}}},
			{Rights: []secret.Right{secret.RightAccess}, Conditions: secret.Conditions{Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
		}, []secret.Right{secret.RightList, secret.RightManage}},
		{identity.RoleMember, []secret.Grant{{Rights: []secret.Right{secret.RightAccess, secret.RightUse}}}, nil},
		{identity.RoleMember, nil, nil},
		{identity.RoleAuditor, nil, nil},
		{identity.RoleService, nil, nil},
	} {
		user := fmt.Sprint("user", i)
		c := f.member(user, test.role)
		c.Address = netip.MustParseAddr("127.0.0.1")
		for _, g := range test.grants {
			g.UserID = user
			f.grant("A", g)
		}
		for _, r := range everything {
			g, err := f.CreateGrant(ctx, c, "ml", "A", secret.Grant{UserID: "eve", Rights: []secret.Right{r}})
			if may := slices.Contains(test.want, r); may != (err == nil) || !may && errdefs.KindOf(err) != errdefs.PermissionDenied {
				t.Errorf("%d: %s gives %s: %v, want %v", i, test.role, r, err, may)
			}
			if err == nil {
				must(t, f.DeleteGrant(ctx, c, "ml", "A", g.ID))
			}
		}
		// Opening the secret to all is giving use and access.
		open := false
		_, err := f.UpdateSecret(ctx, c, manager.SecretUpdate{Team: "ml", Name: "A", Restricted: &open})
		if may := slices.Contains(test.want, secret.RightUse) && slices.Contains(test.want, secret.RightAccess); may != (err == nil) {
			t.Errorf("%d: %s opens the secret: %v, want %v", i, test.role, err, may)
		}
		restricted := true
		must(t, second(f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Restricted: &restricted})))
	}
}

func TestGrants(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.secret("A", "v")
	f.secret("B", "v")
	f.member("bob", identity.RoleMember)
	before, err := f.GetSecret(ctx, f.ada, "ml", "A")
	must(t, err)
	mark := f.mark()
	g := f.grant("A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess, secret.RightList}})
	if !strings.HasPrefix(g.ID, "user-bob-list-access-") || g.Creator != "ada" || !g.CreateTime.Equal(f.now) {
		t.Errorf("grant %+v", g)
	}
	after, err := f.GetSecret(ctx, f.ada, "ml", "A")
	must(t, err)
	if after.ETag() == before.ETag() || !after.Granted {
		t.Error("a grant does not change the secret's etag")
	}
	// The same again is the same grant, whoever asks and in whatever order.
	if again := f.grant("A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightList, secret.RightAccess}}); again.ID != g.ID {
		t.Errorf("grant %+v, want the one that is there", again)
	}
	list, err := f.ListGrants(ctx, f.ada, "ml", "A")
	must(t, err)
	if len(list) != 1 || !list[0].Same(g) || list[0].ID != g.ID {
		t.Errorf("grants %+v", list)
	}
	wantReason(t, f.DeleteGrant(ctx, f.ada, "ml", "B", g.ID), errdefs.NotFound, "GRANT_NOT_FOUND")
	must(t, f.DeleteGrant(ctx, f.ada, "ml", "A", g.ID))
	wantReason(t, f.DeleteGrant(ctx, f.ada, "ml", "A", g.ID), errdefs.NotFound, "GRANT_NOT_FOUND")
	var log []string
	for _, e := range f.entries(mark) {
		log = append(log, e.Action+" "+e.Resource)
	}
	name := "teams/ml/secrets/A/grants/" + g.ID
	if want := []string{"grant.create " + name, "grant.create " + name, "grant.delete " + name}; !slices.Equal(log, want) {
		t.Errorf("audit log %q, want %q", log, want)
	}

	_, err = f.CreateGrant(ctx, f.ada, "ml", "A", secret.Grant{UserID: "nobody", Rights: g.Rights})
	wantReason(t, err, errdefs.NotFound, "MEMBER_NOT_FOUND")
	_, err = f.CreateGrant(ctx, f.ada, "ml", "A", secret.Grant{UserID: "bob", Rights: g.Rights, ExpireTime: f.now})
	wantReason(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	_, err = f.CreateGrant(ctx, f.ada, "ml", "NONE", secret.Grant{UserID: "bob", Rights: g.Rights})
	wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
	for i := range secret.MaxGrants {
		f.grant("B", secret.Grant{UserID: "bob", Rights: g.Rights, ExpireTime: f.now.Add(time.Duration(i + 1))})
	}
	_, err = f.CreateGrant(ctx, f.ada, "ml", "B", secret.Grant{UserID: "bob", Rights: g.Rights})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_GRANTS")
}

// TestGrantExpires: it counts until its time, and not from it on.
func TestGrantExpires(t *testing.T) {
	f := newFixture(t)
	f.restricted("A", "v")
	bob := f.member("bob", identity.RoleMember)
	f.grant("A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess}, ExpireTime: f.now.Add(time.Hour)})
	f.now = f.now.Add(time.Hour - 1)
	must(t, f.access(bob, "A"))
	f.now = f.now.Add(1)
	wantReason(t, f.access(bob, "A"), errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestInjection: what is for a broker only enters no sandbox, whoever asks, and only who may read it changes that.
func TestInjection(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	broker := secret.Injection{BrokerOnly: true, Hosts: []string{"api.example.com"}}
	_, _, err := f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "A", Value: redact.New([]byte("v")), Injection: broker})
	must(t, err)
	err = f.use(f.ada, "A")
	wantReason(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if e, _ := errdefs.As(err); e.Violations[0].Type != "INJECTION_NOT_AVAILABLE" {
		t.Errorf("violations %v", e.Violations)
	}
	must(t, f.access(f.ada, "A"))
	manages := f.member("bob", identity.RoleMember)
	f.grant("A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightManage, secret.RightUse, secret.RightAdd}})
	set := func(c identity.Caller, i secret.Injection) error {
		return second(f.UpdateSecret(ctx, c, manager.SecretUpdate{Team: "ml", Name: "A", Injection: &i}))
	}
	for _, weaker := range []secret.Injection{{}, {BrokerOnly: true, Hosts: []string{"evil.example.com"}}, {BrokerOnly: true, Hosts: []string{"*.example.com", "api.example.com"}}} {
		wantReason(t, set(manages, weaker), errdefs.PermissionDenied, "RIGHT_EXCEEDED")
	}
	must(t, set(f.ada, secret.Injection{BrokerOnly: true, Hosts: []string{"api.example.com", "b.example.com"}}))
	must(t, set(manages, broker)) // fewer hosts
	must(t, set(f.ada, secret.Injection{}))
	must(t, f.use(f.ada, "A"))
	// The log tells a change of rights from another change.
	before := f.mark()
	for _, restricted := range []bool{true, false} {
		must(t, second(f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", Restricted: &restricted, Injection: &secret.Injection{}})))
	}
	var log []string
	for _, e := range f.entries(before) {
		log = append(log, e.Action)
		if e.Resource != "teams/ml/secrets/A" {
			t.Errorf("entry %+v", e)
		}
	}
	if want := []string{"secret.update", "secret.restrict", "secret.inject", "secret.update", "secret.open", "secret.inject"}; !slices.Equal(log, want) {
		t.Errorf("audit log %q, want %q", log, want)
	}
	must(t, set(manages, broker)) // from the environment to the broker
}

// TestTestPermissions holds its answers to what happens.
func TestTestPermissions(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.secret("OPEN", "v")
	f.restricted("A", "v")
	f.restricted("B", "v")
	bob := f.member("bob", identity.RoleMember)
	bob.Address = netip.MustParseAddr("10.0.0.1")
	f.grant("A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess}})
	f.grant("B", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess, secret.RightAudit}, Conditions: secret.Conditions{
		Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}})
	f.grant("B", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightUse}, Conditions: secret.Conditions{Networks: []secret.NetworkMode{secret.NetworkNone}}})
	elsewhere := bob
	elsewhere.Address = netip.MustParseAddr("192.0.2.1")
	for _, test := range []struct {
		name                 string
		c                    identity.Caller
		secret               string
		allowed, conditional []authz.Action
	}{
		{"team", bob, "", []authz.Action{authz.SecretList, authz.VersionUse, authz.TeamGet, authz.KeyCreate}, nil},
		{"open", bob, "OPEN", []authz.Action{authz.SecretList, authz.VersionUse}, nil},
		{"no secret", bob, "NONE", []authz.Action{authz.SecretList, authz.VersionUse}, nil},
		{"granted", bob, "A", []authz.Action{authz.SecretList, authz.VersionAccess}, nil},
		{"from the right place", bob, "B", []authz.Action{authz.SecretList, authz.GrantList, authz.VersionAccess, authz.AuditRead}, []authz.Action{authz.VersionUse}},
		{"from elsewhere", elsewhere, "B", []authz.Action{authz.SecretList}, []authz.Action{authz.GrantList, authz.VersionUse, authz.VersionAccess, authz.AuditRead}},
		{"stranger", identity.Caller{UserID: "eve", Scopes: bob.Scopes}, "OPEN", nil, nil},
		{"stranger, of a team that does not exist", identity.Caller{UserID: "eve", Scopes: bob.Scopes}, "", nil, nil},
	} {
		all := authz.SecretActions
		if test.secret == "" {
			all = authz.TeamActions
		}
		allowed, conditional, err := f.TestPermissions(ctx, test.c, "ml", test.secret, all)
		must(t, err)
		if !slices.Equal(allowed, test.allowed) || !slices.Equal(conditional, test.conditional) {
			t.Errorf("%s: %v and under conditions %v, want %v and %v", test.name, allowed, conditional, test.allowed, test.conditional)
		}
		if test.secret == "" || test.secret == "NONE" {
			continue
		}
		if got := f.access(test.c, test.secret) == nil; got != slices.Contains(allowed, authz.VersionAccess) {
			t.Errorf("%s: access happens: %v", test.name, got)
		}
		if _, err := f.ListGrants(ctx, test.c, "ml", test.secret); (err == nil) != slices.Contains(allowed, authz.GrantList) {
			t.Errorf("%s: grants are listed: %v", test.name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }
