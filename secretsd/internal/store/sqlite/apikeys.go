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

const keyColumns = `id, hash, user_id, team, scopes, description, create_time, expire_time, revoke_time`

func scanKey(row scanner) (k secret.APIKey, err error) {
	var (
		hash            []byte
		team            sql.NullString
		scopes          string
		created         int64
		expires, revoke sql.NullInt64
	)
	err = row.Scan(&k.ID, &hash, &k.UserID, &team, &scopes, &k.Description, &created, &expires, &revoke)
	if err != nil {
		return k, err
	}
	if n := copy(k.Hash[:], hash); n != len(k.Hash) {
		return k, fmt.Errorf("API key %s has a hash of %d bytes", k.ID, n)
	}
	k.Team = team.String
	for s := range strings.SplitSeq(scopes, ",") {
		k.Scopes = append(k.Scopes, identity.Scope(s))
	}
	k.CreateTime, k.ExpireTime, k.RevokeTime = fromNanos(created), fromNullNanos(expires), fromNullNanos(revoke)
	return k, nil
}

func (t *tx) APIKey(ctx context.Context, id string) (secret.APIKey, error) {
	k, ok, err := one(ctx, t, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE id = ?`, id)
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
	const order = ` AND (create_time, id) < (?, ?) ORDER BY create_time DESC, id DESC LIMIT ?`
	if user == "" {
		return all(ctx, t, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE team = ?`+order,
			team, before, after.ID, limit)
	}
	return all(ctx, t, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE team = ? AND user_id = ?`+order,
		team, user, before, after.ID, limit)
}

func (t *tx) CountAPIKeys(ctx context.Context, team, user string, at time.Time) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM api_keys WHERE team = ? AND user_id = ?
		AND revoke_time IS NULL AND (expire_time IS NULL OR expire_time > ?)`, team, user, nanos(at))
}

func (t *tx) CreateAPIKey(ctx context.Context, k secret.APIKey) error {
	scopes := make([]string, len(k.Scopes))
	for i, s := range k.Scopes {
		scopes[i] = string(s)
	}
	_, err := t.c.exec(ctx, `INSERT INTO api_keys (`+keyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Hash[:], k.UserID, sql.NullString{String: k.Team, Valid: k.Team != ""}, strings.Join(scopes, ","),
		k.Description, nanos(k.CreateTime), nullNanos(k.ExpireTime), nullNanos(k.RevokeTime))
	if err != nil {
		return fmt.Errorf("insert API key: %w", err)
	}
	return nil
}

func (t *tx) RevokeAPIKey(ctx context.Context, id string, at time.Time) error {
	return t.update(ctx, secret.ErrAPIKeyNotFound(id),
		`UPDATE api_keys SET revoke_time = coalesce(revoke_time, ?) WHERE id = ?`, nanos(at), id)
}

func (t *tx) RevokeAPIKeys(ctx context.Context, team, user string, at time.Time) error {
	_, err := t.c.exec(ctx,
		`UPDATE api_keys SET revoke_time = ? WHERE team = ? AND user_id = ? AND revoke_time IS NULL`, nanos(at), team, user)
	if err != nil {
		return fmt.Errorf("revoke API keys: %w", err)
	}
	return nil
}
