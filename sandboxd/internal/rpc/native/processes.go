package native

import (
	"context"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// StartProcess implements the rpc.
func (s *service) StartProcess(ctx context.Context, req *sandboxv1.StartProcessRequest) (*sandboxv1.StartProcessResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	spec := execFromProto(req.GetSpec())
	spec.Terminal = processTerminal(req.GetTerminal())
	spec.Stdin = req.GetStdin() || spec.Terminal != nil
	p, err := s.core.StartProcess(ctx, caller, ref, spec)
	if err != nil {
		return nil, err
	}
	return &sandboxv1.StartProcessResponse{Process: processToProto(p)}, nil
}

// ListProcesses implements the rpc.
func (s *service) ListProcesses(ctx context.Context, req *sandboxv1.ListProcessesRequest) (*sandboxv1.ListProcessesResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	list, err := s.core.ListProcesses(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	resp := &sandboxv1.ListProcessesResponse{}
	for _, p := range list {
		resp.Processes = append(resp.Processes, processToProto(p))
	}
	return resp, nil
}

// AttachProcess implements the rpc.
func (s *service) AttachProcess(req *sandboxv1.AttachProcessRequest, stream grpc.ServerStreamingServer[sandboxv1.AttachProcessResponse]) error {
	ctx := stream.Context()
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return err
	}
	return s.core.AttachProcess(ctx, caller, ref, req.GetProcess(), uint64(req.GetOffset()), func(out agent.Output) error {
		resp := &sandboxv1.AttachProcessResponse{Offset: int64(out.Offset)}
		if out.Lost > 0 {
			resp.Message = &sandboxv1.AttachProcessResponse_Lost{Lost: int64(out.Lost)}
			if err := stream.Send(resp); err != nil {
				return err
			}
			resp = &sandboxv1.AttachProcessResponse{Offset: int64(out.Offset)}
		}
		switch out.Kind {
		case agent.Stdout:
			resp.Message = &sandboxv1.AttachProcessResponse_Stdout{Stdout: out.Data}
		case agent.Stderr:
			resp.Message = &sandboxv1.AttachProcessResponse_Stderr{Stderr: out.Data}
		case agent.Exit:
			resp.Message = &sandboxv1.AttachProcessResponse_Exit{Exit: &sandboxv1.ProcessExit{
				ExitCode: int32(out.ExitCode), OomKilled: out.OOMKilled, TimedOut: out.TimedOut,
			}}
		}
		return stream.Send(resp)
	})
}

// SendProcessInput implements the rpc.
func (s *service) SendProcessInput(ctx context.Context, req *sandboxv1.SendProcessInputRequest) (*sandboxv1.SendProcessInputResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	in := agent.ProcessInput{Resize: processTerminal(req.GetResize()), Data: req.GetStdin(), Close: req.GetCloseStdin()}
	if err := s.core.ProcessInput(ctx, caller, ref, req.GetProcess(), in); err != nil {
		return nil, err
	}
	return &sandboxv1.SendProcessInputResponse{}, nil
}

// SignalProcess implements the rpc.
func (s *service) SignalProcess(ctx context.Context, req *sandboxv1.SignalProcessRequest) (*sandboxv1.SignalProcessResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.SignalProcess(ctx, caller, ref, req.GetProcess(), int(req.GetSignal())); err != nil {
		return nil, err
	}
	return &sandboxv1.SignalProcessResponse{}, nil
}

// WaitProcess implements the rpc.
func (s *service) WaitProcess(ctx context.Context, req *sandboxv1.WaitProcessRequest) (*sandboxv1.WaitProcessResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	p, err := s.core.WaitProcess(ctx, caller, ref, req.GetProcess(), req.GetTimeout().AsDuration())
	if err != nil {
		return nil, err
	}
	return &sandboxv1.WaitProcessResponse{Process: processToProto(p)}, nil
}

func processTerminal(t *sandboxv1.ProcessTerminalSize) *agent.TerminalSize {
	if t == nil {
		return nil
	}
	return &agent.TerminalSize{Width: uint16(t.GetWidth()), Height: uint16(t.GetHeight())}
}

func processToProto(p controller.Process) *sandboxv1.Process {
	m := &sandboxv1.Process{
		Id: p.ID, Pid: int32(p.Pid), Command: p.Argv, CommandTruncated: p.ArgvCut, StartTime: timestamp(p.Start), EndTime: timestamp(p.End),
		HasTerminal: p.Terminal, OutputBytes: int64(p.OutputBytes),
	}
	if p.Exit.Kind == agent.Exit {
		code := int32(p.Exit.ExitCode)
		m.ExitCode, m.OomKilled, m.TimedOut = &code, p.Exit.OOMKilled, p.Exit.TimedOut
	}
	return m
}
