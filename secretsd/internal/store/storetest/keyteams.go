package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testAPIKeysOfSeveralTeams(t *testing.T, s store.Store) {
	for _, team := range []string{"ml", "ops", "web"} {
		makeTeam(t, s, team)
	}
	key := func(id string, age time.Duration, home string, others ...string) secret.APIKey {
		return secret.APIKey{
			ID: id, Hash: [32]byte{1}, UserID: "ada", Team: home, OtherTeams: others,
			Scopes: []identity.Scope{identity.ScopeRun}, CreateTime: epoch.Add(-age),
		}
	}
	// Of the same age, so that the order is by id; and one that was revoked before.
	wide, alone, back, old := key("k2", 0, "ops", "ml", "web"), key("k1", 0, "ops"), key("k3", 0, "ml", "ops"), key("k4", 1, "ml", "ops")
	old.RevokeTime = epoch
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for _, k := range []secret.APIKey{wide, alone, back, old} {
			noError(t, w.CreateAPIKey(ctx, k))
		}
		return nil
	})
	lists := func(team, user string, want ...secret.APIKey) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			// One a page, so that every place in the list is asked for.
			var got []secret.APIKey
			var after secret.KeyPosition
			for {
				page, err := r.APIKeys(ctx, team, user, after, 1)
				if err != nil || len(page) == 0 {
					equal(t, "keys of "+team, got, want)
					return err
				}
				got = append(got, page...)
				after = secret.KeyPosition{CreateTime: page[0].CreateTime, ID: page[0].ID}
			}
		})
	}
	lists("ops", "", back, wide, alone, old)
	lists("ops", "ada", back, wide, alone, old)
	lists("ops", "bob")
	lists("ml", "", back, wide, old)
	lists("web", "", wide)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.APIKey(ctx, "k2")
		equal(t, "key", got, wide)
		n, cerr := r.CountAPIKeys(ctx, "ml", "ada", epoch)
		noError(t, cerr)
		equal(t, "valid keys", n, 2)
		return err
	})

	// Home: revoked, everywhere. Another team: it goes on without that one. Another user's removal touches neither.
	change(t, s, func(ctx context.Context, w store.Writer) error {
		revoked, err := w.RevokeAPIKeys(ctx, "ml", "bob", epoch)
		noError(t, err)
		equal(t, "revoked of bob", len(revoked), 0)
		revoked, err = w.RevokeAPIKeys(ctx, "ml", "ada", epoch)
		back.RevokeTime = epoch
		equal(t, "revoked", revoked, []secret.APIKey{back})
		return err
	})
	wide.OtherTeams = slices.DeleteFunc(wide.OtherTeams, func(team string) bool { return team == "ml" })
	lists("ml", "", back, old)
	lists("ops", "", back, wide, alone, old)
	lists("web", "", wide)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		n, err := r.CountAPIKeys(ctx, "ops", "ada", epoch)
		equal(t, "valid keys", n, 2)
		return err
	})
}
