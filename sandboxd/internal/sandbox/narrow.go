package sandbox

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Narrowed returns the sandbox with new rules for its network, which take the old ones' place; an unset Mode is the one that it has. Whatever
// they let through, the old ones did too: what was decided by the network that a sandbox was made with, a secret's condition for one, holds
// to its end. Rules are narrower when
//
//   - the mode is the same, or NONE;
//   - each destination of Allow lies within one of the old Allow, and there is one, if the old has any;
//   - each destination of the old Deny lies within one of the new Deny;
//   - the name service is not given back;
//   - no limit is raised. One that is unset stays as it is;
//   - each rule of Ingress is one of the old ones, for no more than its sources, and keeps its port of the host.
//
// A destination that only several of the old ones cover together is refused: who reads the rules should see at once that they are narrower.
//
// Errors: InvalidArgument for rules that the policy refuses; FailedPrecondition (NETWORK_NOT_NARROWER), which names each rule in question.
func (s Sandbox) Narrowed(to Network, p Policy) (Sandbox, error) {
	old := s.Spec.Network
	if to.Mode == "" {
		to.Mode = old.Mode
	}
	var v violations
	next := Spec{Network: to}
	next.applyNetwork(p.Network, &v)
	for i := range v {
		v[i].Subject = strings.TrimPrefix(v[i].Subject, "spec.")
	}
	if err := v.err(); err != nil {
		return s, err
	}
	if to.Mode != NetworkNone { // what was not asked for is no default's, nor a bound's that the operator has set since
		keep(to.Limits.Connections, &next.Network.Limits.Connections, old.Limits.Connections)
		keep(to.Limits.BytesPerSecond, &next.Network.Limits.BytesPerSecond, old.Limits.BytesPerSecond)
	}
	next.Network.keepHostPorts(old)
	if wider := old.wider(next.Network); len(wider) > 0 {
		e := errdefs.New(errdefs.FailedPrecondition, "NETWORK_NOT_NARROWER",
			"the network of a sandbox that runs can only be narrowed: %s %s", wider[0].Subject, wider[0].Description)
		e.Violations = wider
		return s, e
	}
	s.Spec.Network = next.Network
	return s, nil
}

func keep(asked int64, next *int64, old int64) {
	if asked == 0 {
		*next = old
	}
}

// wider says what of to is not narrower. With the mode NONE nothing is reached, whatever the rest says.
func (n Network) wider(to Network) violations {
	var v violations
	if to.Mode == NetworkNone {
		return nil
	}
	if n.Mode != to.Mode {
		v.add("network.mode", "the sandbox has no network, and can't be given one")
		return v
	}
	if n.NoDNS && !to.NoDNS {
		v.add("network.no_dns", "the sandbox has no name service, and can't be given one")
	}
	if len(n.Allow) > 0 && len(to.Allow) == 0 {
		v.add("network.allow", "is empty, which would allow everything: name what of %s it may still reach, or set the mode NONE", n.Allow[0].CIDR)
	}
	for i, d := range to.Allow {
		if len(n.Allow) > 0 && !slices.ContainsFunc(n.Allow, d.within) {
			v.add("network.allow["+strconv.Itoa(i)+"]", "lies within none of the destinations that the sandbox may reach")
		}
	}
	for _, d := range n.Deny {
		if !slices.ContainsFunc(to.Deny, d.within) {
			v.add("network.deny", "lacks %s, which is denied now: name it again, or a larger block", d)
		}
	}
	for _, l := range []struct {
		field     string
		old, next int64
	}{
		{"max_connections", n.Limits.Connections, to.Limits.Connections},
		{"max_bytes_per_second", n.Limits.BytesPerSecond, to.Limits.BytesPerSecond},
	} {
		if l.old > 0 && l.next > l.old {
			v.add("network."+l.field, "%d is more than the %d that the sandbox has", l.next, l.old)
		}
	}
	return append(v, n.widerIngress(to)...)
}

// Equal tells whether two rules are the same, word for word.
func (n Network) Equal(o Network) bool {
	return n.Mode == o.Mode && n.NoDNS == o.NoDNS && n.Limits == o.Limits && slices.EqualFunc(n.Allow, o.Allow, Destination.equal) && slices.EqualFunc(n.Deny, o.Deny, Destination.equal) &&
		slices.EqualFunc(n.Ingress, o.Ingress, IngressRule.equal)
}

func (d Destination) equal(o Destination) bool {
	return d.CIDR == o.CIDR && d.Protocol == o.Protocol && d.FirstPort == o.FirstPort && d.LastPort == o.LastPort && slices.Equal(d.Except, o.Except)
}

// String writes a destination as the command line takes it, such as 203.0.113.0/24=tcp:80-443.
func (d Destination) String() string {
	s := d.CIDR
	if d.Protocol != "" {
		s += "=" + d.Protocol
	}
	if d.FirstPort > 0 {
		s += ":" + strconv.Itoa(int(d.FirstPort))
	}
	if d.LastPort != d.FirstPort {
		s += "-" + strconv.Itoa(int(d.LastPort))
	}
	return s
}

// Covers tells whether a packet to a port of an address, of a protocol, is one to the destination. Protocols other than tcp and udp have no
// ports. Of what Normalize has passed.
func (d Destination) Covers(protocol string, to netip.AddrPort) bool {
	if block, err := netip.ParsePrefix(d.CIDR); err != nil || !block.Contains(to.Addr()) {
		return false
	}
	for _, e := range d.Except {
		if except, err := netip.ParsePrefix(e); err != nil || except.Contains(to.Addr()) {
			return false
		}
	}
	if d.Protocol == "" {
		return true
	}
	return d.Protocol == protocol && (d.FirstPort == 0 || d.FirstPort <= to.Port() && to.Port() <= d.LastPort)
}

// Permits tells whether the rules let a packet through. What no sandbox reaches is not their business.
func (n Network) Permits(protocol string, to netip.AddrPort) bool {
	covers := func(d Destination) bool { return d.Covers(protocol, to) }
	return n.Mode == NetworkInternet && !slices.ContainsFunc(n.Deny, covers) &&
		(len(n.Allow) == 0 || slices.ContainsFunc(n.Allow, covers))
}

// within tells whether a destination is part of another one, both normalized.
func (d Destination) within(outer Destination) bool {
	mine, err1 := netip.ParsePrefix(d.CIDR)
	its, err2 := netip.ParsePrefix(outer.CIDR)
	if err1 != nil || err2 != nil || its.Bits() > mine.Bits() || !its.Contains(mine.Addr()) {
		return false
	}
	if outer.Protocol != "" && d.Protocol != outer.Protocol {
		return false
	}
	if outer.FirstPort > 0 && (d.FirstPort < outer.FirstPort || d.LastPort > outer.LastPort) {
		return false
	}
	// What the outer one leaves out, this one leaves out too, as far as it lies in its block.
	return !slices.ContainsFunc(outer.Except, func(e string) bool {
		hole, err := netip.ParsePrefix(e)
		return err != nil || hole.Overlaps(mine) && !d.leavesOut(hole)
	})
}

func (d Destination) leavesOut(hole netip.Prefix) bool {
	return slices.ContainsFunc(d.Except, func(e string) bool {
		mine, err := netip.ParsePrefix(e)
		return err == nil && mine.Bits() <= hole.Bits() && mine.Contains(hole.Addr())
	})
}
