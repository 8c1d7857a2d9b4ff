package network_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func limited(connections, bytesPerSecond int64) sandbox.Network {
	n := internet
	n.Limits = sandbox.NetworkLimits{Connections: connections, BytesPerSecond: bytesPerSecond}
	return n
}

// tryDial connects until that is not refused any more.
func (s *space) tryDial(address string) (c net.Conn, err error) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(again) {
		s.do(func() { c, err = net.DialTimeout("tcp", address, patience) })
		if err == nil {
			s.t.Cleanup(func() { c.Close() })
			return c, nil
		}
	}
	return nil, err
}

// TestConnectionsAreLimited: both families count together, what is too much is refused at once, and another one's do not count.
func TestConnectionsAreLimited(t *testing.T) {
	w := newWorld(t)
	n := restored(t, func(c *network.Config) { c.NameServers = []netip.AddrPort{netip.MustParseAddrPort("203.0.113.2:53")} }) // which refuses
	s, other := attach(t, n, "sb-a", limited(sandbox.MinConnections, 0)), attach(t, n, "sb-b", internet)
	var first []net.Conn
	for _, address := range peers {
		inside, outside := s.connect(w.netPeer(address), address)
		first = append(first, inside, outside)
	}
	for i := range sandbox.MinConnections - len(peers) {
		s.dial("tcp", peers[i%2])
	}
	for _, address := range peers {
		s.isRefused("tcp", address)
		s.isUnreachable("udp", address)
		other.reaches("udp", "203.0.113.2:80")
		if c, err := other.tryDial(address); err != nil {
			t.Errorf("a neighbour's connection: %v", err)
		} else {
			c.Close()
		}
	}
	if answer, err := s.lookUp(n, "udp", "pypi.test."); err != nil {
		t.Errorf("the name service counts as a connection: %v, %v", answer, err)
	}
	for _, c := range first { // one that is closed at one end is open still
		c.Close()
	}
	for range peers {
		if _, err := s.tryDial(peers[0]); err != nil {
			t.Errorf("after others were closed: %v", err)
		}
	}
	s.isRefused("tcp", peers[0])
}

// tracked is how many connections from an address the host remembers, those that have ended included.
func tracked(t *testing.T, from string) (n int) {
	t.Helper()
	list, err := netlink.ConntrackTableList(netlink.ConntrackTable, unix.AF_INET)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Forward.SrcIP.String() == from {
			n++
		}
	}
	return n
}

// TestAFloodOfConnections: whatever a sandbox does, what the host remembers of it stays small.
func TestAFloodOfConnections(t *testing.T) {
	newWorld(t)
	const connections = 100
	n := restored(t, nil)
	s := attach(t, n, "sb-a", limited(connections, 0))
	var address string
	s.do(func() { address = ownAddress(t) })
	opened := 0
	s.do(func() {
		for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
			if c, err := net.DialTimeout("tcp", "203.0.113.2:80", time.Second); err == nil {
				_, _ = io.Copy(io.Discard, c)
				c.Close()
				opened++
			}
			if c, err := net.Dial("udp", fmt.Sprintf("203.0.113.2:%d", 1024+opened)); err == nil {
				_, _ = c.Write([]byte("x"))
				c.Close()
			}
		}
	})
	if opened == 0 {
		t.Error("no connection was opened")
	}
	if got := tracked(t, address); got == 0 || got > 3*connections {
		t.Errorf("the host remembers %d connections, after %d by TCP alone", got, opened)
	}
}

// TestBandwidthIsLimited: no more than that comes through in either direction, by TCP and in datagrams, also when the sandbox has taken
// its own end's limit away.
func TestBandwidthIsLimited(t *testing.T) {
	const rate = 2 << 20
	w := newWorld(t)
	n := restored(t, nil)
	peer := w.netPeer("203.0.113.2:9000")
	// slower runs f, which moves bytes and returns how many came. Each direction lets a little through at once.
	slower := func(what string, atOnce int64, f func() int64) {
		t.Helper()
		start := time.Now()
		got := f()
		took := time.Since(start)
		if most := atOnce + int64(took.Seconds()*rate); got == 0 || got > most {
			t.Errorf("%s: %d bytes in %v, more than %d", what, got, took, most)
		}
	}
	s := attach(t, n, "sb-a", limited(0, rate))
	const queue = 512 << 10 // what is in the sender's and in the receiver's buffers
	for name, ends := range map[string]func() (from, to net.Conn){
		"sent":     func() (net.Conn, net.Conn) { in, out := s.connect(peer, "203.0.113.2:9000"); return in, out },
		"received": func() (net.Conn, net.Conn) { in, out := s.connect(peer, "203.0.113.2:9000"); return out, in },
	} {
		slower(name, queue, func() int64 {
			from, to := ends()
			go func() { _, _ = io.CopyN(from, zeros{}, rate) }()
			got, err := io.CopyN(io.Discard, to, rate)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return got
		})
	}
	slower("datagrams sent", queue, func() int64 { return w.datagrams(s, time.Second) })

	s.do(func() {
		if out, err := exec.Command("tc", "qdisc", "del", "dev", "eth0", "root").CombinedOutput(); err != nil {
			t.Errorf("%v: %s (apt-get install -y iproute2)", err, out)
		}
	})
	// The packet filter saves up a second's worth.
	slower("datagrams sent without a limit of its own", queue+rate, func() int64 { return w.datagrams(s, 2*time.Second) })

	if err := n.Update("sb-a", limited(0, rate/4)); err != nil {
		t.Fatal(err)
	}
	slower("received after narrowing", queue, func() int64 {
		in, out := s.connect(peer, "203.0.113.2:9000")
		go func() { _, _ = io.CopyN(out, zeros{}, rate/2) }()
		start := time.Now()
		got, err := io.CopyN(io.Discard, in, rate/2)
		if least := time.Second; err != nil || time.Since(start) < least {
			t.Errorf("%d bytes in %v, %v: too fast for a quarter of the rate", got, time.Since(start), err)
		}
		return got
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// datagrams floods a server of the world from a sandbox, and returns how many bytes came.
func (s *space) datagrams(from *space, d time.Duration) (got int64) {
	var server net.PacketConn
	var err error
	s.do(func() { server, err = net.ListenPacket("udp", "203.0.113.2:9999") })
	if err != nil {
		s.t.Fatal(err)
	}
	defer server.Close()
	var sum atomic.Int64
	go func() {
		b := make([]byte, 2000)
		for {
			n, _, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			sum.Add(int64(n))
		}
	}()
	c := from.dial("udp", "203.0.113.2:9999")
	junk := make([]byte, 1400)
	for end := time.Now().Add(d); time.Now().Before(end); {
		_, _ = c.Write(junk)
	}
	return sum.Load()
}

// TestAFloodOfQuestions: a sandbox that asks without end gets its share of answers, and its neighbour is answered all the while.
func TestAFloodOfQuestions(t *testing.T) {
	w := newWorld(t)
	w.serveDNS("10.99.0.2:53")
	n := open(t, func(c *network.Config) { c.NameServers = []netip.AddrPort{netip.MustParseAddrPort("10.99.0.2:53")} })
	if err := n.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	flooding, neighbour := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", internet)
	question, err := new(dns.Msg).SetQuestion("pypi.test.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	var address string
	flooding.do(func() { address = ownAddress(t) })
	c := flooding.dial("udp", netip.AddrPortFrom(n.Resolver(), 53).String())
	var asked, answered atomic.Int64
	go func() {
		b := make([]byte, dns.MaxMsgSize)
		for {
			switch _, err := c.Read(b); {
			case err == nil:
				answered.Add(1)
			case !errors.Is(err, syscall.ECONNREFUSED):
				return
			}
		}
	}()
	stop := make(chan struct{})
	flooded := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(flooded)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = c.Write(question)
				asked.Add(1)
			}
		}
	}()
	for range 20 {
		// One that gets lost is asked again, as resolvers do.
		answer, err := neighbour.lookUpWithin(n, "udp", "pypi.test.", 2*again)
		for end := time.Now().Add(patience); err != nil && time.Now().Before(end); {
			answer, err = neighbour.lookUpWithin(n, "udp", "pypi.test.", 2*again)
		}
		if err != nil || len(answer.Answer) != 1 {
			t.Errorf("a neighbour asks: %v, %v", answer, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	close(stop)
	<-flooded
	if most := int64(500 + 500*time.Since(start).Seconds()); answered.Load() == 0 || answered.Load() > most || asked.Load() < 2*most {
		t.Errorf("%d questions, %d answers, at most %d", asked.Load(), answered.Load(), most)
	}
	if got := tracked(t, address); got != 0 {
		t.Errorf("the host remembers %d questions", got)
	}
}
