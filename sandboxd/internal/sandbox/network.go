package sandbox

import (
	"net/netip"
	"slices"
	"strconv"
)

// NetworkMode is how much of the network a sandbox has.
type NetworkMode string

// The modes. In a Spec the empty mode means the operator's default.
const (
	// NetworkNone is the loopback interface and nothing else.
	NetworkNone NetworkMode = "NONE"
	// NetworkInternet is outgoing connections to public addresses, which Allow and Deny narrow.
	NetworkInternet NetworkMode = "INTERNET"
)

// Network says what of the network a sandbox may reach, and who may reach it: without Ingress nobody outside.
type Network struct {
	Mode NetworkMode
	// Allow, when there is any, is all that may be reached. Deny is taken away from that, or from everything.
	Allow, Deny []Destination
	// NoDNS takes the name service away.
	NoDNS bool
	// Limits bound how much of the network it may use.
	Limits NetworkLimits
	// Ingress are ports that are published on addresses of the host.
	Ingress []IngressRule `json:",omitempty"` // without it a request's digest is as before there was the field
}

// NetworkLimits bound how much of the network a sandbox may use. 0, of a sandbox made where there is no such limit: no bound.
type NetworkLimits struct {
	// Connections is how many may be open at one time; a tenth as many may be opened each second.
	Connections int64
	// BytesPerSecond is how much may be sent each second, and as much received, headers of IP included.
	BytesPerSecond int64
}

// Destination is a block of addresses, and which of their ports.
type Destination struct {
	// CIDR is the block, such as 198.51.100.0/24 or 2001:db8::1/128.
	CIDR string
	// Except are blocks within it that are not meant.
	Except []string
	// Protocol is "tcp", "udp", or empty for every protocol.
	Protocol string
	// FirstPort and LastPort are a range, both included; both 0 mean all ports. LastPort 0 means FirstPort.
	FirstPort, LastPort uint16
}

// Limits on a Network.
const (
	MaxDestinations = 64
	MaxExcept       = 16

	MinConnections    = 16
	MaxConnections    = 1 << 16 // the kernel looks through them all when one is added
	MinBytesPerSecond = 16 << 10
	MaxBytesPerSecond = 16 << 30 // more overflows in the kernel's packet filter
)

// NetworkPolicy is what the operator sets for the network of every sandbox.
type NetworkPolicy struct {
	// Enabled says whether there is any network to be had besides loopback.
	Enabled bool
	// Default fills an unset Mode.
	Default NetworkMode
	// Open are blocks that sandboxes may reach although they are among NeverPublic.
	Open []netip.Prefix
	// DefaultLimits fill what is unset, MaxLimits are the most that may be asked for. 0 in both: there is no such limit.
	DefaultLimits, MaxLimits NetworkLimits
	// IngressFrom are the blocks of addresses that may connect to published ports; empty: no ports are published.
	IngressFrom []netip.Prefix
}

// NeverPublic are the blocks that no sandbox reaches unless the operator opens them: this host and its neighbours, private
// networks, the clouds' metadata services, and what is no address of one host. Public addresses of the host itself are
// denied besides, by the packet filter's hook for what is addressed to the host. Source: IANA's special-purpose address
// registries, RFC 6890; 168.63.129.16 is Azure's.
var NeverPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
	// Of IPv6 all that is not global unicast, and what carries an IPv4 address in it.
	"::/3", "2001::/32", "2002::/16", "4000::/2", "8000::/1",
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func (s *Spec) applyNetwork(p NetworkPolicy, v *violations) {
	n := &s.Network
	switch n.Mode {
	case "":
		if n.Mode = p.Default; !p.Enabled {
			n.Mode = NetworkNone
		}
		if n.Mode == NetworkNone && len(n.Allow) > 0 {
			v.add("spec.network.mode", "is unset, and the operator's default is no network: set INTERNET, which allow narrows")
		}
	case NetworkNone:
		if len(n.Allow) > 0 {
			v.add("spec.network.allow", "is for the mode INTERNET: with NONE nothing can be reached")
		}
	case NetworkInternet:
		if !p.Enabled {
			v.add("spec.network.mode", "the operator has sandboxes without a network; leave it unset, or NONE")
		}
	default:
		v.add("spec.network.mode", "%q is no mode: NONE or INTERNET", n.Mode)
	}
	n.Limits.apply(n.Mode, p, v)
	n.applyIngress(p, v)
	n.Allow = slices.Clone(n.Allow)
	for i := range n.Allow {
		field := "spec.network.allow[" + strconv.Itoa(i) + "]"
		block, ok := n.Allow[i].check(field, v)
		if never, denied := deniedBy(block, p.Open); ok && denied {
			v.add(field+".cidr", "%s lies in %s, which no sandbox may reach unless the operator opens it", block, never)
		}
	}
	n.Deny = slices.Clone(n.Deny)
	for i := range n.Deny {
		n.Deny[i].check("spec.network.deny["+strconv.Itoa(i)+"]", v)
	}
	for _, l := range []struct {
		name string
		list []Destination
	}{{"allow", n.Allow}, {"deny", n.Deny}} {
		if len(l.list) > MaxDestinations {
			v.add("spec.network."+l.name, "has %d destinations, at most %d are allowed", len(l.list), MaxDestinations)
		}
	}
}

func (l *NetworkLimits) apply(mode NetworkMode, p NetworkPolicy, v *violations) {
	for _, b := range []struct {
		field          string
		value          *int64
		def, low, high int64
	}{
		{"max_connections", &l.Connections, p.DefaultLimits.Connections, MinConnections, p.MaxLimits.Connections},
		{"max_bytes_per_second", &l.BytesPerSecond, p.DefaultLimits.BytesPerSecond, MinBytesPerSecond, p.MaxLimits.BytesPerSecond},
	} {
		switch field := "spec.network." + b.field; {
		case mode != NetworkNone:
			v.bound(field, b.value, b.def, b.low, b.high)
		case *b.value != 0:
			v.add(field, "is for the mode INTERNET: with NONE there is nothing to limit")
		}
	}
}

// deniedBy returns the block of NeverPublic that all of block lies in, unless any of it is opened.
func deniedBy(block netip.Prefix, open []netip.Prefix) (netip.Prefix, bool) {
	if slices.ContainsFunc(open, block.Overlaps) {
		return netip.Prefix{}, false
	}
	for _, never := range NeverPublic {
		if never.Bits() <= block.Bits() && never.Overlaps(block) {
			return never, true
		}
	}
	return netip.Prefix{}, false
}

// check fills in LastPort, writes the blocks in their canonical form, and says what is wrong.
func (d *Destination) check(field string, v *violations) (block netip.Prefix, ok bool) {
	before := len(*v)
	block, err := netip.ParsePrefix(d.CIDR)
	switch {
	case err != nil:
		v.add(field+".cidr", "%q is no block of addresses, such as 198.51.100.0/24 or 2001:db8::1/128", d.CIDR)
	case block != block.Masked():
		v.add(field+".cidr", "%s has bits beyond its length: do you mean %s?", block, block.Masked())
	}
	d.CIDR = block.String()
	if len(d.Except) > MaxExcept {
		v.add(field+".except", "has %d blocks, at most %d are allowed", len(d.Except), MaxExcept)
	}
	d.Except = slices.Clone(d.Except)
	for i, e := range d.Except {
		except, err := netip.ParsePrefix(e)
		if err != nil || !block.Overlaps(except) || except.Bits() < block.Bits() {
			v.add(field+".except["+strconv.Itoa(i)+"]", "%q is no block of addresses within %s", e, d.CIDR)
		}
		d.Except[i] = except.Masked().String()
	}
	switch d.Protocol {
	case "tcp", "udp":
	case "":
		if d.FirstPort != 0 || d.LastPort != 0 {
			v.add(field+".protocol", "is needed with ports: tcp or udp")
		}
	default:
		v.add(field+".protocol", "%q is none of tcp and udp; leave it empty for every protocol", d.Protocol)
	}
	if d.LastPort == 0 {
		d.LastPort = d.FirstPort
	}
	if d.LastPort < d.FirstPort || d.FirstPort == 0 && d.LastPort != 0 {
		v.add(field+".ports", "%d to %d is no range of ports", d.FirstPort, d.LastPort)
	}
	return block, len(*v) == before
}
