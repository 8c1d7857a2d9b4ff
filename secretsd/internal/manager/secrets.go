package manager

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// NewSecret is what CreateSecret needs.
type NewSecret struct {
	Team, Name  string
	Description string
	Labels      map[string]string
	// Aliases may name version 1, when that is made with the secret.
	Aliases           map[string]int64
	VersionDestroyTTL time.Duration
	Expiry            Expiry
	Restricted        bool
	Injection         secret.Injection
	// Value is that of version 1; empty and without Generate makes a secret without a version.
	Value redact.Bytes
	// Generate makes the value of version 1, in place of Value.
	Generate *Generate
	// RequestID makes the call safe to repeat; empty is none.
	RequestID string
}

// Expiry is when a secret expires: at a time, or after a time from now. The zero value is never; one of both is zero.
type Expiry struct {
	Time time.Time
	TTL  time.Duration
}

// at returns the time that is meant. It must be after now.
func (e Expiry) at(now time.Time) (time.Time, error) {
	switch {
	case e.TTL > 0:
		return now.Add(e.TTL), nil
	case !e.Time.IsZero() && !e.Time.After(now):
		return e.Time, errdefs.InvalidField("secret.expire_time", "must be in the future")
	}
	return e.Time, nil
}

// CreateSecret makes a secret, and its version 1 when there is a value; without one the version's number is 0.
func (m *Manager) CreateSecret(
	ctx context.Context, c identity.Caller, n NewSecret,
) (s secret.Secret, v secret.Version, err error) {
	name := secret.FullName(n.Team, n.Name)
	if err := m.allow(ctx, c, secretCreate, n.Team, name); err != nil {
		return s, v, err
	}
	value := n.Value
	if n.Generate != nil {
		value = generate(*n.Generate)
		defer value.Wipe()
	}
	var done result
	err = m.change(ctx, c, secretCreate, n.Team, func(w store.Writer) (string, error) {
		done, err = m.once(ctx, w, c, secretCreate, request{n.Team, n.RequestID, n, n.Value, n.Generate != nil}, func() (result, error) {
			s, v, err := m.createSecret(ctx, w, c, n, value)
			return result{secret: s, version: v}, err
		})
		return name, err
	})
	return done.secret, done.version, m.auditDenial(ctx, m.entry(ctx, c, secretCreate, n.Team, name), unlessRepeated(err))
}

func (m *Manager) createSecret(
	ctx context.Context, w store.Writer, c identity.Caller, n NewSecret, value redact.Bytes,
) (s secret.Secret, v secret.Version, err error) {
	count, err := w.CountSecrets(ctx, n.Team)
	if err != nil {
		return s, v, err
	}
	if count >= secret.MaxSecrets {
		return s, v, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SECRETS",
			"team %s has %d secrets, deleted ones counted, which is the most: delete some with purge", n.Team, count)
	}
	now := m.Now()
	s = secret.Secret{
		UID: rand.Text(), Team: n.Team, Name: n.Name, Description: n.Description, Labels: n.Labels, Aliases: n.Aliases,
		VersionDestroyTTL: n.VersionDestroyTTL, Restricted: n.Restricted, Injection: n.Injection,
		CreateTime: now, UpdateTime: now, Revision: 1,
	}
	if s.ExpireTime, err = n.Expiry.at(now); err != nil {
		return s, v, err
	}
	if err := w.CreateSecret(ctx, s); err != nil {
		return s, v, nameTaken(ctx, w, s, err)
	}
	if value.Len() > 0 {
		if s, v, err = m.addVersion(ctx, w, c, s, value); err != nil {
			return s, v, err
		}
	}
	return s, v, checkAliases(ctx, w, s, nil, now)
}

// nameTaken says of a secret that can't be made that a deleted one has its name, if that is why.
func nameTaken(ctx context.Context, r store.Reader, s secret.Secret, err error) error {
	if errdefs.KindOf(err) != errdefs.AlreadyExists {
		return err
	}
	if old, rerr := r.Secret(ctx, s.Team, s.Name); rerr == nil && old.Deleted() {
		return errdefs.New(errdefs.AlreadyExists, "SECRET_EXISTS",
			"secret %s in team %s is deleted, and keeps its name until it is purged: undelete it, or delete it with purge", s.Name, s.Team)
	}
	return err
}

// GetSecret returns a secret without any value; a deleted one, too.
func (m *Manager) GetSecret(ctx context.Context, c identity.Caller, team, name string) (s secret.Secret, err error) {
	err = m.viewSecret(ctx, c, secretGet, team, name, secret.FullName(team, name), func(_ store.Reader, found secret.Secret) error {
		s = found
		return nil
	})
	return s, err
}

// SecretUpdate is what UpdateSecret changes. What is nil stays as it is stored.
type SecretUpdate struct {
	Team, Name string
	// ETag must be the stored one when it is not empty.
	ETag              string
	Description       *string
	Labels            *map[string]string
	Aliases           *map[string]int64
	VersionDestroyTTL *time.Duration
	Expiry            *Expiry
	Restricted        *bool
	Injection         *secret.Injection
}

// UpdateSecret changes what a secret says of itself.
func (m *Manager) UpdateSecret(ctx context.Context, c identity.Caller, u SecretUpdate) (s secret.Secret, err error) {
	name := secret.FullName(u.Team, u.Name)
	err = m.changeTarget(ctx, c, secretUpdate, u.Team, u.Name, name, func(
		w store.Writer, old secret.Secret, on authz.Target,
	) (string, error) {
		s = old
		if err := checkETag(s, u.ETag); err != nil {
			return name, err
		}
		now := m.Now()
		if err := u.apply(&s, now); err != nil {
			return name, err
		}
		if err := checkAliases(ctx, w, s, old.Aliases, now); err != nil {
			return name, err
		}
		if err := m.protect(c, on, &s, u); err != nil {
			return name, err
		}
		m.touch(&s)
		return name, w.UpdateSecret(ctx, s)
	}, protections(u)...)
	return s, err
}

// protections are what an update does to who gets at the value: the audit log names each, since a mere change does not tell.
func protections(u SecretUpdate) (ops []operation) {
	if u.Restricted != nil {
		op := secretOpen
		if *u.Restricted {
			op = secretRestrict
		}
		ops = append(ops, op)
	}
	if u.Injection != nil {
		ops = append(ops, secretInject)
	}
	return ops
}

func (u SecretUpdate) apply(s *secret.Secret, now time.Time) (err error) {
	if u.Description != nil {
		s.Description = *u.Description
	}
	if u.Labels != nil {
		s.Labels = *u.Labels
	}
	if u.Aliases != nil {
		s.Aliases = *u.Aliases
	}
	if u.VersionDestroyTTL != nil {
		s.VersionDestroyTTL = *u.VersionDestroyTTL
	}
	if u.Expiry != nil {
		s.ExpireTime, err = u.Expiry.at(now)
	}
	return err
}

// checkAliases expects, of every alias that is not among the old ones, that its version is there and has its value.
func checkAliases(ctx context.Context, r store.Reader, s secret.Secret, old map[string]int64, now time.Time) error {
	for alias, number := range s.Aliases {
		if old[alias] == number {
			continue
		}
		v, err := r.Version(ctx, s, number)
		if err != nil {
			return err
		}
		if v.State == secret.Destroyed || v.DueAt(now) {
			return secret.ErrDestroyed(s.Team, s.Name, number)
		}
	}
	return nil
}

// protect changes who gets at a secret's value. Whoever lets more people at it must hold what they get.
func (m *Manager) protect(c identity.Caller, on authz.Target, s *secret.Secret, u SecretUpdate) error {
	if u.Restricted != nil {
		if s.Restricted && !*u.Restricted {
			if err := mayGiveActions(c, on, authz.VersionUse, authz.VersionAccess); err != nil {
				return err
			}
		}
		s.Restricted = *u.Restricted
	}
	if u.Injection != nil {
		if u.Injection.Weaker(s.Injection) {
			if err := mayGiveActions(c, on, authz.VersionAccess); err != nil {
				return err
			}
		}
		s.Injection = *u.Injection
	}
	return nil
}

// checkETag expects that a secret is still what the caller saw; an empty etag expects nothing.
func checkETag(s secret.Secret, etag string) error {
	if etag != "" && etag != s.ETag() {
		return secret.ErrETagMismatch("secret " + s.Name + " in team " + s.Team)
	}
	return nil
}

// touch marks a secret as changed.
func (m *Manager) touch(s *secret.Secret) {
	s.UpdateTime = m.Now()
	s.Revision++
}
