package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/casemate/casemate/pkg/auditlog/auditdb"
	"github.com/casemate/casemate/secretsd/internal/audit"
)

const auditColumns = auditdb.EntryColumns

func scanEntry(row scanner) (audit.Entry, error) { return auditdb.ScanEntry(row) }

func (t *tx) AuditEntries(ctx context.Context, team string, after int64, limit int) ([]audit.Entry, error) {
	if team == "" {
		return all(ctx, t, scanEntry,
			`SELECT `+auditColumns+` FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`, after, limit)
	}
	return all(ctx, t, scanEntry,
		`SELECT `+auditColumns+` FROM audit WHERE team = ? AND sequence > ? ORDER BY sequence LIMIT ?`, team, after, limit)
}

// auditHead reads the end of the log.
func (t *tx) auditHead() (audit.Head, error) {
	head, _, err := one(context.Background(), t, func(row scanner) (h audit.Head, err error) {
		var hash []byte
		err = row.Scan(&h.Sequence, &hash)
		copy(h.Hash[:], hash)
		return h, err
	}, `SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1`)
	if err != nil {
		return head, fmt.Errorf("read the head of the audit log: %w", err)
	}
	return head, nil
}

// checkEntries refuses entries that can't be stored, and none, before they are among others'.
func checkEntries(entries []audit.Entry) error {
	if len(entries) == 0 {
		return errors.New("a write needs an audit entry")
	}
	for _, e := range entries {
		if e.Action == "" || e.Decision != audit.Allowed && e.Decision != audit.Denied {
			return errors.New("an audit entry needs an action and a decision")
		}
	}
	return nil
}

// maxRows is how many entries one statement adds.
const maxRows = 64

// insertsAudit has the statements that add 1, 2, ... entries: what a group appends is one statement, and often a transaction of
// its own.
var insertsAudit = func() (list [maxRows]string) {
	const row = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	for i := range list {
		list[i] = `INSERT INTO audit (` + auditColumns + `) VALUES ` + row + strings.Repeat(`, `+row, i)
	}
	return list
}()

// appendAudit links entries to the head, adds them, and returns the new head. This connection is the only one that writes,
// so the head can't have moved. Some rows in one statement cost less than each in its own.
func (t *tx) appendAudit(head audit.Head, entries []audit.Entry) (audit.Head, error) {
	for len(entries) > 0 {
		n := min(len(entries), maxRows)
		args := make([]any, 0, 14*n)
		for _, e := range entries[:n] {
			e, head = audit.Link(head, e)
			args = append(args, e.Sequence, nanos(e.Time), e.Team, e.UserID, e.APIKeyID, e.Peer, e.Action, e.Resource,
				string(e.Decision), e.Reason, e.SandboxID, e.RequestID, e.PrevHash[:], e.Hash[:])
		}
		if _, err := t.c.control(insertsAudit[n-1], args...); err != nil {
			return head, fmt.Errorf("insert audit entries up to %d: %w", head.Sequence, err)
		}
		entries = entries[n:]
	}
	return head, nil
}
