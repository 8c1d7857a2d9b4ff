package network_test

import (
	"encoding/binary"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// TestSpoofedSources: not one packet from an address that is not the sandbox's gets out.
func TestSpoofedSources(t *testing.T) {
	w := newWorld(t)
	n := open(t, nil)
	h, other := attachHostile(t, n, "sb-a", internet), attachHostile(t, n, "sb-b", internet)
	for i, sources := range [][]string{
		{
			other.v4.String(), "203.0.113.1", "198.51.100.7", "203.0.113.77", "10.99.0.2", "10.231.44.44", n.Resolver().String(),
			"127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
		},
		{
			other.v6.String(), "2001:db8::1", "2001:db8:1::7", "2001:db8::77", "fd99::2", "fd63:6d00::4444", "fe80::1", "fe80::77",
			"::1", "::", "ff02::1", "::ffff:" + h.v4.String(), "64:ff9b::cb00:7101", "2002:cb00:7101::1",
		},
	} {
		peer, to := w.netPeer(peers[i]), netip.MustParseAddrPort(peers[i])
		for _, from := range sources {
			h.datagram(netip.MustParseAddr(from), to, "spoofed-"+from)
		}
		h.until(peer, to, "own")
		if heard := peer.heard(); strings.Contains(heard, "spoofed") {
			t.Errorf("the world hears %s", heard)
		}
	}
}

// TestFragments: the rules are about whole packets, and what overlaps is none.
func TestFragments(t *testing.T) {
	w := newWorld(t)
	h := attachHostile(t, open(t, nil), "sb-a", sandbox.Network{Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{
		{CIDR: "0.0.0.0/0", Protocol: "udp", FirstPort: 9001, LastPort: 9001}, {CIDR: "::/0", Protocol: "udp", FirstPort: 9001, LastPort: 9001},
	}})
	for _, address := range peers {
		refused, allowed := w.netPeer(address), w.netPeer(strings.Replace(address, "9000", "9001", 1))
		to := netip.MustParseAddrPort(address)
		may := netip.AddrPortFrom(to.Addr(), 9001)
		from := h.v4
		if to.Addr().Is6() {
			from = h.v6
		}
		whole := func(to netip.AddrPort, word string) []byte { return udpPacket(from, to, word) }
		const first = 16 // bytes, of which the ports are the first four

		ok := whole(may, "in-two-pieces")
		h.fragment(from, to.Addr(), 1, 0, ok[:first], true)
		h.fragment(from, to.Addr(), 1, first, ok[first:], false)
		bad := whole(to, "refused-in-pieces")
		h.fragment(from, to.Addr(), 2, 0, bad[:first], true)
		h.fragment(from, to.Addr(), 2, first, bad[first:], false)
		h.fragment(from, to.Addr(), 3, first, bad[first:], false) // the end first
		h.fragment(from, to.Addr(), 3, 0, bad[:first], true)
		h.fragment(from, to.Addr(), 4, 0, whole(may, "refused-in-pieces")[:first], true) // the ports again, other ones
		h.fragment(from, to.Addr(), 4, 0, bad[:first], true)
		h.fragment(from, to.Addr(), 4, first, bad[first:], false)
		h.fragment(from, to.Addr(), 5, first, bad[first:], false) // no beginning

		h.until(allowed, may, "whole")
		if heard := allowed.heard(); !strings.Contains(heard, "in-two-pieces") {
			t.Errorf("%s does not hear fragments that are allowed: %s", may, heard)
		}
		if heard := refused.heard(); heard != "" {
			t.Errorf("%s hears %s", to, heard)
		}
	}
}

// fragment sends a piece of a packet of UDP.
func (h *hostile) fragment(from, to netip.Addr, id byte, offset uint16, piece []byte, more bool) {
	h.t.Helper()
	if to.Is4() {
		flags := offset / 8
		if more {
			flags |= 0x2000
		}
		p := ip4(from, to, unix.IPPROTO_UDP, flags, piece)
		p[5] = id
		p[10], p[11] = 0, 0
		binary.BigEndian.PutUint16(p[10:], checksum(p[:20]))
		h.send(unix.ETH_P_IP, p)
		return
	}
	if more {
		offset |= 1
	}
	header := binary.BigEndian.AppendUint16([]byte{unix.IPPROTO_UDP, 0}, offset)
	h.sendIP(from, to, unix.IPPROTO_FRAGMENT, append(append(header, 0, 0, 0, id), piece...))
}

// TestNothingOfTheHostIsReached whatever its address, also where the host takes packets to its loopback addresses from outside.
func TestNothingOfTheHostIsReached(t *testing.T) {
	w := newWorld(t)
	n := open(t, nil)
	h := attachHostile(t, n, "sb-a", internet)
	// The address of somebody else's bridge: the host's too.
	runIP(t, "link add docker0 type bridge", "addr add 172.17.0.1/16 dev docker0", "addr add fd00:17::1/64 dev docker0 nodad", "link set docker0 up")
	t.Cleanup(func() { runIP(t, "link del docker0") })
	if err := os.WriteFile("/proc/sys/net/ipv4/conf/all/route_localnet", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.WriteFile("/proc/sys/net/ipv4/conf/all/route_localnet", []byte("0"), 0) })
	this := &space{t: t, fd: hostSpace}
	daemons := this.netPeer(":9100") // on every address there is
	for _, to := range []string{
		"203.0.113.1", "127.0.0.1", "127.9.9.9", "172.17.0.1", "172.17.255.255", n.Resolver().String(), "255.255.255.255", "203.0.113.255", "203.0.113.0",
		"224.0.0.1", "239.1.2.3", "0.0.0.0", h.v4.String(),
	} {
		h.datagram(h.v4, netip.AddrPortFrom(netip.MustParseAddr(to), 9100), "to-"+to)
	}
	for _, to := range []string{
		"2001:db8::1", "::1", "fd00:17::1", linkLocal(t, linkOf(t, "sb-a")), "fe80::1", "ff01::1", "ff02::1", "ff02::2", "ff05::1", "ff0e::1", "::ffff:203.0.113.1",
		"::ffff:127.0.0.1", "::203.0.113.1", "64:ff9b::cb00:7101", "2002:cb00:7101::1", "2001:db8::",
	} {
		h.datagram(h.v6, netip.AddrPortFrom(netip.MustParseAddr(to), 9100), "to-"+to)
	}
	peer := w.netPeer(peers[0])
	h.until(peer, netip.MustParseAddrPort(peers[0]), "out")
	if err := echoes(w.dial("udp", "203.0.113.1:9100"), "from-the-world", patience); err != nil {
		t.Errorf("the world does not reach it either, so this test shows nothing: %v", err)
	}
	if heard := daemons.heard(); strings.Contains(heard, "to-") {
		t.Errorf("the host hears %s", heard)
	}
}

func linkLocal(t *testing.T, link string) string {
	t.Helper()
	out, err := exec.Command("ip", "-o", "-6", "addr", "show", "dev", link, "scope", "link").Output()
	if err != nil || len(strings.Fields(string(out))) < 4 {
		t.Fatalf("%s has no address of its link: %v %s", link, err, out)
	}
	address, _, _ := strings.Cut(strings.Fields(string(out))[3], "/")
	return address
}

// TestNothingSaidOnTheLinkIsBelieved: not whose an address is, not where routers are, not that there is a better way.
func TestNothingSaidOnTheLinkIsBelieved(t *testing.T) {
	w := newWorld(t)
	n := open(t, nil)
	// A host that takes its own routes from advertisements has this, for every link that comes.
	for _, name := range []string{"all", "default"} {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/accept_ra", []byte("2"), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/accept_ra", []byte("1"), 0) })
		if err := os.WriteFile("/proc/sys/net/ipv4/conf/"+name+"/arp_accept", []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.WriteFile("/proc/sys/net/ipv4/conf/"+name+"/arp_accept", []byte("0"), 0) })
	}
	h, other := attachHostile(t, n, "sb-a", internet), attachHostile(t, n, "sb-b", internet)
	link := linkOf(t, "sb-a")
	before := believes(t, link)

	world4, world6 := netip.MustParseAddr("203.0.113.2"), netip.MustParseAddr("2001:db8::2")
	for _, claimed := range []netip.Addr{other.v4, world4, n.Resolver(), netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("10.231.9.9")} {
		for _, operation := range []uint16{1, 2} { // a question, an answer
			for _, target := range []netip.Addr{claimed, n.Resolver()} {
				h.send(unix.ETH_P_ARP, arp(operation, h.own, claimed, h.host, target))
			}
		}
	}
	hostLink := netip.MustParseAddr(linkLocal(t, link))
	router := netip.MustParseAddr("fe80::bad")
	for _, from := range []netip.Addr{router, h.v6, netip.MustParseAddr("fe80::1")} {
		for _, to := range []netip.Addr{hostLink, netip.MustParseAddr("ff02::1")} {
			h.icmp6(from, to, 134, routerAdvertisement(h.own))
			for _, claimed := range []netip.Addr{other.v6, world6, router} {
				h.icmp6(from, to, 136, neighbourMessage(0x60, claimed, 2, h.own)) // solicited, override
				h.icmp6(from, to, 135, neighbourMessage(0, claimed, 1, h.own))
			}
			h.icmp6(from, to, 137, slices.Concat([]byte{0, 0, 0, 0}, router.AsSlice(), world6.AsSlice(), lladdr(2, h.own)))
		}
	}
	for _, from := range []netip.Addr{h.v4, n.Resolver(), world4} {
		h.sendIP(from, netip.MustParseAddr("203.0.113.1"), unix.IPPROTO_ICMP, redirect4(h.v4, world4))
	}

	peer := w.netPeer(peers[0])
	h.until(peer, netip.MustParseAddrPort(peers[0]), "out")
	if after := believes(t, link); after != before {
		t.Errorf("the host believed a sandbox: before\n%s\nafter\n%s", before, after)
	}
	for _, address := range []string{"203.0.113.2:80", "[2001:db8::2]:80"} {
		other.reaches("tcp", address)
		h.reaches("tcp", address)
		(&space{t: t, fd: hostSpace}).reaches("tcp", address)
	}
}

// believes tells the host's routes, its addresses, and who it holds for neighbours on a link.
func believes(t *testing.T, link string) string {
	t.Helper()
	var all []string
	for _, args := range []string{"-4 route", "-6 route", "-o -6 addr show dev " + link, "-o -4 addr show dev " + link, "neigh show dev " + link} {
		out, err := exec.Command("ip", strings.Fields(args)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		slices.Sort(lines)
		all = append(all, lines...)
	}
	return strings.Join(all, "\n")
}

func arp(operation uint16, mac []byte, claimed netip.Addr, targetMAC []byte, target netip.Addr) []byte {
	p := binary.BigEndian.AppendUint16([]byte{0, 1, 8, 0, 6, 4}, operation)
	return slices.Concat(p, mac, claimed.AsSlice(), targetMAC, target.AsSlice())
}

// icmp6 sends a message of neighbour discovery.
func (h *hostile) icmp6(from, to netip.Addr, kind byte, body []byte) {
	h.t.Helper()
	p := slices.Concat([]byte{kind, 0, 0, 0}, body)
	binary.BigEndian.PutUint16(p[2:], transportSum(from, to, unix.IPPROTO_ICMPV6, p))
	h.sendIP(from, to, unix.IPPROTO_ICMPV6, p)
}

// lladdr is the option that tells a hardware address: of the source (1) or the target (2).
func lladdr(kind byte, mac []byte) []byte { return slices.Concat([]byte{kind, 1}, mac) }

func neighbourMessage(flags byte, target netip.Addr, option byte, mac []byte) []byte {
	return slices.Concat([]byte{flags, 0, 0, 0}, target.AsSlice(), lladdr(option, mac))
}

// routerAdvertisement tells of a router for everything, and of a prefix to make addresses of.
func routerAdvertisement(mac []byte) []byte {
	prefix := netip.MustParseAddr("2001:db8:bad::").AsSlice()
	day := []byte{0, 1, 0x51, 0x80}
	return slices.Concat([]byte{64, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}, lladdr(1, mac),
		[]byte{3, 4, 64, 0xc0}, day, day, []byte{0, 0, 0, 0}, prefix)
}

// redirect4 tells that there is a better way to an address.
func redirect4(way, to netip.Addr) []byte {
	about := ip4(netip.MustParseAddr("203.0.113.1"), to, unix.IPPROTO_UDP, 0, []byte{0, 1, 0, 1, 0, 8, 0, 0})
	p := slices.Concat([]byte{5, 1, 0, 0}, way.AsSlice(), about)
	binary.BigEndian.PutUint16(p[2:], checksum(p))
	return p
}
