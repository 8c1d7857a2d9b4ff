package audit

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Appender makes entries durable in one transaction, linked to what is stored. When it returns nil they survive a crash.
// Callers at the same time share the cost of a durable write, which is the appender's doing.
type Appender interface {
	AppendAudit(ctx context.Context, entries []Entry) error
}

// Log appends the decisions that change nothing else: reads and denials. (A change is stored together with its entry
// in one transaction, which is the store's doing.)
type Log struct{ store Appender }

// NewLog returns a log over a store.
func NewLog(store Appender) *Log { return &Log{store: store} }

// Append returns when the entries are durable, in their order and without others between them. The error is UNAVAILABLE
// (reason AUDIT_UNAVAILABLE), or ctx's when that ends first: then the caller must not let a value go, and the entries may
// still be written.
func (l *Log) Append(ctx context.Context, entries ...Entry) error {
	return l.store.AppendAudit(ctx, entries)
}

// Unavailable says that the log could not be written, so that the call it belongs to must fail. Stores make their
// errors with it.
func Unavailable(cause error) error {
	return errdefs.New(errdefs.Unavailable, "AUDIT_UNAVAILABLE",
		"the audit log can't be written, so nothing was done: try again").WithCause(cause)
}
