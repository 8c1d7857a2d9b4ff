package audit

import (
	"context"
	"fmt"
	"math"
)

// verifyPage is how many entries Verify reads at a time.
const verifyPage = 1000

// Reader gives the stored entries.
type Reader interface {
	// AuditEntries returns at most limit entries with a sequence above after, ascending; of all teams when team is "".
	AuditEntries(ctx context.Context, team string, after int64, limit int) ([]Entry, error)
}

// Report is what Verify found.
type Report struct {
	// Entries is how many entries were read, up to and with the first that is wrong.
	Entries int64
	// Broken is the sequence of the first entry that is wrong or missing; 0 when the chain is whole.
	Broken int64
	// Detail says what is wrong there.
	Detail string
	// Head is the last entry that is right.
	Head Head
}

// Verify recomputes the chain from the first entry on and stops at the first that does not fit. A broken chain is a
// report; the error is for what could not be read.
func Verify(ctx context.Context, r Reader) (Report, error) {
	var rep Report
	after := int64(math.MinInt64) // an entry below 1 must not go unseen
	for {
		page, err := r.AuditEntries(ctx, "", after, verifyPage)
		if err != nil {
			return rep, fmt.Errorf("verify the audit log after entry %d: %w", rep.Head.Sequence, err)
		}
		for _, e := range page {
			rep.Entries++
			if detail := check(rep.Head, e); detail != "" {
				rep.Broken, rep.Detail = rep.Head.Sequence+1, detail
				return rep, nil
			}
			rep.Head = Head{Sequence: e.Sequence, Hash: e.Hash}
			after = e.Sequence
		}
		if len(page) < verifyPage {
			return rep, nil
		}
	}
}

func check(head Head, e Entry) string {
	want := head.Sequence + 1
	switch {
	case e.Sequence != want:
		return fmt.Sprintf("entry %d is missing: entry %d follows entry %d", want, e.Sequence, head.Sequence)
	case e.PrevHash != head.Hash:
		return fmt.Sprintf("entry %d does not link to entry %d: one of them was replaced", want, head.Sequence)
	case e.Hash != e.computeHash():
		return fmt.Sprintf("entry %d was changed: its hash is not that of its content", want)
	}
	return ""
}
