package runtimetest

import (
	"fmt"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testOpenFiles opens files until there can be no more.
func testOpenFiles(t *testing.T, s *suite) {
	limits := Limits
	limits.OpenFiles = 300
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	wantResult(t, "the limit", b.Sh("ulimit -Hn; ulimit -Sn"), Result{Stdout: "300\n300\n"})
	if got := b.Sh("ulimit -Hn 301"); got.Code == 0 {
		t.Errorf("the sandbox's root raised the limit: %+v", got)
	}
	for _, kind := range []string{"files", "pipes", "sockets"} {
		var opened int
		got := b.Run("probe", "open", kind)
		if _, err := fmt.Sscanf(got.Stdout, "%d EMFILE\n", &opened); err != nil || opened < 280 || opened > 300 {
			t.Errorf("a process with room for 300 %s: %+v", kind, got)
		}
	}
	// What is under way through a socket is in no process's table: the kernel counts it for the user.
	if s.differs(OOMEndsSandbox) {
		if r, ok := b.runOrEnd("probe", "fly"); ok {
			t.Errorf("files that are sent and not received: %+v", r)
		}
		return
	}
	var flying int
	got := b.Run("probe", "fly")
	if _, err := fmt.Sscanf(got.Stdout, "%d ETOOMANYREFS\n", &flying); err != nil || flying > 1000 {
		t.Errorf("files that are sent and not received: %+v", got)
	}
}

// testAgentWithoutFiles has so many commands run that the agent has no descriptor left. Each is served or refused; what runs goes on, and
// so does the agent.
func testAgentWithoutFiles(t *testing.T, s *suite) {
	limits := Limits
	limits.OpenFiles, limits.Pids = 256, 200
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	var running []*agent.Process
	var refused error
	for len(running) < 150 && refused == nil {
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"cat"}, Stdin: true})
		if refused = err; err == nil {
			running = append(running, p)
		}
	}
	if errdefs.ReasonOf(refused) != "FILE_LIMIT" || len(running) < 20 {
		t.Errorf("after %d commands: %v, want FILE_LIMIT", len(running), refused)
	}
	for i, p := range running {
		mustDo(t, p.Write([]byte("text")))
		mustDo(t, p.CloseStdin())
		wantResult(t, fmt.Sprintf("command %d", i), Collect(t, p), Result{Stdout: "text"})
		mustDo(t, p.Close())
	}
	for { // until what the calls had is closed
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"echo", "room"}})
		if errdefs.ReasonOf(err) == "FILE_LIMIT" {
			continue
		}
		mustDo(t, err)
		defer p.Close()
		wantResult(t, "a command after it", Collect(t, p), Result{Stdout: "room\n"})
		break
	}
	mustDo(t, b.WriteFile(Context(t), "/f", 0, []byte("text")))
}

// testKernelMemory has a program keep memory that is the kernel's and no process's. It gets an error, or is killed, before that is more than the
// sandbox may have.
func testKernelMemory(t *testing.T, s *suite) {
	const most = 32
	limits := Limits
	limits.MemoryBytes = most << 20
	r := s.runtime(t)
	neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	for _, kind := range []string{"pipes", "unix", "udp", "tcp", "shm", "messages", "mqueue", "signals", "names"} {
		b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
		var got Result
		goesOn := true
		if s.differs(OOMEndsSandbox) {
			got, goesOn = b.runOrEnd("probe", "pin", kind)
		} else {
			got = b.Run("probe", "pin", kind)
		}
		wantResult(t, "the neighbour", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
		if !goesOn {
			continue
		}
		t.Logf("%s: %q, code %d, out of memory %v", kind, got.Stdout, got.Code, got.OOMKilled)
		var pinned, pieces int
		_, err := fmt.Sscanf(got.Stdout, "%d MiB in %d", &pinned, &pieces)
		allowed := most
		if kind == "tcp" { // cgroup v1 lets each connection have the least that it can work with
			allowed += pieces * 96 >> 10
		}
		if err == nil && pinned > allowed || err != nil && !got.OOMKilled {
			t.Errorf("%s: the kernel keeps what it should not: %+v", kind, got)
		}
		// On version 2 a killed program's socket buffers may still be counted when the next one wants memory, and then it is the sandbox
		// that ends.
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"echo", "alive"}})
		if err != nil {
			b.wantEndedByOOM()
			continue
		}
		wantResult(t, "a command after it", Collect(t, p), Result{Stdout: "alive\n"})
		_ = p.Close()
	}
}
