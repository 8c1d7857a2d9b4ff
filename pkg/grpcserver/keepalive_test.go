package grpcserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/grpcserver"
)

// middlebox forwards connections to a listener in memory, and forgets those that were silent for as long as it has patience,
// as address translators and load balancers do. It is itself that listener.
type middlebox struct {
	patience time.Duration

	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once

	mu   sync.Mutex
	deaf bool // swallows everything, ends included: for each the other one is gone without a word
}

func (m *middlebox) isDeaf() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.deaf
}

func newMiddlebox(patience time.Duration) *middlebox {
	return &middlebox{patience: patience, accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (m *middlebox) Accept() (net.Conn, error) {
	select {
	case c := <-m.accepted:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (m *middlebox) Close() error { m.once.Do(func() { close(m.closed) }); return nil }

// Addr implements net.Listener.
func (*middlebox) Addr() net.Addr { return &net.UnixAddr{Name: "middlebox", Net: "unix"} }

func (m *middlebox) dial(context.Context, string) (net.Conn, error) {
	select {
	case <-m.closed:
		return nil, errors.New("nobody listens")
	default:
	}
	clients, left := net.Pipe()
	right, servers := net.Pipe()
	end := func() { _, _ = left.Close(), right.Close() }
	timer := time.AfterFunc(m.patience, end)
	for _, way := range [][2]net.Conn{{left, right}, {right, left}} {
		go func() {
			buf := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(buf)
				switch {
				case m.isDeaf() && err != nil:
					return
				case m.isDeaf():
					continue
				}
				if err == nil {
					timer.Reset(m.patience)
					_, err = way[1].Write(buf[:n])
				}
				if err != nil {
					end()
					return
				}
			}
		}()
	}
	select {
	case m.accepted <- servers:
		return clients, nil
	case <-m.closed:
		end()
		return nil, errors.New("nobody listens")
	}
}

// silence is a call of health's Watch, which says nothing until something changes.
type silence struct {
	watch grpc_health_v1.Health_WatchClient
	// change makes it say something.
	change func()
}

// Our server, and our client, each keep a call alive over hours of silence though the other one does not care, as the public
// Python SDK's does not, and though what is between them forgets what is silent for a minute and a half.
func TestSilentCallsStayAlive(t *testing.T) {
	const patience = 90 * time.Second
	bare := func(m *middlebox, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
		return grpc.NewClient("passthrough:///x", append(opts, grpc.WithContextDialer(m.dial), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	}
	ours := func(m *middlebox) (*grpc.ClientConn, error) {
		return client.Dial(client.Options{Address: "http://127.0.0.1:1", NoRetry: true, DialOptions: []grpc.DialOption{grpc.WithContextDialer(m.dial)}})
	}
	for name, tc := range map[string]struct {
		bareServer bool
		dial       func(*middlebox) (*grpc.ClientConn, error)
		dies       bool
	}{
		"neither, which shows that the test can fail": {true, func(m *middlebox) (*grpc.ClientConn, error) { return bare(m) }, true},
		"our server": {false, func(m *middlebox) (*grpc.ClientConn, error) { return bare(m) }, false},
		"our client": {true, ours, false},
		"both":       {false, ours, false},
		"our server, and a client that pings as often as it may": {false, func(m *middlebox) (*grpc.ClientConn, error) {
			return bare(m, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second, PermitWithoutStream: true}))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMiddlebox(patience)
				s, stop := startWatch(t, m, tc.bareServer, tc.dial)
				defer stop()
				time.Sleep(3 * time.Hour)
				s.change()
				resp, err := s.watch.Recv()
				switch {
				case tc.dies && err == nil:
					t.Errorf("a silent call that nobody kept alive says %v", resp)
				case !tc.dies && (err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING):
					t.Errorf("after three hours: %v, %v", resp, err)
				}
			})
		})
	}
}

// A peer that is gone without a word is noticed within a minute: the server ends the call, which kills the command that it
// runs, and the client learns that there will be no answer.
func TestVanishedPeersAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMiddlebox(24 * time.Hour)
		s, stop := startWatch(t, m, false, func(m *middlebox) (*grpc.ClientConn, error) {
			return client.Dial(client.Options{Address: "http://127.0.0.1:1", NoRetry: true, DialOptions: []grpc.DialOption{grpc.WithContextDialer(m.dial)}})
		})
		m.mu.Lock()
		m.deaf = true
		m.mu.Unlock()
		began := time.Now()
		_, err := s.watch.Recv()
		if took := time.Since(began); status.Code(err) != codes.Unavailable || took > time.Minute {
			t.Errorf("the client was told after %v: %v", took, err)
		}
		// A graceful stop waits for the calls under way: there are none any more when the server has noticed.
		time.Sleep(time.Minute - time.Since(began))
		began = time.Now()
		stop()
		if took := time.Since(began); took > 0 {
			t.Errorf("after a minute the server still ran the call of a client that was gone: its stop took %v", took)
		}
	})
}

// startWatch serves on m and opens a call. stop ends both, and waits for them.
func startWatch(t *testing.T, m *middlebox, bareServer bool, dial func(*middlebox) (*grpc.ClientConn, error)) (s silence, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	if bareServer {
		server, statuses := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second})), health.NewServer()
		grpc_health_v1.RegisterHealthServer(server, statuses)
		statuses.SetServingStatus("x", grpc_health_v1.HealthCheckResponse_SERVING)
		s.change = func() { statuses.SetServingStatus("x", grpc_health_v1.HealthCheckResponse_NOT_SERVING) }
		context.AfterFunc(ctx, server.Stop)
		go func() { served <- server.Serve(m) }()
	} else {
		server, err := grpcserver.New(grpcserver.Config{
			Logger: zap.NewNop(), Limits: grpcserver.DefaultLimits(),
			Authenticate: func(ctx context.Context, _ string) (context.Context, error) { return ctx, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		server.SetServing("x", true)
		s.change = func() { server.SetServing("x", false) }
		go func() { served <- server.Serve(ctx, time.Hour, m) }()
	}
	conn, err := dial(m)
	if err != nil {
		t.Fatal(err)
	}
	if s.watch, err = grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "x"}); err != nil {
		t.Fatal(err)
	}
	if resp, err := s.watch.Recv(); err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("at first: %v, %v", resp, err)
	}
	var once sync.Once
	return s, func() {
		once.Do(func() {
			_ = conn.Close()
			cancel()
			if err := <-served; err != nil && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		})
	}
}
