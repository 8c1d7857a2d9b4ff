package network_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestMain runs the tests in a network namespace of their own, which is the host as far as they know: nothing of the
// machine's is touched, and no packet leaves.
func TestMain(m *testing.M) {
	sandboxdtest.RunChild(nil) // in that namespace already
	sandboxdtest.InOwnNetwork(m, func() (err error) {
		hostSpace, err = os.Open("/proc/self/ns/net")
		return err
	})
}

// hostSpace is the namespace that the tests run in. It is opened before any thread leaves it.
var hostSpace *os.File

// space is a network namespace.
type space struct {
	t  testing.TB
	fd *os.File
}

func newSpace(t testing.TB) *space {
	t.Helper()
	var fd *os.File
	var err error
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_NEWNET); err == nil {
			fd, err = os.Open("/proc/thread-self/ns/net")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fd.Close() })
	s := &space{t, fd}
	s.ip("link set lo up")
	return s
}

// onThread runs f on a thread that is thrown away afterwards.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// do runs f in the namespace.
func (s *space) do(f func()) {
	s.t.Helper()
	onThread(func() {
		if err := unix.Setns(int(s.fd.Fd()), unix.CLONE_NEWNET); err != nil {
			s.t.Error(err)
			return
		}
		f()
	})
}

// ip runs ip commands in the namespace.
func (s *space) ip(commands ...string) {
	s.t.Helper()
	s.do(func() { runIP(s.t, commands...) })
}

func runIP(t testing.TB, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			t.Errorf("ip %s: %v %s (apt-get install -y iproute2)", c, err, out)
		}
	}
}

// serve answers every connection and datagram to an address of the namespace with a word and the caller's address.
func (s *space) serve(address string) {
	s.t.Helper()
	s.do(func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		packets, err := net.ListenPacket("udp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		s.t.Cleanup(func() { listener.Close(); packets.Close() })
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				fmt.Fprintf(c, "hello %s", c.RemoteAddr().(*net.TCPAddr).IP)
				c.Close()
			}
		}()
		go func() {
			b := make([]byte, 100)
			for {
				_, from, err := packets.ReadFrom(b)
				if err != nil {
					return
				}
				_, _ = packets.WriteTo([]byte("hello"), from)
			}
		}()
	})
}

// patience is how long a connection may take that should succeed or be refused at once, silence how long nothing must come
// of one that should not. again is the time after which a datagram that may be lost is sent again.
const (
	patience = 10 * time.Second // on a busy machine, TCP may have to try more than twice
	silence  = 500 * time.Millisecond
	again    = 250 * time.Millisecond
)

// call connects from the namespace, and returns what it was answered.
func (s *space) call(network, address string) (answer string, err error) {
	return s.callWithin(patience, network, address)
}

func (s *space) callWithin(limit time.Duration, network, address string) (answer string, err error) {
	end := time.Now().Add(limit)
	s.do(func() {
		for {
			next := end
			if strings.HasPrefix(network, "udp") { // a datagram may get lost on a busy machine
				next = time.Now().Add(min(again, time.Until(end)))
			}
			answer, err = callOnce(network, address, next)
			if !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(end) {
				return
			}
		}
	})
	return answer, err
}

// callOnce connects, says something where the other side would else not know of it, and returns the answer.
func callOnce(network, address string, end time.Time) (string, error) {
	c, err := (&net.Dialer{Deadline: end}).Dial(network, address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if strings.HasPrefix(network, "udp") {
		_, _ = c.Write([]byte("hello?"))
	}
	_ = c.SetDeadline(end)
	b := make([]byte, 100)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func (s *space) reaches(network, address string) {
	s.t.Helper()
	if answer, err := s.call(network, address); !strings.HasPrefix(answer, "hello") {
		s.t.Errorf("%s %s can't be reached: %q, %v", network, address, answer, err)
	}
}

// isRefused wants the refusal, and soon.
func (s *space) isRefused(network, address string) {
	s.t.Helper()
	answer, err := s.call(network, address)
	var timeout net.Error
	switch {
	case err == nil:
		s.t.Errorf("%s %s can be reached: %q", network, address, answer)
	case errors.As(err, &timeout) && timeout.Timeout():
		s.t.Errorf("%s %s is not refused but silent: %v", network, address, err)
	}
}

// isUnreachable wants no answer, be it a refusal or silence.
func (s *space) isUnreachable(network, address string) {
	s.t.Helper()
	if answer, err := s.callWithin(silence, network, address); err == nil {
		s.t.Errorf("%s %s can be reached: %q", network, address, answer)
	}
}

// The world outside: one machine with every address that is of interest. 203.0.113.0/24 and 2001:db8::/32 are for
// documentation, so public as far as anybody knows.
var worldAddresses = []string{
	"203.0.113.2/24", "198.51.100.7/32", "10.99.0.2/32", "192.168.7.7/32", "169.254.169.254/32", "100.64.0.9/32",
	"2001:db8::2/64", "2001:db8:1::7/128", "fd99::2/128",
}

var hostOnce = func() func(testing.TB) {
	done := false
	return func(t testing.TB) {
		if done {
			return
		}
		done = true
		runIP(t, "link set lo up")
		switchOff(t, "ipv4/ip_forward", "ipv6/conf/all/forwarding")
		switchOff(t, withoutDAD...)
	}
}()

// withoutDAD are the settings of who need not wait until the kernel believes that nobody else has its addresses.
var withoutDAD = []string{"ipv6/conf/all/accept_dad", "ipv6/conf/default/accept_dad"}

// switchOff sets what the network namespace of the calling thread has in /proc/sys/net to 0.
func switchOff(t testing.TB, settings ...string) {
	t.Helper()
	for _, a := range settings {
		if err := os.WriteFile("/proc/sys/net/"+a, []byte("0"), 0); err != nil {
			t.Error(err)
		}
	}
}

// newWorld connects a world to the host, which has 203.0.113.1 and routes everything there.
func newWorld(t testing.TB) *space {
	t.Helper()
	hostOnce(t)
	w := newSpace(t)
	w.do(func() { switchOff(t, withoutDAD...) })
	runIP(t, "link add uplink type veth peer name up0")
	t.Cleanup(func() { runIP(t, "link del uplink") })
	if err := moveLink("up0", w.fd); err != nil {
		t.Fatal(err)
	}
	w.ip("link set up0 up")
	for _, a := range worldAddresses {
		w.ip("addr add " + a + " dev up0" + nodad(a))
	}
	// No way back to any sandbox's address: answers come only to those that the host translates.
	w.ip("route add default via 203.0.113.1", "route del default")
	runIP(t, "addr add 203.0.113.1/24 dev uplink", "addr add 2001:db8::1/64 dev uplink nodad", "link set uplink up",
		"route add default via 203.0.113.2", "-6 route add default via 2001:db8::2")
	for _, a := range worldAddresses {
		ip := netip.MustParsePrefix(a).Addr()
		w.serve(netip.AddrPortFrom(ip, 80).String())
		w.serve(netip.AddrPortFrom(ip, 443).String())
	}
	return w
}

func nodad(address string) string {
	if strings.Contains(address, ":") {
		return " nodad"
	}
	return ""
}

func moveLink(name string, to *os.File) error {
	cmd := exec.Command("ip", "link", "set", name, "netns", fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), to.Fd()))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// open opens a Network that the test's end closes, with nothing left on the host.
func open(t testing.TB, change func(*network.Config)) *network.Network {
	t.Helper()
	cfg := network.Config{
		Instance: t.Name(), Pool4: netip.MustParsePrefix("10.231.0.0/16"), Pool6: netip.MustParsePrefix("fd63:6d00::/64"),
		MaxSandboxes: 100, Logger: zaptest.NewLogger(t),
	}
	if change != nil {
		change(&cfg)
	}
	n, err := network.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, id := range n.Attached() {
			if err := n.Detach(context.Background(), id); err != nil {
				t.Error(err)
			}
			wantNoLink(t, id)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// wantNoLink wants no link to be left of a sandbox.
func wantNoLink(t testing.TB, id string) {
	t.Helper()
	out, err := exec.Command("ip", "-o", "link").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.HasSuffix(line, "alias "+id) {
			t.Errorf("left on the host: %s", line)
		}
	}
}

func attach(t testing.TB, n *network.Network, id string, policy sandbox.Network) *space {
	t.Helper()
	s := newSpace(t)
	if err := n.Attach(t.Context(), id, policy, s.fd); err != nil {
		t.Fatal(err)
	}
	return s
}
