package network_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// peers are where netPeer stands in the world.
var peers = []string{"203.0.113.2:9000", "[2001:db8::2]:9000"}

// netPeer is a server in the world that gives its connections to the test. It says back what datagrams it gets, and keeps them.
type netPeer struct {
	accepted chan net.Conn
	packets  net.PacketConn

	mu   sync.Mutex
	got  []string
	from net.Addr
}

func (s *space) netPeer(address string) *netPeer {
	s.t.Helper()
	p := &netPeer{accepted: make(chan net.Conn, 10)}
	s.do(func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		if p.packets, err = net.ListenPacket("udp", address); err != nil {
			s.t.Error(err)
			return
		}
		s.t.Cleanup(func() { listener.Close(); p.packets.Close() })
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				p.accepted <- c
			}
		}()
		go p.readPackets()
	})
	return p
}

func (p *netPeer) readPackets() {
	b := make([]byte, 100)
	for {
		n, from, err := p.packets.ReadFrom(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.got, p.from = append(p.got, string(b[:n])), from
		p.mu.Unlock()
		_, _ = p.packets.WriteTo(b[:n], from)
	}
}

func (p *netPeer) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.got, " ")
}

// accept waits for the next connection.
func (p *netPeer) accept(t testing.TB) net.Conn {
	t.Helper()
	select {
	case c := <-p.accepted:
		return c
	case <-time.After(4 * patience):
		t.Fatal("nobody connects")
		return nil
	}
}

// dial opens a connection from a namespace, which the test's end closes.
func (s *space) dial(transport, address string) net.Conn {
	s.t.Helper()
	var c net.Conn
	var err error
	s.do(func() { c, err = net.DialTimeout(transport, address, patience) })
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// connect returns both ends of a connection from a namespace to the peer.
func (s *space) connect(p *netPeer, address string) (inside, outside net.Conn) {
	s.t.Helper()
	inside = s.dial("tcp", address)
	outside = p.accept(s.t)
	s.t.Cleanup(func() { outside.Close() })
	return inside, outside
}

// passes wants what is written at one end to come out of the other.
func passes(t *testing.T, from, to net.Conn, word string) {
	t.Helper()
	if _, err := from.Write([]byte(word)); err != nil {
		t.Errorf("writing %q: %v", word, err)
		return
	}
	b := make([]byte, len(word))
	_ = to.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(to, b); err != nil || string(b) != word {
		t.Errorf("of %q came %q: %v", word, b, err)
	}
}

// echoes sends a datagram until its echo comes.
func echoes(c net.Conn, word string, within time.Duration) error {
	end := time.Now().Add(within)
	b := make([]byte, 100)
	for {
		_, _ = c.Write([]byte(word))
		_ = c.SetReadDeadline(time.Now().Add(again))
		n, err := c.Read(b)
		if err == nil && string(b[:n]) == word {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(errors.New("no echo of "+word), err)
		}
	}
}

// isCut writes to one end of a connection that is cut and wants an error there, and not a byte at the other.
func isCut(t *testing.T, from, to net.Conn) {
	t.Helper()
	_, _ = from.Write([]byte("late"))
	b := make([]byte, 100)
	_ = from.SetReadDeadline(time.Now().Add(patience))
	if n, err := from.Read(b); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the end that wrote is not told: read %q, %v", b[:n], err)
	}
	_ = to.SetReadDeadline(time.Now().Add(silence))
	if n, err := to.Read(b); n > 0 {
		t.Errorf("the other end got %q, %v", b[:n], err)
	}
}

// pump writes to one end of a connection and reads from the other for as long as both can, and returns how much came.
func pump(from, to net.Conn) <-chan int64 {
	done := make(chan int64, 1)
	go func() {
		junk := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := from.Write(junk); err != nil {
				return
			}
		}
	}()
	go func() {
		n, _ := io.Copy(io.Discard, to)
		done <- n
	}()
	return done
}

func restored(t *testing.T, change func(*network.Config)) *network.Network {
	t.Helper()
	n := open(t, change)
	if err := n.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return n
}

var networkNone = sandbox.Network{Mode: sandbox.NetworkNone}

// TestUpdateCutsWhatItRefuses: connections of TCP and UDP, at rest and in the middle of a transfer, in both directions and both families.
func TestUpdateCutsWhatItRefuses(t *testing.T) {
	w := newWorld(t)
	n := restored(t, nil)
	for _, address := range peers {
		peer, stays := w.netPeer(address), w.netPeer(strings.Replace(address, "9000", "9001", 1))
		id := "sb-" + address[:3]
		s := attach(t, n, id, internet)
		in1, out1 := s.connect(peer, address)
		in2, out2 := s.connect(peer, address)
		keptIn, keptOut := s.connect(stays, stays.packets.LocalAddr().String())
		passes(t, in1, out1, "there")
		passes(t, out2, in2, "and back")
		passes(t, keptIn, keptOut, "there")
		bulkIn, bulkOut := s.connect(peer, address)
		out, in := pump(bulkIn, bulkOut), pump(bulkOut, bulkIn)
		datagrams, keptDatagrams := s.dial("udp", address), s.dial("udp", stays.packets.LocalAddr().String())
		for _, c := range []net.Conn{datagrams, keptDatagrams} {
			if err := echoes(c, "before", patience); err != nil {
				t.Fatal(err)
			}
		}

		kept := netip.MustParseAddrPort(stays.packets.LocalAddr().String())
		block := netip.PrefixFrom(kept.Addr(), kept.Addr().BitLen()).String()
		rules := sandbox.Network{Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{
			{CIDR: block, Protocol: "tcp", FirstPort: 9001, LastPort: 9001}, {CIDR: block, Protocol: "udp", FirstPort: 9001, LastPort: 9001},
		}}
		if err := n.Update(id, rules); err != nil {
			t.Fatal(err)
		}

		isCut(t, in1, out1)
		isCut(t, out2, in2)
		for _, ended := range []<-chan int64{out, in} {
			select {
			case n := <-ended:
				if n == 0 {
					t.Error("nothing was transferred before the cut: this test shows nothing")
				}
			case <-time.After(2 * patience):
				t.Fatal("a transfer goes on, or hangs")
			}
		}
		if err := echoes(datagrams, "late", silence); err == nil || strings.Contains(peer.heard(), "late") {
			t.Errorf("a datagram got out after the cut: %v, %s", err, peer.heard())
		}
		if err := echoes(s.dial("udp", address), "late", silence); err == nil || strings.Contains(peer.heard(), "late") {
			t.Errorf("a new datagram got out: %v, %s", err, peer.heard())
		}
		if _, err := peer.packets.WriteTo([]byte("inwards"), peer.from); err != nil {
			t.Error(err)
		}
		_ = datagrams.SetReadDeadline(time.Now().Add(silence))
		b := make([]byte, 100)
		for { // refusals of what was sent come first
			k, err := datagrams.Read(b)
			if k > 0 {
				t.Errorf("a datagram came in after the cut: %q", b[:k])
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
		}
		s.isRefused("tcp", address)

		passes(t, keptIn, keptOut, "there")
		passes(t, keptOut, keptIn, "and back")
		if err := echoes(keptDatagrams, "after", patience); err != nil {
			t.Error(err)
		}
		if found := check(t, n); found.Filter != "" {
			t.Errorf("after the update: %s", found.Filter)
		}

		if err := n.Update(id, networkNone); err != nil {
			t.Fatal(err)
		}
		isCut(t, keptIn, keptOut)
		if found := check(t, n); found.Filter != "" {
			t.Errorf("after the update to none: %s", found.Filter)
		}
	}
}

// TestUpdateToNone takes the name service too, also where somebody has emptied the table, and a restart cuts what the last process had
// not come to.
func TestUpdateToNone(t *testing.T) {
	w := newWorld(t)
	w.serveDNS("203.0.113.2:53")
	var cfg network.Config
	n := restored(t, func(c *network.Config) { c.Instance = t.Name(); cfg = *c })
	s, other, stays := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", internet), attach(t, n, "sb-c", internet)
	nft(t, "flush ruleset")
	if err := n.Update("sb-a", networkNone); err != nil {
		t.Fatal(err)
	}
	s.isRefused("tcp", "203.0.113.2:80")
	s.isRefused("tcp", n.Resolver().String()+":53")
	other.reaches("tcp", "203.0.113.2:80")
	if err := n.Update("sb-unknown", networkNone); err != nil {
		t.Errorf("of a sandbox that is not attached: %v", err)
	}

	var cut, kept [][2]net.Conn
	for _, address := range peers {
		peer := w.netPeer(address)
		in, out := other.connect(peer, address)
		passes(t, in, out, "there")
		cut = append(cut, [2]net.Conn{in, out})
		in, out = stays.connect(peer, address)
		kept = append(kept, [2]net.Conn{in, out})
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := network.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if err := next.Restore(t.Context(), map[string]sandbox.Network{"sb-a": networkNone, "sb-b": networkNone, "sb-c": internet}); err != nil {
		t.Fatal(err)
	}
	for i := range peers {
		isCut(t, cut[i][0], cut[i][1])
		passes(t, kept[i][0], kept[i][1], "there")
		passes(t, kept[i][1], kept[i][0], "and back")
	}
	s.isRefused("tcp", "203.0.113.2:80")
	for _, id := range next.Attached() {
		if err := next.Detach(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
}

// TestOthersKeepTheirConnections while a sandbox's are cut, and when it ends.
func TestOthersKeepTheirConnections(t *testing.T) {
	w := newWorld(t)
	n := restored(t, nil)
	a, other := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", internet)
	var ends [][2]net.Conn
	for _, address := range peers {
		peer := w.netPeer(address)
		in, out := other.connect(peer, address)
		ends = append(ends, [2]net.Conn{in, out})
		in, out = a.connect(peer, address)
		if err := n.Update("sb-a", internet); err != nil {
			t.Fatal(err)
		}
		passes(t, in, out, "not refused")
		if err := n.Update("sb-a", sandbox.Network{Mode: sandbox.NetworkInternet, Deny: []sandbox.Destination{{CIDR: "0.0.0.0/0"}, {CIDR: "::/0"}}}); err != nil {
			t.Fatal(err)
		}
		isCut(t, in, out)
		if err := n.Update("sb-a", internet); err != nil { // wider again, which is not for this package to refuse
			t.Fatal(err)
		}
	}
	if err := n.Detach(t.Context(), "sb-a"); err != nil {
		t.Fatal(err)
	}
	for _, e := range ends {
		passes(t, e[0], e[1], "there")
		passes(t, e[1], e[0], "and back")
	}
}

// TestCheckEndsAnUpdateThatFailed: the rules that hold are the new ones, and what they refuse is cut, also where the number of rules is the same.
func TestCheckEndsAnUpdateThatFailed(t *testing.T) {
	w := newWorld(t)
	n := restored(t, nil)
	peer := w.netPeer("203.0.113.2:9000")
	s := attach(t, n, "sb-a", sandbox.Network{Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{
		{CIDR: "203.0.113.2/32", Protocol: "tcp", FirstPort: 9000, LastPort: 9000},
	}})
	in, out := s.connect(peer, "203.0.113.2:9000")
	passes(t, in, out, "there")
	var err error
	onThread(func() {
		withoutRights(t)
		err = n.Update("sb-a", onlyWeb)
	})
	if !errors.Is(err, unix.EPERM) {
		t.Fatalf("an update without the right to it: %v", err)
	}
	passes(t, in, out, "still")
	if found := check(t, n); found.Filter == "" {
		t.Error("Check finds nothing wrong")
	}
	isCut(t, in, out)
	s.reaches("tcp", "203.0.113.2:443")
	s.isRefused("tcp", "203.0.113.2:9000")
	if found := check(t, n); found.Filter != "" {
		t.Errorf("once more: %s", found.Filter)
	}
}

// withoutRights takes the thread's right to change anything of the network.
func withoutRights(t *testing.T) {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	data[0].Effective &^= 1 << unix.CAP_NET_ADMIN
	if err = errors.Join(err, unix.Capset(&header, &data[0])); err != nil {
		t.Error(err)
	}
}

// TestAddressIsGivenOutClean: a sandbox that gets the address of an earlier one has no part in what that one had opened, were it by the same
// ports.
func TestAddressIsGivenOutClean(t *testing.T) {
	w := newWorld(t)
	n := restored(t, func(c *network.Config) { c.Pool4 = netip.MustParsePrefix("10.231.0.0/30") })
	for _, address := range peers {
		peer := w.netPeer(address)
		local := ":7777"
		first := attach(t, n, "sb-a", internet)
		was := first.dialFrom("udp", local, address)
		if err := echoes(was, "first", patience); err != nil {
			t.Fatal(err)
		}
		was.Close()
		if err := n.Detach(t.Context(), "sb-a"); err != nil {
			t.Fatal(err)
		}
		second := attach(t, n, "sb-b", onlyWeb)
		third := attach(t, n, "sb-c", onlyWeb) // one of both has it
		for _, s := range []*space{second, third} {
			if err := echoes(s.dialFrom("udp", local, address), "second", silence); err == nil || strings.Contains(peer.heard(), "second") {
				t.Errorf("the next sandbox at %s goes on with what the last one had: %v, %s", addressOf(t, s), err, peer.heard())
			}
		}
		for _, id := range n.Attached() {
			if err := n.Detach(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
	}
}

// dialFrom is dial with a port to come from.
func (s *space) dialFrom(transport, local, address string) net.Conn {
	s.t.Helper()
	from, err := net.ResolveUDPAddr(transport, local)
	if err != nil {
		s.t.Fatal(err)
	}
	var c net.Conn
	s.do(func() { c, err = (&net.Dialer{LocalAddr: from}).Dial(transport, address) })
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}
