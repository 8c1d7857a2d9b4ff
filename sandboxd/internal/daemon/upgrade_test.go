package daemon_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestRecordsOfAnOlderSandboxd starts on a database that a sandboxd with the first two migrations wrote, see
// sandboxd/internal/store/testdata: every record is there with all that it said, and what ran is known to be lost.
func TestRecordsOfAnOlderSandboxd(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.RetainEnded = 100 * 365 * 24 * time.Hour }))
	e.Stop()
	old, err := os.ReadFile("../store/testdata/sandboxd-2.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sandboxd.db-wal", "sandboxd.db-shm"} {
		if err := os.Remove(filepath.Join(e.StateDir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(e.StateDir, "sandboxd.db"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	e.Restart()

	const prefix = "teams/red/sandboxes/"
	completed := e.get(prefix + "sb-completed")
	spec := completed.GetSpec()
	switch {
	case completed.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED, completed.GetExitCode() != 7,
		completed.GetEndTime().AsTime() != time.Date(2025, 11, 25, 1, 3, 3, 4, time.UTC),
		spec.GetImage() != "python:3.11", spec.GetCommand()[1] != "60", spec.GetSecrets()[0].GetEnvVar() != "TOKEN",
		spec.GetNetwork().GetAllow()[0].GetCidr() != "198.51.100.0/24", spec.GetTags()[0] != "a", spec.GetEnvironment()["LANG"] != "C":
		t.Errorf("what had completed: %v", completed)
	}
	if got := e.get(prefix + "sb-failed"); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || got.GetReason() != "lost while sandboxd was down" {
		t.Errorf("what had failed: %v", got)
	}
	if got := e.get(prefix + "sb-running"); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || got.GetReason() != "lost while sandboxd was down" {
		t.Errorf("what ran: %v", got)
	}
	_, err = e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: prefix + "sb-creating"})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	if fresh := e.run(script("echo new")); e.wait(fresh.GetName()).GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED {
		t.Errorf("a new one: %v", fresh)
	}
}
