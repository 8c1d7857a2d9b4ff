package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (t *tx) WrappedDEK(ctx context.Context, team string) (secret.WrappedDEK, error) {
	dek, ok, err := keptOne(ctx, t, func(row scanner) (d secret.WrappedDEK, err error) {
		return d, row.Scan(&d.KEKID, &d.Ciphertext)
	}, `SELECT kek_id, wrapped_dek FROM teams WHERE id = ? AND delete_time IS NULL`, team)
	if err == nil && !ok {
		err = secret.ErrTeamNotFound(team)
	}
	return dek, err
}

// counts is how many there are, and how many of them need another key.
type counts struct{ all, others int64 }

func scanCounts(row scanner) (c counts, err error) { return c, row.Scan(&c.all, &c.others) }

func (t *tx) CountWrapped(ctx context.Context, kekID string) (teams, others int64, err error) {
	c, _, err := one(ctx, t, scanCounts,
		`SELECT count(*), count(*) FILTER (WHERE kek_id <> ?) FROM teams WHERE delete_time IS NULL`, kekID)
	return c.all, c.others, err
}

func scanString(row scanner) (s string, err error) { return s, row.Scan(&s) }

func (t *tx) WrappedByOthers(ctx context.Context, kekID string, limit int) ([]string, error) {
	return all(ctx, t, scanString,
		`SELECT id FROM teams WHERE kek_id <> ? AND delete_time IS NULL ORDER BY id LIMIT ?`, kekID, limit)
}

func (t *tx) RotatingTeams(ctx context.Context, limit int) ([]string, error) {
	return all(ctx, t, scanString,
		`SELECT id FROM teams WHERE rotating AND delete_time IS NULL ORDER BY id LIMIT ?`, limit)
}

func (t *tx) CountSealed(ctx context.Context, team, dekID string) (versions, others int64, err error) {
	c, _, err := one(ctx, t, scanCounts, `SELECT count(*), count(*) FILTER (WHERE v.dek_id IS NOT ?)
		FROM secrets s JOIN versions v ON v.secret_uid = s.uid WHERE s.team = ? AND v.ciphertext IS NOT NULL`, dekID, team)
	return c.all, c.others, err
}

func (t *tx) SealedByOthers(
	ctx context.Context, team, dekID string, after secret.SealedVersion, limit int,
) ([]secret.SealedVersion, error) {
	return all(ctx, t, func(row scanner) (v secret.SealedVersion, err error) {
		return v, row.Scan(&v.SecretUID, &v.Number, &v.Ciphertext)
	}, `SELECT v.secret_uid, v.number, v.ciphertext FROM versions v JOIN secrets s ON s.uid = v.secret_uid
		WHERE (v.secret_uid, v.number) > (?, ?) AND s.team = ? AND v.ciphertext IS NOT NULL AND v.dek_id IS NOT ?
		ORDER BY v.secret_uid, v.number LIMIT ?`, after.SecretUID, after.Number, team, dekID, limit)
}

func (t *tx) SetWrappedDEK(ctx context.Context, team string, dek secret.WrappedDEK, rotating bool) error {
	t.erased = true
	return t.update(ctx, secret.ErrTeamNotFound(team),
		`UPDATE teams SET kek_id = ?, wrapped_dek = ?, rotating = ?, revision = revision + 1 WHERE id = ? AND delete_time IS NULL`,
		dek.KEKID, dek.Ciphertext, rotating, team)
}

func (t *tx) SetCiphertext(ctx context.Context, v secret.SealedVersion) error {
	return t.update(ctx, fmt.Errorf("version %d of secret %s has no ciphertext", v.Number, v.SecretUID),
		`UPDATE versions SET ciphertext = ? WHERE secret_uid = ? AND number = ? AND ciphertext IS NOT NULL`,
		v.Ciphertext, v.SecretUID, v.Number)
}

func (t *tx) DestroyTeam(ctx context.Context, team string, at time.Time) error {
	t.erased = true
	for _, remove := range []string{
		`DELETE FROM secrets WHERE team = ?`, // with their versions and grants
		`DELETE FROM requests WHERE team = ?`,
		`DELETE FROM oidc_trusts WHERE team = ?`,
		`DELETE FROM api_key_teams WHERE team = ?`,
		`DELETE FROM members WHERE team = ?`,
	} {
		if _, err := t.c.exec(ctx, remove, team); err != nil {
			return fmt.Errorf("destroy team %s: %w", team, err)
		}
	}
	return t.update(ctx, secret.ErrTeamNotFound(team), `UPDATE teams
		SET kek_id = '', wrapped_dek = x'', rotating = 0, revision = revision + 1, delete_time = ? WHERE id = ? AND delete_time IS NULL`,
		nanos(at), team)
}
