package manager

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// EnableSecretVersion makes a disabled version usable again, and takes back a destroy that is not due yet. A non-empty
// etag must be the version's stored one; so for the next two.
func (m *Manager) EnableSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref, etag string) (secret.Version, error) {
	return m.changeVersion(ctx, c, versionEnable, ref, etag, func(_ secret.Secret, v *secret.Version) bool {
		if v.State == secret.Enabled {
			return false
		}
		v.State, v.ScheduledDestroyTime = secret.Enabled, time.Time{}
		return true
	})
}

// DisableSecretVersion makes a version unusable until it is enabled. One that waits to be destroyed goes on waiting.
func (m *Manager) DisableSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref, etag string) (secret.Version, error) {
	return m.changeVersion(ctx, c, versionDisable, ref, etag, func(_ secret.Secret, v *secret.Version) bool {
		if v.State == secret.Disabled {
			return false
		}
		v.State = secret.Disabled
		return true
	})
}

// DestroySecretVersion erases a version's value for good; on a secret with a VersionDestroyTTL it disables the version, for
// Sweep to erase it after that time.
func (m *Manager) DestroySecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref, etag string) (secret.Version, error) {
	return m.changeVersion(ctx, c, versionDestroy, ref, etag, func(s secret.Secret, v *secret.Version) bool {
		switch {
		case v.State == secret.Destroyed:
			return false
		case s.VersionDestroyTTL == 0:
			m.markDestroyed(v)
		case !v.ScheduledDestroyTime.IsZero(): // it waits already, and its time stays
			return false
		default:
			v.State, v.ScheduledDestroyTime = secret.Disabled, m.Now().Add(s.VersionDestroyTTL)
		}
		return true
	})
}

func (m *Manager) markDestroyed(v *secret.Version) {
	v.State, v.DestroyTime, v.Size, v.ScheduledDestroyTime, v.DataKeyID = secret.Destroyed, m.Now(), 0, time.Time{}, ""
	v.Revision++
}

// changeVersion changes the state of a version, named by its number. change says whether it changed anything; a version
// that is destroyed, or due to be, can only be destroyed.
func (m *Manager) changeVersion(
	ctx context.Context, c identity.Caller, op operation, ref secret.Ref, etag string,
	change func(secret.Secret, *secret.Version) bool,
) (v secret.Version, err error) {
	name := ref.VersionName()
	err = m.changeSecret(ctx, c, op, ref.Team, ref.Name, name, func(w store.Writer, s secret.Secret) (string, error) {
		if v, err = w.Version(ctx, s, ref.Version); err != nil {
			return name, err
		}
		if etag != "" && etag != v.ETag() {
			return name, secret.ErrETagMismatch(fmt.Sprintf("version %d of secret %s in team %s", v.Number, s.Name, s.Team))
		}
		if op != versionDestroy && (v.State == secret.Destroyed || v.DueAt(m.Now())) {
			return name, secret.ErrDestroyed(ref.Team, ref.Name, ref.Version)
		}
		before := v.Revision
		if !change(s, &v) {
			return name, nil
		}
		if v.State == secret.Enabled {
			if err := w.LiftRevocation(ctx, s, v.Number); err != nil {
				return name, err
			}
		}
		v.Revision = before + 1
		if err := w.UpdateVersion(ctx, s, v); err != nil {
			return name, err
		}
		m.touch(&s)
		return name, w.UpdateSecret(ctx, s)
	})
	return v, err
}
