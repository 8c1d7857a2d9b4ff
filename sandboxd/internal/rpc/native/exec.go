package native

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// defaultOutput is max_output_bytes where a request says nothing.
const defaultOutput = 1 << 20

// Exec implements the rpc.
func (s *service) Exec(ctx context.Context, req *sandboxv1.ExecRequest) (*sandboxv1.ExecResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	spec := execFromProto(req.GetSpec())
	spec.Stdin = len(req.GetStdin()) > 0
	p, err := s.core.Exec(ctx, caller, ref, spec)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if spec.Stdin {
		go func() {
			// It fails when the command is over, or the agent gone: Recv tells.
			if p.Write(req.GetStdin()) == nil {
				_ = p.CloseStdin()
			}
		}()
	}
	return gather(p, int(req.GetMaxOutputBytes()))
}

// gather reads a command's output to its end and keeps up to limit bytes of each stream.
func gather(p *agent.Process, limit int) (*sandboxv1.ExecResponse, error) {
	if limit == 0 {
		limit = defaultOutput
	}
	resp := &sandboxv1.ExecResponse{}
	for {
		event, err := p.Recv()
		if err != nil {
			return nil, err
		}
		switch event.Kind {
		case agent.Stdout:
			resp.Stdout, resp.StdoutTruncated = keep(resp.Stdout, event.Data, limit, resp.StdoutTruncated)
		case agent.Stderr:
			resp.Stderr, resp.StderrTruncated = keep(resp.Stderr, event.Data, limit, resp.StderrTruncated)
		case agent.Exit:
			resp.ExitCode, resp.OomKilled, resp.TimedOut, resp.OutputExceeded = int32(event.ExitCode), event.OOMKilled, event.TimedOut, event.OutputExceeded
			return resp, nil
		}
	}
}

func keep(kept, more []byte, limit int, truncated bool) ([]byte, bool) {
	if room := limit - len(kept); len(more) > room {
		return append(kept, more[:room]...), true
	}
	return append(kept, more...), truncated
}
