package notary

import (
	"context"
	"math"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// paged reads the log with a transaction for every page: a long one would keep SQLite from emptying its write-ahead log.
type paged struct{ s store.Store }

// AuditEntries implements audit.Reader.
func (p paged) AuditEntries(ctx context.Context, team string, after int64, limit int) (list []audit.Entry, err error) {
	err = p.s.View(ctx, func(r store.Reader) error {
		list, err = r.AuditEntries(ctx, team, after, limit)
		return err
	})
	return list, err
}

// AuditCheckpoints implements audit.Reader.
func (p paged) AuditCheckpoints(ctx context.Context, after int64, limit int) (list []audit.Checkpoint, err error) {
	err = p.s.View(ctx, func(r store.Reader) error {
		list, err = r.AuditCheckpoints(ctx, after, limit)
		return err
	})
	return list, err
}

// LastAuditCheckpoint implements audit.Reader.
func (p paged) LastAuditCheckpoint(ctx context.Context) (last audit.Checkpoint, found bool, err error) {
	err = p.s.View(ctx, func(r store.Reader) error {
		last, found, err = r.LastAuditCheckpoint(ctx)
		return err
	})
	return last, found, err
}

// last returns the newest checkpoint; nil when there is none.
func (p paged) last(ctx context.Context) (*audit.Checkpoint, error) {
	last, found, err := p.LastAuditCheckpoint(ctx)
	if err != nil || !found {
		return nil, err
	}
	return &last, nil
}

// checkpointAt returns the checkpoint of an entry.
func (p paged) checkpointAt(ctx context.Context, sequence int64) (audit.Checkpoint, error) {
	list, err := p.AuditCheckpoints(ctx, sequence-1, 1)
	if err != nil {
		return audit.Checkpoint{}, err
	}
	if len(list) == 0 || list[0].Sequence != sequence {
		return audit.Checkpoint{}, errdefs.New(errdefs.NotFound, "CHECKPOINT_NOT_FOUND", "the audit log has no checkpoint at entry %d", sequence)
	}
	return list[0], nil
}

// start returns the sequence that the log begins after: 0, or that of the checkpoint up to which it was removed.
func (p paged) start(ctx context.Context) (int64, error) {
	first, err := p.AuditEntries(ctx, "", math.MinInt64, 1)
	if err != nil || len(first) == 0 {
		return 0, err
	}
	return first[0].Sequence - 1, nil
}

// head returns the end of the log; zero for an empty one.
func (p paged) head(ctx context.Context) (head audit.Head, err error) {
	err = p.s.View(ctx, func(r store.Reader) error {
		at, err := r.AuditPosition(ctx, "", 0)
		if err != nil {
			return err
		}
		newest, err := r.AuditEntries(ctx, "", at-1, 1)
		if len(newest) > 0 {
			head = audit.Head{Sequence: newest[0].Sequence, Hash: newest[0].Hash}
		}
		return err
	})
	return head, err
}
