package network_test

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func ownAddress(t testing.TB) string {
	t.Helper()
	link, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Error(err)
		return ""
	}
	addresses, err := link.Addrs()
	if err != nil {
		t.Error(err)
		return ""
	}
	for _, a := range addresses {
		if ip := a.(*net.IPNet).IP; ip.To4() != nil {
			return ip.String()
		}
	}
	t.Error("no address")
	return ""
}

// serveDNS answers every question with an address, and one for big.test with more than fits a datagram.
func (s *space) serveDNS(address string) {
	s.t.Helper()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		n := 1
		if q.Question[0].Name == "big.test." {
			n = 200
		}
		for range n {
			rr, _ := dns.NewRR(q.Question[0].Name + " 60 IN A 198.51.100.7")
			m.Answer = append(m.Answer, rr)
		}
		if w.LocalAddr().Network() == "udp" {
			m.Truncate(dns.MinMsgSize)
		}
		_ = w.WriteMsg(m)
	})
	s.do(func() {
		packets, err := net.ListenPacket("udp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: listener, Handler: handler}} {
			go func() { _ = server.ActivateAndServe() }()
			s.t.Cleanup(func() { _ = server.Shutdown() })
		}
	})
}

// lookUp asks the sandbox's name server, with the transport.
func (s *space) lookUp(n *network.Network, transport, name string) (answer *dns.Msg, err error) {
	return s.lookUpWithin(n, transport, name, 3*patience)
}

func (s *space) lookUpWithin(n *network.Network, transport, name string, limit time.Duration) (answer *dns.Msg, err error) {
	s.do(func() {
		client := dns.Client{Net: transport, Timeout: limit}
		answer, _, err = client.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeA), netip.AddrPortFrom(n.Resolver(), 53).String())
	})
	return answer, err
}

func TestNames(t *testing.T) {
	w := newWorld(t)
	w.serveDNS("10.99.0.2:53") // the host reaches it, the sandbox does not
	servers := []netip.AddrPort{netip.MustParseAddrPort("203.0.113.99:53"), netip.MustParseAddrPort("10.99.0.2:53")}
	n := open(t, func(c *network.Config) { c.NameServers = servers[1:] })
	s := attach(t, n, "sb-a", internet)
	for _, transport := range []string{"udp", "tcp"} {
		answer, err := s.lookUp(n, transport, "pypi.test.")
		if err != nil || len(answer.Answer) != 1 || !strings.HasSuffix(answer.Answer[0].String(), "198.51.100.7") {
			t.Errorf("by %s: %v, %v", transport, answer, err)
		}
	}
	if answer, err := s.lookUp(n, "udp", "big.test."); err != nil || !answer.Truncated {
		t.Errorf("an answer that does not fit is not cut off: %v, %v", answer, err)
	}
	if answer, err := s.lookUp(n, "tcp", "big.test."); err != nil || len(answer.Answer) != 200 {
		t.Errorf("a large answer by TCP: %v", err)
	}

	mute := sandbox.Network{Mode: sandbox.NetworkInternet, NoDNS: true}
	if answer, err := attach(t, n, "sb-b", mute).lookUp(n, "udp", "pypi.test."); err == nil {
		t.Errorf("a sandbox without a name service got %v", answer)
	}
}

// answerWith hands the questions that come to an address to f, which says what to answer; nil answers nothing.
func (s *space) answerWith(address string, f func(q *dns.Msg) *dns.Msg) {
	s.t.Helper()
	s.do(func() {
		packets, err := net.ListenPacket("udp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if m := f(q); m != nil {
				_ = w.WriteMsg(m)
			}
		})}
		go func() { _ = server.ActivateAndServe() }()
		s.t.Cleanup(func() { _ = server.Shutdown() })
	})
}

// TestNameServersThatFail: one that loses a question is asked once more, and one that fails is not the last word while there are others.
func TestNameServersThatFail(t *testing.T) {
	w := newWorld(t)
	var lose atomic.Int32 // so many questions
	answers := func(q *dns.Msg) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		rr, _ := dns.NewRR(q.Question[0].Name + " 60 IN A 198.51.100.7")
		m.Answer = append(m.Answer, rr)
		return m
	}
	w.answerWith("203.0.113.2:53", func(q *dns.Msg) *dns.Msg {
		if lose.Add(-1) >= 0 {
			return nil
		}
		return answers(q)
	})
	w.answerWith("198.51.100.7:53", func(q *dns.Msg) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeServerFailure) })
	w.answerWith("10.99.0.2:53", func(q *dns.Msg) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeNameError) })
	at := func(addresses ...string) []netip.AddrPort {
		var servers []netip.AddrPort
		for _, a := range addresses {
			servers = append(servers, netip.AddrPortFrom(netip.MustParseAddr(a), 53))
		}
		return servers
	}
	for name, tc := range map[string]struct {
		servers []netip.AddrPort
		rcode   int
		lose    int32
	}{
		"a question is lost":         {at("203.0.113.2"), dns.RcodeSuccess, 1},
		"the first fails":            {at("198.51.100.7", "203.0.113.2"), dns.RcodeSuccess, 0},
		"all fail":                   {at("198.51.100.7"), dns.RcodeServerFailure, 0},
		"there is no such name":      {at("10.99.0.2", "203.0.113.2"), dns.RcodeNameError, 0},
		"the first is not there":     {at("203.0.113.99", "203.0.113.2"), dns.RcodeSuccess, 0},
		"one is silent, one fails":   {at("203.0.113.99", "198.51.100.7"), dns.RcodeServerFailure, 0},
		"there is none that answers": {at("203.0.113.1"), dns.RcodeServerFailure, 0},
	} {
		t.Run(name, func(t *testing.T) {
			lose.Store(tc.lose)
			n := open(t, func(c *network.Config) { c.NameServers = tc.servers })
			answer, err := attach(t, n, "sb-a", internet).lookUp(n, "udp", "pypi.test.")
			if err != nil || answer.Rcode != tc.rcode {
				t.Errorf("%v, %v; want %s", answer, err, dns.RcodeToString[tc.rcode])
			}
		})
	}
}

func TestNamesWithoutANameServer(t *testing.T) {
	newWorld(t)
	n := open(t, func(c *network.Config) {
		c.NameServers = []netip.AddrPort{netip.MustParseAddrPort("203.0.113.2:53")} // which refuses
	})
	answer, err := attach(t, n, "sb-a", internet).lookUp(n, "udp", "pypi.test.")
	if err != nil || answer.Rcode != dns.RcodeServerFailure {
		t.Errorf("%v, %v; want a server failure, so that programs need not wait", answer, err)
	}
}
