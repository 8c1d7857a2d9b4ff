package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// before makes a database as it was at a version of the schema, with what the statements put in.
func before(t *testing.T, dir string, version int64, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	noError(t, err)
	_, err = p.UpTo(t.Context(), version)
	noError(t, err)
	_, err = db.ExecContext(t.Context(), statements)
	noError(t, err)
	noError(t, db.Close())
}

// TestKeysFromBeforeTheyActedInSeveralTeams opens a database whose keys were stored when each acted in one team.
func TestKeysFromBeforeTheyActedInSeveralTeams(t *testing.T) {
	dir := t.TempDir()
	before(t, dir, 1, `
		INSERT INTO users VALUES ('ada', 1, 1);
		INSERT INTO teams VALUES ('ml', 1, 'k', x'00');
		INSERT INTO api_keys VALUES ('own', zeroblob(32), 'ada', 'ml', 'run', '', 2, NULL, NULL);
		INSERT INTO api_keys VALUES ('root', zeroblob(32), 'ada', NULL, 'run', '', 3, NULL, NULL);`)
	s := open(t, dir)
	defer func() { noError(t, s.Close()) }()
	noError(t, s.View(t.Context(), func(r store.Reader) error {
		own, err := r.APIKey(t.Context(), "own")
		noError(t, err)
		root, err := r.APIKey(t.Context(), "root")
		noError(t, err)
		run := []identity.Scope{identity.ScopeRun}
		if d := cmp.Diff([]secret.APIKey{
			{ID: "own", UserID: "ada", Team: "ml", Scopes: run, CreateTime: own.CreateTime, Personal: true},
			{ID: "root", UserID: "ada", Scopes: run, CreateTime: root.CreateTime, Personal: true},
		}, []secret.APIKey{own, root}); d != "" {
			t.Errorf("keys (-want +got):\n%s", d)
		}
		list, err := r.APIKeys(t.Context(), "ml", "", secret.KeyPosition{}, 10)
		if d := cmp.Diff([]secret.APIKey{own}, list); d != "" {
			t.Errorf("keys of ml (-want +got):\n%s", d)
		}
		return err
	}))
}

// TestAdminsFromBeforeThereWereOwners opens a database from before: each team's admins are its owners now.
func TestAdminsFromBeforeThereWereOwners(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	noError(t, err)
	_, err = p.UpTo(t.Context(), 2)
	noError(t, err)
	_, err = db.ExecContext(t.Context(), `
		INSERT INTO users VALUES ('ada', 0, 1), ('bob', 0, 1), ('eve', 0, 1);
		INSERT INTO teams VALUES ('ml', 1, 'k', x'00'), ('ops', 1, 'k', x'00');
		INSERT INTO members VALUES ('ml', 'ada', 'admin', 2), ('ml', 'bob', 'admin', 3), ('ml', 'eve', 'member', 4), ('ops', 'eve', 'admin', 5);
		INSERT INTO secrets VALUES ('u1', 'ml', 'A', '', '{}', 1, 1, 1, 0);`)
	noError(t, err)
	noError(t, db.Close())

	s := open(t, dir)
	noError(t, s.View(t.Context(), func(r store.Reader) error {
		roles := map[string]identity.Role{}
		for _, team := range []string{"ml", "ops"} {
			list, err := r.Members(t.Context(), team, "", 10)
			noError(t, err)
			for _, m := range list {
				roles[m.Team+"/"+m.UserID] = m.Role
			}
		}
		want := map[string]identity.Role{
			"ml/ada": identity.RoleOwner, "ml/bob": identity.RoleOwner, "ml/eve": identity.RoleMember, "ops/eve": identity.RoleOwner,
		}
		if d := cmp.Diff(want, roles); d != "" {
			t.Errorf("roles (-want +got):\n%s", d)
		}
		a, err := r.Secret(t.Context(), "ml", "A")
		if a.Restricted || a.Injection.BrokerOnly || a.Granted {
			t.Errorf("secret %+v, want one that is as open as before", a)
		}
		return err
	}))
	noError(t, s.Close())
	db = raw(t, dir)
	var indexes int
	noError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_schema WHERE name = 'members_by_user'`).Scan(&indexes))
	if indexes != 1 {
		t.Error("the members are not indexed by user any more")
	}
}

// TestSecretsFromBeforeTheirLifecycle opens a database whose secrets were stored without expiry, aliases and the like.
func TestSecretsFromBeforeTheirLifecycle(t *testing.T) {
	dir := t.TempDir()
	before(t, dir, 2, `
		INSERT INTO teams VALUES ('ml', 1, 'k', x'00');
		INSERT INTO secrets VALUES ('u1', 'ml', 'A', 'd', '{"env":"prod"}', 5, 6, 7, 2);
		INSERT INTO versions VALUES ('u1', 1, 'DESTROYED', 5, 6, 'ada', 0, NULL);
		INSERT INTO versions VALUES ('u1', 2, 'DISABLED', 6, NULL, 'ada', 3, x'0102');`)
	s := open(t, dir)
	defer func() { noError(t, s.Close()) }()
	noError(t, s.View(t.Context(), func(r store.Reader) error {
		ctx := t.Context()
		a, err := r.Secret(ctx, "ml", "A")
		noError(t, err)
		at := func(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
		if d := cmp.Diff(secret.Secret{
			UID: "u1", Team: "ml", Name: "A", Description: "d", Labels: map[string]string{"env": "prod"},
			CreateTime: at(5), UpdateTime: at(6), Revision: 7, LatestVersion: 2,
		}, a); d != "" {
			t.Errorf("secret (-want +got):\n%s", d)
		}
		versions, err := r.Versions(ctx, a, 0, 10)
		noError(t, err)
		if d := cmp.Diff([]secret.Version{
			{Number: 2, State: secret.Disabled, CreateTime: at(6), Creator: "ada", Size: 3, Revision: 1},
			{Number: 1, State: secret.Destroyed, CreateTime: at(5), DestroyTime: at(6), Creator: "ada", Revision: 1},
		}, versions); d != "" {
			t.Errorf("versions (-want +got):\n%s", d)
		}
		sealed, err := r.Ciphertext(ctx, a, 2)
		if string(sealed) != "\x01\x02" {
			t.Errorf("ciphertext %x", sealed)
		}
		return err
	}))
}
