package native

import (
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var networkModes = map[sandbox.NetworkMode]sandboxv1.NetworkMode{
	"":                      sandboxv1.NetworkMode_NETWORK_MODE_UNSPECIFIED,
	sandbox.NetworkNone:     sandboxv1.NetworkMode_NETWORK_MODE_NONE,
	sandbox.NetworkInternet: sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
}

var networkProtocols = map[string]sandboxv1.NetworkProtocol{
	"":    sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UNSPECIFIED,
	"tcp": sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP,
	"udp": sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP,
}

// keyOf is the way back through one of these; values that are in neither are refused before.
func keyOf[K, V comparable](m map[K]V, value V) (key K) {
	for k, v := range m {
		if v == value {
			return k
		}
	}
	return key
}

func networkFromProto(p *sandboxv1.Network) sandbox.Network {
	return sandbox.Network{
		Mode: keyOf(networkModes, p.GetMode()), NoDNS: p.GetNoDns(),
		Allow: destinationsFromProto(p.GetAllow()), Deny: destinationsFromProto(p.GetDeny()),
		Limits:  sandbox.NetworkLimits{Connections: p.GetMaxConnections(), BytesPerSecond: p.GetMaxBytesPerSecond()},
		Ingress: ingressFromProto(p.GetIngress()),
	}
}

func destinationsFromProto(list []*sandboxv1.Destination) []sandbox.Destination {
	var out []sandbox.Destination
	for _, d := range list {
		out = append(out, sandbox.Destination{
			CIDR: d.GetCidr(), Except: d.GetExcept(), Protocol: keyOf(networkProtocols, d.GetProtocol()),
			FirstPort: uint16(d.GetFirstPort()), LastPort: uint16(d.GetLastPort()),
		})
	}
	return out
}

func networkToProto(n sandbox.Network) *sandboxv1.Network {
	return &sandboxv1.Network{
		Mode: networkModes[n.Mode], NoDns: n.NoDNS, Allow: destinationsToProto(n.Allow), Deny: destinationsToProto(n.Deny),
		MaxConnections: n.Limits.Connections, MaxBytesPerSecond: n.Limits.BytesPerSecond,
		Ingress: ingressToProto(n.Ingress),
	}
}

func destinationsToProto(list []sandbox.Destination) []*sandboxv1.Destination {
	var out []*sandboxv1.Destination
	for _, d := range list {
		out = append(out, &sandboxv1.Destination{
			Cidr: d.CIDR, Except: d.Except, Protocol: networkProtocols[d.Protocol],
			FirstPort: uint32(d.FirstPort), LastPort: uint32(d.LastPort),
		})
	}
	return out
}
