package daemon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// losePower leaves of a stopped sandboxd and its sandboxes what the machine's loss of power does: no process and no cgroup,
// the directories, files that were never synced as they may be, and records of another start of the machine.
func (e *env) losePower(sandboxes ...*sandboxv1.Sandbox) {
	e.t.Helper()
	for i, sb := range sandboxes {
		e.RemoveSandbox(idOf(sb)) // processes and cgroups, and the directory, which is made again
		dir := e.SandboxDir(idOf(sb))
		if err := os.MkdirAll(filepath.Join(dir, "fs", "upper", "etc"), 0o700); err != nil {
			e.t.Fatal(err)
		}
		record, err := json.Marshal(map[string]any{"first_uid": 0x70000000, "pid": os.Getpid(), "start_time": 1, "boot_id": "another"})
		if err != nil {
			e.t.Fatal(err)
		}
		if i%2 == 1 {
			record = make([]byte, 100) // as ext4 leaves what was not written yet
		}
		for _, name := range []string{"record.json", "agent.sock", "fs/upper/etc/passwd"} {
			if err := os.WriteFile(filepath.Join(dir, name), record, 0o600); err != nil {
				e.t.Fatal(err)
			}
		}
	}
	if _, err := e.database().Exec(`UPDATE host SET boot_id = 'another'`); err != nil {
		e.t.Fatal(err)
	}
}

// TestPowerLoss is docs/operations.md's rule: no sandbox outlives the host's restart, each record says why, logs can be read
// as far as they got to the disk, nothing else is left, and new sandboxes run.
func TestPowerLoss(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "gone with the power")
	withSecret := script("echo before; sleep 600")
	withSecret.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	running, idle, stopping, ended := e.run(withSecret), e.run(spec()), e.run(script("sleep 600")), e.run(script("echo done"))
	interrupted := e.run(spec())
	waitForLog(e, running.GetName(), "before\n")
	e.wait(ended.GetName())
	e.Stop()
	db := e.database()
	for query, sb := range map[string]*sandboxv1.Sandbox{
		`UPDATE sandboxes SET state = 'CREATING' WHERE id = ?`:                     interrupted,
		`UPDATE sandboxes SET state = 'STOPPING', reason = 'stopped' WHERE id = ?`: stopping,
	} {
		if _, err := db.Exec(query, idOf(sb)); err != nil {
			t.Fatal(err)
		}
	}
	e.losePower(running, idle, stopping, interrupted)
	log, err := os.OpenFile(filepath.Join(e.StateDir, "logs", idOf(running)+".log", "00000000000000000000"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Write([]byte("half a record")); err != nil {
		t.Fatal(err)
	}
	log.Close()

	e.Restart()
	for _, sb := range []*sandboxv1.Sandbox{running, idle} {
		if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || got.GetReason() != "the host was restarted" || got.GetEndTime() == nil {
			t.Errorf("what ran: %v", got)
		}
	}
	if got := e.get(stopping.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || got.GetReason() != "stopped" {
		t.Errorf("what was stopping: %v", got)
	}
	if got := e.get(ended.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || got.GetExitCode() != 0 {
		t.Errorf("what had ended: %v", got)
	}
	_, err = e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: interrupted.GetName()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: running.GetName()}); got != "before\n" {
		t.Errorf("the log has %q", got)
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	fresh := e.run(script("sleep 600"))
	e.Restart()
	if got := e.get(fresh.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("a new one, after another restart of sandboxd alone: %v", got)
	}
	e.Stop()
	e.RemoveSandbox(idOf(fresh))
	e.Restart()
	if got := e.get(fresh.GetName()); got.GetReason() != "lost while sandboxd was down" {
		t.Errorf("a sandbox that was lost without a restart of the host: %v", got)
	}
}
