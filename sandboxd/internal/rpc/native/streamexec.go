package native

import (
	"errors"
	"io"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// maxStdin is the most bytes of stdin in one message.
const maxStdin = 1 << 20

type execStream = grpc.BidiStreamingServer[sandboxv1.StreamExecRequest, sandboxv1.StreamExecResponse]

// StreamExec implements the rpc.
func (s *service) StreamExec(stream execStream) error {
	ctx := stream.Context()
	start, err := receiveFirst(stream, "start", (*sandboxv1.StreamExecRequest).GetStart)
	if err != nil {
		return err
	}
	caller, ref, err := target(ctx, "start.name", start.GetName())
	if err != nil {
		return err
	}
	spec := execFromProto(start.GetSpec())
	spec.Stdin, spec.Terminal = true, terminal(start.GetTerminal())
	p, err := s.core.Exec(ctx, caller, ref, spec)
	if err != nil {
		return err
	}
	defer p.Close()
	started := &sandboxv1.ExecStarted{Pid: int32(p.Pid())}
	if err := stream.Send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Started{Started: started}}); err != nil {
		return err
	}
	bad := make(chan error, 1)
	go func() {
		if err := forwardInput(stream, p); err != nil {
			bad <- err
			_ = p.Close() // which ends forwardOutput
		}
	}()
	err = forwardOutput(stream, p)
	select {
	case inputErr := <-bad:
		return inputErr
	default:
		return err
	}
}

func terminal(t *sandboxv1.TerminalSize) *agent.TerminalSize {
	if t == nil {
		return nil
	}
	return &agent.TerminalSize{Width: uint16(t.GetWidth()), Height: uint16(t.GetHeight())}
}

// forwardInput carries out the client's messages until it half-closes the stream, which ends the command's stdin, or the rpc
// ends. Its error is the client's mistake. What comes too late for a command that has ended is none.
func forwardInput(stream execStream, p *agent.Process) error {
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			_ = p.CloseStdin()
			return nil
		}
		if err != nil {
			return clientError(err)
		}
		switch m := req.GetMessage().(type) {
		case *sandboxv1.StreamExecRequest_Stdin:
			if len(m.Stdin) > maxStdin {
				return errdefs.InvalidField("stdin", "has %d bytes, at most %d go into one message", len(m.Stdin), maxStdin)
			}
			err = p.Write(m.Stdin)
		case *sandboxv1.StreamExecRequest_CloseStdin:
			err = p.CloseStdin()
		case *sandboxv1.StreamExecRequest_Resize:
			err = p.Resize(uint16(m.Resize.GetWidth()), uint16(m.Resize.GetHeight()))
		case *sandboxv1.StreamExecRequest_Signal:
			err = p.Signal(int(m.Signal))
		case *sandboxv1.StreamExecRequest_Start:
			return errdefs.InvalidField("start", "the command runs already")
		default:
			return errdefs.InvalidField("message", "is empty")
		}
		if err != nil && errdefs.ReasonOf(err) != "STDIN_CLOSED" {
			return clientError(err)
		}
	}
}

// clientError lets an error pass that says what is wrong with a message. All others end the output side too, which tells
// better what happened.
func clientError(err error) error {
	switch e, ok := errdefs.As(err); {
	case ok && (e.Kind == errdefs.InvalidArgument || e.Kind == errdefs.FailedPrecondition):
		return err
	default:
		return nil
	}
}

// forwardOutput sends the command's output and exit. Send blocks while the client does not read, and so, in the end, does
// the command.
func forwardOutput(stream execStream, p *agent.Process) error {
	for {
		event, err := p.Recv()
		if err != nil {
			return err
		}
		resp := &sandboxv1.StreamExecResponse{}
		switch event.Kind {
		case agent.Stdout:
			resp.Message = &sandboxv1.StreamExecResponse_Stdout{Stdout: event.Data}
		case agent.Stderr:
			resp.Message = &sandboxv1.StreamExecResponse_Stderr{Stderr: event.Data}
		case agent.Exit:
			resp.Message = &sandboxv1.StreamExecResponse_Exit{Exit: &sandboxv1.ExecExit{
				ExitCode: int32(event.ExitCode), OomKilled: event.OOMKilled, TimedOut: event.TimedOut, OutputExceeded: event.OutputExceeded,
			}}
		}
		if err := stream.Send(resp); err != nil {
			return err
		}
		if event.Kind == agent.Exit {
			return nil
		}
	}
}
