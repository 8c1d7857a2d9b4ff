package manager

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// reasonOtherKeys is the reason of an error about a key that can't be combined with the calling one.
const reasonOtherKeys = "OTHER_KEYS_REFUSED"

// grant is what the presented keys let a new key have besides its home team.
type grant struct {
	// keys maps each other team to the id of the key that brings it.
	keys map[string]string
	// personal says whether the calling key and all presented ones are the user's own, as in identity.Caller.
	personal bool
	// expires is when the first of the presented keys and the calling one expires; zero means never.
	expires time.Time
}

// grantOf checks the keys that were presented for a new key. Each must be one that could have made a key for the same
// user in its own teams, with the new key's scopes: then whoever holds all of them has no more rights afterwards, in no
// team, than before. Without presented keys the grant is empty.
func (m *Manager) grantOf(ctx context.Context, r store.Reader, c identity.Caller, n NewAPIKey) (grant, error) {
	g := grant{keys: map[string]string{}, personal: c.Personal}
	if len(n.OtherKeys) == 0 {
		return g, nil
	}
	if n.UserID != c.UserID {
		return g, errdefs.InvalidField("other_keys", "keys are combined for their own user only: leave user_id empty")
	}
	if c.Team == "" {
		return g, errdefs.New(errdefs.PermissionDenied, reasonOtherKeys,
			"API key %s belongs to no team, so it can't be combined with others: call with a key of team %s", c.APIKeyID, n.Team)
	}
	calling, err := r.APIKey(ctx, c.APIKeyID)
	if err != nil {
		return g, err
	}
	g.expires = calling.ExpireTime
	for i, key := range n.OtherKeys {
		other, record, err := m.callerOf(ctx, r, key)
		if err != nil && errdefs.KindOf(err) != errdefs.Unauthenticated {
			return g, err
		}
		if err != nil || !mayCombine(other, c.UserID, n.Scopes) || !g.add(other, n.Team) {
			return g, errdefs.New(errdefs.PermissionDenied, reasonOtherKeys, "other_keys[%d] can't be combined: it must be a "+
				"valid key of user %s, not exchanged for a token, that belongs to a team which no key before it brings, with the scope "+
				"manage and all scopes of the new key", i, c.UserID)
		}
		g.personal = g.personal && other.Personal
		g.expires = earlier(g.expires, record.ExpireTime)
	}
	if len(g.keys) >= secret.MaxKeyTeams {
		return g, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_KEY_TEAMS",
			"the key would act in %d teams, and %d is the most", len(g.keys)+1, secret.MaxKeyTeams)
	}
	return g, nil
}

// mayCombine says whether a presented key could have made a key with these scopes for the user, in all its teams.
func mayCombine(other identity.Caller, user string, scopes []identity.Scope) bool {
	if other.UserID != user || other.Team == "" || other.Exchanged {
		return false
	}
	for team := range other.Teams {
		if !authz.Decide(other, keyCreate.right, authz.Target{Team: team}).Allowed {
			return false
		}
	}
	for _, s := range scopes {
		if !other.HasScope(s) {
			return false
		}
	}
	return true
}

// add takes up the teams of a presented key, and says whether one of them is new.
func (g grant) add(other identity.Caller, home string) (added bool) {
	for team := range other.Teams {
		if _, known := g.keys[team]; !known && team != home {
			g.keys[team], added = other.APIKeyID, true
		}
	}
	return added
}

// earlier returns the first of two times; zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
