package store

import (
	"context"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// GrantReader reads the grants of secrets.
type GrantReader interface {
	// Grants returns all grants of a secret by id, ascending; at most secret.MaxGrants.
	Grants(ctx context.Context, s secret.Secret) ([]secret.Grant, error)
}

// GrantWriter changes the grants of secrets.
type GrantWriter interface {
	CreateGrant(ctx context.Context, s secret.Secret, g secret.Grant) error
	DeleteGrant(ctx context.Context, s secret.Secret, id string) error
	// DeleteGrantsOf removes what is granted to a user, by name, in a team.
	DeleteGrantsOf(ctx context.Context, team, user string) error
}
