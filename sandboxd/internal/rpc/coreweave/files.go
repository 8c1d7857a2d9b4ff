package coreweave

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
)

// ReadFile implements the rpc.
func (s *service) ReadFile(ctx context.Context, req *sandboxv1.ReadFileRequest) (*sandboxv1.ReadFileResponse, error) {
	caller, ref, err := s.target(ctx, req.GetSandboxId(), req.GetContainer())
	if err != nil {
		return nil, toStatus(err)
	}
	content, err := s.core.ReadFile(ctx, caller, ref, req.GetPath())
	if err != nil {
		return nil, toStatus(err)
	}
	return &sandboxv1.ReadFileResponse{Content: content}, nil
}

// WriteFile implements the rpc.
func (s *service) WriteFile(ctx context.Context, req *sandboxv1.WriteFileRequest) (*sandboxv1.WriteFileResponse, error) {
	caller, ref, err := s.target(ctx, req.GetSandboxId(), req.GetContainer())
	if err != nil {
		return nil, toStatus(err)
	}
	const keepMode = 0
	if err := s.core.WriteFile(ctx, caller, ref, req.GetPath(), keepMode, req.GetContent()); err != nil {
		return nil, toStatus(err)
	}
	return &sandboxv1.WriteFileResponse{}, nil
}
