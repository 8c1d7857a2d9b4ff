package manager

import (
	"context"
	"maps"
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

// NewAPIKey is what CreateAPIKey needs.
type NewAPIKey struct {
	// Team is the key's home.
	Team string
	// UserID is the member that the key stands for; empty means the caller.
	UserID string
	// Scopes are what the key may be used for; none means ScopeRun.
	Scopes      []identity.Scope
	Description string
	// TTL is how long the key is valid; 0 means forever.
	TTL time.Duration
	// OtherKeys are the caller's own keys that the new one is to act for too, in their teams.
	OtherKeys []apikey.Key
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
	if err := m.allow(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)); err != nil {
		return record, apikey.Key{}, err
	}
	if err := m.refuseExchanged(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)); err != nil {
		return record, apikey.Key{}, err
	}
	for _, s := range n.Scopes {
		if !c.HasScope(s) {
			return record, apikey.Key{}, m.deny(ctx, m.entry(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)), scopeExceeded(c, s))
		}
	}
	err = m.changeTeams(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
		g, err := m.grantOf(ctx, w, c, n)
		if err != nil {
			return nil, err
		}
		if n.UserID != c.UserID {
			if err := ownersKeys(ctx, w, c, n.Team, n.UserID); err != nil {
				return nil, err
			}
			g.personal = g.personal && c.Teams[n.Team] == identity.RoleOwner
		}
		if record, err = m.storeKey(ctx, w, n, g, key); err != nil {
			return nil, err
		}
		entries := []audit.Entry{m.entry(ctx, c, op, n.Team, secret.KeyName(n.Team, record.ID))}
		for _, team := range record.OtherTeams {
			as := c
			as.APIKeyID = g.keys[team] // there it is this key that was used
			entries = append(entries, m.entry(ctx, as, op, team, secret.KeyName(team, record.ID)))
		}
		return entries, nil
	})
	if errdefs.ReasonOf(err) == reasonOtherKeys {
		err = denial{err}
	}
	err = m.auditDenial(ctx, m.entry(ctx, c, op, n.Team, secret.MemberName(n.Team, n.UserID)), err)
	if err != nil {
		return secret.APIKey{}, apikey.Key{}, err
	}
	return record, key, nil
}

func (m *Manager) storeKey(
	ctx context.Context, w store.Writer, n NewAPIKey, g grant, key apikey.Key,
) (secret.APIKey, error) {
	if _, err := w.Member(ctx, n.Team, n.UserID); err != nil {
		return secret.APIKey{}, err
	}
	now := m.Now()
	record := secret.APIKey{
		ID: key.ID(), Hash: key.Hash(), UserID: n.UserID, Team: n.Team, OtherTeams: slices.Sorted(maps.Keys(g.keys)),
		Scopes: n.Scopes, Description: n.Description, CreateTime: now, ExpireTime: g.expires, Personal: g.personal,
	}
	if n.TTL > 0 {
		record.ExpireTime = earlier(g.expires, now.Add(n.TTL))
	}
	if err := roomForKey(ctx, w, record, now); err != nil {
		return secret.APIKey{}, err
	}
	return record, w.CreateAPIKey(ctx, record)
}

// roomForKey refuses a key too many for its user, in any of its teams.
func roomForKey(ctx context.Context, r store.Reader, k secret.APIKey, now time.Time) error {
	for _, team := range k.Teams() {
		count, err := r.CountAPIKeys(ctx, team, k.UserID, now)
		if err != nil {
			return err
		}
		if count >= secret.MaxAPIKeys {
			return errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_API_KEYS",
				"user %s has %d valid keys in team %s, which is the most: revoke some", k.UserID, count, team)
		}
	}
	return nil
}

// ListAPIKeys returns at most limit keys that act in a team, newest first, those after a position, and whether there are
// more: all of them for who manages the team's members, else the caller's own.
func (m *Manager) ListAPIKeys(
	ctx context.Context, c identity.Caller, team string, after secret.KeyPosition, limit int,
) (list []secret.APIKey, more bool, err error) {
	if err := m.allow(ctx, c, keyList, team, secret.TeamName(team)); err != nil {
		return nil, false, err
	}
	user := c.UserID
	if authz.Decide(c, authz.MemberManage, authz.Target{Team: team}).Allowed {
		user = ""
	}
	list, more, err = page(ctx, m, keyList, limit, func(r store.Reader, limit int) ([]secret.APIKey, error) {
		return r.APIKeys(ctx, team, user, after, limit)
	})
	for i := range list {
		m.uses.overlay(&list[i])
	}
	return list, more, err
}

// RevokeAPIKey makes a key that acts in the team invalid at once, in all its teams: whoever has a reason to take it out of
// one has no means to know that it does no harm in the others. What the key made of itself, by rotation, is revoked with it.
// Who may not manage the team's members may revoke own keys only, and is told nothing of other keys. Keys that an owner acts as one
// with are revoked by owners.
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
	err = m.changeTeams(ctx, op, func(w store.Writer) (entries []audit.Entry, err error) {
		if record, err = w.APIKey(ctx, id); err != nil {
			return nil, err
		}
		if !slices.Contains(record.Teams(), team) {
			return nil, secret.ErrAPIKeyNotFound(id)
		}
		if !own || beyond(c, record.Personal) {
			if err := ownersKeys(ctx, w, c, team, record.UserID); err != nil {
				return nil, err
			}
		}
		if err := w.RevokeAPIKey(ctx, id, m.Now()); err != nil {
			return nil, err
		}
		heirs, err := m.revokeHeirs(ctx, w, id)
		if err != nil {
			return nil, err
		}
		for _, k := range append([]secret.APIKey{record}, heirs...) {
			for _, t := range k.Teams() {
				entries = append(entries, m.entry(ctx, c, op, t, secret.KeyName(t, k.ID)))
			}
		}
		record, err = w.APIKey(ctx, id)
		return entries, err
	})
	m.uses.overlay(&record)
	return record, m.auditDenial(ctx, m.entry(ctx, c, op, team, name), err)
}

// beyond says whether something personal of the calling user's is not the calling key's to end: an admin made that key, and
// it must not end what makes the user an owner.
func beyond(c identity.Caller, personal bool) bool { return personal && !c.Personal }

// ownersKeys refuses who may not manage owners, where the user is one: who holds an owner's key is one.
func ownersKeys(ctx context.Context, r store.Reader, c identity.Caller, team, user string) error {
	member, err := r.Member(ctx, team, user)
	if errdefs.KindOf(err) == errdefs.NotFound {
		return nil // what it is about is not there either, or has ended
	}
	if err == nil && member.Role == identity.RoleOwner {
		err = manageOwner(c, team)
	}
	return err
}

func (m *Manager) ownsKey(ctx context.Context, c identity.Caller, team, id string) (own bool, err error) {
	err = m.view(ctx, keyRevoke, func(r store.Reader) error {
		k, err := r.APIKey(ctx, id)
		if errdefs.KindOf(err) == errdefs.NotFound {
			return nil
		}
		own = k.UserID == c.UserID && slices.Contains(k.Teams(), team)
		return err
	})
	return own, err
}
