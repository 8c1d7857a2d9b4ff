package coreweave

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// Bytes of each of the two output streams that Exec answers with, when the request does not say, and at most. Both
// streams together stay below the largest message.
const (
	defaultExecOutput = 16 << 20
	maxExecOutput     = 32 << 20
)

// Exec implements the rpc.
func (s *service) Exec(ctx context.Context, req *sandboxv1.ExecRequest) (*sandboxv1.ExecResponse, error) {
	caller, ref, err := s.target(ctx, req.GetSandboxId(), req.GetContainer())
	if err != nil {
		return nil, toStatus(err)
	}
	keep := int(req.GetMaxOutputBytes())
	if keep <= 0 {
		keep = defaultExecOutput
	}
	keep = min(keep, maxExecOutput)

	p, err := s.core.Exec(ctx, caller, ref, agent.ExecRequest{Argv: req.GetCommand(), Env: req.GetEnv()})
	if err != nil {
		return nil, toStatus(err)
	}
	defer p.Close()

	stdout, stderr := head{limit: keep}, head{limit: keep}
	for {
		ev, err := p.Recv()
		if err != nil {
			return nil, toStatus(err)
		}
		switch ev.Kind {
		case agent.Stdout:
			stdout.add(ev.Data)
		case agent.Stderr:
			stderr.add(ev.Data)
		case agent.Exit:
			stderr.add([]byte(killedWords(ev)))
			return &sandboxv1.ExecResponse{
				Stdout: stdout.kept, StdoutTruncated: stdout.truncated(), StdoutBytesProduced: stdout.produced,
				Stderr: stderr.kept, StderrTruncated: stderr.truncated(), StderrBytesProduced: stderr.produced,
				ExitCode: int32(ev.ExitCode),
			}, nil
		}
	}
}

// head keeps the first limit bytes of a stream and counts all.
type head struct {
	limit    int
	kept     []byte
	produced int64
}

func (h *head) add(b []byte) {
	h.produced += int64(len(b))
	h.kept = append(h.kept, b[:min(len(b), h.limit-len(h.kept))]...)
}

func (h *head) truncated() bool { return h.produced > int64(len(h.kept)) }
