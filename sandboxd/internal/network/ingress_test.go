package network_test

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// publishing has ports published on both addresses of the host, for the world's networks and the host itself.
func publishing(c *network.Config) {
	c.Ingress = network.Ingress{
		Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1")}, FirstPort: 31000, LastPort: 31003,
		Sources: []netip.Prefix{
			netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("10.231.0.0/16"),
			netip.MustParsePrefix("2001:db8::/32"),
		},
	}
}

func rule(port uint16, protocol string, from ...string) sandbox.IngressRule {
	return sandbox.IngressRule{Port: port, Protocol: protocol, From: from}
}

var anybody = []string{"0.0.0.0/0", "::/0"}

// published attaches a sandbox whose rules' ports are published, with servers on port 80.
func published(t testing.TB, n *network.Network, id string, rules ...sandbox.IngressRule) (*space, sandbox.Network) {
	t.Helper()
	rules, err := n.Publish(id, rules)
	if err != nil {
		t.Fatal(err)
	}
	policy := sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: rules}
	s := attach(t, n, id, policy)
	s.serve(":80")
	return s, policy
}

// at is where a rule's port is published, on both addresses.
func at(r sandbox.IngressRule) (v4, v6 string) {
	port := strconv.Itoa(int(r.HostPort))
	return "203.0.113.1:" + port, "[2001:db8::1]:" + port
}

func TestPublishedPortsAreReached(t *testing.T) {
	w := newWorld(t)
	n := open(t, publishing)
	_, policy := published(t, n, "sb-a", rule(80, "tcp", anybody...), rule(80, "udp", anybody...), rule(81, "tcp", anybody...))
	tcp4, tcp6 := at(policy.Ingress[0])
	udp4, udp6 := at(policy.Ingress[1])
	other4, _ := at(policy.Ingress[2])
	if answer, err := w.call("tcp", tcp4); answer != "hello 203.0.113.2" {
		t.Errorf("the sandbox sees %q, not who connects: %v", answer, err)
	}
	w.reaches("tcp", tcp6)
	w.reaches("udp", udp4)
	w.reaches("udp", udp6)
	w.isUnreachable("tcp", udp4) // a port is published for one protocol
	w.isUnreachable("udp", tcp4)
	w.isRefused("tcp", other4) // nobody listens there
	// The host itself, by the address that others use.
	this := &space{t: t, fd: hostSpace}
	this.reaches("tcp", tcp4)
	this.reaches("tcp", tcp6)
	this.reaches("udp", udp4)
	this.isUnreachable("tcp", strings.Replace(tcp4, "203.0.113.1", "127.0.0.1", 1))
	want := []sandbox.Endpoint{
		{Port: 80, HostPort: policy.Ingress[0].HostPort, Protocol: "tcp", Address: netip.MustParseAddr("203.0.113.1")},
		{Port: 80, HostPort: policy.Ingress[0].HostPort, Protocol: "tcp", Address: netip.MustParseAddr("2001:db8::1")},
	}
	if got := n.Endpoints(policy.Ingress[:1]); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("endpoints %v", got)
	}
}

func TestPublishedPortsAreForTheirSources(t *testing.T) {
	w := newWorld(t)
	n := open(t, publishing)
	_, policy := published(t, n, "sb-a", rule(80, "tcp", "198.51.100.0/24"), rule(8080, "tcp", anybody...))
	narrow, _ := at(policy.Ingress[0])
	w.isUnreachable("tcp", narrow) // from 203.0.113.2
	reaches := func(from, to string) bool {
		var answer []byte
		w.do(func() {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: silence}
			if c, err := d.Dial("tcp", to); err == nil {
				answer, _ = io.ReadAll(c)
				_ = c.Close()
			}
		})
		return strings.HasPrefix(string(answer), "hello")
	}
	runIP(t, "route add 198.51.100.0/24 via 203.0.113.2", "route add 10.99.0.0/24 via 203.0.113.2")
	t.Cleanup(func() { runIP(t, "route del 198.51.100.0/24", "route del 10.99.0.0/24") })
	w.ip("route add default via 203.0.113.1")
	for deadline := time.Now().Add(patience); !reaches("198.51.100.7", narrow); {
		if time.Now().After(deadline) {
			t.Fatal("who is named by the rule can't connect")
		}
	}
	// The operator's sources bound what a rule says, and a rule says nothing of other ports.
	_, wide := published(t, n, "sb-b", rule(80, "tcp", anybody...))
	all, _ := at(wide.Ingress[0])
	if !reaches("198.51.100.7", all) || reaches("10.99.0.2", all) {
		t.Error("a rule for everybody lets in others than the operator does")
	}
	// Neither do routes to the sandbox's own address help.
	w.ip("route add 10.231.0.0/16 via 203.0.113.1")
	for index := range 4 {
		for _, port := range []string{"80", "8080"} {
			w.isUnreachable("tcp", "10.231.0."+strconv.Itoa(1+index)+":"+port)
		}
	}
}

func TestNeighboursDontReachPublishedPorts(t *testing.T) {
	newWorld(t)
	n := open(t, func(c *network.Config) {
		publishing(c)
		c.Open = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	a, policy := published(t, n, "sb-a", rule(80, "tcp", anybody...))
	b := attach(t, n, "sb-b", internet)
	v4, v6 := at(policy.Ingress[0])
	for _, s := range []*space{a, b} { // not even itself
		s.isRefused("tcp", v4)
		s.isRefused("tcp", v6)
	}
	b.isUnreachable("tcp", addressOf(t, a)+":80")
	// Those of another sandboxd on this host are neighbours too.
	other := open(t, func(c *network.Config) {
		c.Instance, c.Open = t.Name()+" other", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	})
	c := attach(t, other, "sb-c", internet)
	c.isUnreachable("tcp", v4)
	c.isUnreachable("tcp", v6)
	c.isUnreachable("tcp", addressOf(t, a)+":80")
}

// TestPublishedPortsEnd with their sandbox: the connection is cut, the port refused, and given to others after all that are free.
func TestPublishedPortsEnd(t *testing.T) {
	w := newWorld(t)
	n := open(t, publishing)
	s, policy := published(t, n, "sb-a", rule(7, "tcp", anybody...))
	address, _ := at(policy.Ingress[0])
	outside, inside := w.connect(s.netPeer(":7"), address)
	passes(t, outside, inside, "there")
	passes(t, inside, outside, "and back")
	if err := n.Detach(t.Context(), "sb-a"); err != nil {
		t.Fatal(err)
	}
	isCut(t, outside, inside)
	w.isRefused("tcp", address)
	seen := map[uint16]bool{}
	for _, id := range []string{"sb-b", "sb-c", "sb-d", "sb-e"} {
		rules, err := n.Publish(id, []sandbox.IngressRule{rule(80, "tcp", anybody...)})
		if err != nil {
			t.Fatal(err)
		}
		seen[rules[0].HostPort] = true
		if first := policy.Ingress[0].HostPort; len(seen) < 4 && seen[first] {
			t.Errorf("port %d is given again before others", first)
		}
	}
	if _, err := n.Publish("sb-f", []sandbox.IngressRule{rule(80, "tcp")}); err == nil || len(seen) != 4 {
		t.Errorf("more ports than there are: %v, %v", seen, err)
	}
	if err := n.Detach(t.Context(), "sb-b"); err != nil { // which never was attached
		t.Fatal(err)
	}
	if _, err := n.Publish("sb-f", []sandbox.IngressRule{rule(80, "tcp")}); err != nil {
		t.Error(err)
	}
}

func TestPublishedPortsOutliveSandboxd(t *testing.T) {
	w := newWorld(t)
	n := open(t, publishing)
	_, policy := published(t, n, "sb-a", rule(80, "tcp", anybody...))
	address, _ := at(policy.Ingress[0])
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	w.reaches("tcp", address) // while it is away
	n = open(t, publishing)
	w.reaches("tcp", address)
	if err := n.Restore(t.Context(), map[string]sandbox.Network{"sb-a": policy}); err != nil {
		t.Fatal(err)
	}
	w.reaches("tcp", address)
	if other, err := n.Publish("sb-b", []sandbox.IngressRule{rule(80, "tcp")}); err != nil || other[0].HostPort == policy.Ingress[0].HostPort {
		t.Errorf("another sandbox gets port %v, %v", other, err)
	}
	if found := check(t, n); found.Filter != "" {
		t.Errorf("a whole filter: %+v", found)
	}
	for _, damage := range []string{
		"delete element TABLE published { 31000 }", "flush chain TABLE publish-prerouting", "flush chain TABLE LINK-publish",
	} {
		nft(t, strings.ReplaceAll(damage, "LINK", linkOf(t, "sb-a")))
		w.isUnreachable("tcp", address)
		if found := check(t, n); found.Filter == "" {
			t.Errorf("not seen: %s", damage)
		}
		w.reaches("tcp", address)
	}
	// An operator who publishes nothing any more is heard at the next start.
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = open(t, nil)
	if err := n.Restore(t.Context(), map[string]sandbox.Network{"sb-a": policy}); err != nil {
		t.Fatal(err)
	}
	w.isUnreachable("tcp", address)
}

// TestUpdateUnpublishes: who may not connect any more is cut, by TCP and UDP, and nobody else is; the host's port is free then.
func TestUpdateUnpublishes(t *testing.T) {
	w := newWorld(t)
	n := restored(t, publishing)
	s, policy := published(t, n, "sb-a", rule(9000, "tcp", anybody...), rule(9000, "udp", anybody...), rule(9001, "tcp", anybody...))
	gone, stays := s.netPeer(":9000"), s.netPeer(":9001")
	tcp4, tcp6 := at(policy.Ingress[0])
	udp4, udp6 := at(policy.Ingress[1])
	kept4, kept6 := at(policy.Ingress[2])
	var cut, kept [][2]net.Conn
	var datagrams []net.Conn
	for _, a := range [][3]string{{tcp4, udp4, kept4}, {tcp6, udp6, kept6}} {
		outside, inside := w.connect(gone, a[0])
		passes(t, outside, inside, "there")
		cut = append(cut, [2]net.Conn{outside, inside})
		outside, inside = w.connect(stays, a[2])
		kept = append(kept, [2]net.Conn{outside, inside})
		c := w.dial("udp", a[1])
		if err := echoes(c, "before", patience); err != nil {
			t.Fatal(err)
		}
		datagrams = append(datagrams, c)
	}
	// What it has opened itself is nobody's business here.
	peer := w.netPeer(peers[0])
	in, out := s.connect(peer, peers[0])

	left := sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: policy.Ingress[2:]}
	if err := n.Update("sb-a", left); err != nil {
		t.Fatal(err)
	}
	for i := range cut {
		isCut(t, cut[i][0], cut[i][1])
		passes(t, kept[i][0], kept[i][1], "there")
		passes(t, kept[i][1], kept[i][0], "and back")
		if err := echoes(datagrams[i], "late", silence); err == nil || strings.Contains(gone.heard(), "late") {
			t.Errorf("a datagram came in after the cut: %v, %s", err, gone.heard())
		}
	}
	passes(t, in, out, "there")
	w.isRefused("tcp", tcp4)
	if found := check(t, n); found.Filter != "" {
		t.Errorf("after the update: %s", found.Filter)
	}
	for _, id := range []string{"sb-b", "sb-c", "sb-d"} { // of four ports
		if _, err := n.Publish(id, []sandbox.IngressRule{rule(80, "tcp")}); err != nil {
			t.Errorf("a port that was given back: %v", err)
		}
	}

	// Narrower sources, where somebody has emptied the table.
	nft(t, "flush ruleset")
	left.Ingress = []sandbox.IngressRule{policy.Ingress[2]}
	left.Ingress[0].From = []string{"2001:db8::/32"}
	if err := n.Update("sb-a", left); err != nil {
		t.Fatal(err)
	}
	isCut(t, kept[0][0], kept[0][1])
	passes(t, kept[1][0], kept[1][1], "there")
	if err := n.Update("sb-a", sandbox.Network{Mode: sandbox.NetworkNone}); err != nil {
		t.Fatal(err)
	}
	isCut(t, kept[1][0], kept[1][1])
}

// TestPublishedAddressIsGivenOutClean: what came by a published port does not come to the next sandbox that has the address, whose own ports
// are published to nobody; were it that the first one ended while sandboxd was away.
func TestPublishedAddressIsGivenOutClean(t *testing.T) {
	w := newWorld(t)
	var cfg network.Config
	n := restored(t, func(c *network.Config) {
		publishing(c)
		c.Pool4, c.Instance = netip.MustParsePrefix("10.231.0.0/30"), t.Name()
		cfg = *c
	})
	for _, away := range []bool{false, true} {
		s, policy := published(t, n, "sb-a", rule(7777, "udp", anybody...))
		s.netPeer(":7777")
		v4, v6 := at(policy.Ingress[0])
		var was []net.Conn
		for _, address := range []string{v4, v6} {
			c := w.dial("udp", address)
			if err := echoes(c, "first", patience); err != nil {
				t.Fatal(err)
			}
			was = append(was, c)
		}
		if away {
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			next, err := network.Open(cfg)
			if err == nil {
				err = next.Restore(t.Context(), nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			n = next
			defer n.Close()
		} else if err := n.Detach(t.Context(), "sb-a"); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"sb-b", "sb-c"} { // one of both has its address
			got := attach(t, n, id, internet).netPeer(":7777")
			for _, c := range was {
				if err := echoes(c, "second", silence); err == nil || got.heard() != "" {
					t.Errorf("the next sandbox hears what was for the last one: %v, %s", err, got.heard())
				}
			}
		}
		for _, id := range n.Attached() {
			if err := n.Detach(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOperatorTakesSourcesBack: with the next start, those who are let in no more are cut; the ports stay the sandbox's, attached or not.
func TestOperatorTakesSourcesBack(t *testing.T) {
	w := newWorld(t)
	n := restored(t, publishing)
	s, policy := published(t, n, "sb-a", rule(9000, "tcp", anybody...))
	v4, v6 := at(policy.Ingress[0])
	peer := s.netPeer(":9000")
	cut, cutInside := w.connect(peer, v4)
	kept, keptInside := w.connect(peer, v6)
	passes(t, cut, cutInside, "there")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = open(t, func(c *network.Config) {
		publishing(c)
		c.Ingress.Sources = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	})
	lost := sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: []sandbox.IngressRule{{Port: 1, Protocol: "tcp", From: anybody, HostPort: 31002}}}
	if err := n.Restore(t.Context(), map[string]sandbox.Network{"sb-a": policy, "sb-lost": lost}); err != nil {
		t.Fatal(err)
	}
	isCut(t, cut, cutInside)
	passes(t, kept, keptInside, "there")
	w.isUnreachable("tcp", v4)
	var given []uint16
	for range 2 {
		rules, err := n.Publish("sb-b", []sandbox.IngressRule{rule(80, "tcp")})
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, rules[0].HostPort)
	}
	if slices.Contains(given, 31002) || slices.Contains(given, policy.Ingress[0].HostPort) {
		t.Errorf("ports that are others' are given out: %v", given)
	}
}

// TestPublishedPortsAreKeptWhileAnAddressIsLookedFor: another sandboxd has the first ones.
func TestPublishedPortsAreKeptWhileAnAddressIsLookedFor(t *testing.T) {
	newWorld(t)
	other := open(t, func(c *network.Config) { c.Instance = t.Name() + " other" })
	for _, id := range []string{"sb-x", "sb-y"} {
		attach(t, other, id, internet)
	}
	n := open(t, publishing)
	s, policy := published(t, n, "sb-a", rule(80, "tcp", anybody...))
	if got := addressOf(t, s); got != "10.231.0.3" {
		t.Fatalf("it has %s, which shows nothing", got)
	}
	for range 3 { // of four
		rules, err := n.Publish("sb-b", []sandbox.IngressRule{rule(80, "tcp")})
		if err != nil || rules[0].HostPort == policy.Ingress[0].HostPort {
			t.Errorf("another sandbox gets %v, %v", rules, err)
		}
	}
	if _, err := n.Publish("sb-b", []sandbox.IngressRule{rule(80, "tcp")}); errdefs.ReasonOf(err) != "NO_HOST_PORT" {
		t.Errorf("a fifth of four ports: %v", err)
	}
}

// TestPublishedPortsAreLimited: who connects can't fill the host's table of connections either.
func TestPublishedPortsAreLimited(t *testing.T) {
	w := newWorld(t)
	n := restored(t, publishing)
	rules, err := n.Publish("sb-a", []sandbox.IngressRule{rule(9000, "tcp", anybody...)})
	if err != nil {
		t.Fatal(err)
	}
	policy := sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: rules, Limits: sandbox.NetworkLimits{Connections: 16}}
	s := attach(t, n, "sb-a", policy)
	peer := s.netPeer(":9000")
	v4, _ := at(rules[0])
	var ends [][2]net.Conn
	for range 16 {
		outside, inside := w.connect(peer, v4)
		ends = append(ends, [2]net.Conn{outside, inside})
	}
	w.isRefused("tcp", v4)
	passes(t, ends[0][0], ends[0][1], "there")
	passes(t, ends[15][1], ends[15][0], "and back")
	s.reaches("tcp", "203.0.113.2:80") // what it opens itself is counted by itself
	if found := check(t, n); found.Filter != "" {
		t.Errorf("a whole filter: %+v", found)
	}
}
