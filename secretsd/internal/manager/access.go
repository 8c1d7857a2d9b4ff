package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Accessed is a value that may leave.
type Accessed struct {
	// Name is the version's full resource name, with its number.
	Name  string
	Value redact.Bytes
	// Restricted says that the value is not for all who may use secrets of the team.
	Restricted bool
	// MaskOutput is the team's, for a value that goes into a sandbox.
	MaskOutput bool

	// secret and version are what Name stands for.
	secret  secret.Secret
	version int64
}

// AccessSecretVersion returns a value to a caller who may read it.
func (m *Manager) AccessSecretVersion(ctx context.Context, c identity.Caller, ref secret.Ref) (Accessed, error) {
	if !c.MemberOf(ref.Team) {
		return Accessed{}, m.allow(ctx, c, versionAccess, ref.Team, ref.VersionName())
	}
	a := Accessed{Name: ref.VersionName()}
	err := m.view(ctx, versionAccess, func(r store.Reader) error {
		a.Value.Wipe() // it may run again
		s, err := m.secretFor(ctx, r, c, versionAccess, ref.Team, ref.Name, m.facts(c))
		if err != nil {
			return err
		}
		dek, err := m.openDEK(ctx, r, ref.Team)
		if err != nil {
			return err
		}
		a, err = open(ctx, r, dek, s, ref, m.Now())
		return err
	})
	e := m.entry(ctx, c, versionAccess, ref.Team, a.Name)
	if err != nil {
		return Accessed{}, m.deny(ctx, e, err)
	}
	if err := m.log.Append(ctx, e); err != nil {
		a.Value.Wipe()
		return Accessed{}, err
	}
	return a, nil
}

// open finds and opens what a reference to a secret names, if its value may leave at a time. With an error the name is as
// far resolved as it got.
func open(
	ctx context.Context, r store.Reader, dek *envelope.DEK, s secret.Secret, ref secret.Ref, now time.Time,
) (Accessed, error) {
	a := Accessed{Name: ref.VersionName(), Restricted: s.Restricted}
	v, err := findVersion(ctx, r, s, ref)
	if err != nil {
		return a, err
	}
	a.Name, a.secret, a.version = secret.VersionName(ref.Team, ref.Name, v.Number), s, v.Number
	switch {
	case s.ExpiredAt(now):
		return a, secret.ErrExpired(ref.Team, ref.Name)
	case v.State == secret.Destroyed, v.DueAt(now):
		return a, secret.ErrDestroyed(ref.Team, ref.Name, v.Number)
	case v.State != secret.Enabled:
		return a, secret.ErrDisabled(ref.Team, ref.Name, v.Number)
	}
	sealed, err := r.Ciphertext(ctx, s, v.Number)
	if err != nil {
		return a, err
	}
	value, err := dek.Open(sealed, s.UID, v.Number)
	if err != nil {
		return a, fmt.Errorf("%s: %w", a.Name, err)
	}
	a.Value, err = field(value, ref)
	return a, err
}

// field takes the reference's field out of a value; without a field it is the value.
func field(value redact.Bytes, ref secret.Ref) (redact.Bytes, error) {
	if ref.Field == "" {
		return value, nil
	}
	defer value.Wipe()
	part, err := secret.Field(value.Reveal(), ref.Field)
	switch {
	case errors.Is(err, secret.ErrNoField):
		return redact.Bytes{}, errdefs.New(errdefs.FailedPrecondition, "FIELD_NOT_FOUND",
			"secret %s in team %s has no field %q", ref.Name, ref.Team, ref.Field)
	case err != nil:
		return redact.Bytes{}, errdefs.New(errdefs.FailedPrecondition, "NOT_STRUCTURED",
			"secret %s in team %s is not a JSON object, so it has no field %q", ref.Name, ref.Team, ref.Field)
	}
	return redact.New(part), nil
}
