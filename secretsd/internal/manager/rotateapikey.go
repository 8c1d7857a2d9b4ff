package manager

import (
	"context"
	"slices"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	keyRotate        = operation{"key.rotate", authz.KeyCreate}
	keyRotateOfOther = operation{"key.rotate", authz.MemberManage}
)

// Rotation is what RotateAPIKey made of a key.
type Rotation struct {
	Old, New secret.APIKey
	// Key is the new key itself, which is stored nowhere.
	Key apikey.Key
}

// RotateAPIKey replaces a key by one with the same user, teams, scopes, description and expiry; the old one goes on for the
// overlap. Without an id that is the calling key itself.
//
// Whoever may make such a key may rotate one, in every team that it acts in. Every key may rotate itself as well, and that
// must give a thief nothing: a key has one successor, which expires with it, and what a key makes of itself that may make no
// others is its heir, revoked with it.
func (m *Manager) RotateAPIKey(
	ctx context.Context, c identity.Caller, team, id string, overlap time.Duration,
) (r Rotation, err error) {
	self := id == "" || id == c.APIKeyID && c.MemberOf(team)
	if id == "" {
		team, id = c.Team, c.APIKeyID
	}
	name, op := secret.KeyName(team, id), keyRotate
	if err := m.refuseExchanged(ctx, c, op, team, name); err != nil {
		return r, err
	}
	if !self {
		if op, err = m.mayReplace(ctx, c, team, id); err != nil {
			return r, err
		}
	}
	if r.Key, err = apikey.Generate(); err != nil {
		return r, err
	}
	err = m.changeTeams(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
		if r.Old, err = w.APIKey(ctx, id); err != nil {
			return nil, err
		}
		if team != "" && !slices.Contains(r.Old.Teams(), team) {
			return nil, secret.ErrAPIKeyNotFound(id)
		}
		personal := r.Old.Personal
		if !self {
			if err := coversKey(ctx, w, c, op, r.Old); err != nil {
				return nil, err
			}
			personal = personal && staysPersonal(c, r.Old)
		}
		if err := m.replaceKey(ctx, w, &r, overlap, personal, self && !makesKeys(c)); err != nil {
			return nil, err
		}
		var entries []audit.Entry
		for _, t := range homeAndOthers(r.Old) {
			entries = append(entries, m.entry(ctx, c, op, t, secret.KeyName(t, id)),
				m.entry(ctx, c, keyCreate, t, secret.KeyName(t, r.New.ID)))
		}
		return entries, nil
	})
	if err := m.auditDenial(ctx, m.entry(ctx, c, op, team, name), err); err != nil {
		return Rotation{}, err
	}
	m.uses.overlay(&r.Old)
	return r, nil
}

// makesKeys says whether the calling key can make keys, in every team that it acts in. An operator's key makes none like itself.
func makesKeys(c identity.Caller) bool {
	for team := range c.Teams {
		if !authz.Decide(c, keyCreate.right, authz.Target{Team: team}).Allowed {
			return false
		}
	}
	return c.Team != ""
}

// mayReplace says as which operation the caller may rotate a key other than the calling one: its user's own, or another's.
func (m *Manager) mayReplace(ctx context.Context, c identity.Caller, team, id string) (operation, error) {
	name := secret.KeyName(team, id)
	if err := m.allow(ctx, c, keyRotate, team, name); err != nil {
		return keyRotate, err
	}
	own, err := m.ownsKey(ctx, c, team, id)
	if err != nil || own {
		return keyRotate, err
	}
	return keyRotateOfOther, m.allow(ctx, c, keyRotateOfOther, team, name)
}

// coversKey refuses a caller who could not make such a key in every team that it acts in: who gets a copy of it must have had
// its power before.
func coversKey(ctx context.Context, r store.Reader, c identity.Caller, op operation, k secret.APIKey) error {
	for _, t := range k.Teams() {
		if !authz.Decide(c, op.right, authz.Target{Team: t}).Allowed {
			return denial{errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED",
				"API key %s acts in teams where you may not make such a key: have its user rotate it", k.ID)}
		}
		if k.UserID == c.UserID && !beyond(c, k.Personal) {
			continue
		}
		if err := ownersKeys(ctx, r, c, t, k.UserID); err != nil {
			return err
		}
	}
	for _, s := range k.Scopes {
		if !c.HasScope(s) {
			return denial{scopeExceeded(c, s)}
		}
	}
	if k.Trust != "" {
		return denial{errExchanged(k.ID)}
	}
	return nil
}

// staysPersonal says whether a personal key is one still when the caller has a hand in replacing it.
func staysPersonal(c identity.Caller, k secret.APIKey) bool {
	for _, t := range k.Teams() {
		if k.UserID != c.UserID && c.Teams[t] != identity.RoleOwner {
			return false
		}
	}
	return c.Personal
}

// replaceKey stores the new key and ends the old one.
func (m *Manager) replaceKey(ctx context.Context, w store.Writer, r *Rotation, overlap time.Duration, personal, heir bool) error {
	now := m.Now()
	if !r.Old.ValidAt(now) {
		return errdefs.New(errdefs.FailedPrecondition, "API_KEY_ENDED", "API key %s is revoked or expired: make a new one", r.Old.ID)
	}
	next, rotated, err := w.Successor(ctx, r.Old.ID)
	if err != nil {
		return err
	}
	if rotated {
		return errdefs.New(errdefs.FailedPrecondition, "API_KEY_ROTATED",
			"API key %s was replaced already, by %s: if that was not you, revoke it", r.Old.ID, next.ID)
	}
	r.New = r.Old
	r.New.ID, r.New.Hash, r.New.CreateTime = r.Key.ID(), r.Key.Hash(), now
	r.New.LastUseTime, r.New.RotatedFrom, r.New.Heir, r.New.Personal = time.Time{}, r.Old.ID, heir, personal
	r.Old.ExpireTime = earlier(r.Old.ExpireTime, now.Add(overlap))
	if err := w.ExpireAPIKey(ctx, r.Old.ID, r.Old.ExpireTime); err != nil {
		return err
	}
	if err := roomForKey(ctx, w, r.New, now); err != nil {
		return err
	}
	return w.CreateAPIKey(ctx, r.New)
}

// revokeHeirs revokes what a revoked key made of itself, and returns those keys.
func (m *Manager) revokeHeirs(ctx context.Context, w store.Writer, id string) (heirs []secret.APIKey, err error) {
	for {
		next, there, err := w.Successor(ctx, id)
		if err != nil || !there || !next.Heir {
			return heirs, err
		}
		if err := w.RevokeAPIKey(ctx, next.ID, m.Now()); err != nil {
			return heirs, err
		}
		heirs, id = append(heirs, next), next.ID
	}
}

// homeAndOthers are the teams whose audit log has to do with a key; the team "" of an operator's key that belongs to none.
func homeAndOthers(k secret.APIKey) []string {
	if k.Team == "" {
		return []string{""}
	}
	return k.Teams()
}

// refuseExchanged refuses to have a key that a token was exchanged for make what lives longer.
func (m *Manager) refuseExchanged(ctx context.Context, c identity.Caller, op operation, team, resource string) error {
	if !c.Exchanged {
		return nil
	}
	return m.deny(ctx, m.entry(ctx, c, op, team, resource), errExchanged(c.APIKeyID))
}

func errExchanged(id string) error {
	return errdefs.New(errdefs.PermissionDenied, "KEY_EXCHANGED",
		"API key %s was exchanged for a token: it makes no keys and is not replaced; exchange another token", id)
}

func scopeExceeded(c identity.Caller, s identity.Scope) error {
	return errdefs.New(errdefs.PermissionDenied, "SCOPE_EXCEEDED",
		"API key %s lacks the scope %s, so it can't give it to another key", c.APIKeyID, s)
}
