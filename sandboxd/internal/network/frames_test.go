package network_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// hostile is a sandbox that sends what it likes on its link. A sandbox has no sockets for that: this is one that has got out of its walls,
// or of gVisor's kernel, but not out of its namespace.
type hostile struct {
	*space
	socket    int
	link      int
	own, host net.HardwareAddr
	v4, v6    netip.Addr
}

func attachHostile(t *testing.T, n *network.Network, id string, policy sandbox.Network) *hostile {
	t.Helper()
	h := &hostile{space: attach(t, n, id, policy)}
	h.v4 = netip.MustParseAddr(addressOf(t, h.space))
	h.do(func() {
		var err error
		if h.socket, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { unix.Close(h.socket) })
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			t.Error(err)
			return
		}
		h.link, h.own = link.Attrs().Index, link.Attrs().HardwareAddr
		neighbours, err := netlink.NeighList(h.link, unix.AF_INET)
		if err != nil || len(neighbours) == 0 {
			t.Errorf("the sandbox knows no gateway: %v, %v", neighbours, err)
			return
		}
		h.host = neighbours[0].HardwareAddr
		addresses, err := netlink.AddrList(link, unix.AF_INET6)
		for _, a := range addresses {
			if a.Scope == unix.RT_SCOPE_UNIVERSE {
				h.v6, _ = netip.AddrFromSlice(a.IP)
			}
		}
		if err != nil || !h.v6.IsValid() {
			t.Errorf("the sandbox has no IPv6 address: %v, %v", addresses, err)
		}
	})
	return h
}

// send puts a packet on the link, in a frame to the host.
func (h *hostile) send(protocol uint16, packet []byte) {
	h.t.Helper()
	frame := append(append([]byte{}, h.host...), h.own...)
	frame = append(binary.BigEndian.AppendUint16(frame, protocol), packet...)
	if err := unix.Sendto(h.socket, frame, 0, &unix.SockaddrLinklayer{Ifindex: h.link}); err != nil {
		h.t.Errorf("send a frame: %v", err)
	}
}

// datagram sends one of UDP from an address.
func (h *hostile) datagram(from netip.Addr, to netip.AddrPort, word string) {
	h.t.Helper()
	h.sendIP(from, to.Addr(), unix.IPPROTO_UDP, udpPacket(from, to, word))
}

// sendIP sends a packet of a protocol over IP.
func (h *hostile) sendIP(from, to netip.Addr, protocol byte, payload []byte) {
	h.t.Helper()
	if to.Is6() {
		h.send(unix.ETH_P_IPV6, ip6(from, to, protocol, payload))
	} else {
		h.send(unix.ETH_P_IP, ip4(from, to, protocol, 0, payload))
	}
}

// until sends a datagram again and again, as the sandbox may, until a peer has heard it: what was sent before has been decided on by then.
func (h *hostile) until(p *netPeer, to netip.AddrPort, word string) {
	h.t.Helper()
	from := h.v4
	if to.Addr().Is6() {
		from = h.v6
	}
	for end := time.Now().Add(patience); !strings.Contains(p.heard(), word); {
		if time.Now().After(end) {
			h.t.Fatalf("%s does not come to %s: this test shows nothing", word, to)
		}
		h.datagram(from, to, word)
		time.Sleep(time.Millisecond)
	}
}

const hostilePort = 4444

func udpPacket(from netip.Addr, to netip.AddrPort, word string) []byte {
	p := binary.BigEndian.AppendUint16(nil, hostilePort)
	p = binary.BigEndian.AppendUint16(p, to.Port())
	p = binary.BigEndian.AppendUint16(p, uint16(8+len(word)))
	p = append(append(p, 0, 0), word...)
	binary.BigEndian.PutUint16(p[6:], transportSum(from, to.Addr(), unix.IPPROTO_UDP, p))
	return p
}

// ip4 makes an IPv4 packet; fragment is its flags and offset.
func ip4(from, to netip.Addr, protocol byte, fragment uint16, payload []byte) []byte {
	p := []byte{0x45, 0, 0, 0, 0x12, 0x34, 0, 0, 64, protocol, 0, 0}
	binary.BigEndian.PutUint16(p[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(p[6:], fragment)
	p = append(append(p, from.AsSlice()...), to.AsSlice()...)
	binary.BigEndian.PutUint16(p[10:], checksum(p))
	return append(p, payload...)
}

func ip6(from, to netip.Addr, next byte, payload []byte) []byte {
	p := []byte{0x60, 0, 0, 0, 0, 0, next, 255}
	binary.BigEndian.PutUint16(p[4:], uint16(len(payload)))
	return append(append(append(p, from.AsSlice()...), to.AsSlice()...), payload...)
}

// transportSum is the checksum over a packet and the pseudo header before it.
func transportSum(from, to netip.Addr, protocol byte, packet []byte) uint16 {
	pseudo := append(append([]byte{}, from.AsSlice()...), to.AsSlice()...)
	pseudo = binary.BigEndian.AppendUint16(append(pseudo, 0, protocol), uint16(len(packet)))
	return checksum(append(pseudo, packet...))
}

// checksum is the internet's, RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i, c := range b {
		sum += uint32(c) << (8 * uint(1-i%2))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
