package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	trustCreate = operation{"trust.create", authz.MemberManage}
	trustList   = operation{"trust.list", authz.MemberManage}
	trustDelete = operation{"trust.delete", authz.MemberManage}
)

// CreateOIDCTrust lets tokens stand for a member of a team. Like a key, it can't be given scopes that the calling key lacks.
func (m *Manager) CreateOIDCTrust(ctx context.Context, c identity.Caller, t secret.OIDCTrust) (secret.OIDCTrust, error) {
	name := secret.TrustName(t.Team, t.ID)
	if err := m.allow(ctx, c, trustCreate, t.Team, name); err != nil {
		return t, err
	}
	if err := m.refuseExchanged(ctx, c, trustCreate, t.Team, name); err != nil {
		return t, err
	}
	if len(t.Scopes) == 0 {
		t.Scopes = []identity.Scope{identity.ScopeRun}
	}
	for _, s := range t.Scopes {
		if !c.HasScope(s) {
			return t, m.deny(ctx, m.entry(ctx, c, trustCreate, t.Team, name), scopeExceeded(c, s))
		}
	}
	if !m.Tokens.Allows(t.Issuer) {
		return t, errdefs.New(errdefs.FailedPrecondition, "OIDC_ISSUER_NOT_ALLOWED",
			"the operator of this secretsd does not allow the issuer %s: it must stand in oidc.issuers of the configuration", t.Issuer)
	}
	t.CreateTime, t.Personal = m.Now(), c.Personal && (t.UserID == c.UserID || c.Teams[t.Team] == identity.RoleOwner)
	err := m.change(ctx, c, trustCreate, t.Team, func(w store.Writer) (string, error) {
		if t.UserID != c.UserID {
			if err := ownersKeys(ctx, w, c, t.Team, t.UserID); err != nil {
				return name, err
			}
		}
		if _, err := w.Member(ctx, t.Team, t.UserID); err != nil {
			return name, err
		}
		count, err := w.CountOIDCTrusts(ctx, t.Team)
		if err != nil {
			return name, err
		}
		if count >= secret.MaxTrusts {
			return name, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_OIDC_TRUSTS", "team %s has %d OIDC trusts, which is the most", t.Team, count)
		}
		return name, w.CreateOIDCTrust(ctx, t)
	})
	return t, m.auditDenial(ctx, m.entry(ctx, c, trustCreate, t.Team, name), err)
}

// ListOIDCTrusts returns at most limit trusts of a team by id, those after an id, and whether there are more.
func (m *Manager) ListOIDCTrusts(
	ctx context.Context, c identity.Caller, team, after string, limit int,
) (list []secret.OIDCTrust, more bool, err error) {
	if err := m.allow(ctx, c, trustList, team, secret.TeamName(team)); err != nil {
		return nil, false, err
	}
	return page(ctx, m, trustList, limit, func(r store.Reader, limit int) ([]secret.OIDCTrust, error) {
		return r.OIDCTrusts(ctx, team, after, limit)
	})
}

// DeleteOIDCTrust ends a trust and the keys that were exchanged under it, and returns how many of them were valid.
// Those of an owner are ended by owners, like other keys.
func (m *Manager) DeleteOIDCTrust(ctx context.Context, c identity.Caller, team, id string) (revoked int, err error) {
	name := secret.TrustName(team, id)
	if err := m.allow(ctx, c, trustDelete, team, name); err != nil {
		return 0, err
	}
	err = m.changeTeams(ctx, trustDelete, func(w store.Writer) ([]audit.Entry, error) {
		t, err := w.OIDCTrust(ctx, team, id)
		if err != nil {
			return nil, err
		}
		if t.UserID != c.UserID || beyond(c, t.Personal) {
			if err := ownersKeys(ctx, w, c, team, t.UserID); err != nil {
				return nil, err
			}
		}
		if err := w.DeleteOIDCTrust(ctx, team, id); err != nil {
			return nil, err
		}
		keys, err := w.RevokeExchangedKeys(ctx, team, id, m.Now())
		entries := []audit.Entry{m.entry(ctx, c, trustDelete, team, name)}
		for _, k := range keys {
			entries = append(entries, m.entry(ctx, c, keyRevokeOfOther, team, secret.KeyName(team, k.ID)))
		}
		revoked = len(keys)
		return entries, err
	})
	return revoked, m.auditDenial(ctx, m.entry(ctx, c, trustDelete, team, name), err)
}
