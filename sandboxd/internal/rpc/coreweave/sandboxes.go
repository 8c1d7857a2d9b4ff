package coreweave

import (
	"context"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// GetSandbox implements the rpc.
func (s *service) GetSandbox(ctx context.Context, req *sandboxv1.GetSandboxRequest) (*sandboxv1.Sandbox, error) {
	caller, ref, err := s.target(ctx, req.GetSandboxId(), "")
	if err != nil {
		return nil, toStatus(err)
	}
	sb, err := s.core.Get(ctx, caller, ref)
	if err != nil {
		return nil, toStatus(err)
	}
	return answer(sb)
}

// ListSandboxes implements the rpc.
func (s *service) ListSandboxes(ctx context.Context, req *sandboxv1.ListSandboxesRequest) (*sandboxv1.ListSandboxesResponse, error) {
	caller, team, err := callerAndTeam(ctx)
	if err != nil {
		return nil, toStatus(err)
	}
	if err := checkList(req); err != nil {
		return nil, toStatus(err)
	}
	list := controller.ListRequest{
		Team: team, Tags: req.GetTags(), ShowEnded: req.GetShowTerminated(),
		PageSize: int(req.GetPageSize()), PageToken: req.GetPageToken(),
	}
	// No sandbox is on a runner or has a volume, and none is in a state that Casemate does not have.
	none := len(req.GetRunnerIds()) > 0 || len(req.GetVolumeIds()) > 0
	if req.GetState() != sandboxv1.State_STATE_UNSPECIFIED {
		list.States = coreStates(req.GetState())
		none = none || len(list.States) == 0
	}
	if none {
		return &sandboxv1.ListSandboxesResponse{}, nil
	}
	page, err := s.core.List(ctx, caller, list)
	if err != nil {
		return nil, toStatus(err)
	}
	out := &sandboxv1.ListSandboxesResponse{NextPageToken: page.NextPageToken}
	for _, sb := range page.Sandboxes {
		shown, err := view(sb)
		if err != nil {
			return nil, toStatus(err)
		}
		out.Sandboxes = append(out.Sandboxes, shown)
	}
	return out, nil
}

func checkList(req *sandboxv1.ListSandboxesRequest) error {
	var v violations
	v.refuse(req.GetPageSize() < 0, "page_size", "is negative")
	v.refuse(req.GetSortDirection() == sandboxv1.SortDirection_SORT_DIRECTION_ASCENDING, "sort_direction",
		"sandboxes are listed the newest first")
	return v.err()
}

// DeleteSandbox implements the rpc. It keeps the record, because the SDK goes on asking for the sandbox until it sees a
// final state, and takes a missing one for an error.
func (s *service) DeleteSandbox(ctx context.Context, req *sandboxv1.DeleteSandboxRequest) (*sandboxv1.DeleteSandboxResponse, error) {
	caller, ref, err := s.target(ctx, req.GetSandboxId(), "")
	if err != nil {
		return nil, toStatus(err)
	}
	if len(req.GetSnapshotVolumes()) > 0 {
		return nil, toStatus(errNoSnapshots())
	}
	grace := time.Duration(req.GetGracePeriodSeconds()) * time.Second // what is absent is 0 on this wire
	if err := sandbox.CheckGrace("grace_period_seconds", grace); err != nil {
		return nil, toStatus(err)
	}
	sb, err := s.core.Stop(ctx, caller, ref, &grace)
	if req.GetAllowMissing() && errdefs.ReasonOf(err) == reasonSandboxNotFound {
		return &sandboxv1.DeleteSandboxResponse{}, nil
	}
	if err != nil {
		return nil, toStatus(err)
	}
	shown, err := answer(sb)
	if err != nil {
		return nil, err
	}
	return &sandboxv1.DeleteSandboxResponse{Sandbox: shown}, nil
}
