package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// KeyReader reads which keys are needed for what.
type KeyReader interface {
	WrappedDEK(ctx context.Context, team string) (secret.WrappedDEK, error)
	// CountWrapped returns how many teams there are, and how many of them have a data key that another key-encryption key
	// than this one wraps.
	CountWrapped(ctx context.Context, kekID string) (teams, others int64, err error)
	// WrappedByOthers lists teams whose data key another key-encryption key than this one wraps.
	WrappedByOthers(ctx context.Context, kekID string, limit int) ([]string, error)
	// RotatingTeams lists the teams whose data key is being rotated.
	RotatingTeams(ctx context.Context, limit int) ([]string, error)
	// CountSealed returns how many versions of a team have a ciphertext, and how many of those are sealed by another data
	// key than this one.
	CountSealed(ctx context.Context, team, dekID string) (versions, others int64, err error)
	// SealedByOthers lists versions of a team that are sealed by another data key than this one, by secret and number, those
	// after a version; the zero value is the start.
	SealedByOthers(
		ctx context.Context, team, dekID string, after secret.SealedVersion, limit int,
	) ([]secret.SealedVersion, error)
}

// KeyWriter replaces wrapped keys and what they sealed.
type KeyWriter interface {
	// SetWrappedDEK replaces a team's data key, says whether it is being rotated, and counts the team's revision up. What
	// stood there before is erased.
	SetWrappedDEK(ctx context.Context, team string, dek secret.WrappedDEK, rotating bool) error
	// SetCiphertext replaces the ciphertext of a version that has one.
	SetCiphertext(ctx context.Context, v secret.SealedVersion) error
	// DestroyTeam erases a team's wrapped data key, its secrets with their ciphertext and their grants, its OIDC trusts, its
	// members, and what was done under request ids; no key acts in it any more. What stays: its name, which is taken; the
	// records of its keys, of which the caller has revoked those that were valid; and who held which value, with its
	// revocations.
	DestroyTeam(ctx context.Context, team string, at time.Time) error
}
