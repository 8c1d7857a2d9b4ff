package audit

import (
	"context"
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

// appendTimeout bounds one durable append. It is far above any disk that works.
const appendTimeout = 10 * time.Second

// Appender makes entries durable in one transaction, linked to what is stored. When it returns nil they survive a crash.
type Appender interface {
	AppendAudit(ctx context.Context, entries []Entry) error
}

// Log appends the decisions that change nothing else: reads and denials. (A change is stored together with its entry
// in one transaction, which is the store's doing.)
//
// Calls that append at the same time share one transaction: the first of them waits for the transaction before it,
// and meanwhile the others join. So the cost of a durable write is paid once for all that wait, and no call is answered
// before its entry is durable.
type Log struct {
	store Appender

	// committing holds a token while a group is written, so that groups follow one another.
	committing chan struct{}
	// mu guards open, the group that can still be joined.
	mu   sync.Mutex
	open *group
}

type group struct {
	entries []Entry
	// done is closed when err is final.
	done chan struct{}
	err  error
}

// NewLog returns a log over a store.
func NewLog(store Appender) *Log { return &Log{store: store, committing: make(chan struct{}, 1)} }

// Append returns when the entries are durable, in their order and without others between them. The error is UNAVAILABLE
// (reason AUDIT_UNAVAILABLE): then the caller must not let a value go. When ctx ends first, the entries may still be
// written.
func (l *Log) Append(ctx context.Context, entries ...Entry) error {
	g, leads := l.join(entries)
	if leads {
		l.commit(ctx, g)
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds entries to the open group. The one who opens a group leads it: that one commits it.
func (l *Log) join(entries []Entry) (g *group, leads bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = &group{done: make(chan struct{})}
		leads = true
	}
	l.open.entries = append(l.open.entries, entries...)
	return l.open, leads
}

func (l *Log) commit(ctx context.Context, g *group) {
	l.committing <- struct{}{}
	defer func() { <-l.committing }()
	l.mu.Lock()
	l.open = nil
	l.mu.Unlock()
	// The group is others' too: the leader's own cancellation must not fail them.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendTimeout)
	defer cancel()
	g.err = l.store.AppendAudit(ctx, g.entries)
	close(g.done)
}

// Unavailable says that the log could not be written, so that the call it belongs to must fail. Stores make their
// errors with it.
func Unavailable(cause error) error {
	return errdefs.New(errdefs.Unavailable, "AUDIT_UNAVAILABLE",
		"the audit log can't be written, so nothing was done: try again").WithCause(cause)
}
