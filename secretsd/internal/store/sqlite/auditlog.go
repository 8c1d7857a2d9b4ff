package sqlite

import (
	"context"
	"fmt"

	"github.com/casemate/casemate/pkg/auditlog/auditdb"
	"github.com/casemate/casemate/secretsd/internal/audit"
)

func scanCheckpoint(row scanner) (audit.Checkpoint, error) { return auditdb.ScanCheckpoint(row) }

func scanSequence(row scanner) (n int64, err error) { return n, row.Scan(&n) }

func (t *tx) AuditCheckpoints(ctx context.Context, after int64, limit int) ([]audit.Checkpoint, error) {
	return all(ctx, t, scanCheckpoint,
		`SELECT `+auditdb.CheckpointColumns+` FROM audit_checkpoints WHERE sequence > ? ORDER BY sequence LIMIT ?`, after, limit)
}

func (t *tx) LastAuditCheckpoint(ctx context.Context) (audit.Checkpoint, bool, error) {
	return one(ctx, t, scanCheckpoint,
		`SELECT `+auditdb.CheckpointColumns+` FROM audit_checkpoints ORDER BY sequence DESC LIMIT 1`)
}

func (t *tx) AuditPosition(ctx context.Context, team string, n int) (int64, error) {
	query, args := `SELECT sequence FROM audit ORDER BY sequence DESC LIMIT 1 OFFSET ?`, []any{n}
	if team != "" && n > 0 {
		query, args = `SELECT sequence FROM audit WHERE team = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?`, []any{team, n}
	}
	sequence, _, err := one(ctx, t, scanSequence, query, args...)
	return sequence, err
}

func (t *tx) RemoveAuditBefore(ctx context.Context, checkpoint int64) error {
	// A trigger refuses what is no checkpoint, and removes the rest.
	return t.update(ctx, fmt.Errorf("the audit log has no row for its start"), `UPDATE audit_start SET sequence = ? WHERE one = 1`, checkpoint)
}

// AppendAuditCheckpoint implements store.Store. It takes a commit of its own: nobody waits for it.
func (s *Store) AppendAuditCheckpoint(ctx context.Context, c audit.Checkpoint) error {
	conn, err := s.writer.conns.get(ctx)
	if err != nil {
		return err
	}
	defer s.writer.conns.put(conn)
	return conn.write(func() (commit bool, err error) {
		err = (&tx{c: conn}).appendCheckpoint(ctx, c)
		return err == nil, err
	})
}

func (t *tx) appendCheckpoint(ctx context.Context, c audit.Checkpoint) error {
	at, err := t.AuditEntries(ctx, "", c.Sequence-1, 1)
	if err != nil {
		return err
	}
	if len(at) == 0 || at[0].Sequence != c.Sequence || at[0].Hash != c.HeadHash {
		return fmt.Errorf("a checkpoint of entry %d, which is not in the audit log with that hash", c.Sequence)
	}
	last, found, err := t.LastAuditCheckpoint(ctx)
	if err != nil {
		return err
	}
	var prev [audit.HashSize]byte
	if found {
		prev = last.Hash()
	}
	if c.Sequence <= last.Sequence || c.PrevHash != prev {
		return fmt.Errorf("a checkpoint of entry %d that does not follow the one of entry %d", c.Sequence, last.Sequence)
	}
	_, err = t.c.control(`INSERT INTO audit_checkpoints (`+auditdb.CheckpointColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		c.Sequence, nanos(c.Time), c.HeadHash[:], c.PrevHash[:], c.KeyID, c.Signature[:])
	if err != nil {
		return fmt.Errorf("insert checkpoint of entry %d: %w", c.Sequence, err)
	}
	return nil
}
