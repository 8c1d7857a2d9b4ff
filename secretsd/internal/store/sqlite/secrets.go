package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

const secretColumns = `uid, team, name, description, labels, create_time, update_time, revision, latest_version,
	restricted, injection`

const selectSecret = `SELECT ` + secretColumns + `, EXISTS (SELECT 1 FROM secret_grants WHERE secret_uid = uid) FROM secrets`

func scanSecret(row scanner) (s secret.Secret, err error) {
	var (
		labels, injection string
		created, updated  int64
	)
	err = row.Scan(&s.UID, &s.Team, &s.Name, &s.Description, &labels, &created, &updated, &s.Revision, &s.LatestVersion,
		&s.Restricted, &injection, &s.Granted)
	if err != nil {
		return s, err
	}
	s.CreateTime, s.UpdateTime = fromNanos(created), fromNanos(updated)
	if err := decodeJSON(injection, &s.Injection); err != nil {
		return s, err
	}
	if labels == noLabels {
		return s, nil
	}
	if err := json.Unmarshal([]byte(labels), &s.Labels); err != nil {
		return s, fmt.Errorf("labels of %s: %w", secret.FullName(s.Team, s.Name), err)
	}
	return s, nil
}

// noLabels is how the empty set of labels is stored.
const noLabels = "{}"

func encodeLabels(labels map[string]string) (string, error) {
	if len(labels) == 0 {
		return noLabels, nil
	}
	b, err := json.Marshal(labels)
	return string(b), err
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

func (t *tx) CreateSecret(ctx context.Context, s secret.Secret) error {
	labels, err := encodeLabels(s.Labels)
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	injection, err := encodeJSON(s.Injection, !s.Injection.BrokerOnly)
	if err != nil {
		return fmt.Errorf("injection: %w", err)
	}
	return t.insert(ctx,
		errdefs.New(errdefs.AlreadyExists, "SECRET_EXISTS", "secret %s exists already in team %s", s.Name, s.Team),
		`INSERT INTO secrets (`+secretColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.UID, s.Team, s.Name, s.Description, labels, nanos(s.CreateTime), nanos(s.UpdateTime), s.Revision, s.LatestVersion,
		s.Restricted, injection)
}

func (t *tx) UpdateSecret(ctx context.Context, s secret.Secret) error {
	labels, err := encodeLabels(s.Labels)
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	injection, err := encodeJSON(s.Injection, !s.Injection.BrokerOnly)
	if err != nil {
		return fmt.Errorf("injection: %w", err)
	}
	return t.update(ctx, secret.ErrNotFound(s.Team, s.Name),
		`UPDATE secrets SET description = ?, labels = ?, update_time = ?, revision = ?, latest_version = ?, restricted = ?,
			injection = ? WHERE uid = ?`,
		s.Description, labels, nanos(s.UpdateTime), s.Revision, s.LatestVersion, s.Restricted, injection, s.UID)
}

func (t *tx) DeleteSecret(ctx context.Context, s secret.Secret) error {
	t.erased = true
	return t.update(ctx, secret.ErrNotFound(s.Team, s.Name), `DELETE FROM secrets WHERE uid = ?`, s.UID)
}
