// Package resolve asks secretsd two things over mTLS: whom an API key stands for, and which values a sandbox's secret
// references have. secretsd decides both; this package adds no right and keeps no value. It never writes anything
// anywhere. In sandboxd's own name it watches what secretsd takes back, and reports which sandboxes have ended.
package resolve

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/tracing"
)

// ReasonUnavailable is the reason of an error about a secretsd that can't be reached or does not answer.
const ReasonUnavailable = "SECRETSD_UNAVAILABLE"

// DefaultTimeout bounds one question to secretsd, the making of a connection included.
const DefaultTimeout = 2 * time.Second

// MaxCacheTime is the longest that an answer of WhoAmI is believed: a revoked key works for no longer.
const MaxCacheTime = time.Second

// maxAnswer is more than 100 values of 64 KiB.
const maxAnswer = 16 << 20

// Config says where secretsd is.
type Config struct {
	// Address is host:port.
	Address string
	// Instance tells this sandboxd from others of its SPIFFE ID: 1 to 64 of A-Z, a-z, 0-9, - and _. It is kept for as long as its
	// sandboxes are.
	Instance string
	// TLS carries sandboxd's certificate, the trusted CA and the check of secretsd's SPIFFE ID.
	TLS *tls.Config
	// Timeout bounds one question; 0 means DefaultTimeout.
	Timeout time.Duration
	// Tracing makes a span of every question, and tells secretsd of the trace; nil: there are no spans.
	Tracing *tracing.Tracing
	// CacheTime is how long an answer of WhoAmI is believed; 0 means MaxCacheTime, which is also the most.
	CacheTime time.Duration
}

// Client asks secretsd. It connects at the first question and again, by itself, whenever the connection is lost.
type Client struct {
	conn    *grpc.ClientConn
	secrets secretsv1.SecretsManagerClient
	timeout time.Duration
	callers *callerCache
	// instance is Config.Instance.
	instance string
}

// New returns a client; it does not connect yet.
func New(cfg Config) (*Client, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.CacheTime == 0 || cfg.CacheTime > MaxCacheTime {
		cfg.CacheTime = MaxCacheTime
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(credentials.NewTLS(cfg.TLS)),
		// A question fails at once while the last try to connect failed, and the next try comes soon.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 500 * time.Millisecond},
			MinConnectTimeout: cfg.Timeout,
		}),
		// A daemon is always reached directly, whatever the environment says about proxies.
		grpc.WithNoProxy(),
		// The connection must not go idle: the first call after a quiet time would pay for a new handshake. And one
		// whose other end vanished without a word must be noticed. grpcserver takes a ping every 10 s at most.
		grpc.WithIdleTimeout(0),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 15 * time.Second, Timeout: 5 * time.Second, PermitWithoutStream: true}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
	}
	if h := cfg.Tracing.Client(); h != nil {
		options = append(options, grpc.WithStatsHandler(h))
	}
	conn, err := grpc.NewClient(cfg.Address, options...)
	if err != nil {
		return nil, fmt.Errorf("secretsd at %s: %w", cfg.Address, err)
	}
	c := &Client{conn: conn, secrets: secretsv1.NewSecretsManagerClient(conn), timeout: cfg.Timeout, instance: cfg.Instance}
	c.callers = newCallerCache(cfg.CacheTime, c.askWhoAmI)
	return c, nil
}

// Connect starts connecting, so that the first question need not wait for it. It does not wait itself.
func (c *Client) Connect() { c.conn.Connect() }

// Close closes the connection.
func (c *Client) Close() error { return c.conn.Close() }

// outgoing adds what every question carries: the end caller's own key, which is what secretsd decides by, and the request
// id, so that both daemons' logs and the audit log tell of one call under one id. And the end caller's address, by which
// secretsd counts failed attempts: else one who guesses would use up what all callers of this sandboxd have.
func (c *Client) outgoing(ctx context.Context, key apikey.Key) (context.Context, context.CancelFunc) {
	ctx = metadata.AppendToOutgoingContext(ctx, apikey.HeaderAuthorization, "Bearer "+key.Reveal())
	if id := grpcserver.RequestID(ctx); id != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, grpcserver.HeaderRequestID, id)
	}
	if address := grpcserver.PeerAddress(ctx); address.IsValid() {
		ctx = metadata.AppendToOutgoingContext(ctx, grpcserver.HeaderCallerAddress, address.String())
	}
	return context.WithTimeout(ctx, c.timeout)
}

// answerError turns the error of a question into one for the end caller. What secretsd said itself is passed on whole. A
// secretsd that said nothing is Unavailable (SECRETSD_UNAVAILABLE), unless the caller gave up first.
func answerError(caller context.Context, err error) error {
	if ctxErr := caller.Err(); ctxErr != nil {
		return ctxErr
	}
	err = errgrpc.FromError(err)
	e, ok := errdefs.As(err)
	if !ok {
		return fmt.Errorf("asking secretsd: %w", err)
	}
	switch {
	case e.Kind == errdefs.Unavailable && e.Reason == "UNAVAILABLE", // grpc's own: an answer of secretsd's has a reason
		e.Kind == errdefs.DeadlineExceeded, // of our own timeout: the caller's context was looked at above
		e.Kind == errdefs.Canceled:
		unavailable := errdefs.New(errdefs.Unavailable, ReasonUnavailable,
			"secretsd, which knows API keys and secrets, can't be reached; try again").WithCause(err)
		unavailable.RetryAfter = time.Second
		return unavailable
	}
	return err
}
