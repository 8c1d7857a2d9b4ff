package controller

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Get returns a sandbox as it is now, for Config.RetainEnded after its end too. The error is NotFound (SANDBOX_NOT_FOUND).
func (c *Controller) Get(ctx context.Context, caller identity.Caller, ref Ref) (sandbox.Sandbox, error) {
	sb, _, err := c.find(ctx, caller, ref)
	return sb, err
}

// Stop ends a sandbox: SIGTERM to its main process, SIGKILL to everything after grace. Without a main process it ends at
// once. Stop returns when nothing of it is left; when ctx ends first, the stopping goes on. A sandbox that has ended is
// returned as it is.
func (c *Controller) Stop(ctx context.Context, caller identity.Caller, ref Ref, grace time.Duration) (sandbox.Sandbox, error) {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil || s == nil {
		return sb, err
	}
	if err := c.stopAndWait(ctx, s, grace, "stopped"); err != nil {
		return sandbox.Sandbox{}, err
	}
	// From the store: a creation that failed meanwhile leaves no record, and that is the answer then.
	return c.Store.Get(ctx, sb.ID)
}

// Delete ends a sandbox at once and removes its record and its log. The error is NotFound (SANDBOX_NOT_FOUND).
func (c *Controller) Delete(ctx context.Context, caller identity.Caller, ref Ref) error {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil {
		return err
	}
	if s != nil {
		if err := c.stopAndWait(ctx, s, 0, "deleted"); err != nil {
			return err
		}
	}
	if err := c.Store.Delete(ctx, sb.ID); err != nil {
		return err
	}
	return mainlog.Remove(c.logPath(sb.ID))
}

// stopAndWait orders the end of a sandbox and waits for it. One that is being made is let become RUNNING first.
func (c *Controller) stopAndWait(ctx context.Context, s *live, grace time.Duration, reason string) error {
	s.orderStop(c.Now(), grace, reason)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait returns the sandbox when it has ended, or as it is when timeout is over; 0 waits as long as ctx lets it.
func (c *Controller) Wait(ctx context.Context, caller identity.Caller, ref Ref, timeout time.Duration) (sandbox.Sandbox, error) {
	sb, s, err := c.find(ctx, caller, ref)
	if err != nil || s == nil {
		return sb, err
	}
	var over <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-s.done:
		return c.Store.Get(ctx, sb.ID)
	case <-over:
		return s.snapshot(), nil
	case <-ctx.Done():
		return sandbox.Sandbox{}, ctx.Err()
	case <-c.draining.Done():
		return sandbox.Sandbox{}, errStopping()
	}
}
