package manager_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// sameAddress compares the addresses of callers.
var sameAddress = cmpopts.EquateComparable(netip.Addr{})

func sprint(args ...any) string { return fmt.Sprintln(args...) }

func TestAuthenticate(t *testing.T) {
	f := newFixture(t)
	key := f.key("bob", "ml", time.Time{})
	got, err := f.Authenticate(t.Context(), key, sandboxd)
	must(t, err)
	want := identity.Caller{
		UserID: "bob", APIKeyID: key.ID(), Team: "ml", Teams: map[string]identity.Role{"ml": identity.RoleMember},
		Scopes: []identity.Scope{identity.ScopeRun}, Peer: sandboxd,
	}
	if d := cmp.Diff(want, got, sameAddress); d != "" {
		t.Errorf("caller (-want +got):\n%s", d)
	}

	stranger, err := apikey.Generate()
	must(t, err)
	_, err = f.Authenticate(t.Context(), stranger, "")
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
}

func TestAuthenticateExpiredRevokedRemoved(t *testing.T) {
	f := newFixture(t)
	key := f.key("bob", "ml", f.now.Add(time.Hour))
	other := f.key("bob", "ml", time.Time{})
	fails := func(k apikey.Key) {
		t.Helper()
		_, err := f.Authenticate(t.Context(), k, "")
		wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
	}
	f.now = f.now.Add(time.Hour - 1)
	_, err := f.Authenticate(t.Context(), key, "")
	must(t, err)
	f.now = f.now.Add(1)
	fails(key)

	_, err = f.RevokeAPIKey(t.Context(), f.ada, "ml", other.ID())
	must(t, err)
	fails(other)

	third := f.key("bob", "ml", time.Time{})
	must(t, f.DeleteMember(t.Context(), f.ada, "ml", "bob"))
	fails(third)
	// Coming back does not bring the old keys back.
	_, err = f.CreateMember(t.Context(), f.ada, "ml", "bob", identity.RoleAdmin)
	must(t, err)
	fails(third)
}

// TestWrongSecretPart takes the id of a key that exists, with another key's secret.
func TestWrongSecretPart(t *testing.T) {
	f := newFixture(t)
	key, err := apikey.Generate()
	must(t, err)
	f.change(func(w store.Writer) error {
		return w.CreateAPIKey(t.Context(), secret.APIKey{
			ID: key.ID(), Hash: [32]byte{1}, UserID: "ada", Team: "ml", Scopes: f.ada.Scopes, CreateTime: f.now, RevokeTime: f.now,
		})
	})
	_, err = f.Authenticate(t.Context(), key, "")
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
	if want := "authenticate: API key " + key.ID() + " is not valid"; err.Error() != want {
		t.Errorf("error %q tells who does not hold the key more than %q", err, want)
	}
}

// TestKeyActsInItsOwnTeamOnly is against an admin who adds a user of another team, or the operator, as a member, makes a
// key for that user, and would be in that other team by it.
func TestKeyActsInItsOwnTeamOnly(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateTeam(t.Context(), f.ada, "ops")
	must(t, err)
	eve := identity.Caller{
		UserID: "eve", APIKeyID: "k2", Scopes: f.ada.Scopes, Teams: map[string]identity.Role{"ml": identity.RoleOwner},
	}
	_, key, err := f.CreateAPIKey(t.Context(), eve, manager.NewAPIKey{Team: "ml", UserID: "ada", Scopes: f.ada.Scopes})
	must(t, err)
	c, err := f.Authenticate(t.Context(), key, "")
	must(t, err)
	if c.Operator || c.MemberOf("ops") || !c.MemberOf("ml") {
		t.Errorf("caller = %+v, want one of team ml and nothing else", c)
	}
}
