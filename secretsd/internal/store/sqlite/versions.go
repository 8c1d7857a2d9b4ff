package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

const versionColumns = `number, state, create_time, destroy_time, creator, size, scheduled_destroy_time, revision`

// dekColumn is read with versionColumns; the database makes it from the ciphertext.
const dekColumn = `, dek_id`

func scanVersion(row scanner) (v secret.Version, err error) {
	var (
		created              int64
		destroyed, scheduled sql.NullInt64
		dekID                sql.NullString
	)
	err = row.Scan(&v.Number, &v.State, &created, &destroyed, &v.Creator, &v.Size, &scheduled, &v.Revision, &dekID)
	v.DataKeyID = dekID.String
	v.CreateTime, v.DestroyTime, v.ScheduledDestroyTime = fromNanos(created), fromNullNanos(destroyed), fromNullNanos(scheduled)
	return v, err
}

func (t *tx) Version(ctx context.Context, s secret.Secret, number int64) (secret.Version, error) {
	v, ok, err := keptOne(ctx, t, scanVersion,
		`SELECT `+versionColumns+dekColumn+` FROM versions WHERE secret_uid = ? AND number = ?`, s.UID, number)
	if err == nil && !ok {
		err = secret.ErrVersionNotFound(s.Team, s.Name, number)
	}
	return v, err
}

func (t *tx) NewestVersion(ctx context.Context, s secret.Secret) (secret.Version, bool, error) {
	return keptOne(ctx, t, scanVersion, `SELECT `+versionColumns+dekColumn+` FROM versions
		WHERE secret_uid = ? AND state <> 'DESTROYED' ORDER BY number DESC LIMIT 1`, s.UID)
}

func (t *tx) Versions(ctx context.Context, s secret.Secret, before int64, limit int) ([]secret.Version, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return all(ctx, t, scanVersion, `SELECT `+versionColumns+dekColumn+` FROM versions
		WHERE secret_uid = ? AND number < ? ORDER BY number DESC LIMIT ?`, s.UID, before, limit)
}

func (t *tx) CountVersions(ctx context.Context, s secret.Secret) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM versions WHERE secret_uid = ? AND state <> 'DESTROYED'`, s.UID)
}

func (t *tx) Ciphertext(ctx context.Context, s secret.Secret, number int64) ([]byte, error) {
	sealed, ok, err := keptOne(ctx, t, func(row scanner) (b []byte, err error) { return b, row.Scan(&b) },
		`SELECT ciphertext FROM versions WHERE secret_uid = ? AND number = ? AND ciphertext IS NOT NULL`, s.UID, number)
	if err == nil && !ok {
		err = secret.ErrVersionNotFound(s.Team, s.Name, number)
	}
	return sealed, err
}

func (t *tx) CreateVersion(ctx context.Context, s secret.Secret, v secret.Version, ciphertext []byte) error {
	_, err := t.c.exec(ctx,
		`INSERT INTO versions (secret_uid, `+versionColumns+`, ciphertext) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.UID, v.Number, v.State, nanos(v.CreateTime), nullNanos(v.DestroyTime), v.Creator, v.Size,
		nullNanos(v.ScheduledDestroyTime), v.Revision, ciphertext)
	if err != nil {
		return fmt.Errorf("insert version: %w", err)
	}
	return nil
}

func (t *tx) UpdateVersion(ctx context.Context, s secret.Secret, v secret.Version) error {
	missing := secret.ErrVersionNotFound(s.Team, s.Name, v.Number)
	if v.State != secret.Destroyed {
		return t.update(ctx, missing,
			`UPDATE versions SET state = ?, scheduled_destroy_time = ?, revision = ? WHERE secret_uid = ? AND number = ?`,
			v.State, nullNanos(v.ScheduledDestroyTime), v.Revision, s.UID, v.Number)
	}
	t.erased = true
	return t.update(ctx, missing, `UPDATE versions SET state = ?, destroy_time = ?, size = 0, ciphertext = NULL,
		scheduled_destroy_time = NULL, revision = ? WHERE secret_uid = ? AND number = ?`,
		v.State, nanos(v.DestroyTime), v.Revision, s.UID, v.Number)
}
