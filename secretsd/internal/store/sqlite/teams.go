package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

const teamColumns = `id, create_time, revision, mask_output`

func scanTeam(row scanner) (t secret.Team, err error) {
	var created int64
	err = row.Scan(&t.ID, &created, &t.Revision, &t.MaskOutput)
	t.CreateTime = fromNanos(created)
	return t, err
}

func (t *tx) Team(ctx context.Context, id string) (secret.Team, error) {
	team, ok, err := keptOne(ctx, t, scanTeam, `SELECT `+teamColumns+` FROM teams WHERE id = ? AND delete_time IS NULL`, id)
	if err == nil && !ok {
		err = secret.ErrTeamNotFound(id)
	}
	return team, err
}

func (t *tx) Teams(ctx context.Context, after string, limit int) ([]secret.Team, error) {
	return all(ctx, t, scanTeam, `SELECT `+teamColumns+` FROM teams
		WHERE id > ? AND delete_time IS NULL ORDER BY id LIMIT ?`, after, limit)
}

func (t *tx) CountTeams(ctx context.Context) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM teams WHERE delete_time IS NULL`)
}

func (t *tx) CreateTeam(ctx context.Context, team secret.Team, dek secret.WrappedDEK) error {
	deleted, err := count(ctx, t, `SELECT count(*) FROM teams WHERE id = ? AND delete_time IS NOT NULL`, team.ID)
	if err != nil {
		return err
	}
	if deleted > 0 {
		return secret.ErrTeamDeleted(team.ID)
	}
	return t.insert(ctx, errdefs.New(errdefs.AlreadyExists, "TEAM_EXISTS", "team %s exists already", team.ID),
		`INSERT INTO teams (id, create_time, kek_id, wrapped_dek) VALUES (?, ?, ?, ?)`,
		team.ID, nanos(team.CreateTime), dek.KEKID, dek.Ciphertext)
}

func (t *tx) UpdateTeam(ctx context.Context, team secret.Team) error {
	return t.update(ctx, secret.ErrTeamNotFound(team.ID),
		`UPDATE teams SET mask_output = ?, revision = ? WHERE id = ? AND delete_time IS NULL`, team.MaskOutput, team.Revision, team.ID)
}

func (t *tx) User(ctx context.Context, id string) (secret.User, bool, error) {
	return keptOne(ctx, t, func(row scanner) (u secret.User, err error) {
		var created int64
		err = row.Scan(&u.ID, &u.Operator, &created)
		u.CreateTime = fromNanos(created)
		return u, err
	}, `SELECT id, operator, create_time FROM users WHERE id = ?`, id)
}

func (t *tx) EnsureUser(ctx context.Context, u secret.User) error {
	_, err := t.c.exec(ctx, `INSERT INTO users (id, operator, create_time) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		u.ID, u.Operator, nanos(u.CreateTime))
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

func scanMember(row scanner) (m secret.Member, err error) {
	var created int64
	err = row.Scan(&m.Team, &m.UserID, &m.Role, &created)
	m.CreateTime = fromNanos(created)
	return m, err
}

func (t *tx) Member(ctx context.Context, team, user string) (secret.Member, error) {
	m, ok, err := keptOne(ctx, t, scanMember,
		`SELECT team, user_id, role, create_time FROM members WHERE team = ? AND user_id = ?`, team, user)
	if err == nil && !ok {
		err = secret.ErrMemberNotFound(team, user)
	}
	return m, err
}

func (t *tx) Members(ctx context.Context, team, after string, limit int) ([]secret.Member, error) {
	return all(ctx, t, scanMember,
		`SELECT team, user_id, role, create_time FROM members WHERE team = ? AND user_id > ? ORDER BY user_id LIMIT ?`,
		team, after, limit)
}

func (t *tx) Memberships(ctx context.Context, user string) ([]secret.Member, error) {
	return keptAll(ctx, t, scanMember,
		`SELECT team, user_id, role, create_time FROM members WHERE user_id = ? ORDER BY team`, user)
}

func (t *tx) CountMembers(ctx context.Context, team string) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM members WHERE team = ?`, team)
}

func (t *tx) CountOtherOwners(ctx context.Context, team, user string, at time.Time) (int, error) {
	return count(ctx, t, `SELECT count(*) FROM members m WHERE m.team = ? AND m.role = 'owner' AND m.user_id <> ? AND EXISTS (
		SELECT 1 FROM api_keys k WHERE k.user_id = m.user_id AND k.personal AND k.oidc_trust IS NULL
			AND k.revoke_time IS NULL AND (k.expire_time IS NULL OR k.expire_time > ?)
			AND (k.team IS NULL OR EXISTS (SELECT 1 FROM api_key_teams a WHERE a.key_id = k.id AND a.team = m.team)))`,
		team, user, nanos(at))
}

func (t *tx) CreateMember(ctx context.Context, m secret.Member) error {
	return t.insert(ctx,
		errdefs.New(errdefs.AlreadyExists, "MEMBER_EXISTS", "user %s is already a member of team %s", m.UserID, m.Team),
		`INSERT INTO members (team, user_id, role, create_time) VALUES (?, ?, ?, ?)`,
		m.Team, m.UserID, m.Role, nanos(m.CreateTime))
}

func (t *tx) SetRole(ctx context.Context, team, user string, role identity.Role) error {
	return t.update(ctx, secret.ErrMemberNotFound(team, user),
		`UPDATE members SET role = ? WHERE team = ? AND user_id = ?`, role, team, user)
}

func (t *tx) DeleteMember(ctx context.Context, team, user string) error {
	if _, err := t.c.exec(ctx, `DELETE FROM oidc_trusts WHERE team = ? AND user_id = ?`, team, user); err != nil {
		return fmt.Errorf("delete the trusts of a member: %w", err)
	}
	return t.update(ctx, secret.ErrMemberNotFound(team, user),
		`DELETE FROM members WHERE team = ? AND user_id = ?`, team, user)
}
