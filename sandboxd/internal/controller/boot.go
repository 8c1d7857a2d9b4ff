package controller

import (
	"context"
	"fmt"
	"os"
	"strings"
)

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// askBoot finds out whether the machine was restarted since the records were written: no sandbox outlives that. A database
// that does not know which start of the machine it is from says nothing.
func (c *Controller) askBoot(ctx context.Context) error {
	now, err := os.ReadFile(bootIDFile)
	if err != nil {
		return fmt.Errorf("finding out which start of the machine this is: %w", err)
	}
	before, err := c.Store.BootID(ctx)
	if err != nil {
		return err
	}
	c.bootID = strings.TrimSpace(string(now))
	c.rebooted = before != "" && before != c.bootID
	if c.rebooted {
		c.Logger.Warn("the host was restarted: no sandbox of before runs any more")
	}
	return nil
}

// noteBoot comes when every record says what became of its sandbox: a start that is interrupted before that finds the old
// boot id again, and the same words.
func (c *Controller) noteBoot(ctx context.Context) error { return c.Store.SetBootID(ctx, c.bootID) }

// lostReason is the reason of a sandbox that sandboxd's start does not find any more.
func (c *Controller) lostReason() string {
	if c.rebooted {
		return "the host was restarted"
	}
	return "lost while sandboxd was down"
}
