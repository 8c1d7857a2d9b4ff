package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// AddSecretVersion adds a value, which becomes `latest`.
func (m *Manager) AddSecretVersion(
	ctx context.Context, c identity.Caller, team, name string, value redact.Bytes,
) (v secret.Version, err error) {
	err = m.changeSecret(ctx, c, versionAdd, team, name, secret.FullName(team, name), func(w store.Writer, s secret.Secret) (string, error) {
		_, v, err = m.addVersion(ctx, w, c, s, value)
		return secret.VersionName(team, name, v.Number), err
	})
	return v, err
}

// addVersion seals a value as the next version of a secret. It returns the secret as it is stored then.
func (m *Manager) addVersion(
	ctx context.Context, w store.Writer, c identity.Caller, s secret.Secret, value redact.Bytes,
) (secret.Secret, secret.Version, error) {
	count, err := w.CountVersions(ctx, s)
	if err != nil {
		return s, secret.Version{}, err
	}
	if count >= secret.MaxVersions {
		return s, secret.Version{}, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_VERSIONS",
			"secret %s in team %s has %d versions, which is the most: destroy old ones", s.Name, s.Team, count)
	}
	dek, err := m.openDEK(ctx, w, s.Team)
	if err != nil {
		return s, secret.Version{}, err
	}
	s.LatestVersion++
	m.touch(&s)
	sealed, err := dek.Seal(value, s.UID, s.LatestVersion)
	if err != nil {
		return s, secret.Version{}, err
	}
	v := secret.Version{
		Number: s.LatestVersion, State: secret.Enabled, CreateTime: s.UpdateTime, Creator: c.UserID, Size: int64(value.Len()),
		DataKeyID: dek.ID(),
	}
	if err := w.CreateVersion(ctx, s, v, sealed); err != nil {
		return s, v, err
	}
	return s, v, w.UpdateSecret(ctx, s)
}

// GetSecretVersion returns a version without its value. The reference's field is ignored.
func (m *Manager) GetSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (v secret.Version, err error) {
	err = m.viewSecret(ctx, c, versionGet, ref.Team, ref.Name, ref.VersionName(), func(r store.Reader, s secret.Secret) error {
		v, err = findVersion(ctx, r, s, ref.Version)
		return err
	})
	return v, err
}

// findVersion returns a version by number, or `latest` for 0: the newest that is not destroyed, in whatever state else.
func findVersion(ctx context.Context, r store.Reader, s secret.Secret, number int64) (secret.Version, error) {
	if number != 0 {
		return r.Version(ctx, s, number)
	}
	v, found, err := r.NewestVersion(ctx, s)
	switch {
	case err != nil || found:
		return v, err
	case s.LatestVersion == 0:
		return v, secret.ErrVersionNotFound(s.Team, s.Name, "latest")
	default:
		return v, secret.ErrDestroyed(s.Team, s.Name, "latest")
	}
}

// ListSecretVersions returns at most limit versions, newest first, those below a number (0 is the start), and whether
// there are more.
func (m *Manager) ListSecretVersions(
	ctx context.Context, c identity.Caller, team, name string, before int64, limit int,
) (list []secret.Version, more bool, err error) {
	err = m.viewSecret(ctx, c, versionList, team, name, secret.FullName(team, name), func(r store.Reader, s secret.Secret) error {
		list, err = r.Versions(ctx, s, before, limit+1)
		return err
	})
	list, more = page(list, limit)
	return list, more, err
}

// EnableSecretVersion makes a disabled version usable again.
func (m *Manager) EnableSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (secret.Version, error) {
	return m.setState(ctx, c, versionEnable, ref, secret.Enabled)
}

// DisableSecretVersion makes a version unusable until it is enabled.
func (m *Manager) DisableSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (secret.Version, error) {
	return m.setState(ctx, c, versionDisable, ref, secret.Disabled)
}

// DestroySecretVersion erases a version's value for good.
func (m *Manager) DestroySecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (secret.Version, error) {
	return m.setState(ctx, c, versionDestroy, ref, secret.Destroyed)
}

// setState moves a version, named by its number, to a state. A version that is there already stays as it is.
func (m *Manager) setState(
	ctx context.Context, c identity.Caller, op operation, ref secret.Ref, state secret.State,
) (v secret.Version, err error) {
	name := ref.VersionName()
	err = m.changeSecret(ctx, c, op, ref.Team, ref.Name, name, func(w store.Writer, s secret.Secret) (string, error) {
		if v, err = w.Version(ctx, s, ref.Version); err != nil || v.State == state {
			return name, err
		}
		if v.State == secret.Destroyed {
			return name, secret.ErrDestroyed(ref.Team, ref.Name, ref.Version)
		}
		if state == secret.Enabled {
			if err := w.LiftRevocation(ctx, s, v.Number); err != nil {
				return name, err
			}
		}
		v.State = state
		if state == secret.Destroyed {
			v.DestroyTime, v.Size, v.DataKeyID = m.Now(), 0, ""
		}
		if err := w.UpdateVersion(ctx, s, v); err != nil {
			return name, err
		}
		m.touch(&s)
		return name, w.UpdateSecret(ctx, s)
	})
	return v, err
}
