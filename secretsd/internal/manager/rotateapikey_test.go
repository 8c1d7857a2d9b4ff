package manager_test

import (
	"slices"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// dead expects a key to be refused.
func (f *fixture) dead(key apikey.Key) {
	f.t.Helper()
	_, err := f.Authenticate(f.t.Context(), key, "")
	wantReason(f.t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
}

// rotate has a key replace itself.
func (f *fixture) rotate(key apikey.Key, overlap time.Duration) manager.Rotation {
	f.t.Helper()
	r, err := f.RotateAPIKey(f.t.Context(), f.as(key), "", "", overlap)
	must(f.t, err)
	return r
}

// TestKeyRotatesItself is about a key that may only run: the one that most programs have.
func TestKeyRotatesItself(t *testing.T) {
	f := newFixture(t)
	expires := f.now.Add(24 * time.Hour)
	old := f.key("bob", "ml", expires)
	before := f.mark()
	r := f.rotate(old, time.Hour)
	if r.New.UserID != "bob" || r.New.Team != "ml" || !slices.Equal(r.New.Scopes, r.Old.Scopes) || !r.New.ExpireTime.Equal(expires) ||
		r.New.RotatedFrom != old.ID() || !r.Old.ExpireTime.Equal(f.now.Add(time.Hour)) {
		t.Errorf("rotation %+v", r)
	}
	var actions []string
	for _, e := range f.entries(before) {
		actions = append(actions, e.Action+" "+e.Resource+" by "+e.APIKeyID)
	}
	want := []string{"key.rotate teams/ml/apiKeys/" + old.ID() + " by " + old.ID(), "key.create teams/ml/apiKeys/" + r.New.ID + " by " + old.ID()}
	if !slices.Equal(actions, want) {
		t.Errorf("entries %q, want %q", actions, want)
	}

	// Both work for the overlap, and the new one for the rest of the old one's time.
	f.as(old)
	f.as(r.Key)
	f.now = f.now.Add(time.Hour)
	f.dead(old)
	f.as(r.Key)
	f.now = expires
	f.dead(r.Key)
}

func TestRotationWithoutOverlap(t *testing.T) {
	f := newFixture(t)
	old := f.key("bob", "ml", time.Time{})
	r := f.rotate(old, 0)
	f.dead(old)
	if c := f.as(r.Key); c.UserID != "bob" || !r.New.ExpireTime.IsZero() {
		t.Errorf("the new key is %+v", r.New)
	}
}

// TestThiefRotates is against a stolen key that makes itself new ones, so as to outlive its revocation or its expiry.
func TestThiefRotates(t *testing.T) {
	f := newFixture(t)
	stolen := f.key("bob", "ml", time.Time{})
	second := f.rotate(stolen, time.Hour)
	third := f.rotate(second.Key, time.Hour)

	// The owner is told that somebody was there before.
	_, err := f.RotateAPIKey(t.Context(), f.as(stolen), "", "", 0)
	wantReason(t, err, errdefs.FailedPrecondition, "API_KEY_ROTATED")

	before := f.mark()
	_, err = f.RevokeAPIKey(t.Context(), f.ada, "ml", stolen.ID())
	must(t, err)
	for _, k := range []apikey.Key{stolen, second.Key, third.Key} {
		f.dead(k)
	}
	if e := f.entries(before); len(e) != 3 || e[1].Resource != "teams/ml/apiKeys/"+second.New.ID || e[2].Action != "key.revoke" {
		t.Errorf("entries %v, want one for each key that ended", e)
	}

	// An overlap, however long, does not outlive the expiry.
	short := f.key("bob", "ml", f.now.Add(time.Minute))
	r := f.rotate(short, 30*24*time.Hour)
	if !r.Old.ExpireTime.Equal(f.now.Add(time.Minute)) || !r.New.ExpireTime.Equal(f.now.Add(time.Minute)) {
		t.Errorf("rotation %+v of a key that lives for a minute", r)
	}
}

// TestRevokedAfterItsSuccessorWasMade is the way of who replaces keys in good order: with the right to make keys, the new one
// is a key of its own.
func TestRevokedAfterItsSuccessorWasMade(t *testing.T) {
	f := newFixture(t)
	old := f.key("bob", "ml", time.Time{})
	r, err := f.RotateAPIKey(t.Context(), f.ada, "ml", old.ID(), time.Hour)
	must(t, err)
	_, err = f.RevokeAPIKey(t.Context(), f.ada, "ml", old.ID())
	must(t, err)
	f.dead(old)
	f.as(r.Key)
	_, err = f.RotateAPIKey(t.Context(), f.ada, "ml", old.ID(), 0)
	wantReason(t, err, errdefs.FailedPrecondition, "API_KEY_ENDED")
	_, err = f.RotateAPIKey(t.Context(), f.ada, "ml", "0123456789ABCDEF", 0)
	wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")
}

// TestRotatingOthersKeys is against who would get, as a rotated copy, a power that they do not have.
func TestRotatingOthersKeys(t *testing.T) {
	f := newFixture(t)
	bobs := f.key("bob", "ml", time.Time{})
	all := f.ada.Scopes
	eve := identity.Caller{UserID: "eve", APIKeyID: "k2", Scopes: all, Teams: map[string]identity.Role{"ml": identity.RoleMember}}
	denied := func(c identity.Caller, id, reason string) {
		t.Helper()
		before := f.mark()
		_, err := f.RotateAPIKey(t.Context(), c, "ml", id, 0)
		wantReason(t, err, errdefs.PermissionDenied, reason)
		if e := f.entries(before); len(e) != 1 || e[0].Decision != audit.Denied || e[0].Reason != reason {
			t.Errorf("entries %v, want one denial for %s", e, reason)
		}
	}
	denied(eve, bobs.ID(), "PERMISSION_DENIED") // a member, another's key
	runOnly := f.as(f.key("bob", "ml", time.Time{}))
	denied(runOnly, bobs.ID(), "PERMISSION_DENIED") // one's own, with a key that makes none
	readless := f.ada
	readless.Scopes = []identity.Scope{identity.ScopeManage}
	denied(readless, bobs.ID(), "SCOPE_EXCEEDED")

	// A key of bob's that acts in ops too, where the admin of ml has no say.
	_, err := f.CreateTeam(t.Context(), f.ada, "ops")
	must(t, err)
	_, err = f.CreateMember(t.Context(), f.withTeams("ops"), "ops", "bob", identity.RoleMember)
	must(t, err)
	bob := identity.Caller{UserID: "bob", Scopes: all, Teams: map[string]identity.Role{"ml": identity.RoleMember, "ops": identity.RoleMember}}
	wide, err := apikey.Generate()
	must(t, err)
	f.change(func(w store.Writer) error {
		k, err := w.APIKey(t.Context(), bobs.ID())
		must(t, err)
		k.ID, k.Hash, k.OtherTeams = wide.ID(), wide.Hash(), []string{"ops"}
		return w.CreateAPIKey(t.Context(), k)
	})
	denied(f.ada, wide.ID(), "PERMISSION_DENIED")
	r, err := f.RotateAPIKey(t.Context(), bob, "ml", wide.ID(), 0)
	must(t, err)
	if c := f.as(r.Key); !c.MemberOf("ml") || !c.MemberOf("ops") {
		t.Errorf("the rotated key acts in %v", c.Teams)
	}
}

// withTeams is ada as an admin of another team too.
func (f *fixture) withTeams(team string) identity.Caller {
	c := f.ada
	c.Teams = map[string]identity.Role{"ml": identity.RoleAdmin, team: identity.RoleAdmin}
	return c
}

// TestOperatorsKeyRotates is the only way to replace a key that belongs to no team.
func TestOperatorsKeyRotates(t *testing.T) {
	f := newFixture(t)
	old := f.key("ada", "", time.Time{})
	before := f.mark()
	r := f.rotate(old, 0)
	f.dead(old)
	if c := f.as(r.Key); !c.Operator || c.Team != "" || !c.MemberOf("ml") {
		t.Errorf("the operator's new key is %+v", c)
	}
	if e := f.entries(before); len(e) != 2 || e[0].Team != "" || e[0].Resource != "apiKeys/"+old.ID() {
		t.Errorf("entries %v", e)
	}
}

func TestRotationNeedsRoom(t *testing.T) {
	f := newFixture(t)
	first := f.key("bob", "ml", time.Time{})
	for range 99 {
		f.key("bob", "ml", time.Time{})
	}
	_, err := f.RotateAPIKey(t.Context(), f.as(first), "", "", time.Hour)
	wantReason(t, err, errdefs.ResourceExhausted, "TOO_MANY_API_KEYS")
	f.as(first) // nothing happened
	f.rotate(first, 0)
}
