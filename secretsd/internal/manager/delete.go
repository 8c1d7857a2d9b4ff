package manager

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	secretUndelete = operation{"secret.undelete", authz.SecretManage}
	secretPurge    = operation{"secret.purge", authz.SecretManage}
)

// onDeleted says whether an operation is for deleted secrets, too: to see, erase and bring them back, and to find and revoke
// what sandboxes hold of them. All others are refused on them.
func (op operation) onDeleted() bool {
	switch op {
	case secretGet, secretDelete, secretPurge, secretUndelete, secretUses, versionRevoke:
		return true
	}
	return false
}

// SecretDelete is what DeleteSecret needs.
type SecretDelete struct {
	Team, Name string
	// ETag must be the stored one when it is not empty.
	ETag string
	// Purge erases the secret at once, also one that was deleted before.
	Purge bool
}

// DeleteSecret marks a secret as deleted until its purge time, or erases it: when that is asked for, or when deleted
// secrets are not kept. Erasing, it returns the zero Secret.
func (m *Manager) DeleteSecret(ctx context.Context, c identity.Caller, d SecretDelete) (s secret.Secret, err error) {
	name, op, purge := secret.FullName(d.Team, d.Name), secretDelete, d.Purge || m.Retention == 0
	if purge {
		op = secretPurge
	}
	err = m.changeSecret(ctx, c, op, d.Team, d.Name, name, func(w store.Writer, old secret.Secret) (string, error) {
		if s = old; s.Deleted() && !d.Purge {
			return name, secret.ErrDeleted(d.Team, d.Name)
		}
		if err := checkETag(s, d.ETag); err != nil {
			return name, err
		}
		if purge {
			return name, w.DeleteSecret(ctx, s)
		}
		m.markDeleted(&s)
		return name, w.UpdateSecret(ctx, s)
	})
	if purge || err != nil {
		return secret.Secret{}, err
	}
	return s, nil
}

func (m *Manager) markDeleted(s *secret.Secret) {
	m.touch(s)
	s.DeleteTime, s.PurgeTime = s.UpdateTime, s.UpdateTime.Add(m.Retention)
}

// UndeleteSecret brings a deleted secret back. A non-empty etag must be the stored one. An expire time that has passed is
// taken away: the secret would be deleted again.
func (m *Manager) UndeleteSecret(
	ctx context.Context, c identity.Caller, team, name, etag string,
) (s secret.Secret, err error) {
	full := secret.FullName(team, name)
	err = m.changeSecret(ctx, c, secretUndelete, team, name, full, func(w store.Writer, old secret.Secret) (string, error) {
		s = old
		switch {
		case !s.Deleted():
			return full, errdefs.New(errdefs.AlreadyExists, "SECRET_NOT_DELETED", "secret %s in team %s is not deleted", name, team)
		case s.PurgeableAt(m.Now()):
			return full, secret.ErrNotFound(team, name)
		}
		if err := checkETag(s, etag); err != nil {
			return full, err
		}
		m.touch(&s)
		s.DeleteTime, s.PurgeTime = time.Time{}, time.Time{}
		if s.ExpiredAt(s.UpdateTime) {
			s.ExpireTime = time.Time{}
		}
		return full, w.UpdateSecret(ctx, s)
	})
	return s, err
}
