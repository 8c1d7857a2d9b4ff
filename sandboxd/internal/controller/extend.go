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
	return c.change(ctx, s, func(k *keeper) (sandbox.Sandbox, error) { return k.extend(end, caller.UserID) })
}

// change has a sandbox's keeper change its record, and returns the sandbox as it is then.
func (c *Controller) change(ctx context.Context, s *live, f func(*keeper) (sandbox.Sandbox, error)) (sandbox.Sandbox, error) {
	type changed struct {
		sb  sandbox.Sandbox
		err error
	}
	answer := make(chan changed, 1)
	select {
	case s.changes <- func(k *keeper) { sb, err := f(k); answer <- changed{sb, err} }:
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

// extend records a sandbox's new end.
func (k *keeper) extend(to NewEnd, actor string) (sandbox.Sandbox, error) {
	now := k.c.Now().UTC()
	end := to.At.UTC()
	if to.TTL > 0 {
		end = now.Add(to.TTL)
	}
	sb, err := k.sb.Extended(end, now, k.c.Policy)
	if err == nil {
		err = k.record(sb, sandbox.Event{Time: now, Kind: sandbox.EventExtended, Actor: actor, Detail: "until " + end.Format(time.RFC3339)})
	}
	return sb, err
}

// record records a change that somebody asked for, which is a use of the sandbox.
func (k *keeper) record(sb sandbox.Sandbox, e sandbox.Event) error {
	if err := k.update(sb, e); err != nil {
		return err
	}
	k.sb = sb
	k.s.publish(sb)
	k.s.activity.touch()
	return nil
}
