package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

const selectTrust = `SELECT team, id, issuer, audience, subject, claims, user_id, scopes, max_ttl, reusable, personal, description, create_time
	FROM oidc_trusts`

func scanTrust(row scanner) (o secret.OIDCTrust, err error) {
	var (
		claims, scopes  string
		maxTTL, created int64
	)
	err = row.Scan(&o.Team, &o.ID, &o.Issuer, &o.Audience, &o.Subject, &claims, &o.UserID, &scopes, &maxTTL, &o.Reusable, &o.Personal,
		&o.Description, &created)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(claims), &o.Claims); err != nil {
		return o, fmt.Errorf("claims of OIDC trust %s: %w", o.ID, err)
	}
	o.Scopes, o.MaxTTL, o.CreateTime = splitScopes(scopes), time.Duration(maxTTL)*time.Second, fromNanos(created)
	return o, nil
}

func (t *tx) OIDCTrust(ctx context.Context, team, id string) (secret.OIDCTrust, error) {
	o, ok, err := one(ctx, t, scanTrust, selectTrust+` WHERE team = ? AND id = ?`, team, id)
	if err == nil && !ok {
		err = secret.ErrTrustNotFound(team, id)
	}
	return o, err
}

func (t *tx) OIDCTrusts(ctx context.Context, team, after string, limit int) ([]secret.OIDCTrust, error) {
	return all(ctx, t, scanTrust, selectTrust+` WHERE team = ? AND id > ? ORDER BY id LIMIT ?`, team, after, limit)
}

func (t *tx) CountOIDCTrusts(ctx context.Context, team string) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM oidc_trusts WHERE team = ?`, team)
}

// validExchanged is true of the keys of a trust that are valid at a time.
const validExchanged = ` WHERE team = ? AND oidc_trust = ? AND expire_time > ? AND revoke_time IS NULL`

func (t *tx) CountExchangedKeys(ctx context.Context, team, trust string, at time.Time) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM api_keys`+validExchanged, team, trust, nanos(at))
}

func (t *tx) CreateOIDCTrust(ctx context.Context, o secret.OIDCTrust) error {
	claims, err := json.Marshal(o.Claims)
	if err != nil {
		return fmt.Errorf("claims of OIDC trust %s: %w", o.ID, err)
	}
	return t.insert(ctx, secret.ErrTrustExists(o.Team, o.ID), `INSERT INTO oidc_trusts (team, id, issuer, audience, subject, claims,
		user_id, scopes, max_ttl, reusable, personal, description, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Team, o.ID, o.Issuer, o.Audience, o.Subject, string(claims), o.UserID, joinScopes(o.Scopes), int64(o.MaxTTL/time.Second),
		o.Reusable, o.Personal, o.Description, nanos(o.CreateTime))
}

func (t *tx) DeleteOIDCTrust(ctx context.Context, team, id string) error {
	return t.update(ctx, secret.ErrTrustNotFound(team, id), `DELETE FROM oidc_trusts WHERE team = ? AND id = ?`, team, id)
}

func (t *tx) RevokeExchangedKeys(ctx context.Context, team, trust string, at time.Time) ([]secret.APIKey, error) {
	revoked, err := all(ctx, t, scanKey, selectKey+validExchanged, team, trust, nanos(at))
	if err != nil {
		return nil, err
	}
	for i := range revoked {
		revoked[i].RevokeTime = at
	}
	if _, err := t.c.exec(ctx, `UPDATE api_keys SET revoke_time = ?`+validExchanged, nanos(at), team, trust, nanos(at)); err != nil {
		return nil, fmt.Errorf("revoke exchanged API keys: %w", err)
	}
	return revoked, nil
}

func (t *tx) UseToken(ctx context.Context, issuer, id string, expires time.Time) (first bool, err error) {
	hash := sha256.Sum256([]byte(issuer + "\x00" + id))
	res, err := t.c.exec(ctx, `INSERT INTO oidc_tokens (hash, expire_time) VALUES (?, ?) ON CONFLICT DO NOTHING`, hash[:], nanos(expires))
	if err != nil {
		return false, fmt.Errorf("record an exchanged token: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
