package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// AllTeams stands for the whole installation where a team is asked for.
const AllTeams = "-"

// ListAuditEntries returns at most limit entries of a team, or of AllTeams, by sequence, those after a sequence, and
// whether there are more.
func (m *Manager) ListAuditEntries(
	ctx context.Context, c identity.Caller, team string, after int64, limit int,
) (list []audit.Entry, more bool, err error) {
	op := auditRead
	if team == AllTeams {
		op, team = auditReadAll, ""
	}
	if err := m.allow(ctx, c, op, team, auditName(team)); err != nil {
		return nil, false, err
	}
	err = m.view(ctx, op, func(r store.Reader) error {
		list, err = r.AuditEntries(ctx, team, after, limit+1)
		return err
	})
	list, more = page(list, limit)
	return list, more, err
}

// VerifyAuditLog recomputes the hash chain of the whole log.
func (m *Manager) VerifyAuditLog(ctx context.Context, c identity.Caller) (rep audit.Report, err error) {
	if err := m.allow(ctx, c, auditVerify, "", auditName("")); err != nil {
		return rep, err
	}
	err = m.view(ctx, auditVerify, func(r store.Reader) error {
		rep, err = audit.Verify(ctx, r)
		return err
	})
	return rep, err
}

// auditName is the resource name of a team's part of the log, or of the whole log.
func auditName(team string) string {
	if team == "" {
		return "auditEntries"
	}
	return secret.TeamName(team) + "/auditEntries"
}
