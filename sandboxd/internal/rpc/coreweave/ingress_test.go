package coreweave

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const (
	public = sandboxv1.Visibility_VISIBILITY_PUBLIC
	custom = sandboxv1.Visibility_VISIBILITY_CUSTOM
	udp    = sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_UDP
)

func fromBlock(cidr string, ports ...*sandboxv1.PortRange) *sandboxv1.IngressRule {
	return &sandboxv1.IngressRule{Source: &sandboxv1.IngressRule_Cidr{Cidr: &sandboxv1.CidrBlock{Cidr: cidr}}, Ports: ports}
}

func TestIngress(t *testing.T) {
	anybody := &sandboxv1.IngressRule{Source: &sandboxv1.IngressRule_Any{Any: true}, Ports: []*sandboxv1.PortRange{{Port: 8000, EndPort: 8080}}}
	passthrough := &sandboxv1.EndpointSpec{Kind: sandboxv1.EndpointKind_ENDPOINT_KIND_TLS_PASSTHROUGH}
	spec := &sandboxv1.SandboxSpec{
		Services: []*sandboxv1.Service{
			{Port: 443, Visibility: public, Endpoint: passthrough}, {Port: 53, Protocol: udp, Visibility: custom},
			{Port: 8080, Visibility: custom}, {Port: 22, Visibility: custom},
		},
		Network: &sandboxv1.NetworkOptions{Ingress: []*sandboxv1.IngressRule{
			fromBlock("203.0.113.0/25"), fromBlock("2001:db8::/32", &sandboxv1.PortRange{Protocol: "UDP", Port: 53}), anybody,
		}},
	}
	want := []sandbox.IngressRule{
		{Port: 443, Protocol: "tcp"}, {Port: 53, Protocol: "udp", From: []string{"203.0.113.0/25", "2001:db8::/32"}},
		{Port: 8080, Protocol: "tcp"}, {Port: 22, Protocol: "tcp", From: []string{"203.0.113.0/25"}},
	}
	var v violations
	got, places := ingress(spec, &v)
	if diff := cmp.Diff(want, got); diff != "" || v.err() != nil || len(places) != 4 || places[3] != "sandbox.spec.services[3]" {
		t.Errorf("%v, %v\n%s", v.err(), places, diff)
	}

	spec.Services = spec.Services[:1]
	spec.Services = append(spec.Services, &sandboxv1.Service{Port: 22, Visibility: custom}, &sandboxv1.Service{Port: 53, Visibility: public, Protocol: udp, Endpoint: passthrough})
	spec.Network = &sandboxv1.NetworkOptions{DenyEgress: proto.Bool(true), DenyIngress: proto.Bool(true), Ingress: []*sandboxv1.IngressRule{anybody}}
	_, _ = ingress(spec, &v)
	for i, want := range []string{"network.deny_ingress", "services", "services[1].port", "services[2].protocol", "network.ingress[0]"} {
		if i >= len(v) || v[i].Subject != "sandbox.spec."+want {
			t.Errorf("violation %d is not of %s: %+v", i, want, v)
		}
	}
}

// TestIngressFields: what the core says of a rule is said of the service that it came from.
func TestIngressFields(t *testing.T) {
	p := places{ingress: []string{servicesField + "[0]", servicesField + "[2]"}}
	for core, want := range map[string]string{
		"spec.network.ingress":            "sandbox.spec.services",
		"spec.network.ingress[1].port":    "sandbox.spec.services[2].port",
		"spec.network.ingress[1].from[0]": "sandbox.spec.network.ingress",
	} {
		if got := renameFields([]errdefs.Violation{{Subject: core}}, p); got[0].Subject != want {
			t.Errorf("%s is %s, not %s", core, got[0].Subject, want)
		}
	}
}

func TestServiceStatuses(t *testing.T) {
	at := netip.MustParseAddr("2001:db8::1")
	sb := sandbox.Sandbox{
		State: sandbox.Running, Front: "native",
		Spec: sandbox.Spec{Network: sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: []sandbox.IngressRule{
			{Port: 80, Protocol: "tcp", From: []string{"203.0.113.0/24"}, HostPort: 31000}, {Port: 53, Protocol: "udp", From: []string{"203.0.113.0/24"}, HostPort: 31001},
		}}},
		Endpoints: []sandbox.Endpoint{
			{Port: 80, HostPort: 31000, Protocol: "tcp", Address: at}, {Port: 80, HostPort: 31000, Protocol: "tcp", Address: netip.MustParseAddr("203.0.113.1")},
			{Port: 53, HostPort: 31001, Protocol: "udp", Address: at},
		},
	}
	got, err := view(sb)
	if err != nil {
		t.Fatal(err)
	}
	tcp := sandboxv1.ServiceProtocol_SERVICE_PROTOCOL_TCP
	want := []*sandboxv1.ServiceStatus{
		{Port: 80, Protocol: tcp, Visibility: custom, Url: "tcp://[2001:db8::1]:31000"}, {Port: 53, Protocol: udp, Visibility: custom, Url: "udp://[2001:db8::1]:31001"},
	}
	if diff := cmp.Diff(want, got.GetStatus().GetServices(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	rules := []*sandboxv1.IngressRule{
		fromBlock("203.0.113.0/24", &sandboxv1.PortRange{Protocol: "tcp", Port: 80, EndPort: 80}), fromBlock("203.0.113.0/24", &sandboxv1.PortRange{Protocol: "udp", Port: 53, EndPort: 53}),
	}
	if diff := cmp.Diff(rules, got.GetStatus().GetEffectiveIngress(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	// Its words of a sandbox of another front's are words that it takes.
	var v violations
	again, _ := ingress(got.GetSpec(), &v)
	for i, r := range sb.Spec.Network.Ingress {
		r.HostPort = 0
		if v.err() != nil || i >= len(again) || cmp.Diff(r, again[i]) != "" {
			t.Errorf("rule %d: %v, %+v", i, v.err(), again)
		}
	}

	sb.Front, sb.FrontData, sb.Endpoints = Front, nil, sb.Endpoints[:1]
	sb.FrontData, err = encodeFrontData(&sandboxv1.Sandbox{Spec: &sandboxv1.SandboxSpec{Services: []*sandboxv1.Service{
		{Port: 80, Name: "web", Visibility: public, Endpoint: &sandboxv1.EndpointSpec{Kind: sandboxv1.EndpointKind_ENDPOINT_KIND_TLS_PASSTHROUGH}},
		{Port: 81, Visibility: public},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err = view(sb)
	want = []*sandboxv1.ServiceStatus{
		{Port: 80, Name: "web", Visibility: public, Endpoint: &sandboxv1.EndpointStatus{
			Kind: sandboxv1.EndpointKind_ENDPOINT_KIND_TLS_PASSTHROUGH, Address: "[2001:db8::1]:31000",
		}},
		{Port: 81, Visibility: public}, // which was taken away since
	}
	if diff := cmp.Diff(want, got.GetStatus().GetServices(), protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
