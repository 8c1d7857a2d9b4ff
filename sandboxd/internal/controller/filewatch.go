package controller

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// WatchFiles gives fn the changes in a directory of a sandbox as they come, first none at all when the watch stands, until it
// fails: with fn's error, ctx's, those of the agent's Watch, or Unavailable (SANDBOXD_STOPPING) when Drain was called. To look is
// no use of the sandbox: a watch keeps no idle one alive.
func (c *Controller) WatchFiles(ctx context.Context, caller identity.Caller, ref Ref, dir string, recursive bool, fn func([]agent.FileEvent) error) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	return s.explain(c.serving(ctx, func(ctx context.Context) error {
		return s.own.Watch(ctx, s.absolute(dir), recursive, fn)
	}))
}
