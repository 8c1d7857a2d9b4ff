package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func scanGrant(row scanner) (g secret.Grant, err error) {
	var (
		user, role         sql.NullString
		rights, conditions string
		expires            sql.NullInt64
		created            int64
	)
	if err := row.Scan(&g.ID, &user, &role, &rights, &conditions, &expires, &g.Creator, &created); err != nil {
		return g, err
	}
	g.UserID, g.Role = user.String, identity.Role(role.String)
	for r := range strings.SplitSeq(rights, ",") {
		g.Rights = append(g.Rights, secret.Right(r))
	}
	g.ExpireTime, g.CreateTime = fromNullNanos(expires), fromNanos(created)
	return g, decodeJSON(conditions, &g.Conditions)
}

// encodeJSON writes what is empty as "".
func encodeJSON(v any, empty bool) (string, error) {
	if empty {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func decodeJSON(text string, v any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}

func (t *tx) Grants(ctx context.Context, s secret.Secret) ([]secret.Grant, error) {
	return keptAll(ctx, t, scanGrant, `SELECT id, user_id, role, actions, conditions, expire_time, creator, create_time
		FROM secret_grants WHERE secret_uid = ? ORDER BY id`, s.UID)
}

func (t *tx) CreateGrant(ctx context.Context, s secret.Secret, g secret.Grant) error {
	conditions, err := encodeJSON(g.Conditions, g.Conditions.Empty())
	if err != nil {
		return fmt.Errorf("conditions: %w", err)
	}
	rights := make([]string, len(g.Rights))
	for i, r := range g.Rights {
		rights[i] = string(r)
	}
	return t.insert(ctx, fmt.Errorf("grant %s exists already", g.ID),
		`INSERT INTO secret_grants (id, secret_uid, user_id, role, actions, conditions, expire_time, creator, create_time)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		g.ID, s.UID, sql.NullString{String: g.UserID, Valid: g.UserID != ""},
		sql.NullString{String: string(g.Role), Valid: g.Role != ""}, strings.Join(rights, ","), conditions,
		nullNanos(g.ExpireTime), g.Creator, nanos(g.CreateTime))
}

func (t *tx) DeleteGrant(ctx context.Context, s secret.Secret, id string) error {
	return t.update(ctx, secret.ErrGrantNotFound(s.Team, s.Name, id),
		`DELETE FROM secret_grants WHERE secret_uid = ? AND id = ?`, s.UID, id)
}

func (t *tx) DeleteGrantsOf(ctx context.Context, team, user string) error {
	_, err := t.c.exec(ctx, `DELETE FROM secret_grants WHERE user_id = ?
		AND secret_uid IN (SELECT uid FROM secrets WHERE team = ?)`, user, team)
	if err != nil {
		return fmt.Errorf("delete grants: %w", err)
	}
	return nil
}
