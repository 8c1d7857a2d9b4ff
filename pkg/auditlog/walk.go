package auditlog

import (
	"context"
	"fmt"
	"math"
)

// walkPage is how many entries or checkpoints Walk reads at a time.
const walkPage = 1000

// Reader gives what is stored of a log.
type Reader interface {
	// AuditEntries returns at most limit entries with a sequence above after, ascending; of all teams when team is "".
	AuditEntries(ctx context.Context, team string, after int64, limit int) ([]Entry, error)
	// AuditCheckpoints returns at most limit checkpoints with a sequence above after, ascending.
	AuditCheckpoints(ctx context.Context, after int64, limit int) ([]Checkpoint, error)
	// LastAuditCheckpoint returns the newest checkpoint, and whether there is one.
	LastAuditCheckpoint(ctx context.Context) (Checkpoint, bool, error)
}

// Walk calls visit with the records of a log after a sequence in the order in which they stand in a file: each checkpoint
// behind the entry that it signs. It reads in pages, and takes what is added meanwhile: entries up to where it finds the
// end, and no checkpoint that is newer than the newest at the start. It ends early, without an error, when visit returns false.
//
// Sequences below 1, which no log has, are read as well when after is 0: they must not go unseen.
func Walk(ctx context.Context, r Reader, after int64, visit func(Record) bool) error {
	newest, signed, err := r.LastAuditCheckpoint(ctx)
	if err != nil {
		return fmt.Errorf("read the newest checkpoint: %w", err)
	}
	checkpoints := &feeder[Checkpoint]{
		read:     func(after int64) ([]Checkpoint, error) { return r.AuditCheckpoints(ctx, after, walkPage) },
		sequence: func(c Checkpoint) int64 { return c.Sequence },
		after:    start(after), done: !signed,
	}
	entries := &feeder[Entry]{
		read:     func(after int64) ([]Entry, error) { return r.AuditEntries(ctx, "", after, walkPage) },
		sequence: func(e Entry) int64 { return e.Sequence },
		after:    start(after),
	}
	for {
		e, more, err := entries.peek()
		if err != nil {
			return fmt.Errorf("read the audit log after entry %d: %w", entries.after, err)
		}
		c, sealed, err := checkpoints.peek()
		if err != nil {
			return fmt.Errorf("read checkpoints after entry %d: %w", checkpoints.after, err)
		}
		sealed = sealed && c.Sequence <= newest.Sequence
		switch {
		case sealed && (!more || c.Sequence < e.Sequence):
			checkpoints.pop()
			if !visit(Record{Checkpoint: &c}) {
				return nil
			}
		case more:
			entries.pop()
			if !visit(Record{Entry: &e}) {
				return nil
			}
		default:
			return nil
		}
	}
}

func start(after int64) int64 {
	if after == 0 {
		return math.MinInt64
	}
	return after
}

// feeder gives the items of a list that is read in pages, one by one.
type feeder[T any] struct {
	read     func(after int64) ([]T, error)
	sequence func(T) int64
	after    int64
	page     []T
	done     bool // the last page was read
}

func (f *feeder[T]) peek() (item T, more bool, err error) {
	if len(f.page) == 0 && !f.done {
		if f.page, err = f.read(f.after); err != nil {
			return item, false, err
		}
		f.done = len(f.page) < walkPage
	}
	if len(f.page) == 0 {
		return item, false, nil
	}
	return f.page[0], true, nil
}

func (f *feeder[T]) pop() {
	f.after = f.sequence(f.page[0])
	f.page = f.page[1:]
}

// Verify checks a whole log. A broken log is a report; the error is for what could not be read.
func Verify(ctx context.Context, r Reader, opts Options) (Report, error) {
	v := NewVerifier(opts)
	err := Walk(ctx, r, 0, v.Next)
	return v.Report(), err
}
