package native

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// RunSandbox implements the rpc.
func (s *service) RunSandbox(ctx context.Context, req *sandboxv1.RunSandboxRequest) (*sandboxv1.RunSandboxResponse, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	team, err := parentTeam(req.GetParent())
	if err != nil {
		return nil, err
	}
	sb, err := s.core.Run(ctx, caller, controller.RunRequest{
		Team: team, Spec: specFromProto(req.GetSpec()), Files: filesFromProto(req.GetSpec().GetFiles()),
		RequestID: req.GetRequestId(), Front: Front,
	})
	if err != nil {
		return nil, err
	}
	return &sandboxv1.RunSandboxResponse{Sandbox: sandboxToProto(sb)}, nil
}

// GetSandbox implements the rpc.
func (s *service) GetSandbox(ctx context.Context, req *sandboxv1.GetSandboxRequest) (*sandboxv1.GetSandboxResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	sb, err := s.core.Get(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	return &sandboxv1.GetSandboxResponse{Sandbox: sandboxToProto(sb)}, nil
}

// ListSandboxes implements the rpc.
func (s *service) ListSandboxes(ctx context.Context, req *sandboxv1.ListSandboxesRequest) (*sandboxv1.ListSandboxesResponse, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	team, err := parentTeam(req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := s.core.List(ctx, caller, controller.ListRequest{
		Team: team, Tags: req.GetTags(), ShowEnded: req.GetShowEnded(), PageSize: int(req.GetPageSize()), PageToken: req.GetPageToken(),
	})
	if err != nil {
		return nil, err
	}
	resp := &sandboxv1.ListSandboxesResponse{NextPageToken: page.NextPageToken}
	for _, sb := range page.Sandboxes {
		resp.Sandboxes = append(resp.Sandboxes, sandboxToProto(sb))
	}
	return resp, nil
}

// StopSandbox implements the rpc.
func (s *service) StopSandbox(ctx context.Context, req *sandboxv1.StopSandboxRequest) (*sandboxv1.StopSandboxResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	sb, err := s.core.Stop(ctx, caller, ref, optional(req.GetGracePeriod()))
	if err != nil {
		return nil, err
	}
	return &sandboxv1.StopSandboxResponse{Sandbox: sandboxToProto(sb)}, nil
}

// DeleteSandbox implements the rpc.
func (s *service) DeleteSandbox(ctx context.Context, req *sandboxv1.DeleteSandboxRequest) (*sandboxv1.DeleteSandboxResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	err = s.core.Delete(ctx, caller, ref)
	if err != nil && (!req.GetAllowMissing() || errdefs.KindOf(err) != errdefs.NotFound) {
		return nil, err
	}
	return &sandboxv1.DeleteSandboxResponse{}, nil
}

// WaitSandbox implements the rpc.
func (s *service) WaitSandbox(ctx context.Context, req *sandboxv1.WaitSandboxRequest) (*sandboxv1.WaitSandboxResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	sb, err := s.core.Wait(ctx, caller, ref, waitTimeout(req.GetTimeout()))
	if err != nil {
		return nil, err
	}
	return &sandboxv1.WaitSandboxResponse{Sandbox: sandboxToProto(sb)}, nil
}

// waitTimeout is 0, for as long as the call lasts, only for an absent timeout: one of nothing asks for the state as it is.
func waitTimeout(t *durationpb.Duration) time.Duration {
	if t == nil {
		return 0
	}
	return max(t.AsDuration(), time.Nanosecond)
}
