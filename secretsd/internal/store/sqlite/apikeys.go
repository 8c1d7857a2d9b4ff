package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// selectKey is the start of every query for keys. No name of a team has a comma in it.
const selectKey = `SELECT k.id, k.hash, k.user_id, k.team, k.scopes, k.description, k.create_time, k.expire_time, k.revoke_time,
	k.personal, k.last_use_time, k.rotated_from, k.heir, k.oidc_trust, k.oidc_subject,
	(SELECT group_concat(o.team, ',' ORDER BY o.team) FROM api_key_teams o WHERE o.key_id = k.id AND o.team <> k.team)
	FROM api_keys k`

func scanKey(row scanner) (k secret.APIKey, err error) {
	var (
		hash                      []byte
		team, others              sql.NullString
		rotated, trust, subject   sql.NullString
		scopes                    string
		created                   int64
		expires, revoke, lastUsed sql.NullInt64
	)
	err = row.Scan(&k.ID, &hash, &k.UserID, &team, &scopes, &k.Description, &created, &expires, &revoke,
		&k.Personal, &lastUsed, &rotated, &k.Heir, &trust, &subject, &others)
	if err != nil {
		return k, err
	}
	if n := copy(k.Hash[:], hash); n != len(k.Hash) {
		return k, fmt.Errorf("API key %s has a hash of %d bytes", k.ID, n)
	}
	k.Team, k.RotatedFrom, k.Trust, k.Subject = team.String, rotated.String, trust.String, subject.String
	k.Scopes = splitScopes(scopes)
	if others.Valid {
		k.OtherTeams = strings.Split(others.String, ",")
	}
	k.CreateTime, k.ExpireTime, k.RevokeTime = fromNanos(created), fromNullNanos(expires), fromNullNanos(revoke)
	k.LastUseTime = fromNullNanos(lastUsed)
	return k, nil
}

// joinScopes returns scopes as they are stored; splitScopes is its reverse.
func joinScopes(scopes []identity.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ",")
}

func splitScopes(stored string) (scopes []identity.Scope) {
	for s := range strings.SplitSeq(stored, ",") {
		scopes = append(scopes, identity.Scope(s))
	}
	return scopes
}

// nullString returns a text as it is stored where it may be missing.
func nullString(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func (t *tx) APIKey(ctx context.Context, id string) (secret.APIKey, error) {
	k, ok, err := keptOne(ctx, t, scanKey, selectKey+` WHERE id = ?`, id)
	if err == nil && !ok {
		err = secret.ErrAPIKeyNotFound(id)
	}
	return k, err
}

func (t *tx) APIKeys(
	ctx context.Context, team, user string, after secret.KeyPosition, limit int,
) ([]secret.APIKey, error) {
	before := int64(math.MaxInt64)
	if after.ID != "" {
		before = nanos(after.CreateTime)
	}
	const (
		keys  = selectKey + ` JOIN api_key_teams a ON a.key_id = k.id WHERE a.team = ?`
		order = ` AND (a.create_time, a.key_id) < (?, ?) ORDER BY a.create_time DESC, a.key_id DESC LIMIT ?`
	)
	if user == "" {
		return all(ctx, t, scanKey, keys+order, team, before, after.ID, limit)
	}
	return all(ctx, t, scanKey, keys+` AND a.user_id = ?`+order, team, user, before, after.ID, limit)
}

func (t *tx) CountAPIKeys(ctx context.Context, team, user string, at time.Time) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM api_keys k JOIN api_key_teams a ON a.key_id = k.id
		WHERE a.team = ? AND a.user_id = ? AND k.oidc_trust IS NULL AND k.revoke_time IS NULL AND (k.expire_time IS NULL OR k.expire_time > ?)`,
		team, user, nanos(at))
}

func (t *tx) CreateAPIKey(ctx context.Context, k secret.APIKey) error {
	_, err := t.c.exec(ctx, `INSERT INTO api_keys (id, hash, user_id, team, scopes, description, create_time, expire_time, revoke_time,
		personal, last_use_time, rotated_from, heir, oidc_trust, oidc_subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Hash[:], k.UserID, nullString(k.Team), joinScopes(k.Scopes), k.Description, nanos(k.CreateTime),
		nullNanos(k.ExpireTime), nullNanos(k.RevokeTime), k.Personal, nullNanos(k.LastUseTime), nullString(k.RotatedFrom), k.Heir,
		nullString(k.Trust), nullString(k.Subject))
	if err != nil {
		return fmt.Errorf("insert API key: %w", err)
	}
	for _, team := range k.Teams() {
		_, err := t.c.exec(ctx, `INSERT INTO api_key_teams (key_id, team, user_id, create_time) VALUES (?, ?, ?, ?)`,
			k.ID, team, k.UserID, nanos(k.CreateTime))
		if err != nil {
			return fmt.Errorf("insert team of API key: %w", err)
		}
	}
	return nil
}

func (t *tx) RevokeAPIKey(ctx context.Context, id string, at time.Time) error {
	return t.update(ctx, secret.ErrAPIKeyNotFound(id),
		`UPDATE api_keys SET revoke_time = coalesce(revoke_time, ?) WHERE id = ?`, nanos(at), id)
}

func (t *tx) ExpireAPIKey(ctx context.Context, id string, at time.Time) error {
	return t.update(ctx, secret.ErrAPIKeyNotFound(id), `UPDATE api_keys SET expire_time = ? WHERE id = ?`, nanos(at), id)
}

func (t *tx) Successor(ctx context.Context, id string) (secret.APIKey, bool, error) {
	return one(ctx, t, scanKey, selectKey+` WHERE k.rotated_from = ?`, id)
}

func (t *tx) RevokeAPIKeys(ctx context.Context, team, user string, at time.Time) ([]secret.APIKey, error) {
	const home = ` WHERE team = ? AND user_id = ? AND revoke_time IS NULL`
	revoked, err := all(ctx, t, scanKey, selectKey+home, team, user)
	if err != nil {
		return nil, err
	}
	for i := range revoked {
		revoked[i].RevokeTime = at
	}
	// A key that was revoked before stays in the team's list.
	_, err = t.c.exec(ctx, `DELETE FROM api_key_teams WHERE team = ? AND user_id = ?
		AND key_id IN (SELECT id FROM api_keys WHERE user_id = ? AND team <> ? AND revoke_time IS NULL)`, team, user, user, team)
	if err != nil {
		return nil, fmt.Errorf("take a team from API keys: %w", err)
	}
	if _, err := t.c.exec(ctx, `UPDATE api_keys SET revoke_time = ?`+home, nanos(at), team, user); err != nil {
		return nil, fmt.Errorf("revoke API keys: %w", err)
	}
	return revoked, nil
}
