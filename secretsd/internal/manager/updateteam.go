package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// TeamUpdate says what of a team changes; nil leaves as it is.
type TeamUpdate struct {
	ID string
	// ETag must be the team's stored one when it is not empty.
	ETag       string
	MaskOutput *bool
}

// UpdateTeam changes what holds for a whole team.
func (m *Manager) UpdateTeam(ctx context.Context, c identity.Caller, u TeamUpdate) (team secret.Team, err error) {
	name := secret.TeamName(u.ID)
	if err := m.allow(ctx, c, teamUpdate, u.ID, name); err != nil {
		return team, err
	}
	err = m.change(ctx, c, teamUpdate, u.ID, func(w store.Writer) (string, error) {
		if team, err = w.Team(ctx, u.ID); err != nil {
			return name, err
		}
		if u.ETag != "" && u.ETag != team.ETag() {
			return name, secret.ErrETagMismatch("team " + u.ID)
		}
		if u.MaskOutput != nil {
			team.MaskOutput = *u.MaskOutput
		}
		team.Revision++
		return name, w.UpdateTeam(ctx, team)
	})
	return team, err
}
