package store

import (
	"context"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

// AuditReader reads the audit log.
type AuditReader interface {
	audit.Reader
	// AuditPosition returns the sequence after which the newest n entries of a team begin, of all teams when team is "". With
	// 0 it is that of the newest entry; of an empty log 0.
	AuditPosition(ctx context.Context, team string, n int) (int64, error)
}

// AuditSigner stores checkpoints. They are no changes that need an entry: an entry about each would need the next one.
type AuditSigner interface {
	// AppendAuditCheckpoint makes a checkpoint durable: of an entry that is stored with the hash that it signs, linked to the
	// newest checkpoint stored. Anything else is an error, and stores nothing.
	AppendAuditCheckpoint(ctx context.Context, c audit.Checkpoint) error
}

// AuditWriter removes the start of the audit log.
type AuditWriter interface {
	// RemoveAuditBefore removes all entries up to and with that of a checkpoint, which must be stored, and the checkpoints
	// before that one. The checkpoint itself stays: the log begins after it.
	RemoveAuditBefore(ctx context.Context, checkpoint int64) error
}
