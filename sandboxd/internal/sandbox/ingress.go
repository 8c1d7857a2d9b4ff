package sandbox

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// MaxIngress is how many ports of a sandbox can be published.
const MaxIngress = 16

// IngressRule is a port that may be connected to from outside.
type IngressRule struct {
	// Port is the sandbox's.
	Port uint16
	// Protocol is "tcp" or "udp"; in a Spec that is not normalized, empty means "tcp".
	Protocol string
	// From are the blocks of addresses that may connect; in a Spec that is not normalized, none means all that the operator lets in.
	From []string
	// HostPort is where it is published: of a request 0, chosen when the sandbox is made and kept as long as it lives.
	HostPort uint16
}

// Endpoint is where a port is reached from outside.
type Endpoint struct {
	Port, HostPort uint16
	Protocol       string
	Address        netip.Addr
}

func (n *Network) applyIngress(p NetworkPolicy, v *violations) {
	if len(n.Ingress) == 0 {
		return
	}
	const field = "spec.network.ingress"
	switch {
	case len(p.IngressFrom) == 0:
		v.add(field, "the operator publishes no ports of sandboxes (network.ingress); a port can be forwarded through the API instead")
		return
	case n.Mode != NetworkInternet:
		v.add(field, "is for the mode INTERNET: with NONE the sandbox has no address; a port can be forwarded through the API instead")
	case len(n.Ingress) > MaxIngress:
		v.add(field, "has %d rules, at most %d are allowed", len(n.Ingress), MaxIngress)
	}
	n.Ingress = slices.Clone(n.Ingress)
	for i := range n.Ingress {
		r, at := &n.Ingress[i], field+"["+strconv.Itoa(i)+"]"
		r.check(at, p.IngressFrom, v)
		if slices.ContainsFunc(n.Ingress[:i], func(o IngressRule) bool { return o.Port == r.Port && o.Protocol == r.Protocol }) {
			v.add(at+".port", "%s port %d has a rule already: name all blocks in that", r.Protocol, r.Port)
		}
	}
}

// check fills in the defaults and says what is wrong.
func (r *IngressRule) check(field string, most []netip.Prefix, v *violations) {
	if r.Port == 0 {
		v.add(field+".port", "is unset: 1 to 65535")
	}
	r.HostPort = 0
	switch r.Protocol {
	case "tcp", "udp":
	case "":
		r.Protocol = "tcp"
	default:
		v.add(field+".protocol", "%q is neither tcp nor udp", r.Protocol)
	}
	if len(r.From) > MaxIngress {
		v.add(field+".from", "has %d blocks, at most %d are allowed", len(r.From), MaxIngress)
	}
	r.From = slices.Clone(r.From)
	for i, text := range r.From {
		block, err := netip.ParsePrefix(text)
		at := field + ".from[" + strconv.Itoa(i) + "]"
		switch {
		case err != nil:
			v.add(at, "%q is no block of addresses, such as 198.51.100.0/24 or 2001:db8::1/128", text)
		case block != block.Masked():
			v.add(at, "%s has bits beyond its length: do you mean %s?", block, block.Masked())
		case !covered(block, most):
			v.add(at, "%s is more than the operator lets in (%s)", block, most)
		}
		r.From[i] = block.String()
	}
	if len(r.From) == 0 {
		for _, m := range most {
			r.From = append(r.From, m.String())
		}
	}
}

// covered tells whether one of the blocks holds all of another one.
func covered(block netip.Prefix, by []netip.Prefix) bool {
	return slices.ContainsFunc(by, func(b netip.Prefix) bool { return b.Bits() <= block.Bits() && b.Overlaps(block) })
}

// ingressTo returns the rule for a port.
func (n Network) ingressTo(protocol string, port uint16) (IngressRule, bool) {
	i := slices.IndexFunc(n.Ingress, func(r IngressRule) bool { return r.Protocol == protocol && r.Port == port })
	if i < 0 {
		return IngressRule{}, false
	}
	return n.Ingress[i], true
}

// keepHostPorts gives the rules the ports of the host that those of before have.
func (n *Network) keepHostPorts(before Network) {
	for i := range n.Ingress {
		old, _ := before.ingressTo(n.Ingress[i].Protocol, n.Ingress[i].Port)
		n.Ingress[i].HostPort = old.HostPort
	}
}

// widerIngress says who may connect by the rules of to that may not by those of n.
func (n Network) widerIngress(to Network) violations {
	var v violations
	for i, r := range to.Ingress {
		field := "network.ingress[" + strconv.Itoa(i) + "]"
		old, ok := n.ingressTo(r.Protocol, r.Port)
		if !ok {
			v.add(field, "%s port %d is not published: a sandbox that runs can have fewer ports published, not more", r.Protocol, r.Port)
			continue
		}
		var let []netip.Prefix
		for _, text := range old.From {
			if block, err := netip.ParsePrefix(text); err == nil {
				let = append(let, block)
			}
		}
		for _, text := range r.From {
			if block, err := netip.ParsePrefix(text); err != nil || !covered(block, let) {
				v.add(field+".from", "%s may not connect to %s port %d now; name blocks within %s", text, r.Protocol, r.Port, strings.Join(old.From, ", "))
			}
		}
	}
	return v
}

func (r IngressRule) equal(o IngressRule) bool {
	return r.Port == o.Port && r.Protocol == o.Protocol && r.HostPort == o.HostPort && slices.Equal(r.From, o.From)
}

// String writes a rule as the command line takes it, such as 80/tcp=203.0.113.0/24.
func (r IngressRule) String() string {
	return strconv.Itoa(int(r.Port)) + "/" + r.Protocol + "=" + strings.Join(r.From, ",")
}
