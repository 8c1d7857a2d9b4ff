package controller

import (
	"context"
	"errors"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
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
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.draining, cancel)()
	err = s.own.Watch(watching, s.absolute(dir), recursive, fn)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return errStopping()
	}
	if errdefs.ReasonOf(err) == "SANDBOX_LOST" { // the instance says in a moment whether the sandbox has ended
		select {
		case <-s.instance.Done():
		case <-time.After(lastOutput):
		}
	}
	return s.explain(err)
}
