// Package rpc is secretsd's side of casemate.secrets.v1. Each rpc makes four moves: it parses the request, makes one
// call into the core, lets the error be, and converts the answer. It decides nothing.
package rpc

import (
	"context"
	"slices"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

// server implements SecretsManager. It embeds no default implementation, so that an rpc can't be forgotten.
type server struct {
	secretsv1.UnsafeSecretsManagerServer

	core    *manager.Manager
	guesses *throttle.Throttle
}

var _ secretsv1.SecretsManagerServer = (*server)(nil)

// Register adds the service to a server. The throttle is the one that its Authenticator has.
func Register(r grpc.ServiceRegistrar, core *manager.Manager, guesses *throttle.Throttle) {
	secretsv1.RegisterSecretsManagerServer(r, &server{core: core, guesses: guesses})
}

// Authenticator returns what grpcserver asks before every call: it puts the Caller into the context, and refuses an rpc
// that the table of actions does not know. What workloads call in their own name has a Caller with nothing but the Peer, whom
// the core trusts or does not. Failed attempts count in the throttle: by the address that they come from, or, where one of the
// resolvers calls for somebody, by the address that it says.
func Authenticator(core *manager.Manager, guesses *throttle.Throttle) grpcserver.AuthFunc {
	return func(ctx context.Context, fullMethod string) (context.Context, error) {
		action, known := authz.ActionOf(fullMethod)
		if !known {
			return nil, errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "nobody may call %s", fullMethod)
		}
		if action == authz.Anyone {
			return ctx, nil
		}
		peer := grpcserver.PeerID(ctx)
		if action == authz.Workload {
			c, err := core.AuthenticateWorkload(peer)
			return identity.NewContext(ctx, c), err
		}
		key, err := apikey.FromMetadata(ctx)
		if err != nil {
			core.MissingKey(peer, fullMethod, err)
			return nil, err
		}
		var c identity.Caller
		attempt := throttle.Attempt{Source: source(ctx, core, peer), Subject: key.ID(), Credential: key.Hash()}
		err = guarded(core, peer, guesses, attempt, func() (err error) {
			c, err = core.Authenticate(ctx, key, peer)
			return err
		})
		if err != nil {
			return nil, err
		}
		c.Address = grpcserver.PeerAddress(ctx)
		return identity.NewContext(ctx, c), nil
	}
}

// guarded has the throttle decide whether a credential is looked at.
func guarded(core *manager.Manager, peer string, guesses *throttle.Throttle, a throttle.Attempt, check func() error) error {
	looked := false
	err := guesses.Try(a, func() error { looked = true; return check() })
	if !looked {
		core.RefusedAttempt(peer)
	}
	return err
}

// source is where a call comes from, for the throttle. What others than the resolvers say of an address counts for nothing.
func source(ctx context.Context, core *manager.Manager, peer string) string {
	if slices.Contains(core.Resolvers, peer) {
		return throttle.Source(peer, grpcserver.CallerAddress(ctx))
	}
	return throttle.Source("", grpcserver.PeerAddress(ctx))
}

// caller returns who calls. Without one it is the zero Caller, who may do nothing.
func caller(ctx context.Context) identity.Caller {
	c, _ := identity.FromContext(ctx)
	return c
}
