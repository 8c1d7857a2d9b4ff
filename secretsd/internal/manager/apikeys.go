package manager

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// NewAPIKey is what CreateAPIKey needs.
type NewAPIKey struct {
	Team string
	// UserID is the member that the key stands for; empty means the caller.
	UserID string
	// Scopes are what the key may be used for; none means ScopeRun.
	Scopes      []identity.Scope
	Description string
	// TTL is how long the key is valid; 0 means forever.
	TTL time.Duration
}

// CreateAPIKey makes a key. The second result is the key itself, which is stored nowhere.
func (m *Manager) CreateAPIKey(
	ctx context.Context, c identity.Caller, n NewAPIKey,
) (record secret.APIKey, key apikey.Key, err error) {
	if n.UserID == "" {
		n.UserID = c.UserID
	}
	if len(n.Scopes) == 0 {
		n.Scopes = []identity.Scope{identity.ScopeRun}
	}
	if key, err = apikey.Generate(); err != nil {
		return record, key, err
	}
	op := keyCreate
	if n.UserID != c.UserID {
		op = keyCreateForOther
	}
	name := secret.KeyName(n.Team, key.ID())
	if err := m.allow(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)); err != nil {
		return record, apikey.Key{}, err
	}
	for _, s := range n.Scopes {
		if !c.HasScope(s) {
			return record, apikey.Key{}, m.deny(ctx, m.entry(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)),
				errdefs.New(errdefs.PermissionDenied, "SCOPE_EXCEEDED",
					"API key %s lacks the scope %s, so it can't give it to another key", c.APIKeyID, s))
		}
	}
	err = m.change(ctx, c, op, n.Team, func(w store.Writer) (string, error) {
		record, err = m.storeKey(ctx, w, n, key)
		return name, err
	})
	if err != nil {
		return secret.APIKey{}, apikey.Key{}, err
	}
	return record, key, nil
}

func (m *Manager) storeKey(ctx context.Context, w store.Writer, n NewAPIKey, key apikey.Key) (secret.APIKey, error) {
	if _, err := w.Member(ctx, n.Team, n.UserID); err != nil {
		return secret.APIKey{}, err
	}
	now := m.Now()
	count, err := w.CountAPIKeys(ctx, n.Team, n.UserID, now)
	if err != nil {
		return secret.APIKey{}, err
	}
	if count >= secret.MaxAPIKeys {
		return secret.APIKey{}, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_API_KEYS",
			"user %s has %d valid keys in team %s, which is the most: revoke some", n.UserID, count, n.Team)
	}
	record := secret.APIKey{
		ID: key.ID(), Hash: key.Hash(), UserID: n.UserID, Team: n.Team, Scopes: n.Scopes, Description: n.Description,
		CreateTime: now,
	}
	if n.TTL > 0 {
		record.ExpireTime = now.Add(n.TTL)
	}
	return record, w.CreateAPIKey(ctx, record)
}

// ListAPIKeys returns at most limit keys, newest first, those after a position, and whether there are more: all of the
// team for who manages its members, else the caller's own.
func (m *Manager) ListAPIKeys(
	ctx context.Context, c identity.Caller, team string, after secret.KeyPosition, limit int,
) (list []secret.APIKey, more bool, err error) {
	if err := m.allow(ctx, c, keyList, team, secret.TeamName(team)); err != nil {
		return nil, false, err
	}
	user := c.UserID
	if authz.Decide(c, authz.MemberManage, team).Allowed {
		user = ""
	}
	err = m.view(ctx, keyList, func(r store.Reader) error {
		list, err = r.APIKeys(ctx, team, user, after, limit+1)
		return err
	})
	list, more = page(list, limit)
	return list, more, err
}

// RevokeAPIKey makes a key invalid at once. Who may not manage the team's members may revoke own keys only, and is told
// nothing of other keys.
func (m *Manager) RevokeAPIKey(ctx context.Context, c identity.Caller, team, id string) (record secret.APIKey, err error) {
	name := secret.KeyName(team, id)
	if err := m.allow(ctx, c, keyRevoke, team, name); err != nil {
		return record, err
	}
	own, err := m.ownsKey(ctx, c, team, id)
	if err != nil {
		return record, err
	}
	op := keyRevoke
	if !own {
		op = keyRevokeOfOther
		if err := m.allow(ctx, c, op, team, name); err != nil {
			return record, err
		}
	}
	err = m.change(ctx, c, op, team, func(w store.Writer) (string, error) {
		if record, err = w.APIKey(ctx, id); err != nil {
			return name, err
		}
		if record.Team != team {
			return name, secret.ErrAPIKeyNotFound(id)
		}
		if err := w.RevokeAPIKey(ctx, id, m.Now()); err != nil {
			return name, err
		}
		record, err = w.APIKey(ctx, id)
		return name, err
	})
	return record, err
}

func (m *Manager) ownsKey(ctx context.Context, c identity.Caller, team, id string) (own bool, err error) {
	err = m.view(ctx, keyRevoke, func(r store.Reader) error {
		k, err := r.APIKey(ctx, id)
		if errdefs.KindOf(err) == errdefs.NotFound {
			return nil
		}
		own = k.UserID == c.UserID && k.Team == team
		return err
	})
	return own, err
}
