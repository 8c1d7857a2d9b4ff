package native_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

// A range of ids is its sandbox's for as long as anything is left of that, and not longer, whatever became of its record.
func TestARangeIsFreedWithItsSandbox(t *testing.T) {
	cfg := config(t)
	cfg.Ranges = onhost.NewRanges(0, 1)
	r, err := native.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	create := func(id string) error {
		_, err := r.Create(t.Context(), runtime.Config{
			ID: id, Hostname: id, RootFS: runtime.RootFS{Layers: []string{runtimetest.BusyboxRoot(t)}}, Limits: runtimetest.Limits,
		})
		return err
	}
	if err := create("one"); err != nil {
		t.Fatal(err)
	}
	if err := create("two"); errdefs.ReasonOf(err) != "TOO_MANY_SANDBOXES" {
		t.Errorf("a second sandbox in one range: %v", err)
	}
	// What failed to be made has not taken the range of what runs, and gives none back.
	if err := create("one"); errdefs.ReasonOf(err) != "SANDBOX_EXISTS" {
		t.Errorf("a sandbox that is there: %v", err)
	}
	if err := create("two"); errdefs.ReasonOf(err) != "TOO_MANY_SANDBOXES" {
		t.Errorf("a second sandbox in one range, later: %v", err)
	}
	if err := os.WriteFile(filepath.Join(cfg.StateDir, native.Name, "one", "record.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Remove(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := create("two"); err != nil {
		t.Errorf("the range of a sandbox whose record was damaged is lost: %v", err)
	}
	if err := r.Remove(t.Context(), "two"); err != nil {
		t.Error(err)
	}
}
