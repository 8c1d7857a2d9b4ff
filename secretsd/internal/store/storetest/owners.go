package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// testOwners counts those owners who can act as such.
func testOwners(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml") // with ada, an owner without a key
	makeTeam(t, s, "ops")
	key := secret.APIKey{UserID: "ada", Team: "ml", Personal: true, Scopes: []identity.Scope{identity.ScopeManage}, CreateTime: epoch}
	add := func(id string, edit func(*secret.APIKey)) {
		k := key
		k.ID = id
		edit(&k)
		change(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateAPIKey(ctx, k) })
	}
	check := func(what string, want int) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			n, err := r.CountOtherOwners(ctx, "ml", "bob", epoch)
			equal(t, what, n, want)
			return err
		})
	}
	check("without a key", 0)
	add("k1", func(k *secret.APIKey) { k.Personal = false })
	add("k2", func(k *secret.APIKey) { k.ExpireTime = epoch })
	add("k3", func(k *secret.APIKey) { k.RevokeTime = epoch })
	add("k4", func(k *secret.APIKey) { k.Team = "ops" })
	add("k8", func(k *secret.APIKey) { k.Trust = "ci" })
	check("with keys that make no owner", 0)
	add("k5", func(k *secret.APIKey) { k.ExpireTime = epoch.Add(time.Nanosecond) })
	check("with a key", 1)
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.RevokeAPIKey(ctx, "k5", epoch) })
	check("with a key that was revoked", 0)
	add("k6", func(k *secret.APIKey) { k.Team, k.OtherTeams = "ops", []string{"ml"} })
	check("with a key of another team that acts here", 1)
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.RevokeAPIKey(ctx, "k6", epoch))
		return w.CreateAPIKey(ctx, secret.APIKey{ID: "k7", UserID: "ada", Personal: true, Scopes: key.Scopes, CreateTime: epoch})
	})
	check("with an operator's key", 1)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		n, err := r.CountOtherOwners(ctx, "ml", "ada", epoch)
		equal(t, "besides ada", n, 0)
		return err
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		return w.SetRole(ctx, "ml", "ada", identity.RoleAdmin)
	})
	check("of an admin", 0)
}
