package network_test

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// withIngress publishes ports for the world's network.
func withIngress(c *config.Config) {
	c.Network.Pool6 = "fd63:6d00::/64"
	c.Network.Ingress = config.Ingress{Addresses: []string{"203.0.113.1", "2001:db8::1"}, Ports: "31000-31999", Sources: []string{"203.0.113.0/24", "2001:db8::/64"}}
}

// get asks for a sandbox as it is now.
func (d *daemon) get(name string) *sandboxv1.Sandbox {
	d.t.Helper()
	resp, err := d.api.GetSandbox(d.t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.GetSandbox()
}

// endpoints are where a sandbox's ports are, as net.Dial takes them.
func endpoints(sb *sandboxv1.Sandbox) []string {
	var all []string
	for _, e := range sb.GetEndpoints() {
		all = append(all, net.JoinHostPort(e.GetAddress(), strconv.Itoa(int(e.GetHostPort()))))
	}
	return all
}

// TestIngress: a port that was asked for is reached from outside, by IPv4 and IPv6, while sandboxd is away, after it was killed, and
// until the sandbox ends, or has it no more.
func TestIngress(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		ingress(t, startDaemon(t, sandboxdtest.WithRuntimes(runtime), sandboxdtest.WithConfig(withIngress)))
	})
}

func ingress(t *testing.T, d *daemon) {
	name := d.run(&sandboxv1.Network{Ingress: []*sandboxv1.IngressRule{{Port: 80}, {Port: 81, From: []string{"203.0.113.77/32"}}}})
	d.shell(name, "nc -ll -p 80 -e echo hello >/dev/null 2>&1 & nc -ll -p 81 -e echo hello >/dev/null 2>&1 & until nc -w 1 127.0.0.1 81 </dev/null; do :; done")
	sb := d.get(name)
	at := endpoints(sb)
	if len(at) != 3 || !strings.HasPrefix(at[0], "203.0.113.1:31") || !strings.HasPrefix(at[1], "[2001:db8::1]:31") {
		t.Fatalf("endpoints %v", at)
	}
	if e := sb.GetEndpoints()[2]; e.GetPort() != 81 || e.GetProtocol() != sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP {
		t.Errorf("endpoint %v", e)
	}
	if from := sb.GetSpec().GetNetwork().GetIngress()[0].GetFrom(); !slices.Equal(from, []string{"203.0.113.0/24", "2001:db8::/64"}) {
		t.Errorf("without sources it is for %v", from)
	}
	if rules := strings.Join(d.Footprint().Rules, "\n"); strings.Count(rules, "published ") != 2 || !strings.Contains(rules, "-publish") {
		t.Errorf("a footprint does not see the ports: %s", rules)
	}
	reached := func() {
		t.Helper()
		d.world.reaches("tcp", at[0])
		d.world.reaches("tcp", at[1])
		d.world.isUnreachable("tcp", at[2]) // for another address only
	}
	reached()
	neighbour := d.run(nil)
	if got := d.connect(neighbour, "203.0.113.1", strconv.Itoa(int(sb.GetEndpoints()[0].GetHostPort()))); strings.Contains(got, "hello") {
		t.Error("a neighbour gets in")
	}
	p := d.StartProcess() // which takes it up
	if !p.Serves {
		t.Fatal(d.Logs())
	}
	reached()
	p.Kill()
	reached()
	d.Restart()
	reached()
	if after := d.get(name); !proto.Equal(after, sb) {
		t.Errorf("after a restart:\n%v\n%v", after, sb)
	}
	other := d.get(d.run(&sandboxv1.Network{Ingress: []*sandboxv1.IngressRule{{Port: 80}}}))
	if slices.Contains(at, endpoints(other)[0]) {
		t.Errorf("two sandboxes are at %s", endpoints(other)[0])
	}
	// Rules are narrowed: who is named no more is cut off, and the host's port is another's to have.
	narrowed, err := d.api.UpdateNetwork(t.Context(), &sandboxv1.UpdateNetworkRequest{
		Name: name, Network: &sandboxv1.Network{Ingress: []*sandboxv1.IngressRule{{Port: 80, From: []string{"2001:db8::/64"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := endpoints(narrowed.GetSandbox()); !slices.Equal(left, at[1:2]) {
		t.Errorf("narrowed, it is at %v, not at %v alone", left, at[1])
	}
	d.world.isUnreachable("tcp", at[0])
	d.world.reaches("tcp", at[1])
	if rules := strings.Join(d.Footprint().Rules, "\n"); strings.Count(rules, "published ") != 2 { // the other's is one
		t.Errorf("published after the narrowing: %s", rules)
	}
	events, err := d.api.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: name})
	if err != nil {
		t.Fatal(err)
	}
	if told := events.GetEvents()[len(events.GetEvents())-1]; !strings.HasPrefix(told.GetDetail(), "INTERNET, ingress 80/tcp=2001:db8::/64") {
		t.Errorf("of the narrowing is told: %v", told)
	}
	_, err = d.api.UpdateNetwork(t.Context(), &sandboxv1.UpdateNetworkRequest{
		Name: name, Network: &sandboxv1.Network{Ingress: []*sandboxv1.IngressRule{{Port: 80}}},
	})
	if e, ok := errdefs.As(errgrpc.FromError(err)); !ok || e.Reason != "NETWORK_NOT_NARROWER" || e.Violations[0].Subject != "network.ingress[0].from" {
		t.Errorf("rules for more than were: %v", err)
	}
	for _, name := range []string{name, neighbour, other.GetName()} {
		if _, err := d.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	d.world.isRefused("tcp", at[0])
	if ended := d.get(name); len(ended.GetEndpoints()) > 0 {
		t.Errorf("an ended sandbox is at %v", ended.GetEndpoints())
	}
	if rules := d.Footprint().Rules; len(rules) > 0 {
		t.Errorf("left in the packet filter: %v", rules)
	}
	d.Stop()
	d.wantNothingLeft()
}

func TestIngressRefusals(t *testing.T) {
	refused := func(d *daemon, n *sandboxv1.Network, field, text string) {
		t.Helper()
		_, err := d.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage, Network: n}})
		e, ok := errdefs.As(errgrpc.FromError(err))
		if !ok || len(e.Violations) != 1 || e.Violations[0].Subject != field || !strings.Contains(e.Violations[0].Description, text) {
			t.Errorf("%v: %v (%+v)", n, err, e)
		}
	}
	web := &sandboxv1.IngressRule{Port: 80}
	t.Run("by default", func(t *testing.T) {
		refused(startDaemon(t), &sandboxv1.Network{Ingress: []*sandboxv1.IngressRule{web}}, "spec.network.ingress", "operator publishes no ports")
	})
	t.Run("rules", func(t *testing.T) {
		d := startDaemon(t, sandboxdtest.WithConfig(withIngress), sandboxdtest.WithConfig(func(c *config.Config) {
			c.Network.Ingress.Addresses = append(c.Network.Ingress.Addresses, "192.0.2.77")
		}))
		if logs := d.Logs(); strings.Count(logs, "this host has no address") != 1 || !strings.Contains(logs, "192.0.2.77") {
			t.Errorf("an address that the host does not have is not told of: %s", logs)
		}
		for _, c := range []struct {
			rules       []*sandboxv1.IngressRule
			field, text string
		}{
			{[]*sandboxv1.IngressRule{web, {Port: 80, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP}}, "[1].port", "a rule already"},
			{[]*sandboxv1.IngressRule{{Port: 80, From: []string{"203.0.0.0/16"}}}, "[0].from[0]", "more than the operator"},
			{[]*sandboxv1.IngressRule{{Port: 80, From: []string{"203.0.113.9"}}}, "[0].from[0]", "no block"},
		} {
			refused(d, &sandboxv1.Network{Ingress: c.rules}, "spec.network.ingress"+c.field, c.text)
		}
		none := &sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE, Ingress: []*sandboxv1.IngressRule{web}}
		refused(d, none, "spec.network.ingress", "INTERNET")
	})
}
