package coreweave

import (
	"errors"
	"io"
	"math"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// The size of a terminal whose request names none.
const defaultWidth, defaultHeight = 80, 24

// StreamExec implements the rpc. A failure ends the call with a status, for which the SDK has better exceptions than for
// the protocol's error frame.
func (s *service) StreamExec(stream grpc.BidiStreamingServer[sandboxv1.ExecStreamRequest, sandboxv1.ExecStreamResponse]) error {
	ctx := stream.Context()
	first, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	start := first.GetInit()
	if start == nil {
		return toStatus(errdefs.InvalidField("init", "must be the first frame"))
	}
	caller, ref, err := s.target(ctx, start.GetSandboxId(), start.GetContainer())
	if err != nil {
		return toStatus(err)
	}
	p, err := s.core.Exec(ctx, caller, ref, agent.ExecRequest{
		Argv: start.GetCommand(), Env: start.GetEnv(), Terminal: terminal(start), Stdin: true,
	})
	if err != nil {
		return toStatus(err)
	}
	defer p.Close()

	// A client with input waits for this frame before it sends any.
	ready := &sandboxv1.ExecStreamReady{ReadyTime: timestamppb.Now()}
	if err := stream.Send(&sandboxv1.ExecStreamResponse{Message: &sandboxv1.ExecStreamResponse_Ready{Ready: ready}}); err != nil {
		return err
	}
	go forwardInput(stream, p)
	return forwardOutput(stream, p)
}

// forwardInput ends when the client has nothing more to say, or the rpc ends: then Recv fails, and Write does because the
// process is closed.
func forwardInput(stream grpc.BidiStreamingServer[sandboxv1.ExecStreamRequest, sandboxv1.ExecStreamResponse], p *agent.Process) {
	for {
		frame, err := stream.Recv()
		if errors.Is(err, io.EOF) { // half-closed: the end of the input, not of the command
			_ = p.CloseStdin()
			return
		}
		if err != nil {
			return
		}
		switch m := frame.GetMessage().(type) {
		case *sandboxv1.ExecStreamRequest_Stdin:
			err = p.Write(m.Stdin)
		case *sandboxv1.ExecStreamRequest_Close:
			err = p.CloseStdin()
		case *sandboxv1.ExecStreamRequest_Resize:
			size := terminalSize(m.Resize.GetWidth(), m.Resize.GetHeight())
			// Without a terminal there is nothing to resize, and no reason to stop listening to the client.
			if err = p.Resize(size.Width, size.Height); errdefs.ReasonOf(err) == "NO_TERMINAL" {
				err = nil
			}
		}
		if err != nil {
			return
		}
	}
}

// forwardOutput sends all output, then the exit: the SDK reads nothing behind it.
func forwardOutput(stream grpc.BidiStreamingServer[sandboxv1.ExecStreamRequest, sandboxv1.ExecStreamResponse], p *agent.Process) error {
	for {
		ev, err := p.Recv()
		if err != nil {
			return toStatus(err)
		}
		frame := &sandboxv1.ExecStreamResponse{}
		switch ev.Kind {
		case agent.Stdout:
			frame.Message = output(sandboxv1.ExecStreamOutput_STREAM_STDOUT, ev.Data)
		case agent.Stderr:
			frame.Message = output(sandboxv1.ExecStreamOutput_STREAM_STDERR, ev.Data)
		case agent.Exit:
			if words := killedWords(ev); words != "" {
				frame := &sandboxv1.ExecStreamResponse{Message: output(sandboxv1.ExecStreamOutput_STREAM_STDERR, []byte(words))}
				if err := stream.Send(frame); err != nil {
					return err
				}
			}
			frame.Message = &sandboxv1.ExecStreamResponse_Exit{Exit: &sandboxv1.ExecStreamExit{
				ExitCode: int32(ev.ExitCode), CompletedTime: timestamppb.Now(),
			}}
		}
		if err := stream.Send(frame); err != nil {
			return err
		}
		if ev.Kind == agent.Exit {
			return nil
		}
	}
}

// killedWords stand at the end of the stderr of a command that was killed for a limit: this API has no field for it, and exit
// code 137 alone may be anybody's SIGKILL.
func killedWords(exit agent.Event) string {
	switch {
	case exit.OOMKilled:
		return "casemate: killed: the sandbox ran out of memory\n"
	case exit.OutputExceeded:
		return "casemate: killed: the command wrote more than the sandbox's limit of output\n"
	default:
		return ""
	}
}

func output(s sandboxv1.ExecStreamOutput_Stream, data []byte) *sandboxv1.ExecStreamResponse_Output {
	return &sandboxv1.ExecStreamResponse_Output{Output: &sandboxv1.ExecStreamOutput{Stream: s, Data: data}}
}

func terminal(start *sandboxv1.ExecStreamInit) *agent.TerminalSize {
	if !start.GetTty() {
		return nil
	}
	size := terminalSize(start.GetTtyWidth(), start.GetTtyHeight())
	return &size
}

func terminalSize(width, height uint32) agent.TerminalSize {
	if width == 0 {
		width = defaultWidth
	}
	if height == 0 {
		height = defaultHeight
	}
	return agent.TerminalSize{Width: uint16(min(width, math.MaxUint16)), Height: uint16(min(height, math.MaxUint16))}
}
