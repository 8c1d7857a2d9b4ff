package controller

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// NewEnd is when a sandbox is to end at the latest: at a time, or, where TTL is positive, so long after now.
type NewEnd struct {
	At  time.Time
	TTL time.Duration
}

// extension asks a keeper for a new end of its sandbox.
type extension struct {
	end    NewEnd
	actor  string // the user's id
	answer chan<- extended
}

type extended struct {
	sb  sandbox.Sandbox
	err error
}

// Extend gives a running sandbox a new end, later or earlier, and returns it when that is recorded. It counts as a use. Errors:
// InvalidArgument for an end that is not in the future or that the policy does not allow; FailedPrecondition (SANDBOX_NOT_RUNNING);
// PermissionDenied (SANDBOX_PRIVATE).
func (c *Controller) Extend(ctx context.Context, caller identity.Caller, ref Ref, end NewEnd) (sandbox.Sandbox, error) {
	if end.TTL < 0 || end.TTL == 0 && end.At.IsZero() {
		return sandbox.Sandbox{}, errdefs.InvalidField("ttl", "must be more than 0")
	}
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	answer := make(chan extended, 1)
	select {
	case s.extensions <- extension{end, caller.UserID, answer}:
		got := <-answer
		return c.shown(got.sb), got.err
	case <-s.unwatched:
		if c.keeping.Err() != nil {
			return sandbox.Sandbox{}, errStopping()
		}
		return sandbox.Sandbox{}, errNotRunning(s.snapshotEnding())
	case <-ctx.Done():
		return sandbox.Sandbox{}, ctx.Err()
	}
}

// extend records a sandbox's new end and answers.
func (k *keeper) extend(x extension) {
	now := k.c.Now().UTC()
	end := x.end.At.UTC()
	if x.end.TTL > 0 {
		end = now.Add(x.end.TTL)
	}
	sb, err := k.sb.Extended(end, now, k.c.Policy)
	if err == nil {
		err = k.update(sb, sandbox.Event{Time: now, Kind: sandbox.EventExtended, Actor: x.actor, Detail: "until " + end.Format(time.RFC3339)})
	}
	if err == nil {
		k.sb = sb
		k.s.publish(sb)
		k.s.activity.touch()
	}
	x.answer <- extended{sb, err}
}
