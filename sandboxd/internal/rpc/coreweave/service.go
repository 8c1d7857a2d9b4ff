// Package coreweave answers coreweave.sandbox.v1, the API of the public Python SDK (cwsandbox, wandb.sandbox), on
// Casemate's own core, so that programs written for that SDK run unmodified. It maps requests to the core's words and
// answers back; it decides nothing. What the SDK does with the answers is the reason for most of what looks odd here.
package coreweave

import (
	"context"
	"time"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Controller is what this front needs of the core.
type Controller interface {
	Run(ctx context.Context, caller identity.Caller, req controller.RunRequest) (sandbox.Sandbox, error)
	Get(ctx context.Context, caller identity.Caller, ref controller.Ref) (sandbox.Sandbox, error)
	List(ctx context.Context, caller identity.Caller, req controller.ListRequest) (controller.ListResult, error)
	Stop(ctx context.Context, caller identity.Caller, ref controller.Ref, grace *time.Duration) (sandbox.Sandbox, error)
	Exec(ctx context.Context, caller identity.Caller, ref controller.Ref, req agent.ExecRequest) (*agent.Process, error)
	ReadFile(ctx context.Context, caller identity.Caller, ref controller.Ref, path string) ([]byte, error)
	WriteFile(ctx context.Context, caller identity.Caller, ref controller.Ref, path string, mode uint32, data []byte) error
	Logs(ctx context.Context, caller identity.Caller, ref controller.Ref, req controller.LogsRequest, fn func(controller.LogRecord) error) error
}

// Register serves coreweave.sandbox.v1.SandboxService at r.
func Register(r grpc.ServiceRegistrar, c Controller) {
	sandboxv1.RegisterSandboxServiceServer(r, &service{core: c})
}

type service struct {
	sandboxv1.UnimplementedSandboxServiceServer

	core Controller
}

// target is the sandbox that a request names, in the team in which the call works, as its caller.
func (s *service) target(ctx context.Context, sandboxID, container string) (identity.Caller, controller.Ref, error) {
	caller, team, err := callerAndTeam(ctx)
	if err != nil {
		return identity.Caller{}, controller.Ref{}, err
	}
	if sandboxID == "" {
		return identity.Caller{}, controller.Ref{}, errdefs.InvalidField("sandbox_id", "is empty")
	}
	if resource.CheckSandbox("sandbox_id", sandboxID) != nil { // to the SDK an id is a word like another; this one may be a value
		return identity.Caller{}, controller.Ref{}, errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "there is no sandbox with that id")
	}
	ref := controller.Ref{Team: team, ID: sandboxID}
	return caller, ref, s.checkContainer(ctx, caller, ref, container)
}

// checkContainer wants a request that names a container to name the one there is.
func (s *service) checkContainer(ctx context.Context, caller identity.Caller, ref controller.Ref, name string) error {
	if name == "" {
		return nil
	}
	sb, err := s.core.Get(ctx, caller, ref)
	if err != nil {
		return err
	}
	shown, err := decodeFrontData(sb)
	if err != nil {
		return err
	}
	if only := containerName(shown); name != only {
		return errdefs.InvalidField("container", "the sandbox has no such container, only %q", only)
	}
	return nil
}
