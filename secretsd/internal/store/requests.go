package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// RequestReader reads what was done under request ids.
type RequestReader interface {
	// Request returns what a user's request of that method and id did, and whether there is one since a time.
	Request(ctx context.Context, user, method, id string, since time.Time) (secret.Request, bool, error)
	// HasRequestsBefore reports whether there are requests of before a time.
	HasRequestsBefore(ctx context.Context, before time.Time) (bool, error)
}

// RequestWriter records what was done under request ids.
type RequestWriter interface {
	// PutRequest records a request; one of the same user, method and id is replaced, which must be one that is forgotten.
	PutRequest(ctx context.Context, r secret.Request) error
	// DeleteRequests forgets at most limit requests of before a time.
	DeleteRequests(ctx context.Context, before time.Time, limit int) error
}
