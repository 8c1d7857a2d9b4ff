package daemon

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/rootless"
)

// What is different where an ordinary user runs sandboxd; see rootless.

// firstImageID is what image layers' owners begin with.
func firstImageID() int {
	if rootless.Current() == nil {
		return 0
	}
	return rootless.FirstID
}

// rootlessNetwork returns the namespace that stands for the host's, and the host's own addresses: connections to those are made
// by slirp4netns, in the host's namespace, where the packet filter does not see them. Both are nil where sandboxd is root.
func rootlessNetwork() (namespace *os.File, host []netip.Addr, err error) {
	space := rootless.Current()
	if space == nil {
		return nil, nil, nil
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, nil, fmt.Errorf("list the host's addresses: %w", err)
	}
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			return nil, nil, fmt.Errorf("list the host's addresses: %w", err)
		}
		host = append(host, p.Addr().WithZone(""))
	}
	namespace, err = space.Network()
	return namespace, host, err
}

// warnRootless says what is weaker.
func (d *Daemon) warnRootless() {
	space := rootless.Current()
	if space == nil {
		return
	}
	for _, w := range space.Weaker() {
		d.logger.Warn("run by an ordinary user: "+w, zap.Int("uid", os.Geteuid()))
	}
}

// releaseRootless ends what holds the namespaces, unless sandboxes go on in them.
func (d *Daemon) releaseRootless() error {
	if rootless.Current() == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, rt := range d.runtimes {
		if ids, err := rt.List(ctx); err != nil || len(ids) > 0 {
			return err
		}
	}
	return rootless.Release(d.cfg.StateDir)
}
