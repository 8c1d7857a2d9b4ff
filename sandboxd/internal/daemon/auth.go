package daemon

import (
	"context"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
)

// authenticate asks secretsd whom the presented API key stands for. sandboxd keeps no users: while secretsd can't be
// reached, nobody is let in but for what the client still believes from the last second. The key goes on with the
// call, since secretsd wants it again with every secret. Failed attempts count in the throttle, by the address that they come
// from, which secretsd does not see itself.
func authenticate(secrets *resolve.Client, guesses *throttle.Throttle) grpcserver.AuthFunc {
	return func(ctx context.Context, _ string) (context.Context, error) {
		key, err := apikey.FromMetadata(ctx)
		if err != nil {
			return nil, err
		}
		var caller identity.Caller
		attempt := throttle.Attempt{Source: throttle.Source("", grpcserver.PeerAddress(ctx)), Subject: key.ID(), Credential: key.Hash()}
		err = guesses.Try(attempt, func() (err error) {
			caller, err = secrets.WhoAmI(ctx, key)
			return err
		})
		if err != nil {
			return nil, err
		}
		caller.Peer, caller.Address = grpcserver.PeerID(ctx), grpcserver.PeerAddress(ctx)
		return identity.NewContext(apikey.NewContext(ctx, key), caller), nil
	}
}
