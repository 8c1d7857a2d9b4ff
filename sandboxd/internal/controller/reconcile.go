package controller

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Reconcile brings records and reality together after a start of sandboxd: what runs is kept again, what was being made is
// undone, what is gone is recorded as lost, and what has no record or no use any more is removed. Call it once, before
// serving.
func (c *Controller) Reconcile(ctx context.Context) error {
	active, err := c.Store.Active(ctx)
	if err != nil {
		return err
	}
	for _, sb := range active {
		if err := c.reconcileOne(ctx, sb); err != nil {
			return fmt.Errorf("sandbox %s: %w", sb.ID, err)
		}
	}
	return errors.Join(c.removeLeftovers(ctx), c.restoreNetwork(ctx), c.removeStrayLogs(ctx), c.collectImages(ctx))
}

// collectImages removes image layers that no name stands for and no sandbox is made of. One that is being made holds its
// image itself.
func (c *Controller) collectImages(ctx context.Context) error {
	return c.Images.Collect(ctx, func() []string {
		c.mu.Lock()
		defer c.mu.Unlock()
		var inUse []string
		for _, s := range c.live {
			inUse = append(inUse, s.snapshot().ImageDigest)
		}
		return inUse
	})
}

func (c *Controller) reconcileOne(ctx context.Context, sb sandbox.Sandbox) error {
	logger := c.Logger.With(zap.String(logging.KeySandbox, sb.ID), zap.String(logging.KeyTeam, sb.Team))
	if sb.State == sandbox.Creating {
		// Whoever asked for it got no answer. Its remains have no record then, and go with the leftovers.
		logger.Info("undoing a creation that sandboxd's stop interrupted")
		return c.Store.Delete(ctx, sb.ID)
	}
	rt, ok := c.runtimes[sb.Runtime]
	if !ok {
		return fmt.Errorf("it runs on runtime %q, which is not configured any more: allow it, or remove the sandbox by hand", sb.Runtime)
	}
	s := newLive(sb)
	instance, err := rt.Load(ctx, sb.ID)
	switch {
	case errdefs.KindOf(err) == errdefs.NotFound:
		logger.Warn("a sandbox was lost while sandboxd was down")
		return c.recordLost(ctx, sb)
	case err != nil:
		return fmt.Errorf("loading: %w", err)
	}
	s.instance, s.agent = instance, agent.NewClient(instance.Dial)
	if len(sb.Spec.Command) > 0 {
		if s.log, err = mainlog.Open(c.logPath(sb.ID), 0); err != nil {
			return err
		}
	}
	if sb.State == sandbox.Stopping {
		s.orderStop(c.Now(), 0, sb.Reason)
	}
	logger.Info("sandbox runs on")
	c.addLive(s)
	c.startKeeper(s)
	close(s.settled)
	return nil
}

func (c *Controller) recordLost(ctx context.Context, sb sandbox.Sandbox) error {
	if sb.State == sandbox.Stopping {
		sb.State = sandbox.Completed // it was to end, and did; its reason stands
	} else {
		sb.State, sb.Reason = sandbox.Failed, "lost while sandboxd was down"
	}
	sb.EndTime = c.Now().UTC()
	return c.Store.Update(ctx, sb)
}

// removeLeftovers clears what the runtimes have and nobody keeps.
func (c *Controller) removeLeftovers(ctx context.Context) error {
	var failed []error
	for name, rt := range c.runtimes {
		ids, err := rt.List(ctx)
		if err != nil {
			failed = append(failed, fmt.Errorf("listing what runtime %s has left: %w", name, err))
		}
		for _, id := range ids {
			if c.findLive(id) != nil {
				continue
			}
			c.Logger.Info("removing what is left of a sandbox", zap.String(logging.KeySandbox, id))
			if err := c.removeFromHost(ctx, rt, id); err != nil {
				failed = append(failed, fmt.Errorf("removing what is left of sandbox %s: %w", id, err))
			}
		}
	}
	return errors.Join(failed...)
}

// removeStrayLogs clears logs of sandboxes that have no record.
func (c *Controller) removeStrayLogs(ctx context.Context) error {
	ids, err := c.Store.IDs(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	entries, err := os.ReadDir(c.LogDir)
	if err != nil {
		return fmt.Errorf("looking for stray logs: %w", err)
	}
	for _, e := range entries {
		id, _, isLog := strings.Cut(e.Name(), ".log")
		if isLog && !known[id] {
			if err := mainlog.Remove(c.logPath(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// PruneLoop removes records and logs of sandboxes that ended longer than Config.RetainEnded ago, and the layers of images
// that are not used any more, until ctx ends.
func (c *Controller) PruneLoop(ctx context.Context) {
	tick := time.NewTicker(max(min(c.RetainEnded/4, time.Minute), time.Millisecond))
	defer tick.Stop()
	for {
		if err := c.prune(ctx); err != nil && ctx.Err() == nil {
			c.Logger.Error("old records can't be removed", zap.Error(err))
		}
		if err := c.collectImages(ctx); err != nil && ctx.Err() == nil {
			c.Logger.Error("unused images can't be removed", zap.Error(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *Controller) prune(ctx context.Context) error {
	ids, err := c.Store.PruneEnded(ctx, c.Now().Add(-c.RetainEnded))
	for _, id := range ids {
		err = errors.Join(err, mainlog.Remove(c.logPath(id)))
	}
	return err
}
