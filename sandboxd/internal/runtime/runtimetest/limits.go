package runtimetest

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func testMemoryLimit(t *testing.T, s *suite) {
	r := s.runtime(t)
	limits := Limits
	limits.MemoryBytes = 64 << 20
	if s.differs(OOMEndsSandbox) {
		wantOOMEnd(t, r, NewBox(t, r, limits, s.root).Configured(agent.Config{}))
		limits.MemoryBytes = sandbox.MinMemoryBytes
		b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
		wantResult(t, "killed by a signal", b.Sh("kill -9 $$"), Result{Code: 137})
		wantEnded(t, r, b, false)
		return
	}
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	wantResult(t, "a plain kill", b.Sh("kill -9 $$"), Result{Code: 137})
	wantResult(t, "a command that wants four times the limit", b.Run("probe", "eat", "256"), Result{Code: 137, OOMKilled: true})
	// A shell says of a child that was killed what it would say of itself.
	r2 := b.Sh("probe eat 256; exit $?")
	if r2.Code != 137 || !r2.OOMKilled {
		t.Errorf("a shell whose child wants four times the limit: %+v", r2)
	}
	wantResult(t, "a plain kill after those", b.Sh("kill -9 $$"), Result{Code: 137})
	wantResult(t, "a command after it", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
	wantEnded(t, r, b, true)

	// What is written to a file system in memory counts too. It is no process's own, so the kernel goes by the mark alone that
	// says whom to end first; the agent sets it right after the start, which a loaded machine can delay.
	b = NewBox(t, r, limits, s.root).Configured(agent.Config{})
	const marked = "until [ $(cat /proc/self/oom_score_adj) = 500 ]; do :; done; exec head -c 268435456 /dev/zero >/dev/shm/f"
	if _, err := b.StartMain(Context(t), []string{"sh", "-c", marked}); err != nil {
		t.Fatal(err)
	}
	if code, err := b.WaitMain(Context(t)); code != 137 || err != nil {
		t.Errorf("a main process that wants four times the limit: %d, %v, want exit 137", code, err)
	}
	wantEnded(t, r, b, true)

	limits.MemoryBytes = sandbox.MinMemoryBytes // which is enough for the agent and a small program
	b = NewBox(t, r, limits, s.root).Configured(agent.Config{})
	wantResult(t, "killed by a signal", b.Sh("kill -9 $$"), Result{Code: 137})
	wantEnded(t, r, b, false)
}

// wantOOMEnd: all of the sandbox ends when a command wants far more than the limit, and says why; a neighbour goes on.
func wantOOMEnd(t *testing.T, r runtime.Runtime, b *Box) {
	t.Helper()
	neighbour := NewBox(t, r, b.limits, b.layers...).Configured(agent.Config{})
	wantResult(t, "a plain kill", b.Sh("kill -9 $$"), Result{Code: 137})
	// A file system in memory takes no more than half of it.
	if r := b.Sh("head -c 268435456 /dev/zero >/dev/shm/f"); r.Code != 1 || r.OOMKilled {
		t.Errorf("writing four times the limit: %+v", r)
	}
	wantResult(t, "a command after it", b.Sh("rm /dev/shm/f; echo alive"), Result{Stdout: "alive\n"})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"probe", "eat", "512"}})
	mustDo(t, err)
	defer p.Close()
	if e, err := p.Recv(); err == nil {
		t.Errorf("a command that wants eight times the limit: %+v", e)
	}
	b.wantEndedByOOM()
	wantResult(t, "a neighbour's command", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
}

// wantEndedByOOM waits for the end of a sandbox that has taken too much.
func (b *Box) wantEndedByOOM() {
	b.t.Helper()
	select {
	case <-b.Done():
	case <-Context(b.t).Done():
		b.t.Fatal("the sandbox goes on")
	}
	if got, want := b.Ended(), (runtime.Ended{OOMKilled: true}); got != want {
		b.t.Errorf("it ended as %+v, want %+v", got, want)
	}
}

// runOrEnd runs a command that may take so much that all of the sandbox ends; false when it did.
func (b *Box) runOrEnd(argv ...string) (Result, bool) {
	b.t.Helper()
	p, err := b.Exec(Context(b.t), agent.ExecRequest{Argv: argv})
	mustDo(b.t, err)
	defer p.Close()
	e, err := p.Recv()
	if err != nil {
		b.wantEndedByOOM()
		return Result{}, false
	}
	rest := Collect(b.t, p)
	rest.Stdout = string(e.Data) + rest.Stdout
	return rest, true
}

// wantEnded ends a sandbox and checks what its runtime says of it.
func wantEnded(t *testing.T, r runtime.Runtime, b *Box, oomKilled bool) {
	t.Helper()
	mustDo(t, r.Remove(Context(t), b.ID()))
	<-b.Done()
	if got, want := b.Ended(), (runtime.Ended{OOMKilled: oomKilled}); got != want {
		t.Errorf("it ended as %+v, want %+v", got, want)
	}
}

// testCPULimit can take longer on a busy machine, and not much less: what a command uses beyond its share before the kernel
// notices, it pays for with later waiting.
func testCPULimit(t *testing.T, s *suite) {
	limits := Limits
	limits.CPUMillis = 200
	r := s.runtime(t)
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	if s.differs(CPUTimeWaits) {
		wantLess(t, b, NewBox(t, r, Limits, s.root).Configured(agent.Config{}))
		return
	}
	took, err := time.ParseDuration(b.probe("burn", "400"))
	mustDo(t, err)
	if took < time.Second {
		t.Errorf("400 ms of a fifth of a processor took %v, want 2 s or so", took)
	}
}

// wantLess: of two that work at the same time, less gets less than half as much done. On a busy machine both may for a while
// get little, so it is asked for several times.
func wantLess(t *testing.T, less, more *Box) {
	t.Helper()
	done := func(b *Box) <-chan float64 {
		n := make(chan float64, 1)
		go func() {
			f, _ := strconv.ParseFloat(b.probe("count", "1000"), 64)
			n <- f
		}()
		return n
	}
	for range 10 {
		l, m := done(less), done(more)
		if a, b := <-l, <-m; a > 0 && a < b/2 {
			return
		}
	}
	t.Error("a fifth of a processor gets as much done as two")
}

func testPidLimit(t *testing.T, s *suite) {
	r := s.runtime(t)
	limits := Limits
	limits.Pids = 24
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	bomb, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"probe", "forks"}})
	mustDo(t, err)
	defer bomb.Close()
	e, err := bomb.Recv()
	mustDo(t, err)
	var forks int64
	if _, err := fmt.Sscanf(string(e.Data), "%d EAGAIN\n", &forks); err != nil || forks < limits.Pids/4 || forks >= limits.Pids {
		t.Errorf("a fork bomb with room for %d says %q", limits.Pids, e.Data)
	}
	_, err = b.Exec(Context(t), agent.ExecRequest{Argv: []string{"true"}})
	wantReason(t, "one more command", err, "PROCESS_LIMIT")
	_, err = b.StartMain(Context(t), []string{"true"})
	wantReason(t, "a main process", err, "PROCESS_LIMIT")
	wantResult(t, "a neighbour's command", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
	// The agent itself has room to act.
	mustDo(t, b.WriteFile(Context(t), "/f", 0, []byte("text")))
	b.wantFile("/f", "text")
	mustDo(t, bomb.Signal(9))
	if r := Collect(t, bomb); r.Code != 137 {
		t.Errorf("the bomb: %+v", r)
	}
	for { // until the dead have left their cgroup
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"echo", "room"}})
		if errdefs.ReasonOf(err) == "PROCESS_LIMIT" {
			continue
		}
		mustDo(t, err)
		defer p.Close()
		wantResult(t, "a command after it", Collect(t, p), Result{Stdout: "room\n"})
		return
	}
}

// testInvalidConfigs asks for sandboxes that can't be: each is refused, for a reason, and leaves nothing.
func testInvalidConfigs(t *testing.T, s *suite) {
	r := s.runtime(t)
	file := filepath.Join(t.TempDir(), "file")
	WriteFile(t, file, "no directory")
	before := hostState(t)
	for name, c := range map[string]struct {
		change func(*runtime.Config)
		reason string
		says   string
	}{
		"no id":             {func(c *runtime.Config) { c.ID = "" }, "INVALID_ARGUMENT", "id"},
		"an id that leads":  {func(c *runtime.Config) { c.ID = "../x" }, "INVALID_ARGUMENT", "id"},
		"an id of dots":     {func(c *runtime.Config) { c.ID = ".." }, "INVALID_ARGUMENT", "id"},
		"an id in capitals": {func(c *runtime.Config) { c.ID = "BOX" }, "INVALID_ARGUMENT", "id"},
		"a long id":         {func(c *runtime.Config) { c.ID = strings.Repeat("x", 65) }, "INVALID_ARGUMENT", "id"},
		"no host name":      {func(c *runtime.Config) { c.Hostname = "" }, "INVALID_ARGUMENT", "hostname"},
		"a long host name":  {func(c *runtime.Config) { c.Hostname = strings.Repeat("x", 65) }, "INVALID_ARGUMENT", "hostname"},
		"lines as a name":   {func(c *runtime.Config) { c.Hostname = "box\n10.0.0.1 elsewhere" }, "INVALID_ARGUMENT", "hostname"},
		"no layers":         {func(c *runtime.Config) { c.RootFS.Layers = nil }, "INVALID_ARGUMENT", "layers"},
		"a missing layer":   {func(c *runtime.Config) { c.RootFS.Layers = []string{s.root, "/no/such/layer"} }, "", "/no/such/layer"},
		"a file as layer":   {func(c *runtime.Config) { c.RootFS.Layers = []string{file} }, "", file},
		"no memory":         {func(c *runtime.Config) { c.Limits.MemoryBytes = 0 }, "INVALID_ARGUMENT", "limits"},
		"negative memory":   {func(c *runtime.Config) { c.Limits.MemoryBytes = -1 }, "INVALID_ARGUMENT", "limits"},
		"no cpu":            {func(c *runtime.Config) { c.Limits.CPUMillis = 0 }, "INVALID_ARGUMENT", "limits"},
		"no processes":      {func(c *runtime.Config) { c.Limits.Pids = 0 }, "INVALID_ARGUMENT", "limits"},
		"no disk":           {func(c *runtime.Config) { c.Limits.DiskBytes = 0 }, "INVALID_ARGUMENT", "limits"},
		"a negative disk":   {func(c *runtime.Config) { c.Limits.DiskBytes = -1 }, "INVALID_ARGUMENT", "limits"},
		"no inodes":         {func(c *runtime.Config) { c.Limits.Inodes = 0 }, "INVALID_ARGUMENT", "limits"},
		"no open files":     {func(c *runtime.Config) { c.Limits.OpenFiles = 0 }, "INVALID_ARGUMENT", "limits"},
		"too little memory": {func(c *runtime.Config) { c.Limits.MemoryBytes = sandbox.MinMemoryBytes - 1 }, "INVALID_ARGUMENT", "limits"},
	} {
		cfg := newConfig(Limits, s.root)
		c.change(&cfg)
		inst, err := r.Create(Context(t), cfg)
		if err == nil {
			t.Errorf("%s: was made", name)
			mustDo(t, r.Remove(Context(t), inst.ID()))
		} else if errdefs.ReasonOf(err) != c.reason || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want reason %q and a word of %q", name, err, c.reason, c.says)
		}
		wantNone(t, r)
	}
	ended, cancel := context.WithCancel(Context(t))
	cancel()
	if _, err := r.Create(ended, newConfig(Limits, s.root)); err == nil {
		t.Error("made for a caller that has gone")
	}
	wantNone(t, r)
	if after := hostState(t); after != before {
		t.Errorf("the host's mounts changed:\n%s\nbefore:\n%s", after, before)
	}

	// A second sandbox of a name does not touch the first.
	b := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	cfg := newConfig(Limits, s.root)
	cfg.ID = b.ID()
	_, err := r.Create(Context(t), cfg)
	wantReason(t, "a second one of the name", err, "SANDBOX_EXISTS")
	wantResult(t, "the first one", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
}
