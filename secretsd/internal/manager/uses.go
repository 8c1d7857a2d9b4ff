package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var secretUses = operation{"secret.uses", authz.AuditRead}

// ListSecretUses returns the receipts of a secret, newest first, and the filter's Before that goes on with them, 0 at the end.
// With latest, the filter's version is `latest` as it is now.
func (m *Manager) ListSecretUses(
	ctx context.Context, c identity.Caller, team, name string, f secret.UseFilter, latest bool,
) (list []secret.Use, next int64, err error) {
	err = m.viewSecret(ctx, c, secretUses, team, name, secret.FullName(team, name), func(r store.Reader, s secret.Secret) error {
		only := f
		if f.Version != 0 || latest {
			v, err := findVersion(ctx, r, s, f.Version)
			if err != nil {
				return err
			}
			only.Version = v.Number
		}
		list, next, err = r.Uses(ctx, s, only)
		return err
	})
	return list, next, err
}
