package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Ingress says where ports of sandboxes are published. Without addresses none is, whatever else is set.
type Ingress struct {
	Addresses []string `yaml:"addresses" usage:"addresses of this host, not of loopback, that ports of sandboxes are published on for those who ask for it; empty: nobody can reach a sandbox"`
	Ports     string   `yaml:"ports" usage:"first and last port that is given to them there, such as 31000-31999; nothing else on the host may listen on these, and each sandboxd on it needs its own"`
	Sources   []string `yaml:"sources" usage:"blocks of addresses that may connect to them at most, which requests narrow, such as 10.0.0.0/8; needed with addresses"`
}

// AddressList is Addresses.
func (i Ingress) AddressList() []netip.Addr {
	var all []netip.Addr
	for _, s := range i.Addresses {
		if a, err := netip.ParseAddr(s); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// SourceBlocks is Sources; none where no ports are published.
func (i Ingress) SourceBlocks() []netip.Prefix {
	if len(i.Addresses) == 0 {
		return nil
	}
	var all []netip.Prefix
	for _, s := range i.Sources {
		all = append(all, prefix(s))
	}
	return all
}

// PortRange is Ports; 0 and 0 where it is no range.
func (i Ingress) PortRange() (first, last uint16) {
	from, to, _ := strings.Cut(i.Ports, "-")
	f, err1 := strconv.ParseUint(from, 10, 16)
	l, err2 := strconv.ParseUint(to, 10, 16)
	if err1 != nil || err2 != nil || f == 0 || f > l {
		return 0, 0
	}
	return uint16(f), uint16(l)
}

// checkListeners refuses a range that has a port of sandboxd's own in it: who connects to that might come to a sandbox.
func (i Ingress) checkListeners(listeners map[string]string) error {
	first, last := i.PortRange()
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(listeners)) {
		_, text, _ := net.SplitHostPort(listeners[key])
		if port, err := strconv.ParseUint(text, 10, 16); err == nil && port > 0 && uint16(port) >= first && uint16(port) <= last {
			errs = append(errs, fmt.Errorf("network.ingress.ports: %s has the port of %s in it, %s", i.Ports, key, text))
		}
	}
	return errors.Join(errs...)
}

func (i Ingress) validate(n Network) error {
	var errs []error
	for _, s := range i.Addresses {
		a, err := netip.ParseAddr(s)
		switch {
		case err != nil || a.Zone() != "" || a.Is4In6() || a.IsLoopback() || a.IsUnspecified() || a.IsMulticast():
			errs = append(errs, fmt.Errorf("network.ingress.addresses: %q is no address of this host that others can reach", s))
		case a.Is6() && n.Pool6 == "":
			errs = append(errs, fmt.Errorf("network.ingress.addresses: %s needs network.pool6, without which sandboxes have no IPv6", s))
		}
	}
	for _, s := range i.Sources {
		if p, err := netip.ParsePrefix(s); err != nil || p != p.Masked() {
			errs = append(errs, fmt.Errorf("network.ingress.sources: %q is no block of addresses, such as 10.1.2.0/24", s))
		}
	}
	if len(i.Addresses) == 0 {
		return errors.Join(errs...)
	}
	if !n.Enabled {
		errs = append(errs, errors.New("network.ingress.addresses: needs network.enabled"))
	}
	if first, _ := i.PortRange(); first == 0 {
		errs = append(errs, fmt.Errorf("network.ingress.ports: %q is no range of ports, such as 31000-31999", i.Ports))
	}
	if len(i.Sources) == 0 {
		errs = append(errs, errors.New("network.ingress.sources: say who may connect to published ports, such as 10.0.0.0/8, or 0.0.0.0/0 for everybody"))
	}
	return errors.Join(errs...)
}
