package coreweave

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// CreateSandbox implements the rpc.
func (s *service) CreateSandbox(ctx context.Context, req *sandboxv1.CreateSandboxRequest) (*sandboxv1.Sandbox, error) {
	caller, team, err := callerAndTeam(ctx)
	if err != nil {
		return nil, toStatus(err)
	}
	p, err := parse(req.GetSandbox())
	if err != nil {
		return nil, toStatus(err)
	}
	frontData, err := encodeFrontData(req.GetSandbox())
	if err != nil {
		return nil, toStatus(err)
	}
	sb, err := s.core.Run(ctx, caller, controller.RunRequest{
		Team:            team,
		Spec:            p.spec,
		Files:           p.files,
		RequestID:       req.GetRequestId(),
		Front:           Front,
		FrontData:       frontData,
		DefaultLifetime: DefaultLifetime,
	})
	if err != nil {
		return nil, toStatus(createError(err, p.places))
	}
	return answer(sb)
}

// answer is view with its error mapped.
func answer(sb sandbox.Sandbox) (*sandboxv1.Sandbox, error) {
	out, err := view(sb)
	if err != nil {
		return nil, toStatus(err)
	}
	return out, nil
}
