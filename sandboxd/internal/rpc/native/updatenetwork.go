package native

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// UpdateNetwork implements the rpc.
func (s *service) UpdateNetwork(ctx context.Context, req *sandboxv1.UpdateNetworkRequest) (*sandboxv1.UpdateNetworkResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	sb, err := s.core.UpdateNetwork(ctx, caller, ref, networkFromProto(req.GetNetwork()))
	if err != nil {
		return nil, err
	}
	return &sandboxv1.UpdateNetworkResponse{Sandbox: sandboxToProto(sb)}, nil
}
