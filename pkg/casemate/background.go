package casemate

import (
	"context"
	"errors"
	"io"
	"iter"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// BackgroundOptions say which command to run in the background of a sandbox, and how. Only the command is required.
type BackgroundOptions struct {
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
	// Stdin keeps the command's input open for Write. False: it is empty.
	Stdin bool
	// Terminal, when set, gives the command a terminal of that size; all its output is then stdout, and Write types.
	Terminal *TerminalSize
}

// Background is a background process of a sandbox, by its id: it ends by itself, by its timeout, by Signal or with the sandbox,
// and by nothing that happens to this program. It may be used by several goroutines.
type Background struct {
	// ID is `p` and a number: its name in the sandbox.
	ID string

	sandbox *Sandbox
}

// StartBackground starts a command in the background and returns when it runs. A command that does not exist is no error: it has
// ended with exit code 127. Reasons: SANDBOX_NOT_FOUND, SANDBOX_NOT_RUNNING, TOO_MANY_PROCESSES.
func (s *Sandbox) StartBackground(ctx context.Context, o BackgroundOptions) (*Background, error) {
	req := &sandboxv1.StartProcessRequest{
		Name: s.Name, Spec: execSpec(o.Command, o.Env, o.Dir, o.User, o.Timeout), Stdin: o.Stdin, Terminal: o.Terminal.process(),
	}
	resp, err := s.api.StartProcess(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.Background(resp.GetProcess().GetId()), nil
}

// Background returns the background process of that id, without asking whether it exists.
func (s *Sandbox) Background(id string) *Background { return &Background{ID: id, sandbox: s} }

// Processes returns what is known of the sandbox's background processes, ended ones included, in the order of their starts.
func (s *Sandbox) Processes(ctx context.Context) ([]*sandboxv1.Process, error) {
	resp, err := s.api.ListProcesses(ctx, &sandboxv1.ListProcessesRequest{Name: s.Name})
	return resp.GetProcesses(), err
}

// Wait returns when the process has ended, with how it did. Reasons: PROCESS_NOT_FOUND.
func (b *Background) Wait(ctx context.Context) (*sandboxv1.Process, error) {
	resp, err := b.sandbox.api.WaitProcess(ctx, &sandboxv1.WaitProcessRequest{Name: b.sandbox.Name, Process: b.ID})
	return resp.GetProcess(), err
}

// Signal sends a signal to the process's group. When it has ended, it reaches nobody.
func (b *Background) Signal(ctx context.Context, sig syscall.Signal) error {
	_, err := b.sandbox.api.SignalProcess(ctx, &sandboxv1.SignalProcessRequest{Name: b.sandbox.Name, Process: b.ID, Signal: int32(sig)})
	return err
}

// maxInput is how much input goes into one call.
const maxInput = 512 << 10

// Write gives the process input, and returns when it has taken all of it. Reasons: STDIN_CLOSED.
func (b *Background) Write(ctx context.Context, data []byte) error {
	for len(data) > 0 {
		n := min(len(data), maxInput)
		if err := b.input(ctx, &sandboxv1.SendProcessInputRequest{Stdin: data[:n]}); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// CloseStdin ends the process's input; at a terminal it types control-D. Reasons: STDIN_CLOSED.
func (b *Background) CloseStdin(ctx context.Context) error {
	return b.input(ctx, &sandboxv1.SendProcessInputRequest{CloseStdin: true})
}

// Resize gives the process's terminal another size. Reasons: NO_TERMINAL.
func (b *Background) Resize(ctx context.Context, size TerminalSize) error {
	return b.input(ctx, &sandboxv1.SendProcessInputRequest{Resize: size.process()})
}

func (b *Background) input(ctx context.Context, req *sandboxv1.SendProcessInputRequest) error {
	req.Name, req.Process = b.sandbox.Name, b.ID
	_, err := b.sandbox.api.SendProcessInput(ctx, req)
	return err
}

// Attach follows the process's output from that offset on, 0 for all that is kept, to its exit, which is the last message.
// What is no longer kept is told by a message with Lost. When sandboxd is restarted meanwhile, it goes on behind what came. It
// ends after the first error; leaving the loop leaves the process alone.
func (b *Background) Attach(ctx context.Context, offset int64) iter.Seq2[*sandboxv1.AttachProcessResponse, error] {
	return func(yield func(*sandboxv1.AttachProcessResponse, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for {
			came, done, err := b.follow(ctx, &offset, yield)
			switch {
			case done:
				return
			case came && status.Code(err) == codes.Unavailable:
				// The call rides out the restart as any other that reads.
			default:
				yield(nil, noExit(err))
				return
			}
		}
	}
}

// follow is Attach on one call. came says that there was something on it, done that no more is wanted.
func (b *Background) follow(ctx context.Context, offset *int64, yield func(*sandboxv1.AttachProcessResponse, error) bool) (came, done bool, err error) {
	req := &sandboxv1.AttachProcessRequest{Name: b.sandbox.Name, Process: b.ID, Offset: *offset}
	stream, err := b.sandbox.api.AttachProcess(ctx, req)
	for err == nil {
		var m *sandboxv1.AttachProcessResponse
		if m, err = stream.Recv(); err != nil {
			break
		}
		came = true
		*offset = m.GetOffset() + int64(len(m.GetStdout())+len(m.GetStderr()))
		if m.GetExit() != nil {
			_, _ = stream.Recv() // the end of the call: without it sandboxd would see a cancellation
		}
		if !yield(m, nil) || m.GetExit() != nil {
			return came, true, nil
		}
	}
	return came, false, err
}

// CopyOutput attaches from the beginning of what is kept and writes the output to stdout and stderr until the process has
// ended: nil for exit code 0, an *ExitError for another one. It returns an error of either writer, too; both may be nil.
func (b *Background) CopyOutput(ctx context.Context, stdout, stderr io.Writer) error {
	for m, err := range b.Attach(ctx, 0) {
		if err != nil {
			return err
		}
		if exit := m.GetExit(); exit != nil {
			return exitError(int(exit.GetExitCode()), exit)
		}
		for _, out := range []struct {
			to   io.Writer
			data []byte
		}{{stdout, m.GetStdout()}, {stderr, m.GetStderr()}} {
			if out.to != nil && len(out.data) > 0 {
				if _, err := out.to.Write(out.data); err != nil {
					return err
				}
			}
		}
	}
	return errors.New("the process's stream ended without an exit code")
}

func (t *TerminalSize) process() *sandboxv1.ProcessTerminalSize {
	if t == nil {
		return nil
	}
	return &sandboxv1.ProcessTerminalSize{Width: t.Width, Height: t.Height}
}
