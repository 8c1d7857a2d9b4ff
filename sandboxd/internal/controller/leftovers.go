package controller

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

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
