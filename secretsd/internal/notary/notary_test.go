package notary_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

// fixture is a notary over a real store in dir, with a clock that stands still.
type fixture struct {
	*notary.Notary
	t     *testing.T
	dir   string
	cfg   notary.Config
	store store.Store
	now   time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)}
	f.cfg = notary.Config{Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), File: filepath.Join(f.dir, "checkpoints"), Now: func() time.Time { return f.now }}
	f.open()
	t.Cleanup(f.close)
	must(t, f.Check(t.Context(), ""))
	return f
}

func (f *fixture) database() string { return filepath.Join(f.dir, "secretsd.db") }

func (f *fixture) open() {
	f.t.Helper()
	s, err := sqlite.Open(context.WithoutCancel(f.t.Context()), f.database())
	must(f.t, err)
	f.store, f.cfg.Store = s, s
	f.Notary = notary.New(f.cfg)
}

func (f *fixture) close() {
	if f.store != nil {
		must(f.t, f.store.Close())
		f.store = nil
	}
}

// restart opens the store again after a change of its file, and checks it.
func (f *fixture) restart(accept string, change func()) error {
	f.t.Helper()
	f.close()
	change()
	f.open()
	return f.Check(f.t.Context(), accept)
}

// add adds n entries, a second apart, and a checkpoint.
func (f *fixture) add(n int) *audit.Checkpoint {
	f.t.Helper()
	f.addUnsigned(n)
	return f.sign()
}

func (f *fixture) addUnsigned(n int) {
	f.t.Helper()
	for range n {
		f.now = f.now.Add(time.Second)
		must(f.t, f.store.AppendAudit(f.t.Context(), []audit.Entry{{
			Time: f.now, Team: "ml", UserID: "ada", APIKeyID: "k", Action: "version.use", Resource: "r", Decision: audit.Allowed,
		}}))
	}
}

func (f *fixture) sign() *audit.Checkpoint {
	f.t.Helper()
	c, err := f.Checkpoint(f.t.Context())
	must(f.t, err)
	return c
}

// sql changes the database past all triggers, as somebody with the file can.
func (f *fixture) sql(statements ...string) func() {
	return func() {
		f.t.Helper()
		db, err := sql.Open("sqlite", f.database())
		must(f.t, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		rows, err := db.QueryContext(f.t.Context(), `SELECT name FROM sqlite_master WHERE type = 'trigger'`)
		must(f.t, err)
		var drops []string
		for rows.Next() {
			var name string
			must(f.t, rows.Scan(&name))
			drops = append(drops, `DROP TRIGGER `+name)
		}
		must(f.t, errors.Join(rows.Err(), rows.Close()))
		for _, q := range append(drops, statements...) {
			if _, err := db.ExecContext(f.t.Context(), q); err != nil {
				f.t.Fatalf("%s: %v", q, err)
			}
		}
	}
}

// rebuild changes an entry and computes the chain after it anew.
func (f *fixture) rebuild(sequence int64, change func(*audit.Entry)) func() {
	return func() {
		f.t.Helper()
		f.sql()()
		db, err := sql.Open("sqlite", f.database())
		must(f.t, err)
		defer db.Close()
		s, err := sqlite.Open(f.t.Context(), f.database())
		must(f.t, err)
		var list []audit.Entry
		must(f.t, s.View(f.t.Context(), func(r store.Reader) (err error) {
			list, err = r.AuditEntries(f.t.Context(), "", sequence-1, 10000)
			return err
		}))
		must(f.t, s.Close())
		head := audit.Head{Sequence: sequence - 1, Hash: list[0].PrevHash}
		for i, e := range list {
			if i == 0 {
				change(&e)
			}
			e, head = audit.Link(head, e)
			_, err := db.ExecContext(f.t.Context(), `UPDATE audit SET user_id = ?, prev_hash = ?, hash = ? WHERE sequence = ?`,
				e.UserID, e.PrevHash[:], e.Hash[:], e.Sequence)
			must(f.t, err)
		}
	}
}

func eve(e *audit.Entry) { e.UserID = "eve" }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// nothing is no change.
func nothing() {}

func TestCheckpoints(t *testing.T) {
	f := newFixture(t)
	if c := f.sign(); c != nil {
		t.Errorf("an empty log is signed: %+v", c)
	}
	first := f.add(3)
	if first.Sequence != 3 || !first.Time.Equal(f.now) || !first.SignedBy(f.PublicKey()) || first.PrevHash != [32]byte{} {
		t.Errorf("first checkpoint %+v", first)
	}
	f.now = f.now.Add(time.Hour)
	if c := f.sign(); *c != *first {
		t.Errorf("a log without new entries is signed again: %+v", c)
	}
	second := f.add(1)
	if second.Sequence != 4 || second.PrevHash != first.Hash() {
		t.Errorf("second checkpoint %+v", second)
	}
	f.addUnsigned(2)
	rep, err := f.Verify(t.Context())
	must(t, err)
	if rep.Broken != 0 || rep.Entries != 6 || rep.Checkpoints != 2 || rep.Signed.Sequence != 4 || !rep.UnsignedSince.Equal(f.now.Add(-time.Second)) {
		t.Errorf("report %+v", rep)
	}
	must(t, f.restart("", nothing))
	f.sign()
	if got := f.inFile(f.cfg.File); len(got) != 3 || got[0] != 3 || got[1] != 4 || got[2] != 6 {
		t.Errorf("the file has checkpoints of %v", got)
	}
}

// inFile returns the sequences of a file's checkpoints.
func (f *fixture) inFile(path string) (sequences []int64) {
	f.t.Helper()
	h, err := os.Open(path)
	must(f.t, err)
	defer h.Close()
	list, err := auditlog.ReadCheckpoints(h)
	must(f.t, err)
	for _, c := range list {
		sequences = append(sequences, c.Sequence)
	}
	return sequences
}

// TestStartFindsLosses changes the database between two starts: 12 entries with checkpoints at 4, 8 and 12, and 2 that are
// not signed yet. What a start does not look at, a verification does.
func TestStartFindsLosses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(f *fixture) func()
		start  string // what the start says; empty: it starts
		broken int64  // where the verification finds it
	}{
		{"nothing", func(*fixture) func() { return nothing }, "", 0},
		{"an old entry edited", func(f *fixture) func() { return f.sql(`UPDATE audit SET user_id = 'eve' WHERE sequence = 6`) }, "", 6},
		{"an old entry edited, and the chain computed anew", func(f *fixture) func() { return f.rebuild(6, eve) }, "entry 12 has another hash than was signed", 5},
		{"the signed entry edited", func(f *fixture) func() { return f.rebuild(12, eve) }, "entry 12 has another hash than was signed", 9},
		{"an unsigned entry edited", func(f *fixture) func() { return f.sql(`UPDATE audit SET user_id = 'eve' WHERE sequence = 13`) }, "entry 13 was changed", 13},
		{"an unsigned entry removed", func(f *fixture) func() { return f.sql(`DELETE FROM audit WHERE sequence = 13`) }, "entry 13 is missing", 13},
		{"cut off", func(f *fixture) func() { return f.sql(`DELETE FROM audit WHERE sequence > 10`) }, "entry 12, which a checkpoint signs, is missing", 11},
		{"cut off with its checkpoints", func(f *fixture) func() {
			return f.sql(`DELETE FROM audit WHERE sequence > 8`, `DELETE FROM audit_checkpoints WHERE sequence > 8`)
		}, "entry 12, which a checkpoint signs, is missing", 9},
		{"cut off, and written anew", func(f *fixture) func() {
			return func() {
				f.sql(`DELETE FROM audit WHERE sequence > 8`, `DELETE FROM audit_checkpoints WHERE sequence > 8`)()
				f.open()
				f.addUnsigned(6)
				f.close()
			}
		}, "entry 12 has another hash than was signed", 9},
		{"emptied", func(f *fixture) func() { return f.sql(`DELETE FROM audit`, `DELETE FROM audit_checkpoints`) }, "entry 12, which a checkpoint signs, is missing", 1},
		{"the start cut off", func(f *fixture) func() {
			return f.sql(`DELETE FROM audit WHERE sequence <= 4`, `DELETE FROM audit_checkpoints WHERE sequence < 4`)
		}, "", 1},
		{"last checkpoint removed", func(f *fixture) func() { return f.sql(`DELETE FROM audit_checkpoints WHERE sequence = 12`) }, "the checkpoint at entry 12 is missing", 9},
		{"old checkpoint removed", func(f *fixture) func() { return f.sql(`DELETE FROM audit_checkpoints WHERE sequence = 8`) }, "", 5},
		{"checkpoint edited", func(f *fixture) func() {
			return f.sql(`UPDATE audit_checkpoints SET time = time + 1 WHERE sequence = 12`)
		}, "its signature is not right", 9},
		{"checkpoint of a strange key", func(f *fixture) func() { return f.sql(`UPDATE audit_checkpoints SET key_id = 'f' WHERE sequence = 12`) }, "signed by key f, which is none of those", 9},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.add(4)
			f.add(4)
			f.add(4)
			f.addUnsigned(2)
			err := f.restart("", test.change(f))
			if test.start == "" {
				must(t, err)
			} else if err == nil || !strings.Contains(err.Error(), test.start) {
				t.Errorf("the start says %v, want %q", err, test.start)
			}
			rep, err := f.Verify(t.Context())
			must(t, err)
			if rep.Broken != test.broken {
				t.Errorf("broken at %d (%s), want %d", rep.Broken, rep.Detail, test.broken)
			}
		})
	}
}

// TestNothingBrokenIsSigned edits an entry that is not signed yet while secretsd runs.
func TestNothingBrokenIsSigned(t *testing.T) {
	f := newFixture(t)
	f.add(2)
	f.addUnsigned(3)
	f.sql(`UPDATE audit SET user_id = 'eve' WHERE sequence = 4`)()
	var loss *notary.LossError
	if c, err := f.Checkpoint(t.Context()); !errors.As(err, &loss) || !strings.Contains(err.Error(), "entry 4 was changed") {
		t.Errorf("checkpoint %v, %v; want a loss", c, err)
	}
	if got := f.inFile(f.cfg.File); len(got) != 1 {
		t.Errorf("the file has checkpoints of %v", got)
	}
}

// TestAcceptedLoss starts after a loss that the operator has named, and no other one.
func TestAcceptedLoss(t *testing.T) {
	for name, change := range map[string]func(f *fixture) func(){
		"put back": func(f *fixture) func() {
			return f.sql(`DELETE FROM audit WHERE sequence > 8`, `DELETE FROM audit_checkpoints WHERE sequence > 8`)
		},
		"rebuilt": func(f *fixture) func() { return f.rebuild(6, eve) },
		"edited":  func(f *fixture) func() { return f.sql(`UPDATE audit SET user_id = 'eve' WHERE sequence = 14`) },
		"cut off": func(f *fixture) func() { return f.sql(`DELETE FROM audit WHERE sequence > 10`) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.add(4)
			f.add(4)
			signed := f.add(4)
			f.addUnsigned(2)
			accept := fmt.Sprintf("%x", signed.Hash())
			wrong := fmt.Sprintf("%x", signed.PrevHash)
			err := f.restart(wrong, change(f))
			if err == nil || !strings.Contains(err.Error(), "audit.accept_loss: "+accept) {
				t.Fatalf("with another loss accepted: %v", err)
			}
			must(t, f.restart(accept, nothing))
			f.addUnsigned(10)
			newest := f.sign()
			if newest.Sequence <= 12 {
				t.Errorf("newest checkpoint %+v", newest)
			}
			var entries []audit.Entry
			must(t, f.store.View(t.Context(), func(r store.Reader) (err error) {
				entries, err = r.AuditEntries(t.Context(), "", 8, 100)
				return err
			}))
			said := false
			for _, e := range entries {
				said = said || e.Action == "audit.accept_loss" && e.Resource == "auditCheckpoints/12" && e.UserID == ""
			}
			if !said {
				t.Error("no entry says that a loss was accepted")
			}
			// From here on all is as ever, without that setting too.
			must(t, f.restart("", nothing))
			f.add(2)
			must(t, f.restart("", nothing))
			if err := f.restart(accept, f.rebuild(newest.Sequence, eve)); err == nil {
				t.Error("the next loss was accepted with the one before")
			}
		})
	}
}

func TestFileOfCheckpoints(t *testing.T) {
	f := newFixture(t)
	f.add(2)
	f.add(2)
	content, err := os.ReadFile(f.cfg.File)
	must(t, err)

	// A crash in the middle of a write.
	must(t, f.restart("", func() { must(t, os.WriteFile(f.cfg.File, content[:len(content)-7], 0o600)) }))
	f.sign()
	if again, err := os.ReadFile(f.cfg.File); err != nil || string(again) != string(content) {
		t.Errorf("after a torn write the file is\n%s%v", again, err)
	}
	// The file is away while secretsd runs, and comes back.
	must(t, os.Rename(f.cfg.File, f.cfg.File+".away"))
	f.addUnsigned(1)
	if _, err := f.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "checkpoint_file") {
		t.Errorf("without its file: %v", err)
	}
	must(t, os.Rename(f.cfg.File+".away", f.cfg.File))
	f.sign()
	if got := f.inFile(f.cfg.File); len(got) != 3 || got[2] != 5 {
		t.Errorf("the file has checkpoints of %v", got)
	}
	// It is away at a start.
	err = f.restart("", func() { must(t, os.Remove(f.cfg.File)) })
	if err == nil || !strings.Contains(err.Error(), "install -m 600 /dev/null "+f.cfg.File) {
		t.Errorf("a start without the file: %v", err)
	}
	must(t, f.restart("", func() { must(t, os.WriteFile(f.cfg.File, nil, 0o600)) }))
	f.sign()
	if got := f.inFile(f.cfg.File); len(got) != 3 {
		t.Errorf("a new file has checkpoints of %v", got)
	}
	if err := f.restart("", func() { must(t, os.WriteFile(f.cfg.File, []byte("x\n"), 0o600)) }); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
		t.Errorf("a start with another file: %v", err)
	}
	must(t, os.WriteFile(f.cfg.File, append([]byte("x\n"), content...), 0o600))
	if _, err := f.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "line 1 is damaged") {
		t.Errorf("a verification with a damaged file: %v", err)
	}
}

func TestFormerKeys(t *testing.T) {
	f := newFixture(t)
	f.add(2)
	old := f.PublicKey()
	f.cfg.Key = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	if err := f.restart("", nothing); err == nil || !strings.Contains(err.Error(), "none of those to be trusted") {
		t.Errorf("a start with another key: %v", err)
	}
	f.cfg.FormerKeys = []ed25519.PublicKey{old}
	must(t, f.restart("", nothing))
	f.add(2)
	rep, err := f.Verify(t.Context())
	must(t, err)
	if rep.Broken != 0 || rep.Checkpoints != 2 || rep.Signed.KeyID != auditlog.KeyID(f.PublicKey()) {
		t.Errorf("report %+v", rep)
	}
}
