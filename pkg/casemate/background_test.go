package casemate_test

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func TestBackground(t *testing.T) {
	e := start(t)
	s := e.run(t, casemate.RunOptions{})
	p, err := s.StartBackground(t.Context(), casemate.BackgroundOptions{
		Command: []string{"sh", "-c", "echo $A; pwd; id -un; read a; wc -c; echo err >&2; exit 6"}, Env: map[string]string{"A": "b"}, Dir: "/tmp", User: "app", Stdin: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var before string
	for m, err := range p.Attach(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if before += string(m.GetStdout()); before == "b\n/tmp\napp\n" {
			break // which leaves the process alone
		}
	}
	big := bytes.Repeat([]byte("x"), 1<<20) // more than one call carries
	if err := errors.Join(p.Write(t.Context(), []byte("line\n")), p.Write(t.Context(), big), p.CloseStdin(t.Context())); err != nil {
		t.Fatal(err)
	}
	ended, err := p.Wait(t.Context())
	if err != nil || ended.GetExitCode() != 6 {
		t.Errorf("%v, %v", ended, err)
	}
	var stdout, stderr strings.Builder
	err = s.Background(p.ID).CopyOutput(t.Context(), &stdout, &stderr)
	var exit *casemate.ExitError
	if !errors.As(err, &exit) || exit.Code != 6 || stdout.String() != "b\n/tmp\napp\n1048576\n" || stderr.String() != "err\n" {
		t.Errorf("%v, stdout %q, stderr %q", err, stdout.String(), stderr.String())
	}
	wantError(t, p.Write(t.Context(), []byte("x")), codes.FailedPrecondition, "STDIN_CLOSED")
	wantError(t, p.Resize(t.Context(), casemate.TerminalSize{}), codes.FailedPrecondition, "NO_TERMINAL")
	wantError(t, s.Background("p99").Signal(t.Context(), syscall.SIGTERM), codes.NotFound, "PROCESS_NOT_FOUND")
	err = s.Background("p99").CopyOutput(t.Context(), nil, nil)
	wantError(t, err, codes.NotFound, "PROCESS_NOT_FOUND")

	q, err := s.StartBackground(t.Context(), casemate.BackgroundOptions{Command: []string{"sleep", "600"}, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err = q.CopyOutput(t.Context(), nil, nil); !errors.As(err, &exit) || exit.Code != 137 || !exit.TimedOut || exit.OOMKilled ||
		err.Error() != "the command ended with exit code 137, killed when its time was over" {
		t.Errorf("out of time: %v", err)
	}
	all, err := s.Processes(t.Context())
	if err != nil || len(all) != 2 || all[0].GetExitCode() != 6 || !all[1].GetTimedOut() {
		t.Errorf("%v, %v", all, err)
	}
}

// Whoever follows a process while sandboxd is restarted gets everything, once.
func TestAttachRidesOutARestart(t *testing.T) {
	e := start(t)
	s := e.run(t, casemate.RunOptions{})
	p, err := s.StartBackground(t.Context(), casemate.BackgroundOptions{Command: []string{"sh", "-c", "echo before; read a; echo after"}, Stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	var last *sandboxv1.AttachProcessResponse
	for m, err := range p.Attach(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if text == "" {
			e.Restart()
			if err := p.Write(t.Context(), []byte("go\n")); err != nil {
				t.Fatal(err)
			}
		}
		text += string(m.GetStdout())
		last = m
	}
	if text != "before\nafter\n" || last.GetExit() == nil || last.GetExit().GetExitCode() != 0 {
		t.Errorf("%q, at last %v", text, last)
	}
}
