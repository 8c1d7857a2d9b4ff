// Package rpc is secretsd's side of casemate.secrets.v1. Each rpc makes four moves: it parses the request, makes one
// call into the core, lets the error be, and converts the answer. It decides nothing.
package rpc

import (
	"context"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

// server implements SecretsManager. It embeds no default implementation, so that an rpc can't be forgotten.
type server struct {
	secretsv1.UnsafeSecretsManagerServer

	core *manager.Manager
}

var _ secretsv1.SecretsManagerServer = (*server)(nil)

// Register adds the service to a server.
func Register(r grpc.ServiceRegistrar, core *manager.Manager) {
	secretsv1.RegisterSecretsManagerServer(r, &server{core: core})
}

// Authenticator returns what grpcserver asks before every call: it puts the Caller into the context, and refuses an rpc
// that the table of actions does not know. What workloads call in their own name has a Caller with nothing but the Peer, whom
// the core trusts or does not.
func Authenticator(core *manager.Manager) grpcserver.AuthFunc {
	return func(ctx context.Context, fullMethod string) (context.Context, error) {
		action, known := authz.ActionOf(fullMethod)
		if !known {
			return nil, errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "nobody may call %s", fullMethod)
		}
		peer := grpcserver.PeerID(ctx)
		if action == authz.Workload {
			c, err := core.AuthenticateWorkload(peer)
			return identity.NewContext(ctx, c), err
		}
		key, err := apikey.FromMetadata(ctx)
		if err != nil {
			return nil, core.Unauthenticated(ctx, peer, action, fullMethod, err)
		}
		c, err := core.Authenticate(ctx, key, peer)
		if err != nil {
			return nil, core.Unauthenticated(ctx, peer, action, fullMethod, err)
		}
		c.Address = grpcserver.PeerAddress(ctx)
		return identity.NewContext(ctx, c), nil
	}
}

// caller returns who calls. Without one it is the zero Caller, who may do nothing.
func caller(ctx context.Context) identity.Caller {
	c, _ := identity.FromContext(ctx)
	return c
}
