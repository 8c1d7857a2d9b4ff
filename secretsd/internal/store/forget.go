package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Forgetter removes what nobody asks about any more, so that nothing grows for ever. Each of its methods concerns at most limit
// things.
type Forgetter interface {
	// EndedAPIKeys lists keys that were revoked, or expired, before a time, the longest ended first; those that were exchanged for
	// a token are KeyKeeper's to forget.
	EndedAPIKeys(ctx context.Context, before time.Time, limit int) ([]secret.APIKey, error)
	// DeleteAPIKey removes a key that exists. What it was replaced by stays, as if it had replaced nothing.
	DeleteAPIKey(ctx context.Context, id string) error
	// IdleUsers lists users, but operators, who are members of no team and have no key, no grant and no trust.
	IdleUsers(ctx context.Context, limit int) ([]string, error)
	// DeleteUser removes a user who is idle.
	DeleteUser(ctx context.Context, id string) error
	// DeleteReceipts removes batches of receipts of sandboxes that ended before a time, whose audit entries were removed, and
	// returns how many.
	DeleteReceipts(ctx context.Context, before time.Time, limit int) (int, error)
	// DeleteIdleRevocations removes revocations of secrets that are gone, of which no sandbox that has not ended holds anything,
	// and returns how many.
	DeleteIdleRevocations(ctx context.Context, limit int) (int, error)
}
