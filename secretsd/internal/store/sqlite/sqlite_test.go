package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
	"github.com/casemate/casemate/secretsd/internal/store/storetest"
)

func open(t testing.TB, dir string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "secretsd.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) { storetest.Run(t, open) }

func TestOneStoreAtATime(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	path := filepath.Join(dir, "secretsd.db")
	if other, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another secretsd has "+path+" open") {
		t.Errorf("a second store: %v, %v", other, err)
	}
	noError(t, s.Close())
	noError(t, open(t, dir).Close())
}
