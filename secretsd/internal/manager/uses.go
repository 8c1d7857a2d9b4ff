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
// With ofVersion they are those of the version that ref names, by `latest` or an alias the one that it means now; else of all.
func (m *Manager) ListSecretUses(
	ctx context.Context, c identity.Caller, ref secret.Ref, f secret.UseFilter, ofVersion bool,
) (list []secret.Use, next int64, err error) {
	err = m.viewSecret(ctx, c, secretUses, ref.Team, ref.Name, secret.FullName(ref.Team, ref.Name), func(r store.Reader, s secret.Secret) error {
		only := f
		if ofVersion {
			v, err := findVersion(ctx, r, s, ref)
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
