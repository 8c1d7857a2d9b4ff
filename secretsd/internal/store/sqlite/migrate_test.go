package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// TestKeysFromBeforeTheyActedInSeveralTeams opens a database whose keys were stored when each acted in one team.
func TestKeysFromBeforeTheyActedInSeveralTeams(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	noError(t, err)
	_, err = p.UpTo(t.Context(), 1)
	noError(t, err)
	_, err = db.ExecContext(t.Context(), `
		INSERT INTO users VALUES ('ada', 1, 1);
		INSERT INTO teams VALUES ('ml', 1, 'k', x'00');
		INSERT INTO api_keys VALUES ('own', zeroblob(32), 'ada', 'ml', 'run', '', 2, NULL, NULL);
		INSERT INTO api_keys VALUES ('root', zeroblob(32), 'ada', NULL, 'run', '', 3, NULL, NULL);`)
	noError(t, err)
	noError(t, db.Close())

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
