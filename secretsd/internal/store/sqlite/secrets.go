package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

const secretColumns = `uid, team, name, description, labels, create_time, update_time, revision, latest_version,
	restricted, injection, aliases, version_destroy_ttl, expire_time, delete_time, purge_time`

const selectSecret = `SELECT ` + secretColumns + `, EXISTS (SELECT 1 FROM secret_grants WHERE secret_uid = uid) FROM secrets`

func scanSecret(row scanner) (s secret.Secret, err error) {
	var (
		labels, injection, aliases string
		created, updated           int64
		expire, deleted, purged    sql.NullInt64
	)
	err = row.Scan(&s.UID, &s.Team, &s.Name, &s.Description, &labels, &created, &updated, &s.Revision, &s.LatestVersion,
		&s.Restricted, &injection, &aliases, &s.VersionDestroyTTL, &expire, &deleted, &purged, &s.Granted)
	if err != nil {
		return s, err
	}
	s.CreateTime, s.UpdateTime = fromNanos(created), fromNanos(updated)
	s.ExpireTime, s.DeleteTime, s.PurgeTime = fromNullNanos(expire), fromNullNanos(deleted), fromNullNanos(purged)
	if err := decodeJSON(injection, &s.Injection); err != nil {
		return s, err
	}
	if err := decodeMap(labels, &s.Labels); err != nil {
		return s, fmt.Errorf("labels of %s: %w", secret.FullName(s.Team, s.Name), err)
	}
	if err := decodeMap(aliases, &s.Aliases); err != nil {
		return s, fmt.Errorf("aliases of %s: %w", secret.FullName(s.Team, s.Name), err)
	}
	return s, nil
}

// emptyMap is how a map without entries is stored; read, it is nil.
const emptyMap = "{}"

func encodeMap[V any](m map[string]V) (string, error) {
	if len(m) == 0 {
		return emptyMap, nil
	}
	b, err := json.Marshal(m)
	return string(b), err
}

func decodeMap[V any](text string, m *map[string]V) error {
	if text == emptyMap {
		return nil
	}
	return json.Unmarshal([]byte(text), m)
}

func (t *tx) Secret(ctx context.Context, team, name string) (secret.Secret, error) {
	s, ok, err := keptOne(ctx, t, scanSecret, selectSecret+` WHERE team = ? AND name = ?`, team, name)
	if err == nil && !ok {
		err = secret.ErrNotFound(team, name)
	}
	return s, err
}

func (t *tx) Secrets(ctx context.Context, team, after string, limit int) ([]secret.Secret, error) {
	return all(ctx, t, scanSecret,
		selectSecret+` WHERE team = ? AND name > ? ORDER BY name LIMIT ?`, team, after, limit)
}

func (t *tx) CountSecrets(ctx context.Context, team string) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM secrets WHERE team = ?`, team)
}

// changeable are the columns of a secret that change, with their values in the same order.
const changeable = `description = ?, labels = ?, update_time = ?, revision = ?, latest_version = ?,
	restricted = ?, injection = ?, aliases = ?, version_destroy_ttl = ?, expire_time = ?, delete_time = ?, purge_time = ?`

func changeableValues(s secret.Secret) ([]any, error) {
	labels, err := encodeMap(s.Labels)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	aliases, err := encodeMap(s.Aliases)
	if err != nil {
		return nil, fmt.Errorf("aliases: %w", err)
	}
	injection, err := encodeJSON(s.Injection, !s.Injection.BrokerOnly)
	if err != nil {
		return nil, fmt.Errorf("injection: %w", err)
	}
	return []any{
		s.Description, labels, nanos(s.UpdateTime), s.Revision, s.LatestVersion, s.Restricted, injection, aliases,
		int64(s.VersionDestroyTTL), nullNanos(s.ExpireTime), nullNanos(s.DeleteTime), nullNanos(s.PurgeTime),
	}, nil
}

func (t *tx) CreateSecret(ctx context.Context, s secret.Secret) error {
	values, err := changeableValues(s)
	if err != nil {
		return err
	}
	return t.insert(ctx, secret.ErrExists(s.Team, s.Name),
		`INSERT INTO secrets (uid, team, name, create_time, description, labels, update_time, revision, latest_version,
			restricted, injection, aliases, version_destroy_ttl, expire_time, delete_time, purge_time)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append([]any{s.UID, s.Team, s.Name, nanos(s.CreateTime)}, values...)...)
}

func (t *tx) UpdateSecret(ctx context.Context, s secret.Secret) error {
	values, err := changeableValues(s)
	if err != nil {
		return err
	}
	return t.update(ctx, secret.ErrNotFound(s.Team, s.Name), `UPDATE secrets SET `+changeable+` WHERE uid = ?`,
		append(values, s.UID)...)
}

func (t *tx) DeleteSecret(ctx context.Context, s secret.Secret) error {
	t.erased = true
	return t.update(ctx, secret.ErrNotFound(s.Team, s.Name), `DELETE FROM secrets WHERE uid = ?`, s.UID)
}
