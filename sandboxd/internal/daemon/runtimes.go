package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/rootless"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/oci"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

// OpenRuntimes opens the runtimes that a configuration names, in its order. They share the range of user ids. Whoever opens them closes
// them. It does not ask whether they can work: see their Check.
func OpenRuntimes(cfg config.Config) (_ []*onhost.Runtime, err error) {
	ranges := onhost.NewRanges(uint32(cfg.UIDBase), cfg.UIDRanges())
	if rootless.Current() != nil {
		ranges = onhost.NewSharedRange(rootless.FirstID, cfg.UIDRanges())
	}
	var all []*onhost.Runtime
	defer func() {
		if err != nil {
			for _, rt := range all {
				err = errors.Join(err, rt.Close())
			}
		}
	}()
	for _, name := range cfg.Runtimes {
		rt, err := openRuntime(cfg, name, ranges)
		if err != nil {
			return nil, fmt.Errorf("runtime %s: %w", name, err)
		}
		all = append(all, rt)
	}
	return all, nil
}

func openRuntime(cfg config.Config, name string, ranges *onhost.Ranges) (*onhost.Runtime, error) {
	if name == native.Name {
		return native.New(native.Config{
			StateDir: cfg.RuntimeDir(), AgentPath: cfg.AgentPath, CgroupParent: cfg.RuntimeCgroup(name), Ranges: ranges,
			DiskLimits: onhost.DiskLimits(cfg.DiskLimits),
			Rootless:   rootless.Current() != nil,
		})
	}
	return oci.New(oci.Config{
		Name: name, Binary: cfg.RuntimePaths[name],
		StateDir: cfg.RuntimeDir(), AgentPath: cfg.AgentPath, CgroupParent: cfg.RuntimeCgroup(name), Ranges: ranges,
		DiskLimits: onhost.DiskLimits(cfg.DiskLimits),
	})
}

// openRuntimes opens the configuration's runtimes and looks whether each can work on this host: one that can't is not found
// out by a team's first sandbox.
func (d *Daemon) openRuntimes(ctx context.Context) ([]runtime.Runtime, error) {
	opened, err := OpenRuntimes(d.cfg)
	if err != nil {
		return nil, err
	}
	var all []runtime.Runtime
	for _, rt := range opened {
		d.onClose(rt.Close)
		all = append(all, rt)
	}
	for _, rt := range opened {
		if err := rt.Check(ctx); err != nil {
			return nil, fmt.Errorf("runtime %s: %w", rt.Name(), err)
		}
	}
	return all, nil
}
