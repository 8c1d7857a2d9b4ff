package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

const requestColumns = `user_id, method, id, team, digest, secret, secret_uid, version, unchanged, create_time`

func scanRequest(row scanner) (r secret.Request, err error) {
	var (
		digest  []byte
		created int64
	)
	err = row.Scan(&r.UserID, &r.Method, &r.ID, &r.Team, &digest, &r.Secret, &r.SecretUID, &r.Version, &r.Unchanged, &created)
	copy(r.Digest[:], digest)
	r.CreateTime = fromNanos(created)
	return r, err
}

func (t *tx) Request(ctx context.Context, user, method, id string, since time.Time) (secret.Request, bool, error) {
	return one(ctx, t, scanRequest, `SELECT `+requestColumns+` FROM requests
		WHERE user_id = ? AND method = ? AND id = ? AND create_time >= ?`, user, method, id, nanos(since))
}

func (t *tx) HasRequestsBefore(ctx context.Context, before time.Time) (bool, error) {
	n, err := count(ctx, t, `SELECT EXISTS (SELECT 1 FROM requests WHERE create_time < ?)`, nanos(before))
	return n > 0, err
}

func (t *tx) PutRequest(ctx context.Context, r secret.Request) error {
	_, err := t.c.exec(ctx, `INSERT OR REPLACE INTO requests (`+requestColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.UserID, r.Method, r.ID, r.Team, r.Digest[:], r.Secret, r.SecretUID, r.Version, r.Unchanged, nanos(r.CreateTime))
	if err != nil {
		return fmt.Errorf("insert request: %w", err)
	}
	return nil
}

func (t *tx) DeleteRequests(ctx context.Context, before time.Time, limit int) error {
	_, err := t.c.exec(ctx, `DELETE FROM requests WHERE (user_id, method, id) IN
		(SELECT user_id, method, id FROM requests WHERE create_time < ? ORDER BY create_time LIMIT ?)`, nanos(before), limit)
	if err != nil {
		return fmt.Errorf("delete requests: %w", err)
	}
	return nil
}
