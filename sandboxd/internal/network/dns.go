package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// resolver answers the sandboxes' questions for names by asking the host's name servers. So a sandbox's resolv.conf stays
// right when the host's changes, and works where the host's names a server on loopback.
type resolver struct {
	static  []netip.AddrPort
	logger  *zap.Logger
	servers []*dns.Server
	running sync.WaitGroup

	mu sync.Mutex
	// asking is how many questions of each sandbox are under way.
	asking   map[netip.Addr]int
	upstream []netip.AddrPort
	read     time.Time // the modification time of the file that upstream is from
}

const (
	// maxQuestions bounds the questions of one sandbox that are under way: one that floods gets no more answers, all others
	// do, and this process stays small.
	maxQuestions = 64
	// upstreamTimeout is how long one name server may take; the next is asked then. rounds is how often all are asked: a datagram may get lost.
	upstreamTimeout = 2 * time.Second
	rounds          = 2
	resolvConf      = "/etc/resolv.conf"
)

// serveNames listens on the gateway's address, which need not be on any interface yet.
func serveNames(gateway netip.Addr, static []netip.AddrPort, logger *zap.Logger) (*resolver, error) {
	r := &resolver{static: static, logger: logger, asking: map[netip.Addr]int{}}
	address := netip.AddrPortFrom(gateway, 53).String()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		e := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_FREEBIND, 1) })
		return errors.Join(e, err)
	}}
	packets, err := config.ListenPacket(context.Background(), "udp4", address)
	if err != nil {
		return nil, err
	}
	stream, err := config.Listen(context.Background(), "tcp4", address)
	if err != nil {
		_ = packets.Close()
		return nil, err
	}
	r.servers = []*dns.Server{{PacketConn: packets, Handler: r}, {Listener: stream, Handler: r}}
	for _, s := range r.servers {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		r.running.Go(func() {
			if err := s.ActivateAndServe(); err != nil {
				logger.Error("the name service for sandboxes has ended", zap.Error(err))
			}
		})
		<-started
	}
	return r, nil
}

func (r *resolver) close() {
	for _, s := range r.servers {
		_ = s.Shutdown()
	}
	r.running.Wait()
}

// ServeDNS implements dns.Handler.
func (r *resolver) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	from, err := netip.ParseAddrPort(w.RemoteAddr().String())
	if err != nil || !r.admit(from.Addr()) {
		_ = w.WriteMsg(new(dns.Msg).SetRcode(question, dns.RcodeRefused))
		return
	}
	defer r.release(from.Addr())
	answer, err := r.ask(question, w.LocalAddr().Network())
	if err != nil {
		// The name is the sandbox's business, not the log's.
		r.logger.Warn("no name server answers", zap.Error(err))
		answer = new(dns.Msg).SetRcode(question, dns.RcodeServerFailure)
	}
	answer.Compress = true // as it nearly always was; else it would be longer than what came
	if w.LocalAddr().Network() == "udp" {
		size := dns.MinMsgSize
		if opt := question.IsEdns0(); opt != nil {
			size = max(size, int(opt.UDPSize()))
		}
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer)
}

func (r *resolver) admit(from netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking[from] == maxQuestions {
		return false
	}
	r.asking[from]++
	return true
}

func (r *resolver) release(from netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking[from]--; r.asking[from] == 0 {
		delete(r.asking, from)
	}
}

// ask returns the answer of the first name server that has one, over the transport that the sandbox used: an answer that is cut off makes
// it come again by TCP. A server's failure is returned where none has anything better.
func (r *resolver) ask(question *dns.Msg, transport string) (*dns.Msg, error) {
	upstream, err := r.nameServers()
	if err != nil {
		return nil, err
	}
	client := dns.Client{Net: transport, Timeout: upstreamTimeout, UDPSize: dns.MaxMsgSize}
	var failure *dns.Msg
	var errs []error
	for range rounds {
		for _, server := range upstream {
			answer, _, err := client.Exchange(question, server.String())
			switch {
			case err != nil:
				errs = append(errs, err)
			case answer.Rcode == dns.RcodeServerFailure || answer.Rcode == dns.RcodeRefused:
				failure = answer
			default:
				return answer, nil
			}
		}
		if failure != nil { // which says more than a silence
			return failure, nil
		}
	}
	return nil, errors.Join(errs...)
}

// nameServers are those of the configuration, else of the host's file.
func (r *resolver) nameServers() ([]netip.AddrPort, error) {
	if len(r.static) > 0 {
		return r.static, nil
	}
	info, err := os.Stat(resolvConf)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if info.ModTime().Equal(r.read) {
		return r.upstream, nil
	}
	cfg, err := dns.ClientConfigFromFile(resolvConf)
	if err != nil {
		return nil, err
	}
	var upstream []netip.AddrPort
	for _, s := range cfg.Servers {
		if a, err := netip.ParseAddr(s); err == nil {
			upstream = append(upstream, netip.AddrPortFrom(a, 53))
		}
	}
	if len(upstream) == 0 {
		return nil, fmt.Errorf("%s names no name server", resolvConf)
	}
	r.upstream, r.read = upstream, info.ModTime()
	return upstream, nil
}
