package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (t *tx) EndedAPIKeys(ctx context.Context, before time.Time, limit int) ([]secret.APIKey, error) {
	// The conditions of the index api_keys_ended, in its words.
	const ended = `coalesce(min(revoke_time, expire_time), revoke_time, expire_time)`
	return all(ctx, t, scanKey, selectKey+` WHERE (revoke_time IS NOT NULL OR expire_time IS NOT NULL) AND `+ended+` < ?
		AND oidc_trust IS NULL ORDER BY `+ended+` LIMIT ?`, nanos(before), limit)
}

func (t *tx) DeleteAPIKey(ctx context.Context, id string) error {
	for _, q := range []string{
		`UPDATE api_keys SET rotated_from = NULL WHERE rotated_from = ?`, `DELETE FROM api_key_teams WHERE key_id = ?`,
	} {
		if _, err := t.c.exec(ctx, q, id); err != nil {
			return fmt.Errorf("delete an API key: %w", err)
		}
	}
	return t.update(ctx, secret.ErrAPIKeyNotFound(id), `DELETE FROM api_keys WHERE id = ?`, id)
}

func (t *tx) IdleUsers(ctx context.Context, limit int) ([]string, error) {
	return all(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM users u WHERE NOT operator
		AND NOT EXISTS (SELECT 1 FROM members m WHERE m.user_id = u.id)
		AND NOT EXISTS (SELECT 1 FROM api_keys k WHERE k.user_id = u.id)
		AND NOT EXISTS (SELECT 1 FROM api_key_teams a WHERE a.user_id = u.id)
		AND NOT EXISTS (SELECT 1 FROM secret_grants g WHERE g.user_id = u.id)
		AND NOT EXISTS (SELECT 1 FROM oidc_trusts o WHERE o.user_id = u.id) ORDER BY id LIMIT ?`, limit)
}

func (t *tx) DeleteUser(ctx context.Context, id string) error {
	return t.update(ctx, fmt.Errorf("there is no user %s", id), `DELETE FROM users WHERE id = ?`, id)
}

func (t *tx) DeleteReceipts(ctx context.Context, before time.Time, limit int) (int, error) {
	return t.remove(ctx, `DELETE FROM batches WHERE id IN (SELECT id FROM batches
		WHERE id <= (SELECT sequence FROM audit_start) AND end_time < ? ORDER BY id LIMIT ?)`, nanos(before), limit)
}

func (t *tx) DeleteIdleRevocations(ctx context.Context, limit int) (int, error) {
	return t.remove(ctx, `DELETE FROM revocations WHERE id IN (SELECT v.id FROM revocations v
		WHERE NOT EXISTS (SELECT 1 FROM secrets s WHERE s.uid = v.secret_uid)
		AND NOT EXISTS (SELECT 1 FROM batches b INDEXED BY batches_running WHERE b.end_time IS NULL AND instr(b.refs, v.secret_uid) > 0)
		ORDER BY v.id LIMIT ?)`, limit)
}

// remove returns how many rows a statement has removed.
func (t *tx) remove(ctx context.Context, query string, args ...any) (int, error) {
	res, err := t.c.exec(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("delete: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
