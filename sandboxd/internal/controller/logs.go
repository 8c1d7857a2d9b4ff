package controller

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// Logs calls fn for each piece of the main process's output that req asks for, the oldest first, until its end, an error
// of fn, or the end of ctx. Of a sandbox without a main process there is none. Secret values are masked in it. Errors:
// OutOfRange (LOG_OFFSET_INVALID); Unavailable (SANDBOXD_STOPPING) when Drain was called meanwhile.
func (c *Controller) Logs(ctx context.Context, caller identity.Caller, ref Ref, req LogsRequest, fn func(LogRecord) error) error {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil {
		return err
	}
	if len(sb.Spec.Command) == 0 {
		return nil
	}
	if s != nil { // whom it is private to is known when its creation has ended
		if err := c.waitSettled(ctx, sb.ID); err != nil {
			return err
		}
		sb = s.snapshot()
	}
	if err := mayLookInto(caller, sb); err != nil {
		return err
	}
	query := mainlog.Query{Offset: req.Offset, Since: req.Since, TailLines: req.TailLines, Follow: req.Follow}
	log := c.MainLogs.Read(sb.ID)
	if s != nil {
		if log = s.log; log == nil { // the creation failed before there was one
			return errNotFound(sb.ID)
		}
	}
	return c.serving(ctx, func(ctx context.Context) error { return log.Read(ctx, query, fn) })
}
