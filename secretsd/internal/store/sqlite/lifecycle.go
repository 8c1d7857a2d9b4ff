package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func (t *tx) ExpiredSecrets(ctx context.Context, at time.Time, limit int) ([]secret.Secret, error) {
	return all(ctx, t, scanSecret, selectSecret+`
		WHERE expire_time <= ? AND delete_time IS NULL ORDER BY expire_time LIMIT ?`, nanos(at), limit)
}

func (t *tx) PurgeableSecrets(ctx context.Context, at time.Time, limit int) ([]secret.Secret, error) {
	return all(ctx, t, scanSecret,
		selectSecret+` WHERE purge_time <= ? ORDER BY purge_time LIMIT ?`, nanos(at), limit)
}

func (t *tx) DueVersions(ctx context.Context, at time.Time, limit int) ([]store.DueVersion, error) {
	type place struct {
		uid    string
		number int64
	}
	places, err := all(ctx, t, func(row scanner) (p place, err error) { return p, row.Scan(&p.uid, &p.number) },
		`SELECT secret_uid, number FROM versions WHERE scheduled_destroy_time <= ?
		ORDER BY scheduled_destroy_time LIMIT ?`, nanos(at), limit)
	if err != nil {
		return nil, err
	}
	list := make([]store.DueVersion, len(places))
	for i, p := range places {
		s, ok, err := one(ctx, t, scanSecret, selectSecret+` WHERE uid = ?`, p.uid)
		if err != nil || !ok {
			return nil, fmt.Errorf("secret of version %d: found %v, %w", p.number, ok, err)
		}
		v, err := t.Version(ctx, s, p.number)
		if err != nil {
			return nil, err
		}
		list[i] = store.DueVersion{Secret: s, Version: v}
	}
	return list, nil
}
