package casemate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// ExecOptions say which command to run in a sandbox, and how. Only the command is required.
type ExecOptions struct {
	// Command is the argv; the first is looked up in PATH.
	Command []string
	// Env adds variables to the sandbox's. A secret's variable can't be changed.
	Env map[string]string
	// Dir is the working directory. Empty: the sandbox's.
	Dir string
	// User is a name or number, with :group if wanted. Empty: the sandbox's.
	User string
	// Timeout is when the command's process group is killed, with exit code 137. 0: never.
	Timeout time.Duration
	// Stdin is the command's input, read to its end by a goroutine. Nil: it is empty.
	Stdin io.Reader
	// Stdout and Stderr get the command's output while Wait runs. Nil: read it from the Process.
	Stdout, Stderr io.Writer
	// Terminal, when set, gives the command a terminal of that size; all its output is then stdout.
	Terminal *TerminalSize
}

// TerminalSize is a terminal's size in characters.
type TerminalSize struct{ Width, Height uint32 }

// ExitError says that a command ended with another exit code than 0.
type ExitError struct {
	// Code is 1 to 255: 128 plus the signal's number when a signal ended it, 127 not found, 126 not executable.
	Code int
	// OOMKilled says that the code is 137, and that the kernel killed something of the sandbox for want of memory meanwhile.
	OOMKilled bool
	// TimedOut says that the command was killed because its Timeout was over.
	TimedOut bool
	// OutputExceeded says that the command was killed because it wrote more than RunOptions.OutputBytes.
	OutputExceeded bool
	// Stderr is what the command wrote there, of Output only.
	Stderr []byte
}

// Error says the exit code, and the last line of what is known of stderr.
func (e *ExitError) Error() string {
	text := fmt.Sprintf("the command ended with exit code %d", e.Code)
	switch {
	case e.OOMKilled:
		text += ", killed when the sandbox ran out of memory"
	case e.TimedOut:
		text += ", killed when its time was over"
	case e.OutputExceeded:
		text += ", killed when it had written too much"
	}
	lines := bytes.Split(bytes.TrimSpace(e.Stderr), []byte("\n"))
	if last := lines[len(lines)-1]; len(last) > 0 {
		return fmt.Sprintf("%s: %s", text, last)
	}
	return text
}

// exitError is nil for exit code 0.
func exitError(code int, why interface {
	GetOomKilled() bool
	GetTimedOut() bool
}) error {
	if code == 0 {
		return nil
	}
	exit := &ExitError{Code: code, OOMKilled: why.GetOomKilled(), TimedOut: why.GetTimedOut()}
	if of, ok := why.(interface{ GetOutputExceeded() bool }); ok { // which background processes have not
		exit.OutputExceeded = of.GetOutputExceeded()
	}
	return exit
}

// Exec starts a command with no input, and returns when it runs. Read its output from the Process, or Wait for it.
func (s *Sandbox) Exec(ctx context.Context, argv []string) (*Process, error) {
	return s.Start(ctx, ExecOptions{Command: argv})
}

// Output runs a command with no input to its end and returns its stdout. An exit code other than 0 is an *ExitError, with
// stderr in it.
func (s *Sandbox) Output(ctx context.Context, argv ...string) ([]byte, error) {
	p, err := s.Exec(ctx, argv)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	out, err := io.ReadAll(p.Stdout)
	if err != nil {
		return out, err
	}
	err = p.Wait()
	var exit *ExitError
	if errors.As(err, &exit) {
		exit.Stderr, _ = io.ReadAll(p.Stderr)
	}
	return out, err
}

// Start starts a command and returns when it runs. It is killed when ctx ends or Close is called. A command that does not
// exist ends with exit code 127. Reasons: SANDBOX_NOT_FOUND, SANDBOX_NOT_RUNNING.
func (s *Sandbox) Start(ctx context.Context, o ExecOptions) (*Process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p, err := start(ctx, cancel, s, o)
	if err != nil {
		cancel()
		return nil, err
	}
	return p, nil
}

func start(ctx context.Context, cancel context.CancelFunc, s *Sandbox, o ExecOptions) (*Process, error) {
	call, err := s.api.StreamExec(ctx)
	if err != nil {
		return nil, err
	}
	p := newProcess(call, cancel, o)
	spec := execSpec(o.Command, o.Env, o.Dir, o.User, o.Timeout)
	begin := &sandboxv1.StreamExecStart{Name: s.Name, Spec: spec, Terminal: o.Terminal.proto()}
	// An io.EOF says that sandboxd has ended the call: the answer has its reason.
	if err := call.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: begin}}); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	first, err := call.Recv()
	if err != nil {
		return nil, noExit(err)
	}
	if first.GetStarted() == nil {
		return nil, fmt.Errorf("sandboxd answered %T before the command started", first.GetMessage())
	}
	p.pid = int(first.GetStarted().GetPid())
	go p.feed(o.Stdin)
	return p, nil
}

func execSpec(argv []string, env map[string]string, dir, user string, timeout time.Duration) *sandboxv1.ExecSpec {
	spec := &sandboxv1.ExecSpec{Command: argv, Environment: env, WorkingDir: dir, User: user}
	if timeout > 0 {
		spec.Timeout = durationpb.New(timeout)
	}
	return spec
}

func (t *TerminalSize) proto() *sandboxv1.TerminalSize {
	if t == nil {
		return nil
	}
	return &sandboxv1.TerminalSize{Width: t.Width, Height: t.Height}
}
