// Package grpcserver is the edge of both daemons: one gRPC server with one middleware chain, health, reflection, a
// graceful stop, and an admin server beside it. It logs that calls happened and never what they carried.
package grpcserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/casemate/casemate/pkg/tracing"
)

// DefaultMaxMessageBytes is the largest message that is sent or received when Config says nothing: 100 MiB, what
// coreweave.sandbox.v1 clients expect.
const DefaultMaxMessageBytes = 100 << 20

// maxHeaderBytes bounds a request's metadata; a caller without a key can send no more than this.
const maxHeaderBytes = 64 << 10

// streamWorkers is how many goroutines stay for calls: their stacks have grown already. More calls than that get one each.
const streamWorkers = 128

// AuthFunc finds out who calls fullMethod, such as "/casemate.secrets.v1.SecretsManager/WhoAmI", and returns ctx with
// what the handler needs to know of it (see identity.NewContext). Its error is the call's.
type AuthFunc func(ctx context.Context, fullMethod string) (context.Context, error)

// Config is what a server is made of.
type Config struct {
	// Logger gets one line for every finished call. Required.
	Logger *zap.Logger
	// Registry gets the grpc_server_* metrics. Nil: none are kept.
	Registry *prometheus.Registry
	// Authenticate is called before every handler but those of grpc.health and grpc.reflection. Required.
	Authenticate AuthFunc
	// Recheck is how often a running call is authenticated again, and ended when it is refused by then. 0: never.
	Recheck time.Duration
	// TLS is the listeners' TLS. Nil: plaintext, which Serve accepts on loopback addresses and unix sockets only.
	TLS *tls.Config
	// ConnectionAge is about how long a connection gets new calls: then its client is told to make another, where it shows the
	// certificate that it has by then, and the calls under way go on. 0: for ever.
	ConnectionAge time.Duration
	// MaxMessageBytes bounds a message, in and out. 0: DefaultMaxMessageBytes.
	MaxMessageBytes int
	// WindowBytes is how much a client may send on a stream before it is read; four times that on a connection. At least
	// 64 KiB. 0: gRPC finds out what a connection can take, which is best for large transfers and costs a ping a message, as
	// much as a small message itself.
	WindowBytes int32
	// MaxReceiveBytes bounds a message that is received: strangers can make the server hold it, and a little more (see
	// tooLargeRoom). 0: MaxMessageBytes.
	MaxReceiveBytes int
	// Limits bound what clients can make the server hold. The zero value is none at all; see DefaultLimits.
	Limits Limits
	// Admit is asked before every call but those of grpc.health and grpc.reflection. Nil: all are admitted.
	Admit AdmitFunc
	// Tracing makes a span of every call. A trace that a workload with a certificate began goes on. Nil: there are no spans.
	Tracing *tracing.Tracing
	// WipeValues wipes the values of secrets from messages, and from the buffers they were in, as soon as they were sent or
	// read. Then a handler's answer must be nobody else's.
	WipeValues bool
}

// Server is a gRPC server. Register services on Registrar, then Serve once.
type Server struct {
	config Config
	grpc   *grpc.Server
	health *health.Server
}

// New makes a server that does not listen yet.
func New(c Config) (*Server, error) {
	if c.Logger == nil || c.Authenticate == nil {
		return nil, errors.New("grpcserver: Logger and Authenticate are required")
	}
	if c.MaxMessageBytes == 0 {
		c.MaxMessageBytes = DefaultMaxMessageBytes
	}
	if c.MaxReceiveBytes == 0 {
		c.MaxReceiveBytes = c.MaxMessageBytes
	}
	unary, stream, err := chain(c)
	if err != nil {
		return nil, fmt.Errorf("building the middleware chain: %w", err)
	}
	options := []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
		grpc.MaxRecvMsgSize(c.MaxReceiveBytes + tooLargeRoom),
		grpc.MaxSendMsgSize(c.MaxMessageBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ForceServerCodecV2(newCodec(c.MaxReceiveBytes)),
		grpc.ConnectionTimeout(20 * time.Second),
		grpc.WaitForHandlers(true),
		grpc.NumStreamWorkers(streamWorkers),
		// A client that vanished without a word must be noticed, since its StreamExec keeps a command alive.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: 30 * time.Second, Timeout: 20 * time.Second, MaxConnectionIdle: c.Limits.IdleTimeout, // 0: for ever
			MaxConnectionAge: c.ConnectionAge, // and no MaxConnectionAgeGrace
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	}
	if c.Limits.MaxStreamsPerConnection > 0 {
		options = append(options, grpc.MaxConcurrentStreams(uint32(c.Limits.MaxStreamsPerConnection)))
	}
	if c.WindowBytes > 0 {
		options = append(options, grpc.InitialWindowSize(c.WindowBytes), grpc.InitialConnWindowSize(4*c.WindowBytes))
	}
	if c.TLS != nil {
		options = append(options, grpc.Creds(limitHandshakes(credentials.NewTLS(c.TLS), c.Limits.MaxHandshakes)))
	}
	if h := c.Tracing.Server(func(ctx context.Context) bool { return PeerID(ctx) != "" }); h != nil {
		options = append(options, grpc.StatsHandler(h))
	}
	if c.WipeValues {
		options = append(options, wiping(newCodec(c.MaxReceiveBytes))...)
	}
	s := &Server{config: c, grpc: grpc.NewServer(options...), health: health.NewServer()}
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	return s, nil
}

// Registrar is where services are registered, before Serve.
func (s *Server) Registrar() grpc.ServiceRegistrar { return s.grpc }

// NewRegistry makes a metrics registry that holds the Go runtime's and the process's own metrics.
func NewRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}
