package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// reapEvery is the time between two passes of the reaper.
const reapEvery = time.Minute

// ReapLoop compares what there is with what there should be, every minute until ctx ends.
func (c *Controller) ReapLoop(ctx context.Context) {
	for sleep(ctx, reapEvery) {
		if err := c.Reap(ctx); err != nil && ctx.Err() == nil {
			c.Logger.Error("the reaper could not do all of its work; it tries again in a minute", zap.Error(err))
		}
	}
}

// Reap makes one pass: it removes what is on the host or in the records and is no sandbox's, puts right what somebody else
// changed of the network, and looks after sandboxes of which something is gone. It is safe at any time. What it can't do
// is in the error, and the next pass tries again.
//
// It never touches a sandbox that is being made, runs or is being stopped, since it always looks at what there is first, and
// at who is live after that: a sandbox is live before anything of it is made, until everything of it is gone, and
// never again.
func (c *Controller) Reap(ctx context.Context) error {
	c.reaping.Lock() // two at a time would do everything twice
	defer c.reaping.Unlock()
	w := c.work("reap", "")
	ctx, span := w.start(ctx, w.name)
	defer span.End()
	var failed []error
	for _, s := range []step{
		{name: "removing leftovers", do: c.removeLeftovers},
		{name: "removing records of what is gone", do: c.endLostRecords},
		{name: "removing stray logs", do: c.removeStrayLogs},
		{name: "checking the network", done: c.withoutNetwork, do: c.checkNetwork},
		{name: "looking after sandboxes", do: c.checkSandboxes},
	} {
		if s.needed() {
			failed = append(failed, w.do(ctx, s))
		}
	}
	return errors.Join(failed...)
}

func (c *Controller) withoutNetwork() bool { return c.Network == nil }

// reaped says what was removed: of a sandbox, where id says which.
func (c *Controller) reaped(what, id string) {
	c.Logger.Warn("removed what is no sandbox's", zap.String("what", what), zap.String(logging.KeySandbox, id))
	c.metrics.reaped.WithLabelValues(what).Inc()
}

// endLostRecords ends records of sandboxes that nobody makes or keeps: their end, or the undoing of their creation, could
// not be recorded when it was time.
func (c *Controller) endLostRecords(ctx context.Context) error {
	active, err := c.Store.Active(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, sb := range active {
		if c.findLive(sb.ID) != nil {
			continue
		}
		if err := c.endLostRecord(ctx, sb.ID); err != nil {
			failed = append(failed, fmt.Errorf("sandbox %s: %w", sb.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (c *Controller) endLostRecord(ctx context.Context, id string) error {
	sb, err := c.Store.Get(ctx, id) // it may have ended, or be deleted, since it was listed
	switch {
	case errdefs.KindOf(err) == errdefs.NotFound, err == nil && sb.State.Ended():
		return nil
	case err != nil:
		return err
	case sb.State == sandbox.Creating:
		err = c.Store.Forget(ctx, sb, sandbox.Event{Time: c.Now().UTC(), Kind: sandbox.EventUndone, Detail: "its undoing could not be recorded when it was time"})
	default:
		sb.State, sb.Reason, sb.EndTime = sandbox.Failed, "it was gone, and nobody knows how it ended", c.Now().UTC()
		err = c.Store.Update(ctx, sb, sandbox.Event{
			Time: sb.EndTime, Kind: sandbox.EventEnded, Detail: howEnded(ending{state: sb.State, reason: sb.Reason}),
		})
	}
	if err == nil {
		c.reaped("record", id)
	}
	return err
}

// checkNetwork takes away the network of what is not live, and puts the host's part of all others right.
func (c *Controller) checkNetwork(ctx context.Context) error {
	var failed []error
	for _, id := range c.Network.Attached() {
		if c.findLive(id) != nil {
			continue
		}
		if err := c.Network.Detach(ctx, id); err != nil {
			failed = append(failed, err)
			continue
		}
		c.reaped("attachment", id)
	}
	found, err := c.Network.Check()
	for range found.Strays {
		c.reaped("link", "")
	}
	if found.Filter != "" {
		c.Logger.Error("somebody changed the sandboxes' packet filter; it was made anew", zap.String("found", found.Filter))
		c.metrics.mended.WithLabelValues("filter").Inc()
	}
	if found.Forwarding {
		c.Logger.Error("somebody turned off the forwarding of packets, which sandboxes need; it was turned on again")
		c.metrics.mended.WithLabelValues("forwarding").Inc()
	}
	return errors.Join(append(failed, err)...)
}
