package sqlite_test

import (
	"crypto/ed25519"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// TestVerifyFindsTampering changes the stored log in every way that someone with the file can, and expects the first
// entry that is wrong to be named.
func TestVerifyFindsTampering(t *testing.T) {
	const columns = `time, team, user_id, api_key_id, peer, action, resource, decision, reason, sandbox_id, request_id, prev_hash, hash`
	for _, test := range []struct {
		name    string
		tamper  []string
		broken  int64
		entries int64
		detail  string
	}{
		{"untouched", nil, 0, 10, ""},
		{"edit", []string{`UPDATE audit SET user_id = 'eve' WHERE sequence = 4`}, 4, 4, "was changed"},
		{"edit of the decision", []string{`UPDATE audit SET decision = 'DENIED' WHERE sequence = 10`}, 10, 10, "was changed"},
		{"edit of the first", []string{`UPDATE audit SET time = time + 1 WHERE sequence = 1`}, 1, 1, "was changed"},
		{"edit of a hash", []string{`UPDATE audit SET hash = zeroblob(32) WHERE sequence = 6`}, 6, 6, "was changed"},
		{"edit of a link", []string{`UPDATE audit SET prev_hash = zeroblob(32) WHERE sequence = 6`}, 6, 6, "does not link"},
		{"removal", []string{`DELETE FROM audit WHERE sequence = 7`}, 7, 7, "is missing"},
		{"removal of the first", []string{`DELETE FROM audit WHERE sequence = 1`}, 1, 1, "is missing"},
		{"removal, and the rest moved up", []string{
			`DELETE FROM audit WHERE sequence = 7`,
			`UPDATE audit SET sequence = sequence - 1 WHERE sequence > 7`,
		}, 7, 7, "does not link"},
		{"cut out of the middle", []string{`DELETE FROM audit WHERE sequence BETWEEN 3 AND 8`}, 3, 3, "is missing"},
		{"two swapped", []string{
			`UPDATE audit SET sequence = 99 WHERE sequence = 5`,
			`UPDATE audit SET sequence = 5 WHERE sequence = 6`,
			`UPDATE audit SET sequence = 6 WHERE sequence = 99`,
		}, 5, 5, "does not link"},
		{"copy put in", []string{
			`UPDATE audit SET sequence = sequence + 1000 WHERE sequence > 3`,
			`UPDATE audit SET sequence = sequence - 999 WHERE sequence > 1000`,
			`INSERT INTO audit (sequence, ` + columns + `) SELECT 4, ` + columns + ` FROM audit WHERE sequence = 3`,
		}, 4, 4, "does not link"},
		{"put in below the first", []string{
			`PRAGMA ignore_check_constraints = ON`,
			`INSERT INTO audit (sequence, ` + columns + `) SELECT -5, ` + columns + ` FROM audit WHERE sequence = 3`,
		}, 1, 1, "is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			for range 10 {
				noError(t, s.AppendAudit(t.Context(), []audit.Entry{{
					Time: time.Now(), Team: "ml", UserID: "ada", Action: "version.use", Resource: "r", Decision: audit.Allowed,
				}}))
			}
			noError(t, s.Close())
			edit(t, dir, append([]string{`DROP TRIGGER audit_no_update`, `DROP TRIGGER audit_no_delete`}, test.tamper...))

			s = open(t, dir)
			var rep audit.Report
			noError(t, s.View(t.Context(), func(r store.Reader) (err error) {
				rep, err = audit.Verify(t.Context(), r)
				return err
			}))
			noError(t, s.Close())
			if rep.Broken != test.broken || rep.Entries != test.entries || !strings.Contains(rep.Detail, test.detail) {
				t.Errorf("report = %+v, want entry %d of %d read, %q", rep, test.broken, test.entries, test.detail)
			}
		})
	}
}

// TestAuditTablesRefuseOurOwnChanges tries every statement that would change the log, but for the one that removes its start.
func TestAuditTablesRefuseOurOwnChanges(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	var (
		head audit.Head
		prev *audit.Checkpoint
	)
	for range 3 {
		e := audit.Entry{Time: time.Unix(0, 1).UTC(), Action: "a", Decision: audit.Allowed}
		noError(t, s.AppendAudit(t.Context(), []audit.Entry{e}))
		_, head = audit.Link(head, e)
		c := auditlog.Sign(key, head, prev, time.Unix(0, 2))
		noError(t, s.AppendAuditCheckpoint(t.Context(), c))
		prev = &c
	}
	noError(t, s.Close())
	db := raw(t, dir)
	for _, refused := range []struct{ statement, words string }{
		{`UPDATE audit SET user_id = 'x'`, "append-only"},
		{`DELETE FROM audit`, "append-only"},
		{`DELETE FROM audit WHERE sequence = 1`, "append-only"},
		{`UPDATE audit_checkpoints SET time = 1`, "checkpoints of the audit log stay"},
		{`DELETE FROM audit_checkpoints WHERE sequence = 1`, "checkpoints of the audit log stay"},
		{`DELETE FROM audit_start`, "stays"},
		{`INSERT OR REPLACE INTO audit_start VALUES (1, 2)`, "stays"},
		{`INSERT INTO audit_start VALUES (2, 2)`, "stays"},
		{`INSERT OR REPLACE INTO audit_checkpoints SELECT * FROM audit_checkpoints WHERE sequence = 2`, "checkpoints of the audit log stay"},
		{`UPDATE audit_start SET sequence = 7`, "up to a checkpoint"},
		{`UPDATE audit_start SET sequence = 3`, "never all of it"},
		{`UPDATE audit_start SET sequence = -1`, "up to a checkpoint"},
		{`UPDATE audit_start SET one = 2, sequence = 2`, "CHECK"},
	} {
		if _, err := db.ExecContext(t.Context(), refused.statement); err == nil || !strings.Contains(err.Error(), refused.words) {
			t.Errorf("%s = %v, want a refusal with %q", refused.statement, err, refused.words)
		}
	}
	_, err := db.ExecContext(t.Context(), `UPDATE audit_start SET sequence = 1`)
	noError(t, err)
	for _, statement := range []string{
		`DELETE FROM audit`, `DELETE FROM audit_checkpoints`, `UPDATE audit_start SET sequence = 0`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("after a removal: %s is done", statement)
		}
	}
}

// TestDestroyedCiphertextIsGone looks for the bytes in the files themselves.
func TestDestroyedCiphertextIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	sealed := []byte(strings.Repeat("ciphertext-to-be-destroyed ", 400)) // spills to overflow pages
	token := secret.Secret{UID: "u1", Team: "ml", Name: "A", CreateTime: time.Now(), UpdateTime: time.Now(), Revision: 1}
	do := func(fn func(w store.Writer) error) {
		t.Helper()
		noError(t, s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
			return []audit.Entry{{Time: time.Now(), Action: "x", Decision: audit.Allowed}}, fn(w)
		}))
	}
	version := func(n int64) secret.Version {
		return secret.Version{Number: n, State: secret.Enabled, CreateTime: time.Now(), Creator: "ada", Size: 1}
	}
	do(func(w store.Writer) error {
		noError(t, w.CreateTeam(t.Context(), secret.Team{ID: "ml", CreateTime: time.Now()}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte{1}}))
		noError(t, w.EnsureUser(t.Context(), secret.User{ID: "ada", CreateTime: time.Now()}))
		noError(t, w.CreateMember(t.Context(), secret.Member{Team: "ml", UserID: "ada", Role: identity.RoleOwner, CreateTime: time.Now()}))
		noError(t, w.CreateSecret(t.Context(), token))
		noError(t, w.CreateVersion(t.Context(), token, version(1), sealed))
		return w.CreateVersion(t.Context(), token, version(2), sealed)
	})
	if countInFiles(t, dir, "ciphertext-to-be-destroyed") == 0 {
		t.Fatal("the search does not find what is stored")
	}
	do(func(w store.Writer) error {
		v := version(1)
		v.State, v.DestroyTime = secret.Destroyed, time.Now()
		return w.UpdateVersion(t.Context(), token, v)
	})
	do(func(w store.Writer) error { return w.DeleteSecret(t.Context(), token) })
	if n := countInFiles(t, dir, "ciphertext-to-be-destroyed"); n != 0 {
		t.Errorf("destroyed ciphertext is still in the files %d times", n)
	}
	noError(t, s.Close())
}

func TestDatabaseFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	noError(t, s.AppendAudit(t.Context(), []audit.Entry{{Time: time.Now(), Action: "a", Decision: audit.Allowed}}))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	noError(t, err)
	for _, f := range files {
		info, err := os.Stat(f)
		noError(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", filepath.Base(f), info.Mode())
		}
	}
	noError(t, s.Close())
}

func countInFiles(t *testing.T, dir, what string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	noError(t, err)
	for _, f := range files {
		content, err := os.ReadFile(f)
		noError(t, err)
		n += strings.Count(string(content), what)
	}
	return n
}

func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	t.Cleanup(func() { noError(t, db.Close()) })
	return db
}

func edit(t *testing.T, dir string, statements []string) {
	t.Helper()
	db := raw(t, dir)
	db.SetMaxOpenConns(1) // for PRAGMA
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
