package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// NewVersion is what AddSecretVersion needs.
type NewVersion struct {
	Team, Name string
	// Value is what to add, unless Generate makes it.
	Value    redact.Bytes
	Generate *Generate
	// ETag must be the secret's stored one when it is not empty.
	ETag string
	// IfChanged adds nothing when `latest` is enabled and has the value.
	IfChanged bool
	// RequestID makes the call safe to repeat; empty is none.
	RequestID string
}

// AddSecretVersion adds a value, which becomes `latest`. It says whether that was left out, since `latest`, which it
// returns then, has the value already.
func (m *Manager) AddSecretVersion(
	ctx context.Context, c identity.Caller, n NewVersion,
) (v secret.Version, unchanged bool, err error) {
	value := n.Value
	if n.Generate != nil {
		value = generate(*n.Generate)
		defer value.Wipe()
	}
	var done result
	err = m.changeSecret(ctx, c, versionAdd, n.Team, n.Name, secret.FullName(n.Team, n.Name), func(w store.Writer, s secret.Secret) (string, error) {
		done, err = m.once(ctx, w, c, versionAdd, request{n.Team, n.RequestID, n, n.Value, n.Generate != nil}, func() (result, error) {
			return m.addUnlessHeld(ctx, w, c, s, n, value)
		})
		return secret.VersionName(n.Team, n.Name, done.version.Number), err
	})
	return done.version, done.unchanged, unlessRepeated(err)
}

func (m *Manager) addUnlessHeld(
	ctx context.Context, w store.Writer, c identity.Caller, s secret.Secret, n NewVersion, value redact.Bytes,
) (result, error) {
	if err := checkETag(s, n.ETag); err != nil {
		return result{}, err
	}
	if n.IfChanged {
		// Whoever may not read the value must pay for a wrong guess at it with a version.
		if err := roomForVersion(ctx, w, s); err != nil {
			return result{}, err
		}
		v, found, err := w.NewestVersion(ctx, s)
		if err != nil {
			return result{}, err
		}
		if found && v.State == secret.Enabled {
			if held, err := m.holds(ctx, w, s, v, value); held || err != nil {
				return result{s, v, held}, err
			}
		}
	}
	s, v, err := m.addVersion(ctx, w, c, s, value)
	return result{s, v, false}, err
}

// addVersion seals a value as the next version of a secret. It returns the secret as it is stored then.
func (m *Manager) addVersion(
	ctx context.Context, w store.Writer, c identity.Caller, s secret.Secret, value redact.Bytes,
) (secret.Secret, secret.Version, error) {
	if err := roomForVersion(ctx, w, s); err != nil {
		return s, secret.Version{}, err
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
		DataKeyID: dek.ID(), Revision: 1,
	}
	if err := w.CreateVersion(ctx, s, v, sealed); err != nil {
		return s, v, err
	}
	return s, v, w.UpdateSecret(ctx, s)
}

func roomForVersion(ctx context.Context, r store.Reader, s secret.Secret) error {
	count, err := r.CountVersions(ctx, s)
	if err == nil && count >= secret.MaxVersions {
		err = errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_VERSIONS",
			"secret %s in team %s has %d versions, which is the most: destroy old ones", s.Name, s.Team, count)
	}
	return err
}

// GetSecretVersion returns a version without its value. The reference's field is ignored.
func (m *Manager) GetSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (v secret.Version, err error) {
	err = m.viewSecret(ctx, c, versionGet, ref.Team, ref.Name, ref.VersionName(), func(r store.Reader, s secret.Secret) error {
		v, err = findVersion(ctx, r, s, ref)
		return err
	})
	return v, err
}

// findVersion returns the version of a secret that a reference names, in whatever state it is; by `latest`, the newest that
// is not destroyed.
func findVersion(ctx context.Context, r store.Reader, s secret.Secret, ref secret.Ref) (secret.Version, error) {
	number := ref.Version
	if ref.Alias != "" {
		var ok bool
		if number, ok = s.Aliases[ref.Alias]; !ok {
			return secret.Version{}, secret.ErrAliasNotFound(s.Team, s.Name, ref.Alias)
		}
	}
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
