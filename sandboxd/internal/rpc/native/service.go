// Package native answers casemate.sandbox.v1. Each rpc is four moves: parse, one call into the core, and, where that
// succeeded, convert back; errors pass as they are, and the server's chain maps them. It decides nothing.
package native

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// Front is this API's name in a sandbox's record.
const Front = "native"

// Register serves casemate.sandbox.v1.SandboxService at r.
func Register(r grpc.ServiceRegistrar, core *controller.Controller) {
	sandboxv1.RegisterSandboxServiceServer(r, &service{core: core})
}

type service struct {
	sandboxv1.UnimplementedSandboxServiceServer

	core *controller.Controller
}

// callerOf returns who calls; the server's chain has put it there.
func callerOf(ctx context.Context) (identity.Caller, error) {
	caller, ok := identity.FromContext(ctx)
	if !ok {
		return identity.Caller{}, errors.New("the context carries no caller")
	}
	return caller, nil
}

// target parses the sandbox's name and returns it with the caller.
func target(ctx context.Context, field, name string) (identity.Caller, controller.Ref, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return identity.Caller{}, controller.Ref{}, err
	}
	n, err := resource.ParseSandbox(field, name)
	if err != nil {
		return identity.Caller{}, controller.Ref{}, err
	}
	if n.Team == resource.AnyTeam {
		n.Team = "" // the core's word for it
	}
	return caller, controller.Ref{Team: n.Team, ID: n.Sandbox}, nil
}

// parentTeam parses the team of a request; empty stays empty and means the key's own.
func parentTeam(parent string) (string, error) {
	if parent == "" {
		return "", nil
	}
	n, err := resource.ParseTeam("parent", parent)
	return n.Team, err
}
