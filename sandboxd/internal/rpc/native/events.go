package native

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// allSandboxes stands for a sandbox where all of the team's are meant.
const allSandboxes = "-"

// ListSandboxEvents implements the rpc.
func (s *service) ListSandboxEvents(ctx context.Context, req *sandboxv1.ListSandboxEventsRequest) (*sandboxv1.ListSandboxEventsResponse, error) {
	caller, ref, err := target(ctx, "parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	if ref.ID == allSandboxes {
		ref.ID = ""
	}
	events, next, err := s.core.Events(ctx, caller, controller.EventsRequest{
		Ref: ref, After: req.GetAfterSequence(), PageSize: int(req.GetPageSize()), PageToken: req.GetPageToken(),
	})
	if err != nil {
		return nil, err
	}
	resp := &sandboxv1.ListSandboxEventsResponse{NextPageToken: next}
	for _, e := range events {
		resp.Events = append(resp.Events, eventToProto(e))
	}
	return resp, nil
}

func eventToProto(e sandbox.Event) *sandboxv1.SandboxEvent {
	return &sandboxv1.SandboxEvent{
		Sequence: e.Sequence, Sandbox: resource.Sandbox{Team: e.Team, Sandbox: e.SandboxID}.String(), Time: timestamp(e.Time),
		// The kinds have the same names here and there; a test holds them to it.
		Kind:  sandboxv1.SandboxEventKind(sandboxv1.SandboxEventKind_value["SANDBOX_EVENT_KIND_"+string(e.Kind)]),
		Actor: e.Actor, Detail: e.Detail,
	}
}
