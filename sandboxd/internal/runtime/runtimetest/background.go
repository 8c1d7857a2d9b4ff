package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testExecLeftGroup has a command start a process in a session of its own: what ends the command does not reach it, and the
// end of the sandbox does.
func testExecLeftGroup(t *testing.T, s *suite) {
	r := s.runtime(t)
	b := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	const script = "setsid sleep 1000 & sleep 1001 & until [ $(pidof sleep | wc -w) = 2 ]; do :; done; echo ready; wait"
	wantResult(t, "timeout", b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", script + "; sleep 1000"}, Timeout: 500 * time.Millisecond}),
		Result{Stdout: "ready\n", Code: 137, TimedOut: true})
	wantResult(t, "who is left", b.Sh("until [ $(pidof sleep | wc -w) = 1 ]; do :; done; ps -o ppid,args | grep 'sleep 100[0]'"), Result{Stdout: "    1 sleep 1000\n"})
	mustDo(t, r.Remove(Context(t), b.ID()))
	wantNone(t, r)
}

// testExecOrphans makes a thousand orphans, of which the agent becomes the parent: each is reaped.
func testExecOrphans(t *testing.T, s *suite) {
	limits := Limits
	limits.Pids = 2000
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	wantResult(t, "orphans", b.Sh("for i in $(seq 1000); do (usleep 1 &); done; echo made"), Result{Stdout: "made\n"})
	wantResult(t, "what is left of them",
		b.Sh("for i in $(seq 1000); do [ $(ls -d /proc/[0-9]* 2>/dev/null | wc -l) -le 5 ] && break; usleep 10000; done; ps -o stat,comm | grep -c -e ^Z -e usleep"),
		Result{Stdout: "0\n", Code: 1})
}

// startProcess starts a shell script in the background.
func (b *Box) startProcess(script string) agent.BackgroundProcess {
	b.t.Helper()
	return b.startRequest(agent.ExecRequest{Argv: []string{"sh", "-c", script}})
}

func (b *Box) startRequest(r agent.ExecRequest) agent.BackgroundProcess {
	b.t.Helper()
	p, err := b.StartProcess(Context(b.t), r)
	mustDo(b.t, err)
	return p
}

func (b *Box) waitProcess(id uint64) agent.BackgroundProcess {
	b.t.Helper()
	p, err := b.WaitProcess(Context(b.t), id)
	mustDo(b.t, err)
	return p
}

func (b *Box) attach(id, offset uint64) *agent.Attachment {
	b.t.Helper()
	a, err := b.AttachProcess(Context(b.t), id, offset)
	mustDo(b.t, err)
	return a
}

// wantOutput reads want, in whatever pieces it comes.
func wantOutput(t *testing.T, a *agent.Attachment, want string) {
	t.Helper()
	for got := ""; got != want; {
		out, err := a.Next()
		mustDo(t, err)
		if got += string(out.Data); out.Kind == agent.Exit || !strings.HasPrefix(want, got) {
			t.Fatalf("output %q, want %q", got, want)
		}
	}
}

// attached is what somebody who follows a process has got.
type attached struct {
	Result
	lost uint64
}

// collectAttached follows to the exit. Each piece must begin where the one before, and what was lost, ends.
func collectAttached(t *testing.T, a *agent.Attachment, next uint64) attached {
	t.Helper()
	defer a.Close()
	var stdout, stderr strings.Builder
	var got attached
	for {
		out, err := a.Next()
		mustDo(t, err)
		if out.Kind == agent.Exit {
			got.Result = Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: out.ExitCode, TimedOut: out.TimedOut, OOMKilled: out.OOMKilled}
			if _, err := a.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("after the exit: %v, want EOF", err)
			}
			return got
		}
		if out.Offset != next+out.Lost {
			t.Fatalf("a piece at %d, of which %d were lost, after %d", out.Offset, out.Lost, next)
		}
		got.lost += out.Lost
		next = out.Offset + uint64(len(out.Data))
		if !utf8.Valid(out.Data) {
			t.Errorf("a piece at %d splits a character", out.Offset)
		}
		if out.Kind == agent.Stderr {
			stderr.Write(out.Data)
		} else {
			stdout.Write(out.Data)
		}
	}
}

func testExecDetached(t *testing.T, s *suite) {
	first, closeFirst := s.open(t)
	b := NewBox(t, first, Limits, s.root).Configured(agent.Config{Env: env("COLOUR", "red")})
	began := time.Now().Add(-time.Second)
	p := b.startRequest(agent.ExecRequest{
		Argv: []string{"sh", "-c", "echo $COLOUR $SHAPE; pwd; id -u; until [ -e /tmp/go ]; do usleep 1000; done; echo € >&2; exit 7"},
		Env:  map[string]string{"SHAPE": "round"}, WorkingDir: "/home/ada", User: "ada",
	})
	if p.ID != 1 || p.Pid <= 1 || p.Argv[0] != "sh" || p.ArgvCut || p.Start.Before(began) || !p.End.IsZero() || p.Exit.Kind != 0 || p.Terminal {
		t.Errorf("started: %+v", p)
	}
	// The runtime, with all connections to the agent, goes; the process stays.
	closeFirst()
	second := s.runtime(t)
	found, err := second.Load(Context(t), b.ID())
	mustDo(t, err)
	b = &Box{Client: agent.NewClient(found.Dial), Instance: found, t: t}
	defer func() { mustDo(t, second.Remove(context.Background(), b.ID())) }()

	a := b.attach(p.ID, 0)
	for seen := ""; seen != "red round\n/home/ada\n1000\n"; {
		out, err := a.Next()
		mustDo(t, err)
		seen += string(out.Data)
	}
	a.Close() // and the process goes on
	mustDo(t, b.WriteFile(Context(t), "/tmp/go", 0, nil))
	ended := b.waitProcess(p.ID)
	if ended.Exit.ExitCode != 7 || ended.End.Before(ended.Start) || ended.Pid != p.Pid || ended.OutputBytes != uint64(len("red round\n/home/ada\n1000\n€\n")) {
		t.Errorf("ended: %+v", ended)
	}
	for range 2 { // whoever comes after the end gets everything too
		want := attached{Result: Result{Stdout: "red round\n/home/ada\n1000\n", Stderr: "€\n", Code: 7}}
		if got := collectAttached(t, b.attach(p.ID, 0), 0); got != want {
			t.Errorf("attached: %+v", got)
		}
	}
	wantReason(t, "no such one", b.SignalProcess(Context(t), 99, 9), "PROCESS_NOT_FOUND")
	_, err = b.WaitProcess(Context(t), 0)
	wantReason(t, "none", err, "PROCESS_NOT_FOUND")
	mustDo(t, b.SignalProcess(Context(t), p.ID, 9)) // of what has ended: nobody's concern

	missing := b.startRequest(agent.ExecRequest{Argv: []string{"nonesuch"}})
	want := attached{Result: Result{Stderr: "casemate: nonesuch: command not found\n", Code: 127}}
	if got := collectAttached(t, b.attach(missing.ID, 0), 0); got != want || missing.Pid != 0 {
		t.Errorf("a missing command: %+v, %+v", got, missing)
	}
	for name, end := range map[string]struct {
		timeout time.Duration
		signal  int
		want    agent.Event
	}{
		"a signal to the group": {0, 9, agent.Event{Kind: agent.Exit, ExitCode: 137}},
		"a timeout":             {500 * time.Millisecond, 0, agent.Event{Kind: agent.Exit, ExitCode: 137, TimedOut: true}},
	} {
		p := b.startRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "sleep 1000 & (trap '' TERM; sleep 1001) & wait"}, Timeout: end.timeout})
		if end.signal > 0 {
			b.Sh("until [ $(pidof sleep | wc -w) = 2 ]; do :; done")
			mustDo(t, b.SignalProcess(Context(t), p.ID, end.signal))
		}
		if got := b.waitProcess(p.ID).Exit; got.Kind != end.want.Kind || got.ExitCode != end.want.ExitCode || got.TimedOut != end.want.TimedOut {
			t.Errorf("%s: %+v", name, got)
		}
		wantResult(t, name, b.Sh("for i in $(seq 500); do pidof sleep >/dev/null || break; usleep 10000; done; pidof sleep"), Result{Code: 1})
	}
	all, err := b.ListProcesses(Context(t))
	mustDo(t, err)
	var ids []uint64
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	if fmt.Sprint(ids) != "[1 2 3 4]" || all[0].Exit.ExitCode != 7 || all[1].Exit.ExitCode != 127 {
		t.Errorf("all: %+v", all)
	}
}

// testExecDetachedOutput has a process write much more than is kept, with readers of all kinds.
func testExecDetachedOutput(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const lines = 100_000
	p := b.startProcess("until [ -e /go ]; do usleep 1000; done; seq 1 100000 | sed 's/$/ €€/'; printf 'the end: €'")
	early := []*agent.Attachment{b.attach(p.ID, 0), b.attach(p.ID, 0)}
	mustDo(t, b.WriteFile(Context(t), "/go", 0, nil))
	results := make(chan attached, len(early))
	for _, a := range early {
		go func() { results <- collectAttached(t, a, 0) }()
	}
	var full strings.Builder
	for i := 1; i <= lines; i++ {
		fmt.Fprintf(&full, "%d €€\n", i)
	}
	full.WriteString("the end: €")
	want := full.String()
	for range early {
		if got := <-results; got.lost != 0 || got.Stdout != want || got.Code != 0 {
			t.Errorf("a reader that keeps up has %d of %d bytes, lost %d", len(got.Stdout), len(want), got.lost)
		}
	}
	total := uint64(len(want))
	if ended := b.waitProcess(p.ID); ended.OutputBytes != total {
		t.Errorf("%d bytes, want %d", ended.OutputBytes, total)
	}
	late := collectAttached(t, b.attach(p.ID, 0), 0)
	kept := uint64(len(late.Stdout))
	if late.lost == 0 || late.lost+kept != total || kept > 128<<10 || kept < 64<<10 || !strings.HasSuffix(want, late.Stdout) {
		t.Errorf("a late reader has %d bytes, was told that %d are lost, of %d", kept, late.lost, total)
	}
	from := total - uint64(len("end: €"))
	again := collectAttached(t, b.attach(p.ID, from), from)
	if again.Stdout != "end: €" || again.lost != 0 {
		t.Errorf("who comes back gets %+v", again)
	}
	beyond := collectAttached(t, b.attach(p.ID, total+100), total+100)
	if beyond.Stdout != "" || beyond.lost != 0 {
		t.Errorf("beyond the end: %+v", beyond)
	}
}

func testExecDetachedInput(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	give := func(id uint64, in agent.ProcessInput) error { return b.ProcessInput(Context(t), id, in) }
	p := b.startRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "read a; echo got $a; wc -c"}, Stdin: true})
	mustDo(t, give(p.ID, agent.ProcessInput{Data: []byte("hello\n")}))
	mustDo(t, give(p.ID, agent.ProcessInput{Data: make([]byte, agent.MaxProcessInput)})) // more than a pipe holds
	mustDo(t, give(p.ID, agent.ProcessInput{Data: []byte("x"), Close: true}))
	if got := collectAttached(t, b.attach(p.ID, 0), 0); got.Stdout != fmt.Sprintf("got hello\n%d\n", agent.MaxProcessInput+1) {
		t.Errorf("%+v", got)
	}
	wantReason(t, "input for what has ended", give(p.ID, agent.ProcessInput{Data: []byte("x")}), "STDIN_CLOSED")
	wantReason(t, "too much", give(p.ID, agent.ProcessInput{Data: make([]byte, agent.MaxProcessInput+1)}), "INVALID_ARGUMENT")
	wantReason(t, "a size without a terminal", give(p.ID, agent.ProcessInput{Resize: &agent.TerminalSize{}}), "NO_TERMINAL")

	// Input that nobody reads waits, and holds up nothing but other input. Who hangs up takes back what was not read.
	p = b.startRequest(agent.ExecRequest{Argv: []string{"sh", "-c",
		"dd bs=1 count=1 of=/dev/null 2>/dev/null; echo began; until [ -e /go ]; do usleep 1000; done; cat >/in; wc -c </in; tail -c 10 /in"}, Stdin: true})
	ctx, cancel := context.WithCancel(Context(t))
	stuck := make(chan error, 1)
	go func() {
		stuck <- b.ProcessInput(ctx, p.ID, agent.ProcessInput{Data: make([]byte, agent.MaxProcessInput)})
	}()
	a := b.attach(p.ID, 0)
	wantOutput(t, a, "began\n")
	wantResult(t, "another command", b.Run("echo", "fine"), Result{Stdout: "fine\n"})
	cancel()
	if err := <-stuck; !errors.Is(err, context.Canceled) {
		t.Errorf("stuck input: %v", err)
	}
	mustDo(t, b.WriteFile(Context(t), "/go", 0, nil))
	mustDo(t, give(p.ID, agent.ProcessInput{Data: []byte("last words"), Close: true}))
	if got := collectAttached(t, a, uint64(len("began\n"))); !strings.HasSuffix(got.Stdout, "\nlast words") {
		t.Errorf("after stuck input: %.50q", got.Stdout)
	}
	p = b.startRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "exec <&-; echo closed; sleep 1000"}, Stdin: true})
	wantOutput(t, b.attach(p.ID, 0), "closed\n")
	wantReason(t, "input for a process that closed it", give(p.ID, agent.ProcessInput{Data: []byte("x")}), "STDIN_CLOSED")
	p = b.startProcess("sleep 1000")
	wantReason(t, "a process without input", give(p.ID, agent.ProcessInput{Data: []byte("x")}), "STDIN_CLOSED")

	p = b.startRequest(agent.ExecRequest{
		Argv:     []string{"sh", "-c", "stty size; read a; stty size; cat >/dev/null; echo end"},
		Terminal: &agent.TerminalSize{Width: 80, Height: 24}, Stdin: true,
	})
	if !p.Terminal {
		t.Error("no terminal")
	}
	a = b.attach(p.ID, 0)
	wantOutput(t, a, "24 80\r\n")
	mustDo(t, give(p.ID, agent.ProcessInput{Resize: &agent.TerminalSize{Width: 100, Height: 30}, Data: []byte("x\n")}))
	mustDo(t, give(p.ID, agent.ProcessInput{Close: true}))
	if got := collectAttached(t, a, uint64(len("24 80\r\n"))); !strings.HasSuffix(got.Stdout, "30 100\r\nend\r\n") {
		t.Errorf("at a terminal: %+v", got)
	}
}

func testExecDetachedBounds(t *testing.T, s *suite) {
	limits := Limits
	limits.Pids = 200
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	for i := range 70 { // more than are remembered
		b.waitProcess(b.startProcess(fmt.Sprintf("exit %d", i)).ID)
	}
	all, err := b.ListProcesses(Context(t))
	mustDo(t, err)
	if len(all) != 64 || all[0].ID != 7 || all[63].ID != 70 || all[63].Exit.ExitCode != 69 {
		t.Errorf("%d are remembered, from %d on", len(all), all[0].ID)
	}
	_, err = b.WaitProcess(Context(t), 6)
	wantReason(t, "a forgotten one", err, "PROCESS_NOT_FOUND")
	for range 64 {
		b.startProcess("exec sleep 1000")
	}
	_, err = b.StartProcess(Context(t), agent.ExecRequest{Argv: []string{"true"}})
	wantReason(t, "one more", err, "TOO_MANY_PROCESSES")
	wantResult(t, "an exec", b.Run("echo", "fine"), Result{Stdout: "fine\n"})
	mustDo(t, b.SignalProcess(Context(t), 100, 9))
	b.waitProcess(100)
	long := b.startRequest(agent.ExecRequest{Argv: []string{"echo", strings.Repeat("€", 10_000), "x"}})
	if !long.ArgvCut || len(long.Argv) != 2 || !utf8.ValidString(long.Argv[1]) || len(long.Argv[1]) < 4000 || len(long.Argv[1]) > 4096 {
		t.Errorf("a long command is shown with %d arguments, %d bytes", len(long.Argv), len(long.Argv[1]))
	}
	for range 16 {
		defer b.attach(101, 0).Close()
	}
	_, err = b.AttachProcess(Context(t), 101, 0)
	wantReason(t, "one more attached", err, "TOO_MANY_ATTACHED")
}
