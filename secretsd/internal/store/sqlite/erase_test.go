package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// TestErasedWhileSomebodyReads destroys a team in the middle of a long read, which keeps its bytes in the write-ahead log,
// and expects Tidy to take them away when that has ended.
func TestErasedWhileSomebodyReads(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer func() { noError(t, s.Close()) }()
	wrapped := bytes.Repeat([]byte("wrapped!"), 20)
	ctx := t.Context()
	change := func(fn func(store.Writer) error) {
		noError(t, s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
			return []audit.Entry{{Action: "test", Decision: audit.Allowed}}, fn(w)
		}))
	}
	left := func() bool {
		files, err := filepath.Glob(filepath.Join(dir, "secretsd.db*"))
		noError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			noError(t, err)
			if bytes.Contains(text, wrapped) {
				return true
			}
		}
		return false
	}
	change(func(w store.Writer) error {
		return w.CreateTeam(ctx, secret.Team{ID: "ml"}, secret.WrappedDEK{KEKID: "k", Ciphertext: wrapped})
	})
	noError(t, s.View(ctx, func(r store.Reader) error {
		if _, err := r.Members(ctx, "ml", "", 1); err != nil { // not from what is kept in memory: it has a snapshot
			return err
		}
		change(func(w store.Writer) error { return w.DestroyTeam(ctx, "ml", time.Unix(1, 0)) })
		if !left() {
			t.Error("the bytes are gone although somebody reads: the test says nothing")
		}
		if err := s.Tidy(ctx); err == nil {
			t.Error("Tidy says that all is erased while somebody reads")
		}
		return nil
	}))
	noError(t, s.Tidy(ctx))
	if left() {
		t.Error("the bytes are still in the files")
	}
	noError(t, s.Tidy(ctx))
}
