package sqlite_test

import (
	"path/filepath"
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
