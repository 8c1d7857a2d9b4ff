package manager_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	run        = []identity.Scope{identity.ScopeRun}
	manage     = []identity.Scope{identity.ScopeManage}
	runManage  = []identity.Scope{identity.ScopeRun, identity.ScopeManage}
	bothMember = map[string]identity.Role{"ml": identity.RoleMember, "ops": identity.RoleMember}
)

// ownKey makes the user a member of a team, unless it is one, and returns a key for it.
func (f *fixture) ownKey(team, user string, scopes ...identity.Scope) apikey.Key {
	f.t.Helper()
	_, err := f.CreateMember(f.t.Context(), f.adminOf(team), team, user, identity.RoleMember)
	if err != nil {
		wantReason(f.t, err, errdefs.AlreadyExists, "MEMBER_EXISTS")
	}
	_, key, err := f.CreateAPIKey(f.t.Context(), f.adminOf(team), manager.NewAPIKey{Team: team, UserID: user, Scopes: scopes})
	must(f.t, err)
	return key
}

// adminOf is an owner, so an admin too, of one team only.
func (f *fixture) adminOf(team string) identity.Caller {
	c := f.ada
	c.UserID, c.Operator, c.Team, c.Teams = "admin-of-"+team, false, team, map[string]identity.Role{team: identity.RoleOwner}
	return c
}

// teams makes teams besides ml.
func (f *fixture) teams(names ...string) {
	f.t.Helper()
	for _, name := range names {
		_, err := f.CreateTeam(f.t.Context(), f.ada, name)
		must(f.t, err)
	}
}

// as is the caller whom a key stands for.
func (f *fixture) as(key apikey.Key) identity.Caller {
	f.t.Helper()
	c, err := f.Authenticate(f.t.Context(), key, "")
	must(f.t, err)
	return c
}

// combine makes a RUN key with team ml as its home.
func (f *fixture) combine(calling apikey.Key, others ...apikey.Key) (secret.APIKey, apikey.Key) {
	f.t.Helper()
	record, key, err := f.CreateAPIKey(f.t.Context(), f.as(calling), manager.NewAPIKey{Team: "ml", OtherKeys: others})
	must(f.t, err)
	return record, key
}

// keysIn are the ids of the keys that a team's admin sees.
func (f *fixture) keysIn(team string) (ids []string) {
	f.t.Helper()
	list, _, err := f.ListAPIKeys(f.t.Context(), f.adminOf(team), team, secret.KeyPosition{}, 100)
	must(f.t, err)
	for _, k := range list {
		ids = append(ids, k.ID)
	}
	return ids
}

// changes are the audit entries of a team after a sequence, as action, resource and key.
func (f *fixture) changes(team string, after int64) (list []string) {
	f.t.Helper()
	for _, e := range f.entries(after) {
		if e.Team == team && e.Decision == audit.Allowed {
			list = append(list, e.Action+" "+e.Resource+" by "+e.APIKeyID)
		}
	}
	return list
}

func TestCombinedKey(t *testing.T) {
	f := newFixture(t)
	f.teams("ops", "web")
	inML, inOps, inWeb := f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...), f.ownKey("web", "bob", runManage...)
	before := f.mark()
	record, key := f.combine(inML, inWeb, inOps)
	if d := cmp.Diff([]string{"ml", "ops", "web"}, record.Teams()); d != "" {
		t.Errorf("teams (-want +got):\n%s", d)
	}
	want := identity.Caller{
		UserID: "bob", APIKeyID: key.ID(), Team: "ml", Scopes: run, Personal: true,
		Teams: map[string]identity.Role{"ml": identity.RoleMember, "ops": identity.RoleMember, "web": identity.RoleMember},
	}
	if d := cmp.Diff(want, f.as(key), sameAddress); d != "" {
		t.Errorf("caller (-want +got):\n%s", d)
	}
	// Each team's log says that the key was made, and by which of its own keys.
	for team, by := range map[string]apikey.Key{"ml": inML, "ops": inOps, "web": inWeb} {
		if d := cmp.Diff([]string{"key.create " + secret.KeyName(team, key.ID()) + " by " + by.ID()}, f.changes(team, before)); d != "" {
			t.Errorf("audit log of %s (-want +got):\n%s", team, d)
		}
		if !slices.Contains(f.keysIn(team), key.ID()) {
			t.Errorf("the admin of %s does not see the key", team)
		}
	}
	// A role counts as it is now, in each team.
	_, err := f.UpdateMember(t.Context(), f.adminOf("ops"), "ops", "bob", identity.RoleAdmin)
	must(t, err)
	want.Teams["ops"] = identity.RoleAdmin
	if d := cmp.Diff(want, f.as(key), sameAddress); d != "" {
		t.Errorf("caller with a new role (-want +got):\n%s", d)
	}
	// Combined keys are combined like others.
	_, two := f.combine(inML, f.ownKey("ops", "bob", runManage...))
	record, _, err = f.CreateAPIKey(t.Context(), f.as(inWeb), manager.NewAPIKey{Team: "web", OtherKeys: []apikey.Key{f.managing(inML, inOps)}})
	must(t, err)
	if d := cmp.Diff([]string{"web", "ml", "ops"}, record.Teams()); d != "" || f.as(two).Team != "ml" {
		t.Errorf("teams (-want +got):\n%s", d)
	}
	// A key made with a combined one, and no other, acts where it is asked for, and nowhere else.
	record, _, err = f.CreateAPIKey(t.Context(), f.as(f.managing(inML, inOps)), manager.NewAPIKey{Team: "ops"})
	must(t, err)
	if d := cmp.Diff([]string{"ops"}, record.Teams()); d != "" {
		t.Errorf("teams (-want +got):\n%s", d)
	}
}

// managing combines keys into one that may make others.
func (f *fixture) managing(calling apikey.Key, others ...apikey.Key) apikey.Key {
	f.t.Helper()
	_, key, err := f.CreateAPIKey(f.t.Context(), f.as(calling), manager.NewAPIKey{Team: "ml", OtherKeys: others, Scopes: runManage})
	must(f.t, err)
	return key
}

func TestCombinedKeyLeavesATeamWithItsUser(t *testing.T) {
	f := newFixture(t)
	f.teams("ops", "web")
	_, key := f.combine(f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...), f.ownKey("web", "bob", runManage...))
	must(t, f.DeleteMember(t.Context(), f.adminOf("web"), "web", "bob"))
	if d := cmp.Diff(bothMember, f.as(key).Teams); d != "" {
		t.Errorf("teams (-want +got):\n%s", d)
	}
	if slices.Contains(f.keysIn("web"), key.ID()) || !slices.Contains(f.keysIn("ops"), key.ID()) {
		t.Error("the team shows a key that does not act in it any more, or another team lost it")
	}
	_, err := f.RevokeAPIKey(t.Context(), f.adminOf("web"), "web", key.ID())
	wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
	// Coming back does not bring the key back.
	f.ownKey("web", "bob")
	if d := cmp.Diff(bothMember, f.as(key).Teams); d != "" {
		t.Errorf("teams (-want +got):\n%s", d)
	}

	// Leaving home ends it, and the other team's log says so.
	before := f.mark()
	must(t, f.DeleteMember(t.Context(), f.ada, "ml", "bob"))
	_, err = f.Authenticate(t.Context(), key, "")
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
	if d := cmp.Diff([]string{"key.revoke " + secret.KeyName("ops", key.ID()) + " by k1"}, f.changes("ops", before)); d != "" {
		t.Errorf("audit log of ops (-want +got):\n%s", d)
	}
	if got := f.changes("web", before); got != nil {
		t.Errorf("audit log of web, which the key had left: %v", got)
	}
}

// TestMembershipCounts takes a membership away beside the manager, so that the key's record still names the team.
func TestMembershipCounts(t *testing.T) {
	f := newFixture(t)
	f.teams("ops")
	_, key := f.combine(f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...))
	f.change(func(w store.Writer) error { return w.DeleteMember(t.Context(), "ops", "bob") })
	if d := cmp.Diff(map[string]identity.Role{"ml": identity.RoleMember}, f.as(key).Teams); d != "" {
		t.Errorf("teams (-want +got):\n%s", d)
	}
}

func TestCombinedKeyIsRevokedFromAnyTeam(t *testing.T) {
	f := newFixture(t)
	f.teams("ops", "web")
	inML, inOps := f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...)
	for who, c := range map[string]identity.Caller{"an admin": f.adminOf("ops"), "its user": f.as(inOps)} {
		_, key := f.combine(inML, inOps)
		_, err := f.RevokeAPIKey(t.Context(), f.adminOf("web"), "web", key.ID())
		wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
		_, err = f.RevokeAPIKey(t.Context(), f.as(f.ownKey("ops", "eve", manage...)), "ops", key.ID())
		wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
		before := f.mark()
		record, err := f.RevokeAPIKey(t.Context(), c, "ops", key.ID())
		must(t, err)
		if !record.RevokeTime.Equal(f.now) {
			t.Errorf("%s: revoked at %v", who, record.RevokeTime)
		}
		_, err = f.Authenticate(t.Context(), key, "")
		wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
		for _, team := range []string{"ml", "ops"} {
			if d := cmp.Diff([]string{"key.revoke " + secret.KeyName(team, key.ID()) + " by " + c.APIKeyID}, f.changes(team, before)); d != "" {
				t.Errorf("%s: audit log of %s (-want +got):\n%s", who, team, d)
			}
		}
	}
}

func TestCombinedKeyExpiresWithTheFirst(t *testing.T) {
	f := newFixture(t)
	f.teams("ops")
	expiring := func(team string, ttl time.Duration) apikey.Key {
		t.Helper()
		f.ownKey(team, "bob")
		_, key, err := f.CreateAPIKey(t.Context(), f.adminOf(team), manager.NewAPIKey{Team: team, UserID: "bob", Scopes: runManage, TTL: ttl})
		must(t, err)
		return key
	}
	for _, test := range []struct{ calling, other, asked, want time.Duration }{
		{0, 0, 0, 0}, {0, 0, 1, 1}, {0, 3, 0, 3}, {3, 0, 0, 3}, {2, 3, 0, 2}, {3, 2, 0, 2}, {3, 2, 1, 1}, {3, 2, 9, 2}, {2, 3, 9, 2},
	} {
		record, _, err := f.CreateAPIKey(t.Context(), f.as(expiring("ml", test.calling*time.Hour)), manager.NewAPIKey{
			Team: "ml", TTL: test.asked * time.Hour, OtherKeys: []apikey.Key{expiring("ops", test.other*time.Hour)},
		})
		must(t, err)
		want := time.Time{}
		if test.want > 0 {
			want = f.now.Add(test.want * time.Hour)
		}
		if !record.ExpireTime.Equal(want) {
			t.Errorf("%+v: expires at %v, want %v", test, record.ExpireTime, want)
		}
	}
}

// TestOtherKeysRefused presents every kind of key that must not be combined. All are refused in the same words, so that
// who presents a key learns nothing of it that WhoAmI does not tell.
func TestOtherKeysRefused(t *testing.T) {
	f := newFixture(t)
	f.teams("ops")
	inML, inOps := f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...)
	store := func(k secret.APIKey) apikey.Key {
		t.Helper()
		key, err := apikey.Generate()
		must(t, err)
		k.ID, k.CreateTime = key.ID(), f.now
		if k.Hash == [32]byte{} {
			k.Hash = key.Hash()
		}
		f.change(func(w store.Writer) error { return w.CreateAPIKey(t.Context(), k) })
		return key
	}
	unknown, err := apikey.Generate()
	must(t, err)
	words := map[string]bool{}
	for name, others := range map[string][]apikey.Key{
		"unknown":                  {unknown},
		"of the right id only":     {store(secret.APIKey{UserID: "bob", Team: "ops", Scopes: runManage, Hash: [32]byte{1}})},
		"revoked":                  {store(secret.APIKey{UserID: "bob", Team: "ops", Scopes: runManage, RevokeTime: f.now})},
		"expired":                  {store(secret.APIKey{UserID: "bob", Team: "ops", Scopes: runManage, ExpireTime: f.now})},
		"another user's":           {f.ownKey("ops", "eve", runManage...)},
		"without manage":           {f.ownKey("ops", "bob", run...)},
		"without the new scope":    {f.ownKey("ops", "bob", manage...)},
		"of the home team":         {f.ownKey("ml", "bob", runManage...)},
		"the calling key":          {inML},
		"of no team":               {store(secret.APIKey{UserID: "bob", Scopes: runManage})},
		"the same twice":           {inOps, inOps},
		"two of a team":            {inOps, f.ownKey("ops", "bob", runManage...)},
		"good, then another's":     {inOps, f.ownKey("ops", "eve", runManage...)},
		"of a user who is no more": {f.gone("ops", "bob2")},
	} {
		before, keys := f.mark(), f.keysIn("ml")
		_, _, err := f.CreateAPIKey(t.Context(), f.as(inML), manager.NewAPIKey{Team: "ml", OtherKeys: others})
		wantReason(t, err, errdefs.PermissionDenied, "OTHER_KEYS_REFUSED")
		if d := cmp.Diff(keys, f.keysIn("ml")); d != "" {
			t.Errorf("%s: keys changed:\n%s", name, d)
		}
		entries := f.entries(before)
		if len(entries) != 1 || entries[0].Decision != audit.Denied || entries[0].Reason != "OTHER_KEYS_REFUSED" || entries[0].Team != "ml" ||
			entries[0].APIKeyID != inML.ID() || entries[0].Resource != "teams/ml/members/bob" {
			t.Errorf("%s: entries %+v, want one denial", name, entries)
		}
		if len(others) == 1 {
			words[err.Error()] = true
		}
	}
	if len(words) != 1 {
		t.Errorf("the refusals differ: %v", words)
	}

	// Whose call it is.
	others := []apikey.Key{inOps}
	_, _, err = f.CreateAPIKey(t.Context(), f.adminOf("ml"), manager.NewAPIKey{Team: "ml", UserID: "bob", OtherKeys: others})
	wantReason(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	_, _, err = f.CreateAPIKey(t.Context(), f.as(inML), manager.NewAPIKey{Team: "ops", OtherKeys: others})
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, _, err = f.CreateAPIKey(t.Context(), f.as(inML), manager.NewAPIKey{Team: "ml", OtherKeys: others, Scopes: []identity.Scope{identity.ScopeRead}})
	wantReason(t, err, errdefs.PermissionDenied, "SCOPE_EXCEEDED")
	operator := f.as(store(secret.APIKey{UserID: "bob", Scopes: runManage}))
	_, _, err = f.CreateAPIKey(t.Context(), operator, manager.NewAPIKey{Team: "ml", OtherKeys: others})
	wantReason(t, err, errdefs.PermissionDenied, "OTHER_KEYS_REFUSED")
}

// gone returns the key of a user who was removed from its team.
func (f *fixture) gone(team, user string) apikey.Key {
	f.t.Helper()
	key := f.ownKey(team, user, runManage...)
	must(f.t, f.DeleteMember(f.t.Context(), f.adminOf(team), team, user))
	return key
}

func TestKeyTeamsAreBounded(t *testing.T) {
	f := newFixture(t)
	calling := f.ownKey("ml", "bob", runManage...)
	var others []apikey.Key
	for i := range secret.MaxKeyTeams {
		team := "t" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		f.teams(team)
		others = append(others, f.ownKey(team, "bob", runManage...))
	}
	_, _, err := f.CreateAPIKey(t.Context(), f.as(calling), manager.NewAPIKey{Team: "ml", OtherKeys: others})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_KEY_TEAMS")
	record, _ := f.combine(calling, others[1:]...)
	if n := len(record.Teams()); n != secret.MaxKeyTeams {
		t.Errorf("the key acts in %d teams", n)
	}

	// The limit of a user's keys in a team counts those that come from elsewhere.
	in := others[1]
	team := f.as(in).Team
	for range secret.MaxAPIKeys - 2 {
		f.ownKey(team, "bob")
	}
	_, _, err = f.CreateAPIKey(t.Context(), f.as(in), manager.NewAPIKey{Team: team})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_API_KEYS")
	_, _, err = f.CreateAPIKey(t.Context(), f.as(calling), manager.NewAPIKey{Team: "ml", OtherKeys: []apikey.Key{in}})
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_API_KEYS")
}

// TestCombinedKeyIsNothingWithoutItsEntries spoils the last of the entries: that of another team.
func TestCombinedKeyIsNothingWithoutItsEntries(t *testing.T) {
	f := newFixture(t)
	f.teams("ops")
	inML, inOps := f.ownKey("ml", "bob", runManage...), f.ownKey("ops", "bob", runManage...)
	_, both := f.combine(inML, inOps)
	before, dump := f.mark(), f.dump()
	for name, change := range map[string]func() error{
		"CreateAPIKey": func() error {
			_, _, err := f.CreateAPIKey(t.Context(), f.as(inML), manager.NewAPIKey{Team: "ml", OtherKeys: []apikey.Key{inOps}})
			return err
		},
		"RevokeAPIKey": func() error { _, err := f.RevokeAPIKey(t.Context(), f.ada, "ml", both.ID()); return err },
		"DeleteMember": func() error { return f.DeleteMember(t.Context(), f.ada, "ml", "bob") },
	} {
		f.store.spoilEntry = true
		wantReason(t, change(), errdefs.Unavailable, "AUDIT_UNAVAILABLE")
		if after := f.dump(); after != dump || len(f.entries(before)) != 0 {
			t.Fatalf("%s changed the store without its entries:\n%s\n%s", name, dump, after)
		}
	}
}
