package audit

import (
	"context"

	"github.com/casemate/casemate/pkg/auditlog"
)

// Verify recomputes the chain of the whole log, and stops at the first entry that does not fit. It trusts no key, so it
// checks no signatures. A broken chain is a report; the error is for what could not be read.
func Verify(ctx context.Context, r Reader) (Report, error) {
	return auditlog.Verify(ctx, r, auditlog.Options{})
}
