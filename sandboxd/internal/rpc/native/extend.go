package native

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// ExtendSandbox implements the rpc.
func (s *service) ExtendSandbox(ctx context.Context, req *sandboxv1.ExtendSandboxRequest) (*sandboxv1.ExtendSandboxResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	end := controller.NewEnd{TTL: req.GetTtl().AsDuration()}
	if req.GetExpireTime() != nil {
		end.At = req.GetExpireTime().AsTime()
	}
	sb, err := s.core.Extend(ctx, caller, ref, end)
	if err != nil {
		return nil, err
	}
	return &sandboxv1.ExtendSandboxResponse{Sandbox: sandboxToProto(sb)}, nil
}
