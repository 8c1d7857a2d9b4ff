package manager_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

func TestDeleteTeam(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	home := f.key("bob", "ml", time.Time{})
	ctx := t.Context()
	_, err := f.CreateTeam(ctx, f.ada, "ops")
	must(t, err)
	away, err := f.CreateMember(ctx, identity.Caller{
		UserID: "ada", APIKeyID: "k1", Scopes: f.ada.Scopes, Teams: map[string]identity.Role{"ops": identity.RoleAdmin},
	}, "ops", "bob", identity.RoleMember)
	must(t, err)
	// A key of ops's that acts in ml too.
	other := f.key("bob", "", time.Time{})
	f.change(func(w store.Writer) error {
		return w.CreateAPIKey(ctx, secret.APIKey{
			ID: "wide", UserID: away.UserID, Team: "ops", OtherTeams: []string{"ml"}, Scopes: []identity.Scope{identity.ScopeRun}, CreateTime: f.now,
		})
	})
	member := identity.Caller{
		UserID: "bob", APIKeyID: home.ID(), Team: "ml", Teams: map[string]identity.Role{"ml": identity.RoleMember},
		Scopes: []identity.Scope{identity.ScopeManage},
	}
	_, err = f.DeleteTeam(ctx, member, "ml", "")
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = f.DeleteTeam(ctx, f.ada, "ml", "old")
	wantReason(t, err, errdefs.Aborted, "ETAG_MISMATCH")
	team, err := f.GetTeam(ctx, f.ada, "ml")
	must(t, err)
	before := f.mark()

	at, err := f.DeleteTeam(ctx, f.ada, "ml", team.ETag())
	if err != nil || !at.Equal(f.now) {
		t.Fatalf("DeleteTeam = %v, %v", at, err)
	}
	var actions []string
	for _, e := range f.entries(before) {
		if e.Team != "ml" || e.Decision != audit.Allowed || e.UserID != "ada" {
			t.Errorf("entry %+v", e)
		}
		actions = append(actions, e.Action)
	}
	if !slices.Equal(actions, []string{"team.delete", "key.revoke"}) {
		t.Errorf("entries %v", actions)
	}
	_, err = f.Authenticate(ctx, home, "")
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
	if _, err := f.Authenticate(ctx, other, ""); err != nil {
		t.Errorf("a key without a home team: %v", err)
	}
	must(t, f.store.View(ctx, func(r store.Reader) error {
		wide, err := r.APIKey(ctx, "wide")
		if err != nil || len(wide.OtherTeams) != 0 || !wide.RevokeTime.IsZero() {
			t.Errorf("a key of another team: %+v, %v; want it without ml", wide, err)
		}
		return nil
	}))
	_, err = f.AccessSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A"})
	wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
	for what, err := range map[string]error{
		"GetTeam":       errorOf(f.GetTeam(ctx, f.ada, "ml")),
		"DeleteTeam":    errorOf(f.DeleteTeam(ctx, f.ada, "ml", "")),
		"RotateDataKey": errorOf(f.RotateDataKey(ctx, f.ada, "ml")),
	} {
		if errdefs.ReasonOf(err) != "TEAM_NOT_FOUND" {
			t.Errorf("%s = %v, want TEAM_NOT_FOUND", what, err)
		}
	}
	// A call that was authenticated before is told of the teams that are left.
	late := identity.Caller{UserID: "eve", Teams: map[string]identity.Role{"ml": identity.RoleMember, "ops": identity.RoleMember}}
	if teams, _, err := f.ListTeams(ctx, late, "", 10); err != nil || len(teams) != 1 || teams[0].ID != "ops" {
		t.Errorf("teams %v, %v", teams, err)
	}
	_, err = f.CreateTeam(ctx, f.ada, "ml")
	wantReason(t, err, errdefs.AlreadyExists, "TEAM_DELETED")
	if list, _, err := f.ListAuditEntries(ctx, f.ada, "ml", 0, 1000); err != nil || len(list) == 0 {
		t.Errorf("the team's audit entries: %d, %v", len(list), err)
	}
	if rep, err := f.VerifyAuditLog(ctx, f.ada); err != nil || rep.Broken != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// TestOwnTeamOnly has an owner of one team, who is no operator, delete that one and not another.
func TestOwnTeamOnly(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	_, err := f.CreateTeam(ctx, f.ada, "ops")
	must(t, err)
	owner := identity.Caller{
		UserID: "ada", APIKeyID: "k1", Scopes: []identity.Scope{identity.ScopeManage}, Teams: map[string]identity.Role{"ml": identity.RoleOwner},
	}
	_, err = f.DeleteTeam(ctx, owner, "ops", "")
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	_, err = f.DeleteTeam(ctx, owner, "ml", "")
	must(t, err)
}

// TestCryptoShredding deletes a team and looks for its wrapped data key and its ciphertext in all files of the database;
// then it takes a backup from before, with the key-encryption key of before and with the one that was rotated since.
func TestCryptoShredding(t *testing.T) {
	i := newInstallation(t, 2, 20)
	m, s := i.open(-1, false)
	ctx := t.Context()
	lost, kept := stored(t, s, "team0"), stored(t, s, "team1")
	if len(lost) != 21 || len(kept) != 21 {
		t.Fatalf("%d and %d things are stored", len(lost), len(kept))
	}
	oldKEK, err := os.ReadFile(filepath.Join(i.dir, "kek.json"))
	must(t, err)
	backup := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(i.dir, "secretsd.db"))
	must(t, err)
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, filepath.Join(backup, "secretsd.db"))
	must(t, err)
	must(t, db.Close())
	if n := found(t, i.dir, lost); n != len(lost) {
		t.Fatalf("%d of %d things are in the files before: the test can't see them", n, len(lost))
	}

	_, err = m.DeleteTeam(ctx, i.caller, "team0", "")
	must(t, err)
	if n := found(t, i.dir, lost); n != 0 {
		t.Errorf("%d of %d things of the deleted team are still in the database's files", n, len(lost))
	}
	if n := found(t, i.dir, kept); n != len(kept) {
		t.Errorf("%d of %d things of the other team are in the files", n, len(kept))
	}
	_, err = m.RotateKEK(ctx, i.caller)
	must(t, err)
	must(t, m.Rotate(ctx))
	newKEK, err := os.ReadFile(filepath.Join(i.dir, "kek.json"))
	must(t, err)
	must(t, s.Close())

	if n := opened(t, i, backup, oldKEK); n != len(i.values) {
		t.Errorf("a backup with its key opens %d of %d values: the test says nothing", n, len(i.values))
	}
	if n := opened(t, i, backup, newKEK); n != 0 {
		t.Errorf("a backup without its key opens %d values", n)
	}
}

// stored is the wrapped data key and all ciphertexts of a team.
func stored(t *testing.T, s store.Store, team string) (list [][]byte) {
	t.Helper()
	must(t, s.View(t.Context(), func(r store.Reader) error {
		wrapped, err := r.WrappedDEK(t.Context(), team)
		must(t, err)
		list = append(list, wrapped.Ciphertext)
		sealed, err := r.SealedByOthers(t.Context(), team, "", secret.SealedVersion{}, -1)
		for _, v := range sealed {
			list = append(list, v.Ciphertext)
		}
		return err
	}))
	return list
}

// found returns how many of the things are in the files of a directory.
func found(t *testing.T, dir string, things [][]byte) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		all = append(all, text...)
	}
	for _, thing := range things {
		if bytes.Contains(all, thing) {
			n++
		}
	}
	return n
}

// opened returns how many values a database opens with a key-encryption key.
func opened(t *testing.T, i *installation, dir string, kek []byte) (n int) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, "kek.json"), kek, 0o600))
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "secretsd.db"))
	must(t, err)
	key := func() ([]byte, error) { return []byte(testKey), nil }
	keys := envelope.NewKeyRing(envelope.NewSafe(filepath.Join(dir, "kek.json"), envelope.KeyLock(key)), nil)
	must(t, keys.Unseal(t.Context(), false, nil))
	m := manager.New(manager.Config{Store: s, Keys: keys, Now: time.Now, RequestID: noRequestID})
	for ref, want := range i.values {
		if a, err := m.AccessSecretVersion(t.Context(), i.caller, ref); err == nil && string(a.Value.Reveal()) == want {
			n++
		}
	}
	must(t, s.Close())
	return n
}
