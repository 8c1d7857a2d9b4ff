package manager

import (
	"context"
	"errors"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// denial is an error of a decision that was made within a transaction. It is audited when the transaction has ended.
type denial struct{ error }

func (d denial) Unwrap() error { return d.error }

// auditDenial audits a denial that a transaction has ended with, and returns err.
func (m *Manager) auditDenial(ctx context.Context, e audit.Entry, err error) error {
	if d := (denial{}); errors.As(err, &d) {
		return m.deny(ctx, e, d.error)
	}
	return err
}

// facts are what is known about a call that is not for a sandbox.
func (m *Manager) facts(c identity.Caller) secret.Facts {
	return secret.Facts{Time: m.Now(), Source: c.Address}
}

// targetOf reads a secret and makes it a target of decisions. Where there is no such secret, the target says so, and the
// third result is the error for who may know.
func targetOf(
	ctx context.Context, r store.Reader, team, name string, f secret.Facts,
) (s secret.Secret, on authz.Target, missing, err error) {
	on = authz.Target{Team: team, Secret: &secret.Policy{}, Facts: f}
	s, err = r.Secret(ctx, team, name)
	switch {
	case errdefs.KindOf(err) == errdefs.NotFound:
		on.Secret.Absent = true
		return s, on, err, nil
	case err == nil && s.Granted:
		on.Secret.Grants, err = r.Grants(ctx, s)
	}
	on.Secret.Restricted = s.Restricted
	return s, on, nil, err
}

// mayGiveActions refuses who does not hold every one of the actions on a secret, whatever the request and for ever: else a right to
// manage would be every right.
func mayGiveActions(c identity.Caller, on authz.Target, actions ...authz.Action) error {
	for _, a := range actions {
		if !authz.Decide(c, a, on).Always {
			return denial{errdefs.New(errdefs.PermissionDenied, "RIGHT_EXCEEDED",
				"user %s may not do %s with this secret of team %s with API key %s, or not in every case, so it can't let others do it",
				c.UserID, a, on.Team, c.APIKeyID)}
		}
	}
	return nil
}

// secretFor reads the secret that an operation is on, and decides: within the transaction that goes on to use it. Its error
// is a denial, or that there is no such secret, or a deleted one only, where the caller may know.
func (m *Manager) secretFor(
	ctx context.Context, r store.Reader, c identity.Caller, op operation, team, name string, f secret.Facts,
) (secret.Secret, error) {
	s, _, err := m.targetFor(ctx, r, c, op, team, name, f)
	return s, err
}

// targetFor is secretFor that returns what was decided by, too.
func (m *Manager) targetFor(
	ctx context.Context, r store.Reader, c identity.Caller, op operation, team, name string, f secret.Facts,
) (secret.Secret, authz.Target, error) {
	s, on, missing, err := targetOf(ctx, r, team, name, f)
	if err != nil {
		return s, on, err
	}
	if err := authz.Decide(c, op.right, on).Err(); err != nil {
		return s, on, denial{err}
	}
	if s.Deleted() && !op.onDeleted() {
		return s, on, secret.ErrDeleted(team, name)
	}
	return s, on, missing
}

// viewSecret runs fn on a snapshot with a secret that the caller may do the operation on. A denial is audited, about the
// resource.
func (m *Manager) viewSecret(
	ctx context.Context, c identity.Caller, op operation, team, name, resource string,
	fn func(store.Reader, secret.Secret) error,
) error {
	if !c.MemberOf(team) {
		return m.allow(ctx, c, op, team, resource) // which no grant can change
	}
	err := m.view(ctx, op, func(r store.Reader) error {
		s, err := m.secretFor(ctx, r, c, op, team, name, m.facts(c))
		if err != nil {
			return err
		}
		return fn(r, s)
	})
	return m.auditDenial(ctx, m.entry(ctx, c, op, team, resource), err)
}

// changeSecret is change with a secret that the caller may do the operation on. A denial is audited, about the resource.
func (m *Manager) changeSecret(
	ctx context.Context, c identity.Caller, op operation, team, name, resource string,
	fn func(store.Writer, secret.Secret) (resource string, err error),
) error {
	return m.changeTarget(ctx, c, op, team, name, resource, func(w store.Writer, s secret.Secret, _ authz.Target) (string, error) {
		return fn(w, s)
	})
}

// changeTarget is changeSecret for what decides more than whether the caller may do the operation. The audit log has an entry
// for each of the other operations too, about the same resource.
func (m *Manager) changeTarget(
	ctx context.Context, c identity.Caller, op operation, team, name, resource string,
	fn func(store.Writer, secret.Secret, authz.Target) (resource string, err error), others ...operation,
) error {
	if !c.MemberOf(team) {
		return m.allow(ctx, c, op, team, resource)
	}
	err := m.changeTeams(ctx, op, func(w store.Writer) (entries []audit.Entry, err error) {
		s, on, err := m.targetFor(ctx, w, c, op, team, name, m.facts(c))
		if err != nil {
			return nil, err
		}
		done, err := fn(w, s, on)
		for _, o := range append([]operation{op}, others...) {
			entries = append(entries, m.entry(ctx, c, o, team, done))
		}
		return entries, err
	})
	return m.auditDenial(ctx, m.entry(ctx, c, op, team, resource), err)
}
