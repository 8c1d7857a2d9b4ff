package casemate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestFiles(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	content := bytes.Repeat([]byte("0123456789abcdef"), 512<<10) // 8 MiB, more than gRPC takes by itself
	if err := s.WriteFile(t.Context(), "/data/deep/file", content, 0o640); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ReadFile(t.Context(), "/data/deep/file"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if out, err := s.Output(t.Context(), "stat", "-c", "%a", "/data/deep/file"); err != nil || string(out) != "640\n" {
		t.Errorf("mode %s, %v", out, err)
	}
	_, err := s.ReadFile(t.Context(), "/data/nope")
	wantError(t, err, codes.NotFound, "FILE_NOT_FOUND")
}

func TestLifeAndLogs(t *testing.T) {
	e := start(t)
	s := e.run(t, casemate.RunOptions{Command: []string{"sh", "-c", "trap 'exit 3' TERM; echo to stdout; echo to stderr >&2; while :; do sleep 0.1; done"}})
	info, err := s.Info(t.Context())
	if err != nil || info.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Fatalf("%v, %v", info, err)
	}
	logs := map[sandboxv1.LogStream]string{}
	for piece, err := range s.Logs(t.Context(), casemate.LogOptions{Follow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		logs[piece.GetStream()] += string(piece.GetData())
		if len(logs) == 2 {
			break
		}
	}
	if out, errs := logs[sandboxv1.LogStream_LOG_STREAM_STDOUT], logs[sandboxv1.LogStream_LOG_STREAM_STDERR]; out != "to stdout\n" || errs != "to stderr\n" {
		t.Errorf("logs %q", logs)
	}
	// By the bare id, as people write it.
	same := e.client.Sandbox(s.Name[strings.LastIndexByte(s.Name, '/')+1:])
	for range 2 {
		if err := same.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ended, err := s.Wait(t.Context())
	if err != nil || ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetExitCode() != 3 {
		t.Errorf("%v, %v", ended, err)
	}
	lines := 0
	for _, err := range s.Logs(t.Context(), casemate.LogOptions{}) {
		if err != nil {
			t.Error(err)
		}
		lines++
	}
	if lines == 0 {
		t.Error("the log is gone with the process")
	}
	_, err = s.Exec(t.Context(), []string{"true"})
	wantError(t, err, codes.FailedPrecondition, "SANDBOX_NOT_RUNNING")
	for range 2 {
		if err := s.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range s.Logs(t.Context(), casemate.LogOptions{}) {
		wantError(t, err, codes.NotFound, "SANDBOX_NOT_FOUND")
	}
}

func TestOutput(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	if out, err := s.Output(t.Context(), "echo", "hello"); err != nil || string(out) != "hello\n" {
		t.Errorf("%q, %v", out, err)
	}
	out, err := s.Output(t.Context(), "sh", "-c", "echo some; echo first >&2; echo last >&2; exit 42")
	var exit *casemate.ExitError
	if !errors.As(err, &exit) || exit.Code != 42 || string(exit.Stderr) != "first\nlast\n" || string(out) != "some\n" {
		t.Errorf("%q, %v", out, err)
	}
	if want := "the command ended with exit code 42: last"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := s.Output(t.Context(), "no-such-command"); !errors.As(err, &exit) || exit.Code != 127 {
		t.Errorf("%v", err)
	}
}

func TestProcessInputOutputAndSignals(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	in, typed := io.Pipe()
	p, err := s.Start(t.Context(), casemate.ExecOptions{
		Command: []string{"sh", "-c", `trap 'echo trapped; exit 7' USR1; read -r line; echo "$GREETING $line in $PWD"; while :; do sleep 0.1; done`},
		Env:     map[string]string{"GREETING": "hello"}, Dir: "/etc", Stdin: in,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.PID() <= 1 {
		t.Errorf("pid %d", p.PID())
	}
	if _, err := io.WriteString(typed, "you\n"); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, len("hello you in /etc\n"))
	if _, err := io.ReadFull(p.Stdout, line); err != nil || string(line) != "hello you in /etc\n" {
		t.Errorf("%q, %v", line, err)
	}
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	var exit *casemate.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("%v", err)
	}
	if rest, err := io.ReadAll(p.Stdout); err != nil || string(rest) != "trapped\n" {
		t.Errorf("after Wait %q, %v", rest, err)
	}
}

func TestOneStreamDoesNotBlockTheOther(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	script := "head -c %d /dev/zero >&2; echo done"
	p, err := s.Exec(t.Context(), []string{"sh", "-c", strings.ReplaceAll(script, "%d", "1000000")})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := io.ReadAll(p.Stdout); err != nil || string(out) != "done\n" {
		t.Errorf("stdout %q, %v", out, err)
	}
	if errs, err := io.ReadAll(p.Stderr); err != nil || len(errs) != 1000000 {
		t.Errorf("%d bytes of stderr, %v", len(errs), err)
	}
	// More than is kept is never lost in silence.
	p, err = s.Exec(t.Context(), []string{"sh", "-c", strings.ReplaceAll(script, "%d", "20000000")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	if errs, err := io.ReadAll(p.Stderr); !errors.Is(err, casemate.ErrUnread) || len(errs) < 15<<20 || len(errs) > 16<<20 {
		t.Errorf("%d bytes of stderr, %v", len(errs), err)
	}
	// And a writer gets all of it.
	var errs bytes.Buffer
	p, err = s.Start(t.Context(), casemate.ExecOptions{Command: []string{"sh", "-c", strings.ReplaceAll(script, "%d", "20000000")}, Stderr: &errs})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil || errs.Len() != 20000000 {
		t.Errorf("%d bytes of stderr, %v", errs.Len(), err)
	}
}

func TestTerminal(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	in, typed := io.Pipe()
	var out bytes.Buffer
	p, err := s.Start(t.Context(), casemate.ExecOptions{
		Command: []string{"sh", "-c", "test -t 1 && stty size; read -r go; stty size"}, Stdin: in, Stdout: &out,
		Terminal: &casemate.TerminalSize{Width: 100, Height: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Resize(casemate.TerminalSize{Width: 120, Height: 40}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(typed, "\n"); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil || !strings.HasSuffix(out.String(), "40 120\r\n") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestCommandsEndWithTheirContext(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	p, err := s.Exec(ctx, []string{"sleep", "1000"})
	if err != nil {
		t.Fatal(err)
	}
	closed, err := s.Exec(t.Context(), []string{"sleep", "1000"})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := p.Stdout.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("reading what was cancelled: %v", err)
	}
	closed.Close()
	for { // until both are gone: sandboxd kills them when it sees that the calls have ended
		out, err := s.Output(t.Context(), "ps")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), "sleep 1000") {
			break
		}
	}
	late, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Output(late, "sleep", "1000"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	timed, err := s.Start(t.Context(), casemate.ExecOptions{Command: []string{"sleep", "1000"}, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var exit *casemate.ExitError
	if err := timed.Wait(); !errors.As(err, &exit) || exit.Code != 137 {
		t.Errorf("%v", err)
	}
}

func TestNarrowNetwork(t *testing.T) {
	s := start(t, sandboxdtest.WithNetwork()).run(t, casemate.RunOptions{Command: []string{"sleep", "600"}})
	if err := s.NarrowNetwork(t.Context(), &sandboxv1.Network{NoDns: true}); err != nil {
		t.Error(err)
	}
	info, err := s.Info(t.Context())
	if err != nil || !info.GetSpec().GetNetwork().GetNoDns() {
		t.Errorf("%v, %v", info, err)
	}
	wantError(t, s.NarrowNetwork(t.Context(), &sandboxv1.Network{}), codes.FailedPrecondition, "NETWORK_NOT_NARROWER")
}

func TestEndsThatAreSet(t *testing.T) {
	s := start(t).run(t, casemate.RunOptions{
		Command: []string{"sleep", "600"}, MaxLifetime: time.Hour, IdleTimeout: 30 * time.Minute, StopGrace: time.Second,
	})
	info, err := s.Info(t.Context())
	if err != nil || info.GetSpec().GetIdleTimeout().AsDuration() != 30*time.Minute || info.GetSpec().GetStopGracePeriod().AsDuration() != time.Second ||
		info.GetIdleExpireTime() == nil {
		t.Errorf("%v, %v", info, err)
	}
	asked := time.Now()
	end, err := s.Extend(t.Context(), 2*time.Hour)
	if in := end.Sub(asked); err != nil || in < 2*time.Hour || in > 2*time.Hour+time.Minute {
		t.Errorf("it ends in %v, %v", in, err)
	}
	_, err = s.Extend(t.Context(), 48*time.Hour)
	wantError(t, err, codes.InvalidArgument, "INVALID_ARGUMENT")
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = s.Extend(t.Context(), time.Hour)
	wantError(t, err, codes.FailedPrecondition, "SANDBOX_NOT_RUNNING")
}
