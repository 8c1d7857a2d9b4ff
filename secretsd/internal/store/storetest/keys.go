package storetest

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// sealedBy is a ciphertext as a data key of that id makes it.
func sealedBy(t testing.TB, dekID string) []byte {
	t.Helper()
	id, err := hex.DecodeString(dekID)
	noError(t, err)
	return append(append([]byte{1}, id...), make([]byte, 40)...)
}

func testKeys(t *testing.T, s store.Store) {
	const oldKey, newKey = "0102030a", "fffefdfc"
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for uid, team := range map[string]string{"u1": "ml", "u2": "ml", "u3": "ops"} {
			x := secret.Secret{UID: uid, Team: team, Name: uid, CreateTime: epoch, UpdateTime: epoch}
			noError(t, w.CreateSecret(ctx, x))
			v := secret.Version{Number: 1, State: secret.Enabled, CreateTime: epoch}
			noError(t, w.CreateVersion(ctx, x, v, sealedBy(t, oldKey)))
			v.Number, v.State, v.DestroyTime = 2, secret.Destroyed, epoch
			noError(t, w.CreateVersion(ctx, x, v, nil))
		}
		return nil
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		v, err := r.Version(ctx, secret.Secret{UID: "u1"}, 1)
		noError(t, err)
		equal(t, "data key of a version", v.DataKeyID, oldKey)
		v, err = r.Version(ctx, secret.Secret{UID: "u1"}, 2)
		noError(t, err)
		equal(t, "data key of a destroyed version", v.DataKeyID, "")
		return nil
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		list, err := w.SealedByOthers(ctx, "ml", newKey, secret.SealedVersion{}, 10)
		noError(t, err)
		old := []secret.SealedVersion{
			{SecretUID: "u1", Number: 1, Ciphertext: sealedBy(t, oldKey)}, {SecretUID: "u2", Number: 1, Ciphertext: sealedBy(t, oldKey)},
		}
		equal(t, "sealed by others", list, old)
		list, err = w.SealedByOthers(ctx, "ml", newKey, old[0], 10)
		noError(t, err)
		equal(t, "after the first", list, old[1:])
		list, err = w.SealedByOthers(ctx, "ml", newKey, secret.SealedVersion{}, 1)
		noError(t, err)
		equal(t, "limit", list, old[:1])
		list[0].Ciphertext = sealedBy(t, newKey)
		noError(t, w.SetCiphertext(ctx, list[0]))
		if err := w.SetCiphertext(ctx, secret.SealedVersion{SecretUID: "u1", Number: 2, Ciphertext: []byte{1}}); err == nil {
			t.Error("a destroyed version got a ciphertext")
		}
		next := secret.WrappedDEK{KEKID: "k2", Ciphertext: []byte("next")}
		wantReason(t, w.SetWrappedDEK(ctx, "nope", next, false), errdefs.NotFound, "TEAM_NOT_FOUND")
		return w.SetWrappedDEK(ctx, "ml", next, true)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for key, want := range map[string][2]int64{oldKey: {2, 1}, newKey: {2, 1}, "": {2, 2}} {
			versions, others, err := r.CountSealed(ctx, "ml", key)
			noError(t, err)
			equal(t, "versions not under "+key, [2]int64{versions, others}, want)
		}
		for kek, want := range map[string][2]int64{"k": {2, 1}, "k2": {2, 1}, "k3": {2, 2}} {
			teams, others, err := r.CountWrapped(ctx, kek)
			noError(t, err)
			equal(t, "teams not under "+kek, [2]int64{teams, others}, want)
		}
		list, err := r.WrappedByOthers(ctx, "k2", 10)
		noError(t, err)
		equal(t, "wrapped by others", list, []string{"ops"})
		list, err = r.RotatingTeams(ctx, 10)
		noError(t, err)
		equal(t, "rotating", list, []string{"ml"})
		team, err := r.Team(ctx, "ml")
		noError(t, err)
		equal(t, "revision", team.Revision, int64(1))
		dek, err := r.WrappedDEK(ctx, "ml")
		equal(t, "wrapped", dek, secret.WrappedDEK{KEKID: "k2", Ciphertext: []byte("next")})
		return err
	})
}

func testDestroyTeam(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	x := secret.Secret{UID: "u1", Team: "ml", Name: "A", CreateTime: epoch, UpdateTime: epoch}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.CreateSecret(ctx, x),
			w.CreateVersion(ctx, x, secret.Version{Number: 1, State: secret.Enabled, CreateTime: epoch}, sealedBy(t, "01020304")))
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.DestroyTeam(ctx, "nope", epoch), errdefs.NotFound, "TEAM_NOT_FOUND")
		return w.DestroyTeam(ctx, "ml", epoch)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		_, err := r.Team(ctx, "ml")
		wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")
		_, err = r.WrappedDEK(ctx, "ml")
		wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")
		_, err = r.Secret(ctx, "ml", "A")
		wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
		_, err = r.Ciphertext(ctx, x, 1)
		wantReason(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")
		members, err := r.CountMembers(ctx, "ml")
		noError(t, err)
		equal(t, "members", members, 0)
		teams, err := r.Teams(ctx, "", 10)
		noError(t, err)
		equal(t, "teams", teams, []secret.Team{{ID: "ops", CreateTime: epoch}})
		all, others, err := r.CountWrapped(ctx, "k")
		noError(t, err)
		equal(t, "wrapped", [2]int64{all, others}, [2]int64{1, 0})
		return nil
	})
	for range 2 { // a deleted team can't be made, changed or deleted again
		err := tryChange(t, s, func(ctx context.Context, w store.Writer) error {
			return w.CreateTeam(ctx, secret.Team{ID: "ml", CreateTime: epoch}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte("x")})
		})
		wantReason(t, err, errdefs.AlreadyExists, "TEAM_DELETED")
		err = tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.DestroyTeam(ctx, "ml", epoch) })
		wantReason(t, err, errdefs.NotFound, "TEAM_NOT_FOUND")
	}
}
