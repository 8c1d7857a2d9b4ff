package network_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var internet = sandbox.Network{Mode: sandbox.NetworkInternet, Limits: sandbox.NetworkLimits{Connections: 2048, BytesPerSecond: 128 << 20}}

func TestPublicAddressesAreReached(t *testing.T) {
	newWorld(t)
	s := attach(t, open(t, nil), "sb-a", internet)
	for _, address := range []string{"203.0.113.2:80", "198.51.100.7:443", "[2001:db8::2]:80", "[2001:db8:1::7]:443"} {
		s.reaches("tcp", address)
		s.reaches("udp", address)
	}
	if answer, _ := s.call("tcp", "203.0.113.2:80"); answer != "hello 203.0.113.1" {
		t.Errorf("the world sees %q, not the host's own address", answer)
	}
}

func TestWhatIsNotPublicIsRefused(t *testing.T) {
	newWorld(t)
	s := attach(t, open(t, nil), "sb-a", internet)
	for _, address := range []string{
		"10.99.0.2:80", "192.168.7.7:80", "169.254.169.254:80", "100.64.0.9:80", "[fd99::2]:80",
		"10.231.0.77:80", "[fd63:6d00::77]:80", "[::ffff:0:10.99.0.2]:80", "[64:ff9b::10.99.0.2]:80",
		"[2002:a63:2::1]:80", "[2001:0:a63:2::1]:80", "[::10.99.0.2]:80",
	} {
		s.isRefused("tcp", address)
		s.isUnreachable("udp", address)
	}
}

func TestTheHostIsRefused(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	s := attach(t, n, "sb-a", internet)
	this := &space{t: t, fd: hostSpace}
	for _, address := range []string{"203.0.113.1", "2001:db8::1", n.Resolver().String()} {
		at := netip.AddrPortFrom(netip.MustParseAddr(address), 7470).String()
		this.serve(at)
		this.reaches("tcp", at) // it is there
		s.isRefused("tcp", at)
		s.isUnreachable("udp", at)
	}
	s.isUnreachable("tcp", "[fe80::1%eth0]:7470")
}

func TestNobodyReachesASandbox(t *testing.T) {
	w := newWorld(t)
	n := open(t, func(c *network.Config) { c.Open = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	a, b := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", internet)
	address := addressOf(t, b)
	b.serve(address + ":80")
	b.reaches("tcp", address+":80") // it is there
	a.isUnreachable("tcp", address+":80")
	a.isUnreachable("udp", address+":80")
	this := &space{t: t, fd: hostSpace}
	this.isUnreachable("tcp", address+":80")
	w.ip("route add 10.231.0.0/16 via 203.0.113.1")
	w.isUnreachable("tcp", address+":80")
}

// addressOf returns the IPv4 address of a sandbox.
func addressOf(t testing.TB, s *space) string {
	t.Helper()
	var address string
	s.do(func() { address = ownAddress(t) })
	return address
}

func TestASandboxCantTakeAnotherAddress(t *testing.T) {
	w := newWorld(t)
	n := open(t, nil)
	a, b := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", internet)
	// What the sandbox itself lacks the right to do: become root of its network.
	stolen := addressOf(t, b)
	for _, address := range []string{stolen, "203.0.113.9", "10.231.99.99", "2001:db8::99"} {
		a.ip("addr flush dev eth0 scope global", "addr add "+address+" dev eth0"+nodad(address), "-6 route replace default via fe80::1 dev eth0 onlink",
			"route replace default via "+n.Resolver().String()+" dev eth0 onlink")
		target := "203.0.113.2:80"
		if strings.Contains(address, ":") {
			target = "[2001:db8::2]:80"
		}
		a.isUnreachable("tcp", target)
	}
	b.reaches("tcp", "203.0.113.2:80")
	_ = w
}

func TestRules(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	rules := func(policy sandbox.Network) *space {
		policy.Mode = sandbox.NetworkInternet
		spec, err := sandbox.Spec{Image: "i", Network: policy}.Normalize(sandbox.Policy{
			Default: sandbox.Resources{MemoryBytes: 1 << 30, CPUMillis: 1000, Pids: 100}, Max: sandbox.Resources{MemoryBytes: 1 << 30, CPUMillis: 1000, Pids: 100},
			Runtimes: []string{"native"}, Network: sandbox.NetworkPolicy{Enabled: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		return attach(t, n, fmt.Sprintf("sb-%d", len(n.Attached())), spec.Network)
	}

	s := rules(sandbox.Network{Allow: []sandbox.Destination{
		{CIDR: "203.0.113.0/24", Protocol: "tcp", FirstPort: 443}, {CIDR: "2001:db8:1::/48", Protocol: "udp", FirstPort: 80, LastPort: 443},
	}})
	s.reaches("tcp", "203.0.113.2:443")
	s.isRefused("tcp", "203.0.113.2:80")
	s.isUnreachable("udp", "203.0.113.2:443")
	s.isRefused("tcp", "198.51.100.7:443")
	s.reaches("udp", "[2001:db8:1::7]:443")
	s.isRefused("tcp", "[2001:db8:1::7]:443")

	s = rules(sandbox.Network{Deny: []sandbox.Destination{{CIDR: "198.51.100.0/24"}, {CIDR: "203.0.113.2/32", Protocol: "tcp", FirstPort: 1, LastPort: 100}}})
	s.isRefused("tcp", "198.51.100.7:443")
	s.isRefused("tcp", "203.0.113.2:80")
	s.reaches("tcp", "203.0.113.2:443")
	s.reaches("tcp", "[2001:db8::2]:80")

	s = rules(sandbox.Network{Allow: []sandbox.Destination{{CIDR: "0.0.0.0/0", Except: []string{"198.51.100.0/24"}}}})
	s.reaches("tcp", "203.0.113.2:80")
	s.isRefused("tcp", "198.51.100.7:80")
	s.isRefused("tcp", "10.99.0.2:80") // to allow everything is no way around what is never public
	s.isRefused("tcp", "[2001:db8::2]:80")
}

func TestOperatorOpensPrivateAddresses(t *testing.T) {
	newWorld(t)
	n := open(t, func(c *network.Config) { c.Open = []netip.Prefix{netip.MustParsePrefix("10.99.0.0/24")} })
	s := attach(t, n, "sb-a", internet)
	s.reaches("tcp", "10.99.0.2:80")
	s.isRefused("tcp", "192.168.7.7:80")
}

func TestRestartKeepsWhatRuns(t *testing.T) {
	newWorld(t)
	var cfg network.Config
	n := open(t, func(c *network.Config) { cfg = *c })
	onlyWeb := sandbox.Network{Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{{CIDR: "203.0.113.2/32", Protocol: "tcp", FirstPort: 443, LastPort: 443}}}
	a, b, gone := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", onlyWeb), attach(t, n, "sb-c", internet)
	n.Close()
	a.reaches("tcp", "203.0.113.2:80") // while no sandboxd runs
	// A program that asks for a name waits, and asks again: were it refused, it would give up.
	c := a.dial("udp", netip.AddrPortFrom(n.Resolver(), 53).String())
	for range 2 { // an error of the first one comes with the second
		if _, err := c.Write([]byte("?")); err != nil {
			t.Errorf("asking for a name while no sandboxd runs: %v", err)
		}
		_ = c.SetReadDeadline(time.Now().Add(silence))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("asking for a name while no sandboxd runs: %v", err)
		}
	}

	cfg.Instance, cfg.MaxSandboxes = t.Name(), 100
	next, err := network.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if err := next.Restore(t.Context(), map[string]sandbox.Network{"sb-a": internet, "sb-b": onlyWeb}); err != nil {
		t.Fatal(err)
	}
	a.reaches("tcp", "203.0.113.2:80")
	b.reaches("tcp", "203.0.113.2:443")
	b.isRefused("tcp", "203.0.113.2:80")
	gone.isUnreachable("tcp", "203.0.113.2:80")
	fresh := attach(t, next, "sb-d", internet)
	fresh.reaches("tcp", "203.0.113.2:80")
	if addressOf(t, fresh) == addressOf(t, a) {
		t.Error("an address was given out twice")
	}
	for _, id := range next.Attached() {
		if err := next.Detach(context.Background(), id); err != nil {
			t.Error(err)
		}
	}
}

// Two sandboxds of one host agree on addresses by the routes they make.
func TestTwoInstancesShareThePool(t *testing.T) {
	newWorld(t)
	seen := map[string]bool{}
	for i := range 2 {
		n := open(t, func(c *network.Config) { c.Instance = fmt.Sprint(t.Name(), i) })
		for j := range 3 {
			s := attach(t, n, fmt.Sprintf("sb-%d-%d", i, j), internet)
			s.reaches("tcp", "203.0.113.2:80")
			seen[addressOf(t, s)] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("6 sandboxes have %d addresses: %v", len(seen), seen)
	}
}

func TestAttachErrors(t *testing.T) {
	newWorld(t)
	n := open(t, func(c *network.Config) { c.MaxSandboxes = 1 })
	attach(t, n, "sb-a", internet)
	s := newSpace(t)
	if err := n.Attach(t.Context(), "sb-a", internet, s.fd); errdefs.ReasonOf(err) != "NETWORK_ATTACHED" {
		t.Errorf("a second network for one sandbox: %v", err)
	}
	if err := n.Attach(t.Context(), "sb-b", internet, s.fd); errdefs.ReasonOf(err) != "NO_ADDRESS" {
		t.Errorf("more sandboxes than addresses: %v", err)
	}
	if err := n.Detach(t.Context(), "sb-a"); err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(t.TempDir(), "") // no namespace
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := n.Attach(t.Context(), "sb-b", internet, file); err == nil {
		t.Error("a file is no namespace")
	}
	if len(n.Attached()) > 0 {
		t.Errorf("a failed attachment has left %v", n.Attached())
	}
	wantNoLink(t, "sb-b")
	if err := n.Attach(t.Context(), "sb-b", internet, s.fd); err != nil {
		t.Error(err)
	}
}
