package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

const auditColumns = `sequence, time, team, user_id, api_key_id, peer, action, resource, decision, reason,
	sandbox_id, request_id, prev_hash, hash`

func scanEntry(row scanner) (e audit.Entry, err error) {
	var (
		at         int64
		prev, hash []byte
	)
	err = row.Scan(&e.Sequence, &at, &e.Team, &e.UserID, &e.APIKeyID, &e.Peer, &e.Action, &e.Resource, &e.Decision,
		&e.Reason, &e.SandboxID, &e.RequestID, &prev, &hash)
	e.Time = fromNanos(at)
	copy(e.PrevHash[:], prev)
	copy(e.Hash[:], hash)
	return e, err
}

func (t *tx) AuditEntries(ctx context.Context, team string, after int64, limit int) ([]audit.Entry, error) {
	if team == "" {
		return all(ctx, t, scanEntry,
			`SELECT `+auditColumns+` FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`, after, limit)
	}
	return all(ctx, t, scanEntry,
		`SELECT `+auditColumns+` FROM audit WHERE team = ? AND sequence > ? ORDER BY sequence LIMIT ?`, team, after, limit)
}

// appendAudit links entries to the newest one stored and adds them. This connection is the only one that writes, and the
// transaction is immediate, so the head can't move in between.
func (t *tx) appendAudit(ctx context.Context, entries []audit.Entry) error {
	head, _, err := one(ctx, t, func(row scanner) (h audit.Head, err error) {
		var hash []byte
		err = row.Scan(&h.Sequence, &hash)
		copy(h.Hash[:], hash)
		return h, err
	}, `SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1`)
	if err != nil {
		return fmt.Errorf("read the head of the audit log: %w", err)
	}
	for _, e := range entries {
		if e.Action == "" || e.Decision == "" {
			return errors.New("an audit entry needs an action and a decision")
		}
		e, head = audit.Link(head, e)
		_, err := t.c.exec(ctx, `INSERT INTO audit (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Sequence, nanos(e.Time), e.Team, e.UserID, e.APIKeyID, e.Peer, e.Action, e.Resource, e.Decision,
			e.Reason, e.SandboxID, e.RequestID, e.PrevHash[:], e.Hash[:])
		if err != nil {
			return fmt.Errorf("insert audit entry %d: %w", e.Sequence, err)
		}
	}
	return nil
}
