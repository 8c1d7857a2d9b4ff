package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// removeLeftovers clears what the runtimes have and nobody makes or keeps. See Reap for why it looks at the runtimes first.
func (c *Controller) removeLeftovers(ctx context.Context) error {
	var failed []error
	for name, rt := range c.runtimes {
		ids, err := c.leftovers(ctx, rt)
		if err != nil {
			failed = append(failed, fmt.Errorf("listing what runtime %s has left: %w", name, err))
		}
		for _, id := range ids {
			if err := c.removeFromHost(ctx, rt, id); err != nil {
				failed = append(failed, fmt.Errorf("removing what is left of sandbox %s: %w", id, err))
				continue
			}
			c.reaped("leftovers", id)
		}
	}
	return errors.Join(failed...)
}

// leftovers lists twice: what is there, is not live after that, and is still there, was not removed by who kept it.
func (c *Controller) leftovers(ctx context.Context, rt runtime.Runtime) ([]string, error) {
	ids, err := rt.List(ctx)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return c.findLive(id) != nil })
	if len(ids) == 0 {
		return nil, nil
	}
	still, err := rt.List(ctx)
	return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(still, id) }), err
}

// removeStrayLogs clears logs of sandboxes that have no record. A log has its record for as long as it is there, unless
// something went wrong: so the logs are listed first, and one without a record has to be there after that.
func (c *Controller) removeStrayLogs(ctx context.Context) error {
	logs, err := c.MainLogs.IDs()
	if err != nil {
		return err
	}
	ids, err := c.Store.IDs(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	for _, id := range logs {
		if known[id] || c.findLive(id) != nil {
			continue
		}
		removed, err := c.MainLogs.Remove(id)
		if err != nil {
			return err
		}
		if removed {
			c.reaped("log", id)
		}
	}
	return nil
}
