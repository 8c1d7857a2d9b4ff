package daemon_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// metric returns a metric's value; 0 where it is not on the page.
func (e *env) metric(name string) float64 {
	e.t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(e.metrics())
	if found == nil {
		return 0
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		e.t.Fatal(err)
	}
	return value
}

func (e *env) reap() {
	e.t.Helper()
	if err := e.Reap(e.t.Context()); err != nil {
		e.t.Errorf("the reaper: %v", err)
	}
}

// database opens sandboxd's records beside it.
func (e *env) database() *sql.DB {
	e.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.StateDir, "sandboxd.db")+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(ON)")
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = db.Close() })
	return db
}

// A removal that fails is made up for by the reaper, while sandboxd goes on.
func TestReaperRemovesWhatCouldNotBeRemoved(t *testing.T) {
	e := start(t)
	sb := e.run(script("echo up; sleep 600"))
	busy := filepath.Join(e.SandboxDir(idOf(sb)), "busy")
	if err := errors.Join(os.Mkdir(busy, 0o700), unix.Mount("tmpfs", busy, "tmpfs", 0, "size=4k")); err != nil {
		t.Fatal(err)
	}
	unmount := sync.OnceValue(func() error { return unix.Unmount(busy, 0) })
	t.Cleanup(func() { _ = unmount() })
	if ended := e.stop(sb.GetName()); ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED {
		t.Errorf("stopped: %v", ended)
	}
	if err := e.Reap(t.Context()); err == nil || !strings.Contains(err.Error(), idOf(sb)) {
		t.Errorf("a pass that can't remove %s: %v", idOf(sb), err)
	}
	if len(e.Leftovers()) == 0 {
		t.Fatal("nothing was left: this test shows nothing")
	}
	if err := unmount(); err != nil {
		t.Fatal(err)
	}
	e.reap()
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	if got := e.metric(`casemate_reaped_total{what="leftovers"}`); got != 1 {
		t.Errorf("counted %v leftovers, want 1", got)
	}
	if !strings.Contains(e.Logs(), "removed what is no sandbox's") {
		t.Error("the log does not say so")
	}
}

// What is recorded or on disk and nobody's: a record whose end could not be written, one whose undoing could not, a log
// without a record.
func TestReaperMakesRecordsAndLogsAgree(t *testing.T) {
	e := start(t)
	lost, undone, runs := e.run(spec()), e.run(spec()), e.run(script("sleep 600"))
	e.stop(lost.GetName())
	e.stop(undone.GetName())
	db := e.database()
	for _, change := range []struct{ id, query string }{
		{idOf(lost), `UPDATE sandboxes SET state = 'RUNNING', end_time = NULL WHERE id = ?`},
		{idOf(undone), `UPDATE sandboxes SET state = 'CREATING', end_time = NULL WHERE id = ?`},
	} {
		if _, err := db.Exec(change.query, change.id); err != nil {
			t.Fatal(err)
		}
	}
	logs := filepath.Join(e.StateDir, "logs")
	if err := os.CopyFS(filepath.Join(logs, "sb-nobodys.log"), os.DirFS(filepath.Join(logs, idOf(runs)+".log"))); err != nil {
		t.Fatal(err)
	}
	e.reap()
	if got := e.get(lost.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || !strings.Contains(got.GetReason(), "nobody knows") {
		t.Errorf("lost: %v", got)
	}
	_, err := e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: undone.GetName()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	if stray, _ := filepath.Glob(filepath.Join(logs, "sb-nobodys*")); len(stray) > 0 {
		t.Errorf("stray logs: %v", stray)
	}
	if got := e.get(runs.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("the one that runs: %v", got)
	}
	if records, logs := e.metric(`casemate_reaped_total{what="record"}`), e.metric(`casemate_reaped_total{what="log"}`); records != 2 || logs != 1 {
		t.Errorf("counted %v records and %v logs, want 2 and 1", records, logs)
	}
	e.stop(runs.GetName())
}

// TestReaperLeavesAloneWhatIsMadeAndEnds runs passes in a tight loop while sandboxes are made and ended in every way: none of
// them fails, and the reaper finds nothing to do.
func TestReaperLeavesAloneWhatIsMadeAndEnds(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "there")
	reaping, stop := context.WithCancel(t.Context())
	passes := make(chan int)
	go func() {
		n := 0
		for ; reaping.Err() == nil; n++ {
			if err := e.Reap(reaping); err != nil && reaping.Err() == nil {
				t.Errorf("a pass: %v", err)
			}
		}
		passes <- n
	}()
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for i := range 15 {
				if err := e.oneLife(worker + i); err != nil {
					t.Errorf("sandbox %d of worker %d: %v", i, worker, err)
				}
			}
		})
	}
	running.Wait()
	stop()
	if n := <-passes; n < 60 {
		t.Errorf("only %d passes were made meanwhile", n)
	}
	for line := range strings.SplitSeq(e.metrics(), "\n") {
		if strings.HasPrefix(line, "casemate_reaped_total") {
			t.Errorf("the reaper took what was not its own: %s", line)
		}
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

// oneLife makes a sandbox, uses it, and lets it end in one of several ways.
func (e *env) oneLife(how int) error {
	ctx := e.t.Context()
	s := script("echo $TOKEN; sleep 600")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	if how%4 == 0 { // the creation fails half-way
		s.User = "nobody-knows-her"
		if _, err := e.tryRun(s); err == nil {
			return errors.New("it was made with a user that does not exist")
		}
		return nil
	}
	sb, err := e.tryRun(s)
	if err != nil {
		return err
	}
	resp, err := e.api.Exec(ctx, &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo $TOKEN"}}})
	if err != nil {
		return err
	}
	if string(resp.GetStdout()) != "there\n" {
		return fmt.Errorf("exec prints %q", resp.GetStdout())
	}
	switch how % 4 {
	case 1:
		_, err = e.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: sb.GetName()})
	case 2:
		_, err = e.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()})
	case 3:
		e.KillAgent(idOf(sb))
		_, err = e.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: sb.GetName()})
	}
	return err
}

// within runs do up to three times, each on a sandbox of its own, until it took no longer than limit: one hiccup of a busy
// machine is no finding, three are.
func within(t *testing.T, limit time.Duration, do func() time.Duration) {
	t.Helper()
	var took []time.Duration
	for range 3 {
		d := do()
		if d <= limit {
			return
		}
		took = append(took, d)
	}
	t.Errorf("took %v, want at most %v", took, limit)
}

// A death is seen within a second: of the agent, and of the main process, both killed from the host.
func TestADeathIsSeenWithinASecond(t *testing.T) {
	e := start(t)
	ending := func(sb *sandboxv1.Sandbox, pid int) (time.Duration, *sandboxv1.Sandbox) {
		began := time.Now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		ended := e.wait(sb.GetName())
		return time.Since(began), ended
	}
	t.Run("agent", func(t *testing.T) {
		within(t, time.Second, func() time.Duration {
			sb := e.run(script("sleep 600"))
			took, ended := ending(sb, e.AgentPid(idOf(sb)))
			if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || ended.GetReason() != "the sandbox's agent ended unexpectedly" {
				t.Errorf("ended: %v", ended)
			}
			return took
		})
	})
	t.Run("main process", func(t *testing.T) {
		within(t, time.Second, func() time.Duration {
			sb := e.run(script("exec sleep 600"))
			took, ended := ending(sb, childOf(t, e.AgentPid(idOf(sb))))
			if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetExitCode() != 128+int32(syscall.SIGKILL) {
				t.Errorf("ended: %v", ended)
			}
			return took
		})
	})
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

// childOf returns the one child of a process, by its number on the host.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil || len(tasks) == 0 {
		t.Fatalf("the agent's threads: %v, %v", tasks, err)
	}
	var all []byte
	for _, task := range tasks {
		children, err := os.ReadFile(task)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, children...)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(all)))
	if err != nil {
		t.Fatalf("the agent's children: %q", all)
	}
	return child
}

// An agent that was stopped is not a dead one: the sandbox is RUNNING, what is in it may go on when the agent does, and it is
// ended only when that takes too long.
func TestAHungAgentIsToldFromADeadOne(t *testing.T) {
	// Long enough for a healthy agent on a busy machine, short enough to wait for.
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.AgentSilence = 3 * time.Second }))
	hung, healthy := e.run(script("sleep 600")), e.run(spec())
	e.SignalAgent(idOf(hung), syscall.SIGSTOP)
	e.reap()
	if got := e.get(hung.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("after one pass: %v", got)
	}
	if got := e.metric(`casemate_damaged_sandboxes{what="agent"}`); got != 1 {
		t.Errorf("%v agents are counted that do not answer, want 1", got)
	}
	if !strings.Contains(e.Logs(), "a sandbox's agent lives and does not answer") {
		t.Error("the log does not say so")
	}

	e.SignalAgent(idOf(hung), syscall.SIGCONT)
	e.reap()
	if got := e.metric(`casemate_damaged_sandboxes{what="agent"}`); got != 0 {
		t.Errorf("%v agents are counted that do not answer, want 0", got)
	}
	if got := e.shell(hung.GetName(), "echo back"); got != "back" {
		t.Errorf("an agent that goes on answers %q", got)
	}

	e.SignalAgent(idOf(hung), syscall.SIGSTOP)
	e.reap()
	e.reap() // the first took as long as an agent may be silent
	ended := e.wait(hung.GetName())
	if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || ended.GetReason() != "the sandbox's agent did not answer for 3s" {
		t.Errorf("ended: %v", ended)
	}
	if got := e.shell(healthy.GetName(), "echo well"); got != "well" {
		t.Errorf("the healthy one says %q", got)
	}
	e.stop(healthy.GetName())
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

// A sandbox whose agent was stopped can still be ended.
func TestASandboxWithAHungAgentCanBeStopped(t *testing.T) {
	e := start(t)
	sb := e.run(script("sleep 600"))
	e.SignalAgent(idOf(sb), syscall.SIGSTOP)
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Error(err)
	}
	e.nothingLeft()
}
