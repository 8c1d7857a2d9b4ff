package native

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func ingressFromProto(list []*sandboxv1.IngressRule) []sandbox.IngressRule {
	var out []sandbox.IngressRule
	for _, r := range list {
		out = append(out, sandbox.IngressRule{Port: uint16(r.GetPort()), Protocol: keyOf(networkProtocols, r.GetProtocol()), From: r.GetFrom()})
	}
	return out
}

func ingressToProto(list []sandbox.IngressRule) []*sandboxv1.IngressRule {
	var out []*sandboxv1.IngressRule
	for _, r := range list {
		out = append(out, &sandboxv1.IngressRule{Port: uint32(r.Port), Protocol: networkProtocols[r.Protocol], From: r.From})
	}
	return out
}

func endpointsToProto(list []sandbox.Endpoint) []*sandboxv1.Endpoint {
	var out []*sandboxv1.Endpoint
	for _, e := range list {
		out = append(out, &sandboxv1.Endpoint{
			Port: uint32(e.Port), Protocol: networkProtocols[e.Protocol], Address: e.Address.String(), HostPort: uint32(e.HostPort),
		})
	}
	return out
}
