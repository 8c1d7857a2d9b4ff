package coreweave

import (
	"fmt"
	"math"
	"strings"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const networkField = specField + ".network"

// everywhere are the blocks of all addresses.
var everywhere = []string{"0.0.0.0/0", "::/0"}

// network turns the request's network options into the core's, and returns the places of its Allow in the request. What is
// not said is the operator's default. Rules are an allow list, as the SDK has it. Who may reach it is ingress's business.
func network(n *sandboxv1.NetworkOptions, v *violations) (out sandbox.Network, places []string) {
	v.refuse(n.GetDenyEgress() && len(n.GetEgress()) > 0, networkField+".deny_egress", "is set, and so are rules of what may be reached")
	v.refuse(n.GetDenyEgress() && n.GetDnsEgress() == sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_ALLOW, networkField+".dns_egress",
		"there is no name service without a network")
	switch {
	case n.GetDenyEgress():
		out.Mode = sandbox.NetworkNone
	case len(n.GetEgress()) > 0:
		out.Mode = sandbox.NetworkInternet
	}
	out.NoDNS = n.GetDnsEgress() == sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY
	for i, rule := range n.GetEgress() {
		field := fmt.Sprintf("%s.egress[%d]", networkField, i)
		for _, d := range destinations(rule, field, v) {
			out.Allow, places = append(out.Allow, d), append(places, field)
		}
	}
	return out, places
}

// destinations are a rule's blocks, each with each of its ranges of ports.
func destinations(rule *sandboxv1.EgressRule, field string, v *violations) []sandbox.Destination {
	var blocks []sandbox.Destination
	switch d := rule.GetDestination().(type) {
	case *sandboxv1.EgressRule_Cidr:
		blocks = []sandbox.Destination{{CIDR: d.Cidr.GetCidr(), Except: d.Cidr.GetExcept()}}
	case *sandboxv1.EgressRule_Any:
		v.refuse(!d.Any, field+".any", "is false")
		for _, block := range everywhere {
			blocks = append(blocks, sandbox.Destination{CIDR: block})
		}
	case *sandboxv1.EgressRule_HttpsHostname:
		v.add(field+".https_hostname", "Casemate does not know destinations by their names: name their addresses in cidr")
	case *sandboxv1.EgressRule_Tenant:
		v.add(field+".tenant", "no sandbox can reach another one")
	case *sandboxv1.EgressRule_Selector:
		v.add(field+".selector", "Casemate has no pods to select")
	default:
		v.add(field, "names no destination: set cidr or any")
	}
	v.refuse(len(rule.GetHttpsHostnameExcept()) > 0, field+".https_hostname_except", "is for destinations by name, which Casemate does not know")
	if len(rule.GetPorts()) == 0 {
		return blocks
	}
	var out []sandbox.Destination
	for _, d := range blocks {
		for i, p := range rule.GetPorts() {
			out = append(out, withPorts(d, p, fmt.Sprintf("%s.ports[%d]", field, i), v))
		}
	}
	return out
}

// withPorts adds a range of ports. A range without a protocol is one of TCP, as in Kubernetes' network policies.
func withPorts(d sandbox.Destination, p *sandboxv1.PortRange, field string, v *violations) sandbox.Destination {
	if p.GetPort() < 1 || p.GetPort() > math.MaxUint16 || p.GetEndPort() < 0 || p.GetEndPort() > math.MaxUint16 {
		v.add(field, "%d to %d is no range of ports", p.GetPort(), p.GetEndPort())
		return d
	}
	d.Protocol, d.FirstPort, d.LastPort = "tcp", uint16(p.GetPort()), uint16(p.GetEndPort())
	if p.GetProtocol() != "" {
		d.Protocol = strings.ToLower(p.GetProtocol())
	}
	return d
}

// networkOptions is the way back, for a sandbox that another front made. These options have no list of what is denied.
func networkOptions(n sandbox.Network) *sandboxv1.NetworkOptions {
	deny := n.Mode == sandbox.NetworkNone
	out := &sandboxv1.NetworkOptions{Egress: effectiveEgress(n), Ingress: effectiveIngress(n)}
	if deny {
		out.DenyEgress = &deny
	}
	if n.NoDNS {
		out.DnsEgress = sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY
	}
	return out
}

func effectiveEgress(n sandbox.Network) []*sandboxv1.EgressRule {
	if n.Mode != sandbox.NetworkInternet {
		return nil
	}
	if len(n.Allow) == 0 {
		return []*sandboxv1.EgressRule{{Destination: &sandboxv1.EgressRule_Any{Any: true}}}
	}
	var rules []*sandboxv1.EgressRule
	for _, d := range n.Allow {
		rule := &sandboxv1.EgressRule{Destination: &sandboxv1.EgressRule_Cidr{Cidr: &sandboxv1.CidrBlock{Cidr: d.CIDR, Except: d.Except}}}
		if d.FirstPort > 0 {
			rule.Ports = []*sandboxv1.PortRange{{Protocol: d.Protocol, Port: int32(d.FirstPort), EndPort: int32(d.LastPort)}}
		}
		rules = append(rules, rule)
	}
	return rules
}

func effectiveDNS(n sandbox.Network) sandboxv1.DNSEgressMode {
	if n.Mode != sandbox.NetworkInternet || n.NoDNS {
		return sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY
	}
	return sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_ALLOW
}
