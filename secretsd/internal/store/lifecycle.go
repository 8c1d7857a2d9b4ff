package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// DueVersion is a version that is to be destroyed.
type DueVersion struct {
	Secret  secret.Secret
	Version secret.Version
}

// LifecycleReader finds what is due at a time, over all teams, the longest due first. Lists return at most limit items.
type LifecycleReader interface {
	// DueVersions lists versions whose scheduled destroy time has come, of deleted secrets too.
	DueVersions(ctx context.Context, at time.Time, limit int) ([]DueVersion, error)
	// ExpiredSecrets lists secrets whose expire time has come and that are not deleted.
	ExpiredSecrets(ctx context.Context, at time.Time, limit int) ([]secret.Secret, error)
	// PurgeableSecrets lists deleted secrets whose purge time has come.
	PurgeableSecrets(ctx context.Context, at time.Time, limit int) ([]secret.Secret, error)
}
