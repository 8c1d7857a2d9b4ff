package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// RecordKeyUses implements store.KeyKeeper.
func (s *Store) RecordKeyUses(ctx context.Context, uses []secret.KeyUse) error {
	if len(uses) == 0 {
		return nil
	}
	return s.keep(ctx, func(t *tx) error {
		for _, u := range uses {
			_, err := t.c.exec(ctx, `UPDATE api_keys SET last_use_time = max(coalesce(last_use_time, 0), ?) WHERE id = ?`, nanos(u.Time), u.ID)
			if err != nil {
				return fmt.Errorf("record the use of API keys: %w", err)
			}
		}
		return nil
	})
}

// Forget implements store.KeyKeeper.
func (s *Store) Forget(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = s.keep(ctx, func(t *tx) error {
		// A key that another one replaced stays: the successor names it.
		keys, err := all(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM api_keys k
			WHERE oidc_trust IS NOT NULL AND expire_time < ?
			AND NOT EXISTS (SELECT 1 FROM api_keys n WHERE n.rotated_from = k.id) LIMIT ?`, nanos(before), limit)
		if err != nil {
			return err
		}
		for _, id := range keys {
			for _, q := range []string{`DELETE FROM api_key_teams WHERE key_id = ?`, `DELETE FROM api_keys WHERE id = ?`} {
				if _, err := t.c.exec(ctx, q, id); err != nil {
					return fmt.Errorf("forget an API key: %w", err)
				}
			}
		}
		res, err := t.c.exec(ctx, `DELETE FROM oidc_tokens WHERE hash IN (SELECT hash FROM oidc_tokens WHERE expire_time < ? LIMIT ?)`,
			nanos(before), limit)
		if err != nil {
			return fmt.Errorf("forget exchanged tokens: %w", err)
		}
		tokens, err := res.RowsAffected()
		forgotten = len(keys) + int(tokens)
		return err
	})
	return forgotten, err
}

// keep makes a change that the audit log has nothing to say of. It shares a commit with those who come at the same time.
func (s *Store) keep(ctx context.Context, change func(*tx) error) error {
	return s.writer.do(&unit{ctx: ctx, unaudited: true, change: func(t *tx) ([]audit.Entry, error) { return nil, change(t) }})
}
