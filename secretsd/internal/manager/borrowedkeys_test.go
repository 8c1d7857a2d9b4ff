package manager_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

// made is a key that one caller makes for a user.
func (f *fixture) made(as identity.Caller, user string, scopes ...identity.Scope) apikey.Key {
	f.t.Helper()
	_, key, err := f.CreateAPIKey(f.t.Context(), as, manager.NewAPIKey{Team: "ml", UserID: user, Scopes: scopes})
	must(f.t, err)
	return key
}

// TestAdminsKeyOfAnOwner is against an admin who made a key for a member who became an owner since: it is the owner's by its
// user, and must not end the keys that the owner acts as one with.
func TestAdminsKeyOfAnOwner(t *testing.T) {
	f := newFixture(t)
	for user, role := range map[string]identity.Role{"mallory": identity.RoleAdmin, "bob": identity.RoleMember} {
		_, err := f.CreateMember(t.Context(), f.ada, "ml", user, role)
		must(t, err)
	}
	own := f.made(f.ada, "bob", f.ada.Scopes...)
	mallory := f.as(f.made(f.ada, "mallory", f.ada.Scopes...))
	borrowed, another := f.made(mallory, "bob", f.ada.Scopes...), f.made(mallory, "bob", f.ada.Scopes...)
	_, err := f.UpdateMember(t.Context(), f.ada, "ml", "bob", identity.RoleOwner)
	must(t, err)

	_, err = f.RevokeAPIKey(t.Context(), f.as(borrowed), "ml", own.ID())
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = f.RotateAPIKey(t.Context(), f.as(borrowed), "ml", own.ID(), 0)
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	if c := f.as(own); c.Teams["ml"] != identity.RoleOwner {
		t.Errorf("bob acts as %s by the key of his own", c.Teams["ml"])
	}
	// What the admin made is another matter, and so is all that bob does as himself.
	_, err = f.RevokeAPIKey(t.Context(), f.as(borrowed), "ml", another.ID())
	must(t, err)
	_, err = f.RotateAPIKey(t.Context(), f.as(own), "ml", borrowed.ID(), 0)
	must(t, err)
	_, err = f.RevokeAPIKey(t.Context(), f.as(own), "ml", own.ID())
	must(t, err)
}

// TestExchangedKeyIsNotCombined is against a job's key that gets its team into one that outlives the trust.
func TestExchangedKeyIsNotCombined(t *testing.T) {
	f, issuer := withIssuer(t)
	f.teams("ops")
	calling := f.ownKey("ops", "ci", runManage...)
	o := f.github(issuer)
	o.ID, o.Scopes = "strong", runManage
	_, err := f.CreateOIDCTrust(t.Context(), f.ada, o)
	must(t, err)
	_, exchanged, err := f.ExchangeToken(t.Context(), "", "ml", "strong", issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)), 0)
	must(t, err)
	_, _, err = f.CreateAPIKey(t.Context(), f.as(calling), manager.NewAPIKey{Team: "ops", OtherKeys: []apikey.Key{exchanged}})
	wantReason(t, err, errdefs.PermissionDenied, "OTHER_KEYS_REFUSED")
}

// TestThiefRotatesAServicesKey is TestThiefRotates with a key whose scopes would let it make keys, and whose role does not.
func TestThiefRotatesAServicesKey(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateMember(t.Context(), f.ada, "ml", "ci", identity.RoleService)
	must(t, err)
	stolen := f.made(f.ada, "ci", runManage...)
	r := f.rotate(stolen, time.Hour)
	_, err = f.RevokeAPIKey(t.Context(), f.ada, "ml", stolen.ID())
	must(t, err)
	f.dead(r.Key)
}

// TestTrustOfAnOwner is against an admin who ends an owner's keys by the trust that they were exchanged under.
func TestTrustOfAnOwner(t *testing.T) {
	f, issuer := withIssuer(t)
	_, err := f.CreateMember(t.Context(), f.ada, "ml", "mallory", identity.RoleAdmin)
	must(t, err)
	o := f.github(issuer)
	o.ID, o.UserID = "owners", "ada"
	_, err = f.CreateOIDCTrust(t.Context(), f.ada, o)
	must(t, err)
	mallory := f.as(f.made(f.ada, "mallory", f.ada.Scopes...))
	before := f.mark()
	_, err = f.DeleteOIDCTrust(t.Context(), mallory, "ml", "owners")
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	if e := f.entries(before); len(e) != 1 || e[0].Action != "trust.delete" || e[0].Reason != "PERMISSION_DENIED" {
		t.Errorf("entries %v, want one denial", e)
	}
	for id, as := range map[string]identity.Caller{"app": mallory, "owners": f.ada} {
		_, err = f.DeleteOIDCTrust(t.Context(), as, "ml", id)
		must(t, err)
	}
}

// TestOwnerByATokenIsNone: a key that was exchanged makes no keys, so an owner with nothing else is none who could go on.
func TestOwnerByATokenIsNone(t *testing.T) {
	f, issuer := withIssuer(t)
	o := f.github(issuer)
	o.ID, o.UserID = "owners", "bob"
	_, err := f.CreateMember(t.Context(), f.ada, "ml", "bob", identity.RoleOwner)
	must(t, err)
	_, err = f.CreateOIDCTrust(t.Context(), f.ada, o)
	must(t, err)
	_, _, err = f.ExchangeToken(t.Context(), "", "ml", "owners", issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)), 0)
	must(t, err)
	wantReason(t, f.DeleteMember(t.Context(), f.ada, "ml", "ada"), errdefs.FailedPrecondition, "LAST_OWNER")
	_, _, err = f.CreateAPIKey(t.Context(), f.ada, manager.NewAPIKey{Team: "ml", UserID: "bob"})
	must(t, err)
	must(t, f.DeleteMember(t.Context(), f.ada, "ml", "ada"))
}
