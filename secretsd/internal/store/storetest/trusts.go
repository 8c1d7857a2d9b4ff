package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// simpleKey is a key of ada's in team ml.
func simpleKey(id string) secret.APIKey {
	return secret.APIKey{
		ID: id, Hash: [32]byte{1}, UserID: "ada", Team: "ml", Scopes: []identity.Scope{identity.ScopeRun}, CreateTime: epoch,
	}
}

func testRotatedKeys(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	old, next, fork := simpleKey("old"), simpleKey("next"), simpleKey("fork")
	next.RotatedFrom, next.Heir, fork.RotatedFrom = "old", true, "old"
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.ExpireAPIKey(ctx, "nope", epoch), errdefs.NotFound, "API_KEY_NOT_FOUND")
		return errors.Join(w.CreateAPIKey(ctx, old), w.ExpireAPIKey(ctx, "old", epoch.Add(time.Hour)), w.CreateAPIKey(ctx, next))
	})
	if err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateAPIKey(ctx, fork) }); err == nil {
		t.Error("a key has two successors")
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		old.ExpireTime = epoch.Add(time.Hour)
		got, err := r.APIKey(ctx, "old")
		noError(t, err)
		equal(t, "the old key", got, old)
		got, there, err := r.Successor(ctx, "old")
		noError(t, err)
		equal(t, "its successor", got, next)
		equal(t, "there", there, true)
		_, there, err = r.Successor(ctx, "next")
		equal(t, "there", there, false)
		return err
	})
}

func testKeyUses(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	change(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.CreateAPIKey(ctx, simpleKey("a")), w.CreateAPIKey(ctx, simpleKey("b")))
	})
	minute := epoch.Truncate(time.Minute)
	record := func(uses ...secret.KeyUse) { t.Helper(); noError(t, s.RecordKeyUses(t.Context(), uses)) }
	record()
	record(secret.KeyUse{ID: "a", Time: minute.Add(time.Minute)}, secret.KeyUse{ID: "gone", Time: minute})
	record(secret.KeyUse{ID: "a", Time: minute}) // late
	view(t, s, func(ctx context.Context, r store.Reader) error {
		a, err := r.APIKey(ctx, "a")
		noError(t, err)
		equal(t, "last use", a.LastUseTime, minute.Add(time.Minute))
		b, err := r.APIKey(ctx, "b")
		equal(t, "unused", b.LastUseTime, time.Time{})
		return err
	})
}

// trust is one of team ml's that stands for ada.
func trust(id string) secret.OIDCTrust {
	return secret.OIDCTrust{
		Team: "ml", ID: id, Issuer: "https://issuer.example", Audience: "casemate", Subject: "repo:*", UserID: "ada",
		Claims: map[string]string{"kubernetes.io/namespace": "ml", "ref": "**"}, Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeRead},
		MaxTTL: 10 * time.Minute, Reusable: true, Personal: true, Description: "CI", CreateTime: epoch,
	}
}

func testOIDCTrusts(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	bare, bobs, elsewhere := trust("a"), trust("c"), trust("a")
	bare.Claims, bare.Reusable, bare.Personal, bare.Description, bobs.UserID, elsewhere.Team = nil, false, false, "", "bob", "ops"
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.EnsureUser(ctx, secret.User{ID: "bob", CreateTime: epoch}))
		noError(t, w.CreateMember(ctx, secret.Member{Team: "ml", UserID: "bob", Role: identity.RoleMember, CreateTime: epoch}))
		for _, o := range []secret.OIDCTrust{trust("b"), bare, bobs, elsewhere} {
			noError(t, w.CreateOIDCTrust(ctx, o))
		}
		return nil
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateOIDCTrust(ctx, trust("b")) })
	wantReason(t, err, errdefs.AlreadyExists, "OIDC_TRUST_EXISTS")
	list := func(after string, limit int, want ...secret.OIDCTrust) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.OIDCTrusts(ctx, "ml", after, limit)
			equal(t, "trusts", got, want)
			return err
		})
	}
	list("", 2, bare, trust("b"))
	list("b", 2, bobs)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.OIDCTrust(ctx, "ml", "b")
		noError(t, err)
		equal(t, "trust", got, trust("b"))
		_, err = r.OIDCTrust(ctx, "ops", "b")
		wantReason(t, err, errdefs.NotFound, "OIDC_TRUST_NOT_FOUND")
		n, err := r.CountOIDCTrusts(ctx, "ml")
		equal(t, "trusts", n, 3)
		return err
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.DeleteOIDCTrust(ctx, "ops", "b"), errdefs.NotFound, "OIDC_TRUST_NOT_FOUND")
		return errors.Join(w.DeleteOIDCTrust(ctx, "ml", "b"), w.DeleteMember(ctx, "ml", "bob"))
	})
	list("", 9, bare) // bob's went with bob
}

func testExchangedKeys(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	key := func(id, trust string, expires time.Duration) secret.APIKey {
		k := simpleKey(id)
		k.Trust, k.Subject, k.ExpireTime = trust, "repo:a/b", epoch.Add(expires)
		return k
	}
	valid, expired, other, made := key("valid", "ci", 2*time.Hour), key("expired", "ci", -time.Hour), key("other", "cd", time.Hour), simpleKey("made")
	made.ExpireTime = epoch.Add(-time.Hour)
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for _, k := range []secret.APIKey{valid, expired, other, made} {
			noError(t, w.CreateAPIKey(ctx, k))
		}
		use := func(issuer, id string, want bool) {
			first, err := w.UseToken(ctx, issuer, id, epoch)
			noError(t, err)
			equal(t, "first use of "+issuer+id, first, want)
		}
		use("i", "1", true)
		use("i", "1", false)
		use("i", "2", true)
		use("j", "1", true) // ids are their issuer's own
		return nil
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		n, err := r.CountExchangedKeys(ctx, "ml", "ci", epoch)
		noError(t, err)
		equal(t, "valid keys of the trust", n, 1)
		n, err = r.CountAPIKeys(ctx, "ml", "ada", epoch.Add(-2*time.Hour))
		noError(t, err)
		equal(t, "keys that were made", n, 1)
		got, err := r.APIKey(ctx, "valid")
		equal(t, "key", got, valid)
		return err
	})
	forget := func(before time.Time, limit, want int) {
		t.Helper()
		n, err := s.Forget(t.Context(), before, limit)
		noError(t, err)
		equal(t, "forgotten", n, want)
	}
	forget(epoch.Add(-2*time.Hour), 10, 0)
	forget(epoch.Add(-time.Minute), 10, 1)  // the expired key
	forget(epoch.Add(90*time.Minute), 2, 3) // the other trust's key, and two of the three tokens
	forget(epoch.Add(90*time.Minute), 2, 1)
	change(t, s, func(ctx context.Context, w store.Writer) error {
		revoked, err := w.RevokeExchangedKeys(ctx, "ml", "ci", epoch)
		valid.RevokeTime = epoch
		equal(t, "revoked", revoked, []secret.APIKey{valid})
		return err
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		list, err := r.APIKeys(ctx, "ml", "", secret.KeyPosition{}, 10)
		equal(t, "what is left", list, []secret.APIKey{valid, made})
		return err
	})
}
