package manager

import (
	"context"
	"maps"
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// CreateTeam makes a team with its data key; the caller becomes its owner.
func (m *Manager) CreateTeam(ctx context.Context, c identity.Caller, id string) (team secret.Team, err error) {
	// An operator's action, on no team; the entry is the new team's all the same.
	if err := authz.Decide(c, teamCreate.right, authz.Target{}).Err(); err != nil {
		return team, m.deny(ctx, m.entry(ctx, c, teamCreate, id, secret.TeamName(id)), err)
	}
	team = secret.Team{ID: id, CreateTime: m.Now()}
	err = m.change(ctx, c, teamCreate, id, func(w store.Writer) (string, error) {
		count, err := w.CountTeams(ctx)
		if err != nil {
			return secret.TeamName(id), err
		}
		if count >= secret.MaxTeams {
			return secret.TeamName(id), errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_TEAMS", "there are %d teams, which is the most", count)
		}
		// In the transaction: a key-encryption key is dropped only after a look at all that came before.
		dek, err := m.Keys.NewDEK(id)
		if err != nil {
			return secret.TeamName(id), err
		}
		if err := w.CreateTeam(ctx, team, dek); err != nil {
			return secret.TeamName(id), err
		}
		return secret.TeamName(id), w.CreateMember(ctx, secret.Member{
			Team: id, UserID: c.UserID, Role: identity.RoleOwner, CreateTime: team.CreateTime,
		})
	})
	return team, err
}

// GetTeam returns a team of the caller's.
func (m *Manager) GetTeam(ctx context.Context, c identity.Caller, id string) (team secret.Team, err error) {
	if err := m.allow(ctx, c, teamGet, id, secret.TeamName(id)); err != nil {
		return team, err
	}
	err = m.view(ctx, teamGet, func(r store.Reader) error {
		team, err = r.Team(ctx, id)
		return err
	})
	return team, err
}

// ListTeams returns at most limit teams by id, those after an id, and whether there are more: all teams for an operator,
// else those that the caller's key acts in.
func (m *Manager) ListTeams(
	ctx context.Context, c identity.Caller, after string, limit int,
) (list []secret.Team, more bool, err error) {
	all := authz.Decide(c, authz.TeamListAll, authz.Target{}).Allowed
	return page(ctx, m, teamGet, limit, func(r store.Reader, limit int) (list []secret.Team, err error) {
		if all {
			return r.Teams(ctx, after, limit)
		}
		for _, id := range slices.Sorted(maps.Keys(c.Teams)) {
			if id <= after || len(list) == limit {
				continue
			}
			team, err := r.Team(ctx, id)
			switch {
			case err == nil:
				list = append(list, team)
			case errdefs.KindOf(err) != errdefs.NotFound: // it was deleted since the call was authenticated
				return nil, err
			}
		}
		return list, nil
	})
}
