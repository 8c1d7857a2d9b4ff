package daemon_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
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

func TestRestartAdoptsWhatRuns(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "still here")
	s := script("trap 'exit 5' TERM; i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.02; done")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	running := e.run(s)
	idle := e.run(spec())
	waitForLog(e, running.GetName(), "tick 1\n")

	e.Restart()

	got := e.get(running.GetName())
	if got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING || !got.GetExpireTime().AsTime().Equal(running.GetExpireTime().AsTime()) {
		t.Errorf("after the restart: %v", got)
	}
	if got := e.shell(running.GetName(), "echo $TOKEN"); got != "still here" {
		t.Errorf("exec sees %q", got)
	}
	if got := e.shell(idle.GetName(), "echo up"); got != "up" {
		t.Errorf("the idle one says %q", got)
	}
	// The log goes on where it was: nothing twice, nothing lost.
	waitForLog(e, running.GetName(), "tick 100\n")
	lines := strings.SplitAfter(e.logs(&sandboxv1.StreamLogsRequest{Name: running.GetName()}), "\n")
	for i, line := range lines[:101] {
		if want := fmt.Sprintf("tick %d\n", i); line != want {
			t.Fatalf("line %d is %q", i, line)
		}
	}
	if stopped := e.stop(running.GetName()); stopped.GetExitCode() != 5 {
		t.Errorf("stopped: %v", stopped)
	}
	e.stop(idle.GetName())
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

func TestMainExitWhileDown(t *testing.T) {
	e := start(t)
	s := script("echo before; while [ ! -e /go ]; do sleep 0.01; done; echo after; exit 6")
	sb := e.run(s)
	waitForLog(e, sb.GetName(), "before")
	// Something inside lets it end when sandboxd is gone.
	e.exec(sb.GetName(), "sh", "-c", "(sleep 0.5; touch /go) >/dev/null 2>&1 &")
	e.Stop()
	time.Sleep(800 * time.Millisecond)
	e.Restart()
	ended := e.wait(sb.GetName())
	if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetExitCode() != 6 {
		t.Errorf("ended: %v", ended)
	}
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()}); got != "before\nafter\n" {
		t.Errorf("log %q", got)
	}
}

func TestLifetimeEndsWhileDown(t *testing.T) {
	e := start(t)
	s := script("sleep 600")
	s.MaxLifetime = durationpb.New(700 * time.Millisecond)
	sb := e.run(s)
	e.Stop()
	time.Sleep(time.Until(sb.GetExpireTime().AsTime()))
	e.Restart()
	if ended := e.wait(sb.GetName()); ended.GetReason() != "max lifetime of 700ms reached" {
		t.Errorf("ended: %v", ended)
	}
}

func TestReconcileMakesRecordsAndHostAgree(t *testing.T) {
	e := start(t)
	interrupted, lost, stopping, forgotten := e.run(script("sleep 600")), e.run(spec()), e.run(script("sleep 600")), e.run(spec())
	e.Stop()

	// What a crash at an unlucky moment leaves.
	db, err := sql.Open("sqlite", filepath.Join(e.StateDir, "sandboxd.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, sb := range map[string]*sandboxv1.Sandbox{
		`UPDATE sandboxes SET state = 'CREATING' WHERE id = ?`:                     interrupted,
		`UPDATE sandboxes SET state = 'STOPPING', reason = 'stopped' WHERE id = ?`: stopping,
		`DELETE FROM sandboxes WHERE id = ?`:                                       forgotten,
		`UPDATE sandboxes SET reason = reason WHERE id = ? AND state = 'RUNNING'`:  lost,
	} {
		if _, err := db.Exec(query, idOf(sb)); err != nil {
			t.Fatal(err)
		}
	}
	e.RemoveSandbox(idOf(lost))
	e.Restart()

	if sb := e.get(lost.GetName()); sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || sb.GetReason() != "lost while sandboxd was down" {
		t.Errorf("lost: %v", sb)
	}
	if sb := e.wait(stopping.GetName()); sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || sb.GetReason() != "stopped" {
		t.Errorf("stopping: %v", sb)
	}
	for _, gone := range []*sandboxv1.Sandbox{interrupted, forgotten} {
		_, err := e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: gone.GetName()})
		wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
		if _, err := os.Stat(filepath.Join(e.StateDir, "logs", idOf(gone)+".log")); !os.IsNotExist(err) {
			t.Errorf("its log: %v", err)
		}
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

func TestRestartAnswersThoseWhoWait(t *testing.T) {
	e := start(t)
	sb := e.run(script("echo up; sleep 600"))
	waiting := make(chan error, 2)
	following := make(chan struct{})
	go func() {
		_, err := e.api.WaitSandbox(t.Context(), &sandboxv1.WaitSandboxRequest{Name: sb.GetName()})
		waiting <- err
	}()
	go func() {
		stream, err := e.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true})
		if err == nil {
			_, err = stream.Recv()
			close(following)
		}
		for err == nil {
			_, err = stream.Recv()
		}
		waiting <- err
	}()
	<-following
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(e.metrics(), `grpc_server_started_total{grpc_method="WaitSandbox",grpc_service="casemate.sandbox.v1.SandboxService",grpc_type="unary"} 1`) {
		select {
		case <-tick.C:
		case err := <-waiting:
			t.Fatal("a call ended before its time: ", err)
		}
	}
	began := time.Now()
	e.Stop()
	for range 2 {
		wantError(t, <-waiting, errdefs.Unavailable, "SANDBOXD_STOPPING")
	}
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("stopping took %v, as if somebody had to be cut off", took)
	}
	e.Restart()
}

func TestStopSandboxesOnExit(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.StopSandboxesOnExit = true }))
	sb := e.run(script("trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "up")
	e.Stop()
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	e.Restart()
	if got := e.get(sb.GetName()); got.GetExitCode() != 3 || got.GetReason() != "sandboxd was stopped" {
		t.Errorf("after the restart: %v", got)
	}
}

func TestEndedRecordsArePruned(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.RetainEnded = 50 * time.Millisecond }))
	sb := e.run(script("echo gone soon"))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, err := e.api.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: sb.GetName()})
		if err != nil {
			wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
			break
		}
	}
	for {
		logs, err := filepath.Glob(filepath.Join(e.StateDir, "logs", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(logs) == 0 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("logs are left: %v", logs)
		}
	}
}

func idOf(sb *sandboxv1.Sandbox) string {
	return sb.GetName()[strings.LastIndex(sb.GetName(), "/")+1:]
}
