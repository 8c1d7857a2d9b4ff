package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testTeams(t *testing.T, s store.Store) {
	for _, id := range []string{"b", "c", "a"} {
		makeTeam(t, s, id)
	}
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error {
		return w.CreateTeam(ctx, secret.Team{ID: "a", CreateTime: epoch}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte("2")})
	})
	wantReason(t, err, errdefs.AlreadyExists, "TEAM_EXISTS")

	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Team(ctx, "a")
		noError(t, err)
		equal(t, "team", got, secret.Team{ID: "a", CreateTime: epoch})
		_, err = r.Team(ctx, "A")
		wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")

		dek, err := r.WrappedDEK(ctx, "a")
		noError(t, err)
		equal(t, "data key", dek, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte("a")})
		_, err = r.WrappedDEK(ctx, "nope")
		wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")

		n, err := r.CountTeams(ctx)
		noError(t, err)
		equal(t, "teams", n, 3)
		page, err := r.Teams(ctx, "", 2)
		noError(t, err)
		equal(t, "first page", []string{page[0].ID, page[1].ID}, []string{"a", "b"})
		page, err = r.Teams(ctx, "b", 2)
		noError(t, err)
		equal(t, "last page", page, []secret.Team{{ID: "c", CreateTime: epoch}})
		return nil
	})
}

func testTeamUpdate(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	want := secret.Team{ID: "ml", CreateTime: epoch, Revision: 1, MaskOutput: true}
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.UpdateTeam(ctx, want) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Team(ctx, "ml")
		noError(t, err)
		equal(t, "team", got, want)
		list, err := r.Teams(ctx, "", 10)
		noError(t, err)
		equal(t, "teams", list, []secret.Team{want, {ID: "ops", CreateTime: epoch}})
		return nil
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.UpdateTeam(ctx, secret.Team{ID: "nope"}) })
	wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")
}

func testMembers(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	bob := secret.Member{Team: "ml", UserID: "bob", Role: identity.RoleMember, CreateTime: epoch}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.EnsureUser(ctx, secret.User{ID: "bob", Operator: true, CreateTime: epoch}))
		noError(t, w.EnsureUser(ctx, secret.User{ID: "bob", CreateTime: epoch.Add(time.Hour)})) // stays as it is
		return w.CreateMember(ctx, bob)
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateMember(ctx, bob) })
	wantReason(t, err, errdefs.AlreadyExists, "MEMBER_EXISTS")

	ada := secret.Member{Team: "ml", UserID: "ada", Role: identity.RoleOwner, CreateTime: epoch}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		u, ok, err := r.User(ctx, "bob")
		noError(t, err)
		equal(t, "user", u, secret.User{ID: "bob", Operator: true, CreateTime: epoch})
		equal(t, "found", ok, true)
		_, ok, err = r.User(ctx, "eve")
		noError(t, err)
		equal(t, "found", ok, false)

		m, err := r.Member(ctx, "ml", "bob")
		noError(t, err)
		equal(t, "member", m, bob)
		_, err = r.Member(ctx, "ops", "bob")
		wantReason(t, err, errdefs.NotFound, "MEMBER_NOT_FOUND")

		list, err := r.Members(ctx, "ml", "", 10)
		noError(t, err)
		equal(t, "members", list, []secret.Member{ada, bob})
		list, err = r.Members(ctx, "ml", "ada", 10)
		noError(t, err)
		equal(t, "second page", list, []secret.Member{bob})

		list, err = r.Memberships(ctx, "ada")
		noError(t, err)
		equal(t, "teams of ada", []string{list[0].Team, list[1].Team}, []string{"ml", "ops"})
		members, err := r.CountMembers(ctx, "ml")
		equal(t, "count", members, 2)
		return err
	})

	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.SetRole(ctx, "ops", "bob", identity.RoleAdmin), errdefs.NotFound, "MEMBER_NOT_FOUND")
		wantReason(t, w.DeleteMember(ctx, "ops", "bob"), errdefs.NotFound, "MEMBER_NOT_FOUND")
		noError(t, w.SetRole(ctx, "ml", "bob", identity.RoleAdmin))
		return w.DeleteMember(ctx, "ml", "ada")
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		bob.Role = identity.RoleAdmin
		list, err := r.Members(ctx, "ml", "", 10)
		equal(t, "members", list, []secret.Member{bob})
		return err
	})
}

func testAPIKeys(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	key := func(id, user string, age time.Duration) secret.APIKey {
		return secret.APIKey{
			ID: id, Hash: [32]byte{1, 2, 3}, UserID: user, Team: "ml", Description: "laptop",
			Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeRead}, CreateTime: epoch.Add(-age),
		}
	}
	k1, k2, k3 := key("k1", "ada", 2), key("k2", "bob", 1), key("k3", "ada", 1)
	k2.ExpireTime = epoch.Add(time.Hour)
	first := secret.APIKey{ID: "k0", UserID: "ada", Scopes: []identity.Scope{identity.ScopeManage}, CreateTime: epoch}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.EnsureUser(ctx, secret.User{ID: "bob", CreateTime: epoch}))
		for _, k := range []secret.APIKey{k1, k2, k3, first} {
			noError(t, w.CreateAPIKey(ctx, k))
		}
		return nil
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for _, want := range []secret.APIKey{k1, k2, first} {
			got, err := r.APIKey(ctx, want.ID)
			noError(t, err)
			equal(t, "key", got, want)
		}
		_, err := r.APIKey(ctx, "nope")
		wantReason(t, err, errdefs.NotFound, "API_KEY_NOT_FOUND")

		list, err := r.APIKeys(ctx, "ml", "", secret.KeyPosition{}, 2)
		noError(t, err)
		equal(t, "newest first", list, []secret.APIKey{k3, k2})
		list, err = r.APIKeys(ctx, "ml", "", secret.KeyPosition{CreateTime: k2.CreateTime, ID: "k2"}, 2)
		noError(t, err)
		equal(t, "second page", list, []secret.APIKey{k1})
		list, err = r.APIKeys(ctx, "ml", "bob", secret.KeyPosition{}, 10)
		noError(t, err)
		equal(t, "of one user", list, []secret.APIKey{k2})

		for at, want := range map[time.Time]int{epoch: 1, k2.ExpireTime: 0} {
			n, err := r.CountAPIKeys(ctx, "ml", "bob", at)
			noError(t, err)
			equal(t, "valid keys", n, want)
		}
		return nil
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.RevokeAPIKey(ctx, "nope", epoch), errdefs.NotFound, "API_KEY_NOT_FOUND")
		noError(t, w.RevokeAPIKey(ctx, "k1", epoch))
		noError(t, w.RevokeAPIKey(ctx, "k1", epoch.Add(time.Hour)))
		revoked, err := w.RevokeAPIKeys(ctx, "ml", "ada", epoch.Add(time.Minute))
		k3.RevokeTime = epoch.Add(time.Minute)
		equal(t, "revoked", revoked, []secret.APIKey{k3})
		return err
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		k1.RevokeTime = epoch
		list, err := r.APIKeys(ctx, "ml", "", secret.KeyPosition{}, 10)
		equal(t, "after revocation", list, []secret.APIKey{k3, k2, k1})
		k0, kerr := r.APIKey(ctx, "k0")
		noError(t, kerr)
		equal(t, "key of no team", k0, first)
		return err
	})
}
