package daemon

import (
	"fmt"
	"net"
	"net/netip"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/network"
)

// ingress is where sandboxes' ports are published. An address that the host does not have may be one that it gets later, so it is only told of.
func (d *Daemon) ingress() (network.Ingress, error) {
	cfg := d.cfg.Network.Ingress
	first, last := cfg.PortRange()
	out := network.Ingress{Addresses: cfg.AddressList(), FirstPort: first, LastPort: last, Sources: cfg.SourceBlocks()}
	have, err := net.InterfaceAddrs()
	if err != nil {
		return out, fmt.Errorf("list the host's addresses: %w", err)
	}
	own := map[netip.Addr]bool{}
	for _, a := range have {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own[p.Addr()] = true
		}
	}
	for _, a := range out.Addresses {
		if !own[a] {
			d.logger.Warn("this host has no address that network.ingress names: ports that are published on it are not reached before it has", zap.Stringer(logging.KeyAddress, a))
		}
	}
	return out, nil
}
