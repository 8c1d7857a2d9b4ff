package manager

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// CreateGrant makes a grant on a secret; its id, creator and creation time are set here. One that gives the same is
// returned instead, if there is one. The caller must hold what the grant gives.
func (m *Manager) CreateGrant(
	ctx context.Context, c identity.Caller, team, name string, g secret.Grant,
) (secret.Grant, error) {
	slices.SortFunc(g.Rights, func(a, b secret.Right) int {
		return cmp.Compare(slices.Index(secret.Rights, a), slices.Index(secret.Rights, b))
	})
	g.ID, g.Creator, g.CreateTime = grantID(g), c.UserID, m.Now()
	err := m.changeTarget(ctx, c, grantCreate, team, name, secret.FullName(team, name), func(
		w store.Writer, s secret.Secret, on authz.Target,
	) (string, error) {
		full := secret.GrantName(team, name, g.ID)
		for _, r := range g.Rights {
			if err := mayGiveActions(c, on, authz.ActionsOf(r)...); err != nil {
				return full, err
			}
		}
		if !g.ExpireTime.IsZero() && !g.ExpireTime.After(g.CreateTime) {
			return full, errdefs.InvalidField("grant.expire_time", "lies in the past: the grant would never count")
		}
		if g.UserID != "" {
			if _, err := w.Member(ctx, team, g.UserID); err != nil {
				return full, err
			}
		}
		for _, old := range on.Secret.Grants {
			if old.Same(g) {
				g = old
				return secret.GrantName(team, name, g.ID), nil
			}
		}
		if len(on.Secret.Grants) >= secret.MaxGrants {
			return full, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_GRANTS",
				"secret %s in team %s has %d grants, which is the most: delete some, or grant to a role", name, team, len(on.Secret.Grants))
		}
		m.touch(&s)
		if err := w.UpdateSecret(ctx, s); err != nil {
			return full, err
		}
		return full, w.CreateGrant(ctx, s, g)
	})
	return g, err
}

// grantID makes an id that says whom a grant is for and what it gives.
func grantID(g secret.Grant) string {
	parts := []string{"role", string(g.Role)}
	if g.UserID != "" {
		parts = []string{"user", g.UserID}
	}
	for _, r := range g.Rights {
		parts = append(parts, string(r))
	}
	return strings.Join(append(parts, strings.ToLower(rand.Text()[:10])), "-")
}

// DeleteGrant takes a grant away.
func (m *Manager) DeleteGrant(ctx context.Context, c identity.Caller, team, name, id string) error {
	full := secret.GrantName(team, name, id)
	return m.changeSecret(ctx, c, grantDelete, team, name, full, func(w store.Writer, s secret.Secret) (string, error) {
		if err := w.DeleteGrant(ctx, s, id); err != nil {
			return full, err
		}
		m.touch(&s)
		return full, w.UpdateSecret(ctx, s)
	})
}

// ListGrants returns all grants of a secret by id.
func (m *Manager) ListGrants(
	ctx context.Context, c identity.Caller, team, name string,
) (list []secret.Grant, err error) {
	err = m.viewSecret(ctx, c, grantList, team, name, secret.FullName(team, name), func(r store.Reader, s secret.Secret) error {
		list, err = r.Grants(ctx, s)
		return err
	})
	return list, err
}

// TestPermissions says which of the actions a caller may do now with a team, or with a secret where a name is given, and
// which others a grant would allow to another request of the same caller.
func (m *Manager) TestPermissions(
	ctx context.Context, c identity.Caller, team, name string, actions []authz.Action,
) (allowed, conditional []authz.Action, err error) {
	on := authz.Target{Team: team}
	if name != "" && c.MemberOf(team) {
		err := m.Store.View(ctx, func(r store.Reader) (err error) {
			_, on, _, err = targetOf(ctx, r, team, name, m.facts(c))
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for _, a := range actions {
		switch d := authz.Decide(c, a, on); {
		case d.Allowed:
			allowed = append(allowed, a)
		case d.Conditional:
			conditional = append(conditional, a)
		}
	}
	return allowed, conditional, nil
}
