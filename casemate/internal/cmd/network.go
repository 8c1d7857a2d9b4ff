package cmd

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// networkFlags say what of the network a new sandbox may reach, and who may reach it.
type networkFlags struct {
	mode        string
	allow, deny []string
	publish     []string
	noDNS       bool
	connections int64
	bandwidth   string
}

func (f *networkFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.mode, "network", "", "`internet` (public addresses) or none; the operator's default when not given")
	f.registerRules(c)
}

func (f *networkFlags) registerRules(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.allow, "allow", nil, "all that may be reached, as `BLOCK[=tcp|udp[:PORT[-PORT]]]`, such as 203.0.113.0/24=tcp:443; may be repeated")
	fl.StringArrayVar(&f.deny, "deny", nil, "what may not be reached, as `BLOCK[=tcp|udp[:PORT[-PORT]]]`; may be repeated")
	fl.StringArrayVar(&f.publish, "publish", nil, "a port that may be connected to from outside, as `PORT[/tcp|udp][=BLOCK[,BLOCK]]`, such as 80=203.0.113.0/24; may be repeated")
	fl.BoolVar(&f.noDNS, "no-dns", false, "no name service")
	fl.Int64Var(&f.connections, "connections", 0, "`number` of connections that may be open at one time; a tenth as many may be opened each second")
	fl.StringVar(&f.bandwidth, "bandwidth", "", "`size` of what may be sent each second, and as much received, such as 1MiB")
}

// parse returns nil when no flag was given.
func (f *networkFlags) parse() (*sandboxv1.Network, error) {
	if f.mode == "" && len(f.allow)+len(f.deny)+len(f.publish) == 0 && !f.noDNS && f.connections == 0 && f.bandwidth == "" {
		return nil, nil
	}
	n := &sandboxv1.Network{NoDns: f.noDNS, MaxConnections: f.connections}
	if f.bandwidth != "" {
		size, err := humanize.ParseBytes(f.bandwidth)
		if err != nil || size > math.MaxInt64 {
			return nil, usagef("--bandwidth %q: want a size such as 1MiB", f.bandwidth)
		}
		n.MaxBytesPerSecond = int64(size)
	}
	switch f.mode {
	case "":
	case "internet":
		n.Mode = sandboxv1.NetworkMode_NETWORK_MODE_INTERNET
	case "none":
		n.Mode = sandboxv1.NetworkMode_NETWORK_MODE_NONE
	default:
		return nil, usagef("--network %q: want internet or none", f.mode)
	}
	for _, list := range []struct {
		flag string
		from []string
		to   *[]*sandboxv1.Destination
	}{{"--allow", f.allow, &n.Allow}, {"--deny", f.deny, &n.Deny}} {
		for _, text := range list.from {
			d, ok := parseDestination(text)
			if !ok {
				return nil, usagef("%s %q: want a block of addresses, then perhaps a protocol and ports, such as 203.0.113.0/24=tcp:443", list.flag, text)
			}
			*list.to = append(*list.to, d)
		}
	}
	for _, text := range f.publish {
		r, ok := parsePublish(text)
		if !ok {
			return nil, usagef("--publish %q: want a port, then perhaps a protocol and blocks of addresses, such as 80/tcp=203.0.113.0/24", text)
		}
		n.Ingress = append(n.Ingress, r)
	}
	return n, nil
}

// parseDestination reads BLOCK[=PROTOCOL[:PORT[-PORT]]]; a single address is the block of it alone.
func parseDestination(text string) (*sandboxv1.Destination, bool) {
	block, rest, filtered := strings.Cut(text, "=")
	block, ok := parseBlock(block)
	d := &sandboxv1.Destination{Cidr: block}
	if !ok || !filtered {
		return d, ok
	}
	protocol, ports, hasPorts := strings.Cut(rest, ":")
	switch protocol {
	case "tcp":
		d.Protocol = sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP
	case "udp":
		d.Protocol = sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP
	default:
		return nil, false
	}
	if !hasPorts {
		return d, true
	}
	first, last, isRange := strings.Cut(ports, "-")
	if d.FirstPort, ok = parsePort(first); ok && isRange {
		d.LastPort, ok = parsePort(last)
	}
	return d, ok
}

// parseBlock reads a block of addresses; a single address is the block of it alone.
func parseBlock(text string) (string, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()).String(), true
	}
	_, err := netip.ParsePrefix(text)
	return text, err == nil
}

func parsePort(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint32(n), err == nil && n > 0
}
