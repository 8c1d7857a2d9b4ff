package native

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// ReadFile implements the rpc.
func (s *service) ReadFile(ctx context.Context, req *sandboxv1.ReadFileRequest) (*sandboxv1.ReadFileResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	content, err := s.core.ReadFile(ctx, caller, ref, req.GetPath())
	if err != nil {
		return nil, err
	}
	return &sandboxv1.ReadFileResponse{Content: content}, nil
}

// WriteFile implements the rpc.
func (s *service) WriteFile(ctx context.Context, req *sandboxv1.WriteFileRequest) (*sandboxv1.WriteFileResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.WriteFile(ctx, caller, ref, req.GetPath(), req.GetMode(), req.GetContent()); err != nil {
		return nil, err
	}
	return &sandboxv1.WriteFileResponse{}, nil
}
