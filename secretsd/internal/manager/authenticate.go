package manager

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Authenticate makes the Caller of an API key and of the SPIFFE ID of the mTLS peer, "" where there is none. It reads
// the store at every call, so a revocation counts at once. The error is UNAUTHENTICATED (reason API_KEY_INVALID). It
// remembers when a key was used, and how often one was not right, for FlushKeyUses and FlushAttempts.
//
// A key acts in the teams on its record only, also when its user is a member of others: an admin may make keys for
// members, and must not come into the members' other teams by that. For the same reason only a key without a team, which
// no rpc makes, carries the operator's rights.
func (m *Manager) Authenticate(ctx context.Context, key apikey.Key, peer string) (identity.Caller, error) {
	var (
		c      identity.Caller
		record secret.APIKey
	)
	err := m.Store.View(ctx, func(r store.Reader) (err error) {
		c, record, err = m.callerOf(ctx, r, key)
		return err
	})
	if err != nil {
		if errdefs.KindOf(err) == errdefs.Unauthenticated {
			m.attempts.add(peer, record)
		}
		return identity.Caller{}, fmt.Errorf("authenticate: %w", err)
	}
	m.uses.add(key.ID(), m.Now())
	c.Peer = peer
	return c, nil
}

// callerOf returns whom a key stands for, and its record.
func (m *Manager) callerOf(ctx context.Context, r store.Reader, key apikey.Key) (identity.Caller, secret.APIKey, error) {
	c := identity.Caller{APIKeyID: key.ID(), Teams: map[string]identity.Role{}}
	record, err := r.APIKey(ctx, key.ID())
	if err != nil && errdefs.KindOf(err) != errdefs.NotFound {
		return c, record, err
	}
	// An id that does not exist takes the way of one that does: its hash is zero, which no key has.
	if err := m.checkKey(key, record); err != nil {
		return c, record, err
	}
	c.UserID, c.Team, c.Scopes, c.Personal = record.UserID, record.Team, record.Scopes, record.Personal
	c.Exchanged = record.Trust != ""
	if c.Team == "" {
		return c, record, allTeams(ctx, r, &c)
	}
	for _, team := range record.Teams() {
		member, err := r.Member(ctx, team, c.UserID)
		switch {
		case err == nil:
			if c.Teams[team] = member.Role; member.Role == identity.RoleOwner && !c.Personal {
				c.Teams[team] = identity.RoleAdmin // an admin made the key before the user became an owner
			}
		case errdefs.KindOf(err) != errdefs.NotFound:
			return c, record, err
		case team == c.Team:
			return c, record, invalidKey("API key %s is not valid: its user is not a member of its team any more", key.ID())
		}
	}
	return c, record, nil
}

// allTeams gives the caller with an operator's key, which belongs to no team, the user's own rights.
func allTeams(ctx context.Context, r store.Reader, c *identity.Caller) error {
	user, _, err := r.User(ctx, c.UserID)
	if err != nil {
		return err
	}
	c.Operator = user.Operator
	members, err := r.Memberships(ctx, c.UserID)
	for _, member := range members {
		c.Teams[member.Team] = member.Role
	}
	return err
}

// checkKey tells more than "not valid" only to who holds the right key.
func (m *Manager) checkKey(key apikey.Key, record secret.APIKey) error {
	hash := key.Hash()
	if subtle.ConstantTimeCompare(hash[:], record.Hash[:]) != 1 {
		return invalidKey("API key %s is not valid", key.ID())
	}
	if !record.RevokeTime.IsZero() {
		return invalidKey("API key %s is revoked", key.ID())
	}
	if !record.ValidAt(m.Now()) {
		return invalidKey("API key %s is expired", key.ID())
	}
	return nil
}

// reasonInvalidKey is the reason of an error about a key that is unknown, expired or revoked.
const reasonInvalidKey = "API_KEY_INVALID"

func invalidKey(format string, args ...any) error {
	return errdefs.New(errdefs.Unauthenticated, reasonInvalidKey, format, args...)
}
