package controller

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Get returns a sandbox as it is now, for Config.RetainEnded after its end too. The error is NotFound (SANDBOX_NOT_FOUND).
func (c *Controller) Get(ctx context.Context, caller identity.Caller, ref Ref) (sandbox.Sandbox, error) {
	sb, _, err := c.find(ctx, caller, ref)
	return c.shown(sb), err
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
		return c.shown(s.snapshot()), nil
	case <-ctx.Done():
		return sandbox.Sandbox{}, ctx.Err()
	case <-c.draining.Done():
		return sandbox.Sandbox{}, errStopping()
	}
}
