package store

import (
	"context"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

// Watch returns s with a call of grown after every commit that added audit entries, with their number. The call holds up
// the answer, so it must be short.
func Watch(s Store, grown func(entries int)) Store { return &watched{Store: s, grown: grown} }

type watched struct {
	Store

	grown func(entries int)
}

// Change implements Store.
func (w *watched) Change(ctx context.Context, fn func(Writer) ([]audit.Entry, error)) error {
	var added int
	err := w.Store.Change(ctx, func(tx Writer) ([]audit.Entry, error) {
		entries, err := fn(tx)
		added = len(entries)
		return entries, err
	})
	if err == nil {
		w.grown(added)
	}
	return err
}

// AppendAudit implements Store.
func (w *watched) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	err := w.Store.AppendAudit(ctx, entries)
	if err == nil {
		w.grown(len(entries))
	}
	return err
}
