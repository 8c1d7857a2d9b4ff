package stack

import (
	"fmt"
	"net"
	"net/netip"
)

// Publishing is what makes sandboxd, in Options.SandboxdExtra, publish sandboxes' ports on an address of this host, for whoever connects from that
// address, so this host alone. ports are a range that no other sandboxd has, which tests of another package may have running. It fails
// where there is no address but loopback's.
func Publishing(ports string) (extra string, err error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return "", fmt.Errorf("list this host's addresses: %w", err)
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsGlobalUnicast() {
			return fmt.Sprintf("network:\n  ingress: {addresses: [%s], ports: %s, sources: [%[1]s/32]}\n", p.Addr(), ports), nil
		}
	}
	return "", fmt.Errorf("this host has no IPv4 address besides loopback's: %v (ip addr add 192.0.2.1/32 dev lo makes one)", all)
}
