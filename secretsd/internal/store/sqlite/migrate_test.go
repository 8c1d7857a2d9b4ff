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
			{ID: "own", UserID: "ada", Team: "ml", Scopes: run, CreateTime: own.CreateTime},
			{ID: "root", UserID: "ada", Scopes: run, CreateTime: root.CreateTime},
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
