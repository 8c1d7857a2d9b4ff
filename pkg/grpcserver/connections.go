package grpcserver

import (
	"errors"
	"net"
	"sync"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/credentials"
)

// limitedListener closes what is more than it may have open.
type limitedListener struct {
	net.Listener

	limits Limits
	mu     sync.Mutex
	open   int
	by     map[string]int // connections by address
}

func limitConnections(lis net.Listener, l Limits) net.Listener {
	return &limitedListener{Listener: lis, limits: l, by: map[string]int{}}
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if counted, ok := l.count(c); ok {
			return counted, nil
		}
		_ = c.Close()
	}
}

func (l *limitedListener) count(c net.Conn) (net.Conn, bool) {
	address := c.RemoteAddr().String()
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		address = tcp.IP.String()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if full(l.open, l.limits.MaxConnections) || full(l.by[address], l.limits.MaxConnectionsPerAddress) {
		return nil, false
	}
	l.open++
	l.by[address]++
	return &countedConn{Conn: c, closed: sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open--
		if l.by[address]--; l.by[address] == 0 {
			delete(l.by, address)
		}
	})}, true
}

func full(have, limit int) bool { return limit > 0 && have >= limit }

type countedConn struct {
	net.Conn

	closed func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// limitedHandshakes makes at most so many TLS handshakes at one time.
type limitedHandshakes struct {
	credentials.TransportCredentials

	slots *semaphore.Weighted
}

func limitHandshakes(c credentials.TransportCredentials, limit int) credentials.TransportCredentials {
	if limit <= 0 {
		return c
	}
	return limitedHandshakes{c, semaphore.NewWeighted(int64(limit))}
}

// ServerHandshake implements credentials.TransportCredentials.
func (h limitedHandshakes) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if !h.slots.TryAcquire(1) {
		return nil, nil, errors.Join(errors.New("too many TLS handshakes are under way"), conn.Close())
	}
	defer h.slots.Release(1)
	return h.TransportCredentials.ServerHandshake(conn)
}

// Clone implements credentials.TransportCredentials. The clone counts together with the original.
func (h limitedHandshakes) Clone() credentials.TransportCredentials {
	return limitedHandshakes{h.TransportCredentials.Clone(), h.slots}
}
