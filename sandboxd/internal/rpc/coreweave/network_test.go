package coreweave

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func TestNetwork(t *testing.T) {
	https := []*sandboxv1.PortRange{{Port: 443}, {Protocol: "UDP", Port: 1, EndPort: 9}}
	for name, tc := range map[string]struct {
		sent *sandboxv1.NetworkOptions
		want sandbox.Network
	}{
		"nothing said":      {nil, sandbox.Network{}},
		"nothing denied":    {&sandboxv1.NetworkOptions{DenyEgress: proto.Bool(false), DenyIngress: proto.Bool(false)}, sandbox.Network{}},
		"everything denied": {&sandboxv1.NetworkOptions{DenyEgress: proto.Bool(true), DenyIngress: proto.Bool(true)}, sandbox.Network{Mode: sandbox.NetworkNone}},
		"no names":          {&sandboxv1.NetworkOptions{DnsEgress: sandboxv1.DNSEgressMode_DNS_EGRESS_MODE_DENY}, sandbox.Network{NoDNS: true}},
		"rules": {
			&sandboxv1.NetworkOptions{Egress: []*sandboxv1.EgressRule{
				{Destination: &sandboxv1.EgressRule_Cidr{Cidr: &sandboxv1.CidrBlock{Cidr: "203.0.113.0/24", Except: []string{"203.0.113.7/32"}}}, Ports: https},
				{Destination: &sandboxv1.EgressRule_Any{Any: true}},
			}},
			sandbox.Network{Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{
				{CIDR: "203.0.113.0/24", Except: []string{"203.0.113.7/32"}, Protocol: "tcp", FirstPort: 443},
				{CIDR: "203.0.113.0/24", Except: []string{"203.0.113.7/32"}, Protocol: "udp", FirstPort: 1, LastPort: 9},
				{CIDR: "0.0.0.0/0"}, {CIDR: "::/0"},
			}},
		},
	} {
		var v violations
		got, places := network(tc.sent, &v)
		if err := v.err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || len(places) != len(got.Allow) {
			t.Errorf("%s (-want +got), %d places:\n%s", name, len(places), diff)
		}
	}
}

func TestEffectiveEgress(t *testing.T) {
	if got := effectiveEgress(sandbox.Network{Mode: sandbox.NetworkNone}); got != nil {
		t.Errorf("without a network: %v", got)
	}
	if got := effectiveEgress(sandbox.Network{Mode: sandbox.NetworkInternet}); len(got) != 1 || !got[0].GetAny() {
		t.Errorf("with all of it: %v", got)
	}
}
