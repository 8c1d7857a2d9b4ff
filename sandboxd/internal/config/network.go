package config

import (
	"errors"
	"fmt"
	"net/netip"
)

// The parsed forms of what Validate has found to be right.

// Pool4Block is Pool4.
func (n Network) Pool4Block() netip.Prefix { return prefix(n.Pool4) }

// Pool6Block is Pool6; the zero Prefix where there is none.
func (n Network) Pool6Block() netip.Prefix { return prefix(n.Pool6) }

// OpenBlocks is Open.
func (n Network) OpenBlocks() []netip.Prefix {
	var blocks []netip.Prefix
	for _, s := range n.Open {
		blocks = append(blocks, prefix(s))
	}
	return blocks
}

// NameServerAddrs is NameServers, with the port 53 where none is named.
func (n Network) NameServerAddrs() []netip.AddrPort {
	var servers []netip.AddrPort
	for _, s := range n.NameServers {
		server, _ := parseNameServer(s)
		servers = append(servers, server)
	}
	return servers
}

func prefix(s string) netip.Prefix {
	p, _ := netip.ParsePrefix(s)
	return p
}

func parseNameServer(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	return netip.ParseAddrPort(s)
}

// least addresses that a pool must have room for are a few hundred.
const longestPool4, longestPool6 = 24, 96

func (n Network) validate() error {
	if n.Default != "internet" && n.Default != "none" {
		return fmt.Errorf("network.default: %q is neither internet nor none", n.Default)
	}
	for _, pool := range []struct {
		key, value string
		private    func(netip.Addr) bool
		is6        bool
		longest    int
	}{
		{"pool4", n.Pool4, netip.Addr.Is4, false, longestPool4}, {"pool6", n.Pool6, netip.Addr.Is6, true, longestPool6},
	} {
		if pool.value == "" && pool.is6 {
			continue
		}
		p, err := netip.ParsePrefix(pool.value)
		switch {
		case err != nil:
			return fmt.Errorf("network.%s: %q is no block of addresses", pool.key, pool.value)
		case !pool.private(p.Addr()) || !p.Addr().IsPrivate() || p != p.Masked() || p.Bits() > pool.longest:
			return fmt.Errorf("network.%s: %s is not a private block of at least /%d, such as %s", pool.key, pool.value, pool.longest,
				map[bool]string{false: "10.231.0.0/16", true: "fd63:6d00::/64"}[pool.is6])
		}
	}
	var errs []error
	for _, s := range n.Open {
		if p, err := netip.ParsePrefix(s); err != nil || p != p.Masked() {
			errs = append(errs, fmt.Errorf("network.open: %q is no block of addresses, such as 10.1.2.0/24", s))
		}
	}
	for _, s := range n.NameServers {
		if _, err := parseNameServer(s); err != nil {
			errs = append(errs, fmt.Errorf("network.name_servers: %q is no address, with or without a port", s))
		}
	}
	return errors.Join(append(errs, n.Ingress.validate(n))...)
}
