package controller

import (
	"context"
	"errors"
	"os"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// connectTo adds to a new sandbox's configuration how it gets its network on this host, if it is to have one here.
func (c *Controller) connectTo(cfg *runtime.Config) {
	n := cfg.Network
	if n.Mode != sandbox.NetworkInternet {
		return
	}
	if !n.NoDNS {
		cfg.NameServer = c.Network.Resolver()
	}
	cfg.Connect = func(ctx context.Context, namespace *os.File) error {
		return c.Network.Attach(ctx, cfg.ID, n, namespace)
	}
}

// removeFromHost removes everything of a sandbox from the host. Of one that is not there it does nothing.
func (c *Controller) removeFromHost(ctx context.Context, rt runtime.Runtime, id string) error {
	return errors.Join(rt.Remove(ctx, id), c.disconnect(ctx, id))
}

func (c *Controller) disconnect(ctx context.Context, id string) error {
	if c.Network == nil {
		return nil
	}
	return c.Network.Detach(ctx, id)
}

// restoreNetwork makes the network agree with the sandboxes that run.
func (c *Controller) restoreNetwork(ctx context.Context) error {
	if c.Network == nil {
		return nil
	}
	running := map[string]sandbox.Network{}
	c.mu.Lock()
	for id, s := range c.live {
		running[id] = s.snapshot().Spec.Network
	}
	c.mu.Unlock()
	return c.Network.Restore(ctx, running)
}
