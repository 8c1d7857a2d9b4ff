package daemon_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// refuseWrites makes sandboxd's database refuse a change for which condition holds, until the returned func is called.
func (e *env) refuseWrites(condition string) (allow func()) {
	e.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.StateDir, "sandboxd.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = db.Close() })
	exec := func(query string) {
		if _, err := db.Exec(query); err != nil {
			e.t.Fatal(err)
		}
	}
	exec(`CREATE TRIGGER refused BEFORE UPDATE ON sandboxes WHEN ` + condition + ` BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	return func() { exec(`DROP TRIGGER refused`) }
}

// The tests below have the record of a change fail: nobody may have been told of the change.

func TestRunningIsDurableBeforeItIsAnswered(t *testing.T) {
	e := start(t)
	allow := e.refuseWrites(`NEW.state = 'RUNNING'`)
	_, err := e.tryRun(script("sleep 600"))
	wantError(t, err, errdefs.Internal, "INTERNAL")
	e.nothingLeft()
	allow()
	e.run(script("sleep 600"))
}

func TestExtensionIsDurableBeforeItIsAnswered(t *testing.T) {
	e := start(t)
	s := script("sleep 600")
	s.MaxLifetime = durationpb.New(2 * time.Second)
	sb := e.run(s)
	allow := e.refuseWrites(`NEW.state = 'RUNNING'`)
	_, err := e.extend(sb.GetName(), time.Hour)
	wantError(t, err, errdefs.Internal, "INTERNAL")
	if got := e.get(sb.GetName()); !got.GetExpireTime().AsTime().Equal(sb.GetExpireTime().AsTime()) {
		t.Errorf("it is said to end at %v, not at %v", got.GetExpireTime().AsTime(), sb.GetExpireTime().AsTime())
	}
	allow()
	if ended := e.wait(sb.GetName()); ended.GetReason() != "max lifetime of 2s reached" {
		t.Errorf("ended: %v", ended)
	}
}

// TestEndIsDurableBeforeItIsAnswered: who stops or waits is answered when the end is recorded, and until then everybody is told of the
// state that is.
func TestEndIsDurableBeforeItIsAnswered(t *testing.T) {
	e := start(t)
	sb := e.run(script("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "ready")
	allow := e.refuseWrites(`NEW.state IN ('COMPLETED', 'FAILED')`)
	stopped := make(chan *sandboxv1.Sandbox, 1)
	go func() {
		resp, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName()})
		if err != nil {
			t.Error(err)
		}
		stopped <- resp.GetSandbox()
	}()
	for !strings.Contains(e.Logs(), "a sandbox's end can't be recorded; trying again") {
		select {
		case got := <-stopped:
			t.Fatalf("answered: %v", got)
		default:
		}
	}
	if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_STOPPING || got.GetReason() != "stopped by ada" || got.ExitCode != nil {
		t.Errorf("before it is recorded: %v", got)
	}
	allow()
	if got := <-stopped; got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || got.GetExitCode() != 7 {
		t.Errorf("stopped: %v", got)
	}
}

// TestStoppingThatCantBeRecorded is not told to anybody, and the sandbox is stopped all the same.
func TestStoppingThatCantBeRecorded(t *testing.T) {
	e := start(t)
	sb := e.run(script("trap 'sleep 0.3; exit 7' TERM; echo ready; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "ready")
	e.refuseWrites(`NEW.state = 'STOPPING'`)
	done := make(chan *sandboxv1.Sandbox, 1)
	go func() { done <- e.stop(sb.GetName()) }()
	for {
		select {
		case got := <-done:
			if got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || got.GetExitCode() != 7 || got.GetReason() != "stopped by ada" {
				t.Errorf("stopped: %v", got)
			}
			return
		default:
			if got := e.get(sb.GetName()); got.GetState() == sandboxv1.SandboxState_SANDBOX_STATE_STOPPING {
				t.Fatalf("told of what is not recorded: %v", got)
			}
		}
	}
}

func TestTombstonesAreBoundedForEachTeam(t *testing.T) {
	e := start(t, withRetained(3))
	var names []string
	for i := range 5 {
		sb := e.run(script(fmt.Sprint("echo ", i)))
		e.wait(sb.GetName())
		names = append(names, sb.GetName())
	}
	running := e.run(spec())
	e.Restart() // it begins with clearing up
	deadline := time.Now().Add(20 * time.Second)
	for len(e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true})) > 4 && time.Now().Before(deadline) {
	}
	var left []string
	for _, sb := range e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true}) {
		left = append([]string{sb.GetName()}, left...)
	}
	want := append(names[2:], running.GetName())
	if fmt.Sprint(left) != fmt.Sprint(want) {
		t.Errorf("left: %v, want %v", left, want)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		logs, err := filepath.Glob(filepath.Join(e.StateDir, "logs", "*.log"))
		if err != nil {
			t.Fatal(err)
		}
		if len(logs) == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("logs: %v", logs)
		}
	}
}

func withRetained(perTeam int) sandboxdtest.Option {
	return sandboxdtest.WithConfig(func(c *config.Config) { c.RetainEndedPerTeam = perTeam })
}
