package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// forgetAfter is how long a key that was exchanged stays in lists after it has expired, and a used token is remembered.
const forgetAfter = 24 * time.Hour

// forgetAtOnce bounds one transaction of ForgetExpired.
const forgetAtOnce = 500

// reasonTokenRefused is the reason of an error about a good token that is not one of the trust's, or about no trust.
const reasonTokenRefused = "OIDC_TOKEN_REFUSED"

// ExchangeToken makes a key for who holds a token that meets a trust, valid for the ttl or for the trust's longest time. The
// trust is looked at after the token's signature only, and what is wrong with it is for the log: who has no token of an
// allowed issuer's learns nothing at all, and who has one of somebody else's that it was not enough.
//
// Failed attempts are counted for the audit log, like those with keys. Peer is the SPIFFE ID of the mTLS peer.
func (m *Manager) ExchangeToken(
	ctx context.Context, peer, team, trust, raw string, ttl time.Duration,
) (record secret.APIKey, key apikey.Key, err error) {
	token, err := m.Tokens.Verify(ctx, raw)
	c := identity.Caller{Teams: map[string]identity.Role{team: ""}, Peer: peer}
	if err == nil {
		// Before anything is written: who may not, causes no write.
		err = m.view(ctx, operation{name: actionExchange}, func(r store.Reader) error {
			t, err := trustFor(ctx, r, team, trust, token)
			c.UserID = t.UserID
			return err
		})
	}
	if err != nil {
		return record, key, m.failedExchange(peer, err)
	}
	if m.Admit != nil {
		if err := m.Admit(c, team); err != nil {
			return record, key, err
		}
	}
	if key, err = apikey.Generate(); err != nil {
		return record, apikey.Key{}, err
	}
	err = m.changeTeams(ctx, operation{name: actionExchange}, func(w store.Writer) ([]audit.Entry, error) {
		t, err := trustFor(ctx, w, team, trust, token)
		if err != nil {
			return nil, err
		}
		if err := m.useToken(ctx, w, t, token); err != nil {
			return nil, err
		}
		now := m.Now()
		if ttl <= 0 || ttl > t.MaxTTL {
			ttl = t.MaxTTL
		}
		record = secret.APIKey{
			ID: key.ID(), Hash: key.Hash(), UserID: t.UserID, Team: team, Scopes: t.Scopes, Description: t.Description,
			CreateTime: now, ExpireTime: now.Add(ttl), Trust: t.ID, Subject: token.Subject, Personal: t.Personal,
		}
		c.UserID, c.APIKeyID = t.UserID, record.ID
		// Whose token it was is here for good: the key's record goes soon after the key.
		resource := secret.TrustName(team, trust) + "#subject=" + token.Subject
		return []audit.Entry{m.entry(ctx, c, operation{name: actionExchange}, team, resource)}, w.CreateAPIKey(ctx, record)
	})
	if err != nil {
		return secret.APIKey{}, apikey.Key{}, m.failedExchange(peer, err)
	}
	return record, key, nil
}

// refusedTrust is the refusal of a trust that there is, so that its team's log has it.
type refusedTrust struct {
	team, trust string
	error
}

// Unwrap returns the error for the caller.
func (r refusedTrust) Unwrap() error { return r.error }

// trustFor returns a trust that a token meets, whose user is a member.
func trustFor(ctx context.Context, r store.Reader, team, id string, token oidc.Token) (secret.OIDCTrust, error) {
	t, err := r.OIDCTrust(ctx, team, id)
	if errdefs.KindOf(err) == errdefs.NotFound {
		return t, tokenRefused(err)
	}
	if err != nil {
		return t, err
	}
	if err := oidc.Meets(t, token); err != nil {
		return t, refusedTrust{team, id, tokenRefused(err)}
	}
	_, err = r.Member(ctx, team, t.UserID)
	if errdefs.KindOf(err) == errdefs.NotFound {
		err = refusedTrust{team, id, tokenRefused(err)}
	}
	return t, err
}

func tokenRefused(why error) error {
	return errdefs.New(errdefs.Unauthenticated, reasonTokenRefused,
		"there is no such trust, or the token does not meet it; secretsd's log says which").WithCause(why)
}

// useToken lets a token with an id be exchanged once, and bounds the keys of a trust.
func (m *Manager) useToken(ctx context.Context, w store.Writer, t secret.OIDCTrust, token oidc.Token) error {
	if token.ID != "" && !t.Reusable {
		// It is forgotten a day after the token has expired, so that no clock brings it back.
		first, err := w.UseToken(ctx, token.Issuer, token.ID, token.Expires)
		if err != nil {
			return err
		}
		if !first {
			return refusedTrust{t.Team, t.ID, errdefs.New(errdefs.Unauthenticated, "OIDC_TOKEN_REPLAYED",
				"the token was exchanged before: have the issuer make another")}
		}
	}
	count, err := w.CountExchangedKeys(ctx, t.Team, t.ID, m.Now())
	if err == nil && count >= secret.MaxExchangedKeys {
		err = errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_API_KEYS", "trust %s has %d valid keys, which is the most", t.ID, count)
	}
	return err
}

// failedExchange counts a refusal, and returns err.
func (m *Manager) failedExchange(peer string, err error) error {
	if errdefs.KindOf(err) != errdefs.Unauthenticated {
		return err
	}
	on := attempted{peer: peer, action: actionExchange, resource: "oidcTrusts/-", reason: errdefs.ReasonOf(err)}
	var r refusedTrust
	if errors.As(err, &r) {
		on.team, on.resource = r.team, secret.TrustName(r.team, r.trust)
	}
	m.attempts.count(on, 1)
	return fmt.Errorf("exchange a token: %w", err)
}

// ForgetExpired deletes what nobody asks for any more: keys that were exchanged, a day after they expired, and the records of
// tokens that were.
func (m *Manager) ForgetExpired(ctx context.Context) error {
	for {
		n, err := m.Store.Forget(ctx, m.Now().Add(-forgetAfter), forgetAtOnce)
		if err != nil || n < forgetAtOnce {
			return err
		}
	}
}
