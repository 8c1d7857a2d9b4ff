package controller

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

// PruneLoop removes records and logs of sandboxes that ended longer than Config.RetainEnded ago, or of which a team has more than
// Config.RetainEndedPerTeam, and the layers of images that are not used any more, until ctx ends.
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
	c.reaping.Lock() // to the reaper, a log whose record has just gone would be a stray one
	defer c.reaping.Unlock()
	ids, err := c.Store.PruneEnded(ctx, c.Now().Add(-c.RetainEnded), c.RetainEndedPerTeam)
	for _, id := range ids {
		_, removing := c.MainLogs.Remove(id)
		err = errors.Join(err, removing)
	}
	return err
}

// collectImages removes image layers that no name stands for and no sandbox is made of. One that is being made holds its
// image itself.
func (c *Controller) collectImages(ctx context.Context) error {
	return c.Images.Collect(ctx, func() []string {
		var inUse []string
		for _, s := range c.allLive() {
			inUse = append(inUse, s.snapshot().ImageDigest)
		}
		return inUse
	})
}
