package manager_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// A grant by name counts for keys that only the user and owners had a hand in. These tests have others lay hands on keys by
// the ways that make new ones of old ones.

// storedKey stores a key of ml's with all scopes for a member who is there.
func (f *fixture) storedKey(user string, personal bool) apikey.Key {
	f.t.Helper()
	key, err := apikey.Generate()
	must(f.t, err)
	f.change(func(w store.Writer) error {
		return w.CreateAPIKey(f.t.Context(), secret.APIKey{
			ID: key.ID(), Hash: key.Hash(), UserID: user, Team: "ml", Scopes: f.ada.Scopes, Personal: personal, CreateTime: f.now,
		})
	})
	return key
}

// wantPersonal expects that a key is personal or not: by what it may read of what its user is granted by name.
func (f *fixture) wantPersonal(what string, key apikey.Key, want bool) {
	f.t.Helper()
	c := f.as(key)
	err := f.access(c, "OWN")
	if c.Personal != want || (err == nil) != want || !want && errdefs.KindOf(err) != errdefs.PermissionDenied {
		f.t.Errorf("%s: personal is %v, reading says %v; want it personal: %v", what, c.Personal, err, want)
	}
}

// TestRotationMakesNoKeyPersonal has everybody who may rotate a key do so, with keys that are personal and keys that are not.
func TestRotationMakesNoKeyPersonal(t *testing.T) {
	f := newFixture(t)
	for user, role := range map[string]identity.Role{"bob": identity.RoleMember, "mallory": identity.RoleAdmin, "olga": identity.RoleOwner} {
		f.member(user, role)
	}
	f.restricted("OWN", "v")
	f.grant("OWN", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess}})

	for _, test := range []struct {
		by string
		// personal says whether the calling key is; itself, that it is the key that is rotated.
		personal, itself bool
		// keeps says whether a personal key stays one.
		keeps bool
	}{
		{by: "bob", itself: true, personal: true, keeps: true},
		{by: "bob", itself: true},
		{by: "bob", personal: true, keeps: true},
		{by: "bob"}, // by a key of bob's that an admin may hold
		{by: "olga", personal: true, keeps: true},
		{by: "olga"}, // acts as an admin
		{by: "mallory", personal: true},
		{by: "mallory"},
	} {
		for _, was := range []bool{true, false} {
			if test.itself && was != test.personal {
				continue // it is one key
			}
			what := fmt.Sprintf("%+v of a key that is personal: %v", test, was)
			old := f.storedKey("bob", was)
			f.wantPersonal("before "+what, old, was)
			caller, id := f.as(old), ""
			if !test.itself {
				caller, id = f.as(f.storedKey(test.by, test.personal)), old.ID()
			}
			r, err := f.RotateAPIKey(t.Context(), caller, "ml", id, time.Hour)
			must(t, err)
			f.wantPersonal(what, r.Key, was && test.keeps)
			f.wantPersonal("the old one of "+what, old, was)

			// What was lost does not come back, whoever rotates the key next.
			again, err := f.RotateAPIKey(t.Context(), f.as(r.Key), "", "", 0)
			must(t, err)
			f.wantPersonal("rotates itself after "+what, again.Key, was && test.keeps)
			last, err := f.RotateAPIKey(t.Context(), f.ada, "ml", again.New.ID, 0)
			must(t, err)
			f.wantPersonal("the owner rotates after "+what, last.Key, was && test.keeps)
			for _, id := range []string{old.ID(), last.New.ID} {
				must(t, second(f.RevokeAPIKey(t.Context(), f.ada, "ml", id)))
			}
		}
	}
}

// TestExchangedKeysArePersonalByTheirTrust has trusts made by everybody who may: whose tokens stand for bob was for bob or an
// owner to say, or his grants don't count.
func TestExchangedKeysArePersonalByTheirTrust(t *testing.T) {
	f, issuer := withIssuer(t)
	for user, role := range map[string]identity.Role{"bob": identity.RoleAdmin, "mallory": identity.RoleAdmin, "olga": identity.RoleOwner} {
		f.member(user, role)
	}
	f.restricted("OWN", "v")
	f.grant("OWN", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightAccess}})
	for i, test := range []struct {
		by             string
		personal, want bool
	}{
		{by: "bob", personal: true, want: true},
		{by: "bob"}, // by a key of bob's that another admin may hold
		{by: "olga", personal: true, want: true},
		{by: "olga"},
		{by: "mallory", personal: true},
		{by: "mallory"},
	} {
		trust := f.github(issuer)
		trust.ID, trust.UserID, trust.Scopes = fmt.Sprint("t", i), "bob", f.ada.Scopes
		trust.Personal = true // whatever a caller says
		must(t, second(f.CreateOIDCTrust(t.Context(), f.as(f.storedKey(test.by, test.personal)), trust)))
		f.wantPersonal(fmt.Sprintf("trust %+v", test), f.exchanged(issuer, trust.ID), test.want)
	}
}

// TestTrustForAnOwner: an admin makes none for an owner, by whom the admin would become one; and where the user becomes an owner
// later, the keys of an admin's trust stay an admin's.
func TestTrustForAnOwner(t *testing.T) {
	f, issuer := withIssuer(t)
	ctx := t.Context()
	f.member("bob", identity.RoleMember)
	f.member("mallory", identity.RoleAdmin)
	mallory := f.as(f.storedKey("mallory", true))
	trust := f.github(issuer)
	trust.ID, trust.UserID, trust.Scopes = "ada", "ada", f.ada.Scopes
	wantReason(t, second(f.CreateOIDCTrust(ctx, mallory, trust)), errdefs.PermissionDenied, "PERMISSION_DENIED")

	trust.ID, trust.UserID = "bob", "bob"
	must(t, second(f.CreateOIDCTrust(ctx, mallory, trust)))
	must(t, second(f.UpdateMember(ctx, f.ada, "ml", "bob", identity.RoleOwner)))
	c := f.as(f.exchanged(issuer, "bob"))
	if c.Teams["ml"] != identity.RoleAdmin {
		t.Errorf("the key acts as %s", c.Teams["ml"])
	}
	wantReason(t, second(f.CreateMember(ctx, c, "ml", "another", identity.RoleOwner)), errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// exchanged is a key that a good token was exchanged for.
func (f *fixture) exchanged(issuer *oidctest.Issuer, trust string) apikey.Key {
	f.t.Helper()
	token := issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil))
	_, key, err := f.ExchangeToken(f.t.Context(), "", "ml", trust, token, 0)
	must(f.t, err)
	return key
}
