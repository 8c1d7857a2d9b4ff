package manager

import (
	"context"
	"fmt"
	"strings"

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
	return page(ctx, m, op, limit, func(r store.Reader, limit int) ([]audit.Entry, error) {
		return r.AuditEntries(ctx, team, after, limit)
	})
}

// maxScanned is how many entries of a team's log one call looks through for those of one secret.
const maxScanned = 10000

// ListSecretAuditEntries returns at most limit entries about a secret and what is below it, by sequence, those after a
// sequence; and the sequence to go on after, 0 at the end. It looks through a part of the team's log, so there may be fewer
// entries, or none, while there are more to come.
func (m *Manager) ListSecretAuditEntries(
	ctx context.Context, c identity.Caller, team, name string, after int64, limit int,
) (list []audit.Entry, next int64, err error) {
	full := secret.FullName(team, name)
	err = m.viewSecret(ctx, c, auditRead, team, name, full, func(r store.Reader, _ secret.Secret) error {
		const pageSize = 1000
		for scanned := 0; scanned < maxScanned; scanned += pageSize {
			entries, err := r.AuditEntries(ctx, team, after, pageSize)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if len(list) == limit {
					next = after
					return nil
				}
				if after = e.Sequence; e.Resource == full || strings.HasPrefix(e.Resource, full+"/") {
					list = append(list, e)
				}
			}
			if len(entries) < pageSize {
				return nil
			}
		}
		next = after
		return nil
	})
	return list, next, err
}

// VerifyAuditLog verifies the whole log: its chain, its signatures, and that it contains every checkpoint of the checkpoint
// file. A broken log is an answer. It is in the log that it was verified, whatever was found.
func (m *Manager) VerifyAuditLog(ctx context.Context, c identity.Caller) (rep audit.Report, err error) {
	if err := m.allow(ctx, c, auditVerify, "", auditName("")); err != nil {
		return rep, err
	}
	if rep, err = m.Notary.Verify(ctx); err != nil {
		return rep, fmt.Errorf("%s: %w", auditVerify.name, err)
	}
	return rep, m.log.Append(ctx, m.entry(ctx, c, auditVerify, "", auditName("")))
}

// ExportAuditLog gives the whole log, or what is after a checkpoint, which then comes first, record by record, and ends with
// a checkpoint that signs all of it. It is in the log, and in the export, that it was exported. It ends with send's error.
// Where after is no checkpoint's sequence, the error is NOT_FOUND (CHECKPOINT_NOT_FOUND).
func (m *Manager) ExportAuditLog(ctx context.Context, c identity.Caller, after int64, send func(audit.Record) error) error {
	if err := m.allow(ctx, c, auditExport, "", auditName("")); err != nil {
		return err
	}
	if err := m.log.Append(ctx, m.entry(ctx, c, auditExport, "", auditName(""))); err != nil {
		return err
	}
	return m.Notary.Export(ctx, after, send)
}

// auditName is the resource name of a team's part of the log, or of the whole log.
func auditName(team string) string {
	if team == "" {
		return "auditEntries"
	}
	return secret.TeamName(team) + "/auditEntries"
}
