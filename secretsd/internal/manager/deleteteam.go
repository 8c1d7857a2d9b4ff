package manager

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	teamDelete    = operation{"team.delete", authz.TeamDelete}
	teamDeleteAny = operation{"team.delete", authz.TeamDeleteAny}
)

// DeleteTeam destroys a team: its data key, the ciphertext of its values, its trusts and its members; it revokes the keys
// whose home it is, those that tokens were exchanged for too, and takes it from others. A non-empty etag must be the stored
// one. What the audit log says stays, and so do the name and the receipts of released values.
func (m *Manager) DeleteTeam(ctx context.Context, c identity.Caller, id, etag string) (at time.Time, err error) {
	name, op := secret.TeamName(id), teamDeleteAny
	if !authz.Decide(c, op.right, authz.Target{}).Allowed {
		op = teamDelete
		if err := m.allow(ctx, c, op, id, name); err != nil {
			return at, err
		}
	}
	at = m.Now()
	err = m.changeTeams(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
		team, err := w.Team(ctx, id)
		if err == nil && etag != "" && etag != team.ETag() {
			err = errdefs.New(errdefs.Aborted, "ETAG_MISMATCH", "team %s was changed since it was read: read it again", id)
		}
		if err != nil {
			return nil, err
		}
		members, err := w.Members(ctx, id, "", secret.MaxMembers)
		if err != nil {
			return nil, err
		}
		entries := []audit.Entry{m.entry(ctx, c, op, id, name)}
		for _, member := range members {
			revoked, err := w.RevokeAPIKeys(ctx, id, member.UserID, at)
			if err != nil {
				return nil, err
			}
			for _, k := range revoked {
				entries = append(entries, m.entry(ctx, c, keyRevokeOfOther, id, secret.KeyName(id, k.ID)))
				for _, other := range k.OtherTeams { // there the key ends too, and nobody has removed the user
					entries = append(entries, m.entry(ctx, c, keyRevokeOfOther, other, secret.KeyName(other, k.ID)))
				}
			}
		}
		return entries, w.DestroyTeam(ctx, id, at)
	})
	if err != nil {
		return time.Time{}, err
	}
	m.Keys.Forget(id)
	return at, nil
}
