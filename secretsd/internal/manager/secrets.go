package manager

import (
	"context"
	"crypto/rand"

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
	Restricted  bool
	Injection   secret.Injection
	// Value is that of version 1; empty makes a secret without a version.
	Value redact.Bytes
}

// CreateSecret makes a secret, and its version 1 when there is a value; without one the version's number is 0.
func (m *Manager) CreateSecret(
	ctx context.Context, c identity.Caller, n NewSecret,
) (s secret.Secret, v secret.Version, err error) {
	name := secret.FullName(n.Team, n.Name)
	if err := m.allow(ctx, c, secretCreate, n.Team, name); err != nil {
		return s, v, err
	}
	err = m.change(ctx, c, secretCreate, n.Team, func(w store.Writer) (string, error) {
		count, err := w.CountSecrets(ctx, n.Team)
		if err != nil {
			return name, err
		}
		if count >= secret.MaxSecrets {
			return name, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SECRETS",
				"team %s has %d secrets, which is the most: delete some", n.Team, count)
		}
		now := m.Now()
		s = secret.Secret{
			UID: rand.Text(), Team: n.Team, Name: n.Name, Description: n.Description, Labels: n.Labels,
			Restricted: n.Restricted, Injection: n.Injection,
			CreateTime: now, UpdateTime: now, Revision: 1,
		}
		if err := w.CreateSecret(ctx, s); err != nil || n.Value.Len() == 0 {
			return name, err
		}
		s, v, err = m.addVersion(ctx, w, c, s, n.Value)
		return name, err
	})
	return s, v, err
}

// GetSecret returns a secret without any value.
func (m *Manager) GetSecret(ctx context.Context, c identity.Caller, team, name string) (s secret.Secret, err error) {
	err = m.viewSecret(ctx, c, secretGet, team, name, secret.FullName(team, name), func(_ store.Reader, found secret.Secret) error {
		s = found
		return nil
	})
	return s, err
}

// ListSecrets returns at most limit secrets of a team by name, those after a name, and whether there are more: of a member
// whose role lists none, those that a grant lets it list.
func (m *Manager) ListSecrets(
	ctx context.Context, c identity.Caller, team, after string, limit int,
) (list []secret.Secret, more bool, err error) {
	byRole := authz.Decide(c, secretList.right, authz.Target{Team: team}).Allowed
	if !byRole && !c.MemberOf(team) {
		return nil, false, m.allow(ctx, c, secretList, team, secret.TeamName(team))
	}
	err = m.view(ctx, secretList, func(r store.Reader) error {
		if !byRole {
			list, err = m.grantedSecrets(ctx, r, c, team, after, limit+1)
			return err
		}
		list, err = r.Secrets(ctx, team, after, limit+1)
		return err
	})
	list, more = page(list, limit)
	return list, more, err
}

// grantedSecrets lists those secrets of a team, of the ones after a name, that a grant lets the caller list.
func (m *Manager) grantedSecrets(
	ctx context.Context, r store.Reader, c identity.Caller, team, after string, limit int,
) (granted []secret.Secret, err error) {
	const pageSize = 1000
	for {
		list, err := r.Secrets(ctx, team, after, pageSize)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if after = s.Name; !s.Granted {
				continue
			}
			on := authz.Target{Team: team, Secret: &secret.Policy{Restricted: s.Restricted}, Facts: m.facts(c)}
			if on.Secret.Grants, err = r.Grants(ctx, s); err != nil {
				return nil, err
			}
			if !authz.Decide(c, secretList.right, on).Allowed {
				continue
			}
			if granted = append(granted, s); len(granted) == limit {
				return granted, nil
			}
		}
		if len(list) < pageSize {
			return granted, nil
		}
	}
}

// SecretUpdate is what UpdateSecret changes.
type SecretUpdate struct {
	Team, Name string
	// ETag must be the stored one when it is not empty.
	ETag string
	// Description and Labels replace what is stored; nil leaves it.
	Description *string
	Labels      *map[string]string
	Restricted  *bool
	Injection   *secret.Injection
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
		if u.Description != nil {
			s.Description = *u.Description
		}
		if u.Labels != nil {
			s.Labels = *u.Labels
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

// DeleteSecret removes a secret and all its versions for good. A non-empty etag must be the stored one.
func (m *Manager) DeleteSecret(ctx context.Context, c identity.Caller, team, name, etag string) error {
	full := secret.FullName(team, name)
	return m.changeSecret(ctx, c, secretDelete, team, name, full, func(w store.Writer, s secret.Secret) (string, error) {
		if err := checkETag(s, etag); err != nil {
			return full, err
		}
		return full, w.DeleteSecret(ctx, s)
	})
}

// checkETag refuses an etag that is neither empty nor the stored one.
func checkETag(s secret.Secret, etag string) error {
	if etag == "" || etag == s.ETag() {
		return nil
	}
	return errdefs.New(errdefs.Aborted, "ETAG_MISMATCH",
		"secret %s in team %s was changed since it was read: read it again", s.Name, s.Team)
}

// touch marks a secret as changed.
func (m *Manager) touch(s *secret.Secret) {
	s.UpdateTime = m.Now()
	s.Revision++
}
