package coreweave

import (
	"fmt"
	"math"
	"net"
	"strconv"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const servicesField = specField + ".services"

var serviceProtocols = map[sandboxv1.ServiceProtocol]string{
	sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_UNSPECIFIED: "tcp",
	sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_TCP:         "tcp",
	sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_UDP:         "udp",
}

// ingress turns the request's services into the core's rules, and returns the places of those in the request. A PUBLIC service is for all
// that the operator lets in, a CUSTOM one for the sources of the network's ingress rules, or for all where there are none.
func ingress(spec *sandboxv1.SandboxSpec, v *violations) (rules []sandbox.IngressRule, places []string) {
	n := spec.GetNetwork()
	v.refuse(n.GetDenyIngress() && len(spec.GetServices())+len(n.GetIngress()) > 0, networkField+".deny_ingress", "is set, and so is who may connect")
	v.refuse(n.GetDenyEgress() && len(spec.GetServices()) > 0, servicesField,
		"can't be reached without a network, which deny_egress takes: name in network.egress what the sandbox may reach instead")
	used := make([]bool, len(n.GetIngress()))
	for i, s := range spec.GetServices() {
		field := fmt.Sprintf("%s[%d]", servicesField, i)
		rule, ok := serviceRule(s, field, v)
		if !ok {
			continue
		}
		if s.GetVisibility() == sandboxv1.Visibility_VISIBILITY_CUSTOM {
			rule.From = sources(rule, n.GetIngress(), used)
			v.refuse(len(n.GetIngress()) > 0 && len(rule.From) == 0 && !anySource(rule, n.GetIngress()), field+".port", "is CUSTOM, and no rule of network.ingress is for it")
		}
		rules, places = append(rules, rule), append(places, field)
	}
	for i, r := range n.GetIngress() {
		field := fmt.Sprintf("%s.ingress[%d]", networkField, i)
		checkSource(r, field, v)
		v.refuse(!used[i], field, "is for no CUSTOM service: name the ports in services")
	}
	return rules, places
}

func serviceRule(s *sandboxv1.Service, field string, v *violations) (sandbox.IngressRule, bool) {
	before := len(*v)
	if s.GetPort() < 1 || s.GetPort() > math.MaxUint16 {
		v.add(field+".port", "%d is no port", s.GetPort())
	}
	protocol, ok := serviceProtocols[s.GetProtocol()]
	v.refuse(!ok, field+".protocol", "Casemate publishes TCP and UDP")
	switch s.GetVisibility() {
	case sandboxv1.Visibility_VISIBILITY_PUBLIC, sandboxv1.Visibility_VISIBILITY_CUSTOM:
	default:
		v.add(field+".visibility", "Casemate publishes a port to addresses: PUBLIC for all that the operator lets in, CUSTOM for those of network.ingress")
	}
	if e := s.GetEndpoint(); e != nil {
		v.refuse(e.GetKind() != sandboxv1.EndpointKind_ENDPOINT_KIND_TLS_PASSTHROUGH, field+".endpoint.kind",
			"Casemate ends no TLS for sandboxes: use TLS_PASSTHROUGH, or a plain port without an endpoint")
		v.refuse(protocol == "udp", field+".protocol", "TLS is for TCP")
	}
	return sandbox.IngressRule{Port: uint16(s.GetPort()), Protocol: protocol}, len(*v) == before
}

// sources are the blocks of the rules that are for a service's port, and marks those as used. Any source, which is everybody whom the operator
// lets in, is none.
func sources(service sandbox.IngressRule, rules []*sandboxv1.IngressRule, used []bool) (from []string) {
	for i, r := range rules {
		if !isFor(r, service) {
			continue
		}
		used[i] = true
		if c := r.GetCidr(); c != nil {
			from = append(from, c.GetCidr())
		}
	}
	if anySource(service, rules) {
		return nil
	}
	return from
}

func anySource(service sandbox.IngressRule, rules []*sandboxv1.IngressRule) bool {
	for _, r := range rules {
		if r.GetAny() && isFor(r, service) {
			return true
		}
	}
	return false
}

// isFor tells whether a rule is for a service's port.
func isFor(r *sandboxv1.IngressRule, service sandbox.IngressRule) bool {
	for _, p := range r.GetPorts() {
		var wrong violations // checkSource tells
		d := withPorts(sandbox.Destination{}, p, "", &wrong)
		if d.Protocol == service.Protocol && d.FirstPort <= service.Port && service.Port <= max(d.FirstPort, d.LastPort) {
			return true
		}
	}
	return len(r.GetPorts()) == 0
}

func checkSource(r *sandboxv1.IngressRule, field string, v *violations) {
	switch s := r.GetSource().(type) {
	case *sandboxv1.IngressRule_Cidr:
		v.refuse(len(s.Cidr.GetExcept()) > 0, field+".cidr.except", "Casemate leaves nothing out of a source: name the blocks that may connect")
	case *sandboxv1.IngressRule_Any:
		v.refuse(!s.Any, field+".any", "is false")
	case *sandboxv1.IngressRule_Tenant:
		v.add(field+".tenant", "no sandbox can reach another one")
	default:
		v.add(field, "names no source: set cidr or any")
	}
	for i, p := range r.GetPorts() {
		withPorts(sandbox.Destination{}, p, fmt.Sprintf("%s.ports[%d]", field, i), v)
	}
}

// servicesOf is the way back, for a sandbox that another front made.
func servicesOf(n sandbox.Network) (services []*sandboxv1.Service) {
	for _, r := range n.Ingress {
		services = append(services, &sandboxv1.Service{
			Port: int32(r.Port), Protocol: protocolOf(r), Visibility: sandboxv1.Visibility_VISIBILITY_CUSTOM,
		})
	}
	return services
}

func protocolOf(r sandbox.IngressRule) sandboxv1.ServiceProtocol {
	if r.Protocol == "udp" {
		return sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_UDP
	}
	return sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_TCP
}

func effectiveIngress(n sandbox.Network) (rules []*sandboxv1.IngressRule) {
	for _, r := range n.Ingress {
		for _, block := range r.From {
			rules = append(rules, &sandboxv1.IngressRule{
				Source: &sandboxv1.IngressRule_Cidr{Cidr: &sandboxv1.CidrBlock{Cidr: block}},
				Ports:  []*sandboxv1.PortRange{{Protocol: r.Protocol, Port: int32(r.Port), EndPort: int32(r.Port)}},
			})
		}
	}
	return rules
}

// serviceStatuses say where each of the services is reached, on the first of the operator's addresses: this API has room for one.
func serviceStatuses(services []*sandboxv1.Service, s sandbox.Sandbox) (out []*sandboxv1.ServiceStatus) {
	for _, service := range services {
		status := &sandboxv1.ServiceStatus{
			Port: service.GetPort(), Name: service.GetName(), Protocol: service.GetProtocol(), Visibility: service.GetVisibility(),
		}
		protocol := serviceProtocols[service.GetProtocol()]
		if e := service.GetEndpoint(); e != nil {
			status.Endpoint = &sandboxv1.EndpointStatus{Kind: e.GetKind()}
		}
		if at, ok := endpointOf(s, protocol, service.GetPort()); ok {
			if status.Endpoint != nil {
				status.Endpoint.Address = at
			} else {
				status.Url = protocol + "://" + at
			}
		}
		out = append(out, status)
	}
	return out
}

func endpointOf(s sandbox.Sandbox, protocol string, port int32) (string, bool) {
	for _, e := range s.Endpoints {
		if e.Protocol == protocol && int32(e.Port) == port {
			return net.JoinHostPort(e.Address.String(), strconv.Itoa(int(e.HostPort))), true
		}
	}
	return "", false
}
