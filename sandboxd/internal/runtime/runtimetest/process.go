package runtimetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testLastBytes runs short commands for a while, a hundred at least: the output of none may lack its end, however closely the exit follows it.
func testLastBytes(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const least, most, workers = 100, 10_000, 4
	var wg sync.WaitGroup
	end := time.Now().Add(3 * time.Second)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < most && (i < least || time.Now().Before(end)) && !t.Failed(); i += workers {
				// Every third one is more than a pipe holds, and none ends with a newline.
				script := fmt.Sprintf("printf 'out %d €'; printf 'err %d' >&2", i, i)
				want := Result{Stdout: fmt.Sprintf("out %d €", i), Stderr: fmt.Sprintf("err %d", i)}
				if i%3 == 0 {
					script, want.Stdout = "head -c 100000 /dev/zero; "+script, strings.Repeat("\x00", 100_000)+want.Stdout
				}
				if got := b.Sh(script); got != want {
					t.Errorf("run %d: %d bytes, %+.200v", i, len(got.Stdout), got)
				}
			}
		})
	}
	wg.Wait()
	// After thousands of commands, orphans among them, only this one is there, and nothing of the others.
	for range 50 {
		b.Sh("(sleep 0.01 >/dev/null 2>&1 &); (true &)")
	}
	wantResult(t, "processes", b.Sh("for i in $(seq 500); do [ $(ls -d /proc/[0-9]* 2>/dev/null | wc -l) -le 5 ] && break; usleep 10000; done; ps -o pid,stat,comm | grep -c -e Z -e sleep"),
		Result{Stdout: "0\n", Code: 1})
}

// testGroup ends commands that have made more processes, in each way there is.
func testGroup(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	// The shell's children ask for no SIGTERM; only the whole group's killing gets them all.
	const script = "sleep 1000 & (trap '' TERM INT HUP; echo ready; sleep 1001; sleep 1002) & wait"
	for name, end := range map[string]func(*agent.Process){
		"SIGKILL": func(p *agent.Process) { mustDo(t, p.Signal(9)) },
		"close":   func(p *agent.Process) { _ = p.Close() },
	} {
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", script}})
		mustDo(t, err)
		if e, err := p.Recv(); err != nil || string(e.Data) != "ready\n" {
			t.Fatal(e, err)
		}
		end(p)
		wantResult(t, name, b.Sh("for i in $(seq 500); do pidof sleep >/dev/null || break; usleep 10000; done; pidof sleep"), Result{Code: 1})
		_ = p.Close()
	}
	// A signal that has no need of force reaches the group as well.
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "trap 'wait; exit 3' TERM; sleep 1000 & until pidof sleep >/dev/null; do :; done; echo ready; wait"}})
	mustDo(t, err)
	defer p.Close()
	if e, err := p.Recv(); err != nil || string(e.Data) != "ready\n" {
		t.Fatal(e, err)
	}
	mustDo(t, p.Signal(15))
	wantResult(t, "SIGTERM", Collect(t, p), Result{Code: 3})
	wantResult(t, "nobody is left", b.Run("pidof", "sleep"), Result{Code: 1})
	wantResult(t, "timeout", b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", script}, Timeout: 200 * time.Millisecond}),
		Result{Stdout: "ready\n", Code: 137, TimedOut: true})
	wantResult(t, "nobody is left after a timeout", b.Sh("for i in $(seq 500); do pidof sleep >/dev/null || break; usleep 10000; done; pidof sleep"), Result{Code: 1})
}

// testLongNames starts what is not there under names as long as a request allows.
func testLongNames(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for _, name := range []string{strings.Repeat("€", 100_000), "/" + strings.Repeat("x", 400_000)} {
		r := b.Run(name)
		if r.Code != 127 || !utf8.ValidString(r.Stderr) || len(r.Stderr) > 5000 || !strings.HasSuffix(r.Stderr, "…: command not found\n") {
			t.Errorf("code %d, %d bytes: %.100q", r.Code, len(r.Stderr), r.Stderr)
		}
	}
	r := b.Run("echo", strings.Repeat("x", 200_000)) // more than the kernel takes in one argument
	wantResult(t, "a long argument", r, Result{Code: 126, Stderr: "casemate: echo: argument list too long\n"})
}

// testEndDuring ends the sandbox while calls are under way: each of them ends, and says why.
func testEndDuring(t *testing.T, s *suite) {
	r := s.runtime(t)
	b := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	_, err := b.StartMain(Context(t), []string{"sleep", "1000"})
	mustDo(t, err)
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sleep", "1000"}})
	mustDo(t, err)
	defer p.Close()
	log, err := b.Logs(Context(t), 0)
	mustDo(t, err)
	defer log.Close()
	errs := make(chan error)
	for _, wait := range []func() error{
		func() error { _, err := p.Recv(); return err },
		func() error { _, err := log.Next(); return err },
		func() error { _, err := b.WaitMain(Context(t)); return err },
	} {
		go func() { errs <- wait() }()
	}
	mustDo(t, r.Remove(Context(t), b.ID()))
	for range 3 {
		wantReason(t, "a call of a sandbox that ended", <-errs, "SANDBOX_LOST")
	}
	wantReason(t, "a call after the end", b.Ping(Context(t)), "SANDBOX_LOST")
}

// testMainLog reads the main process's output with readers of all kinds. It has more than the agent keeps.
func testMainLog(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const lines = 300_000
	var all bytes.Buffer
	for i := 1; i <= lines; i++ {
		fmt.Fprintf(&all, "%d\n", i)
	}
	all.WriteString("the end, without a newline: €")
	full := all.Bytes()

	early, err := b.Logs(Context(t), 0) // before there is anything
	mustDo(t, err)
	defer early.Close()
	slow, err := b.Logs(Context(t), 0)
	mustDo(t, err)
	defer slow.Close()
	_, err = b.StartMain(Context(t), []string{"sh", "-c", fmt.Sprintf("seq 1 %d; printf 'the end, without a newline: €'", lines)})
	mustDo(t, err)
	first, err := slow.Next() // and no more for now
	mustDo(t, err)

	if got, gaps := collectLog(t, early, full, 0); got != len(full) || gaps != 0 {
		t.Errorf("a reader that keeps up has %d of %d bytes, %d gaps", got, len(full), gaps)
	}
	got, gaps := collectLog(t, slow, full, len(first.Data))
	if gaps == 0 || got >= len(full) || got < 1<<19 {
		t.Errorf("a slow reader has %d of %d bytes, %d gaps", got, len(full), gaps)
	}
	for name, from := range map[string]int{"start": 0, "end": len(full) - 10, "very end": len(full), "beyond": len(full) + 1000} {
		late, err := b.Logs(Context(t), uint64(from))
		mustDo(t, err)
		got, gaps := collectLog(t, late, full, from)
		switch {
		case from == 0 && (gaps != 1 || got < 1<<19):
			t.Errorf("a late reader from the %s has %d bytes, %d gaps", name, got, gaps)
		case from > 0 && (gaps != 0 || got != max(len(full)-from, 0)):
			t.Errorf("a late reader from the %s has %d bytes, %d gaps; want %d", name, got, gaps, max(len(full)-from, 0))
		}
		late.Close()
	}
}

// collectLog reads a log to its end. Each record must be what full has at its offset, and the last one its end. It returns
// how many bytes there were, and how many gaps were told.
func collectLog(t *testing.T, log *agent.LogStream, full []byte, next int) (n, gaps int) {
	t.Helper()
	for {
		r, err := log.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		mustDo(t, err)
		if r.Offset > uint64(next) {
			gaps++
		}
		at := int(r.Offset)
		next = at + len(r.Data)
		if at < 0 || next > len(full) || !bytes.Equal(full[at:next], r.Data) || r.Stream != agent.Stdout {
			t.Fatalf("a record at %d has other bytes: %.50q", r.Offset, r.Data)
		}
		n += len(r.Data)
	}
	if n > 0 && next != len(full) {
		t.Errorf("the log ends at %d of %d bytes", next, len(full))
	}
	return n, gaps
}
