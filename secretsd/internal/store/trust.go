package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// TrustReader reads OIDC trusts.
type TrustReader interface {
	OIDCTrust(ctx context.Context, team, id string) (secret.OIDCTrust, error)
	// OIDCTrusts lists a team's trusts by id, ascending.
	OIDCTrusts(ctx context.Context, team, after string, limit int) ([]secret.OIDCTrust, error)
	CountOIDCTrusts(ctx context.Context, team string) (int, error)
	// CountExchangedKeys returns how many keys that were exchanged under a trust are valid at a time.
	CountExchangedKeys(ctx context.Context, team, trust string, at time.Time) (int, error)
}

// TrustWriter changes OIDC trusts.
type TrustWriter interface {
	CreateOIDCTrust(ctx context.Context, t secret.OIDCTrust) error
	// DeleteOIDCTrust removes a trust that exists.
	DeleteOIDCTrust(ctx context.Context, team, id string) error
	// RevokeExchangedKeys revokes the keys that were exchanged under a trust, and returns those that were valid.
	RevokeExchangedKeys(ctx context.Context, team, trust string, at time.Time) ([]secret.APIKey, error)
	// UseToken records that the token of an issuer with an id was exchanged, until it expires. It returns false when that is
	// recorded already.
	UseToken(ctx context.Context, issuer, id string, expires time.Time) (first bool, err error)
}

// KeyKeeper does what concerns keys and is nobody's act, so that the audit log has nothing to say of it. Each of its
// methods is one transaction.
type KeyKeeper interface {
	// RecordKeyUses stores when keys were used last. Earlier times than those stored, and keys that are not there, count for
	// nothing.
	RecordKeyUses(ctx context.Context, uses []secret.KeyUse) error
	// Forget deletes at most limit keys that were exchanged and expired before a time, and as many records of tokens that
	// expired before it. It returns how many of both.
	Forget(ctx context.Context, before time.Time, limit int) (int, error)
}
