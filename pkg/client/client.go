// Package client connects to secretsd and sandboxd as their users do: over TLS, over plaintext on this machine only, or
// over a unix socket, with an API key on every call. Calls that may be repeated ride out a daemon's restart, by the
// service config that is published with the APIs.
package client

import (
	"context"
	"net"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/mtls"
	serviceconfig "github.com/casemate/casemate/proto/casemate"
)

// maxMessageBytes is what the daemons send at most.
const maxMessageBytes = 100 << 20

// Options says where to connect, and as whom.
type Options struct {
	// Address is https://host[:port] (443), http://host[:port] (80, loopback only) or unix:///path.
	Address string
	// CAFile is a PEM file of the authorities to trust with https. Empty: the system's.
	CAFile string
	// Key goes with every call. Nil: none does.
	Key *apikey.Key
	// NoRetry makes every call fail at once when the daemon can't be reached, for callers who would rather know than
	// wait. False: calls that may be repeated are, for some 6 seconds.
	NoRetry bool
	// DialOptions are added last.
	DialOptions []grpc.DialOption
}

// Dial makes a connection that connects at its first call. Its errors say which part of o is wrong.
func Dial(o Options) (*grpc.ClientConn, error) {
	target, secure, err := parseAddress(o.Address)
	if err != nil {
		return nil, err
	}
	creds := insecure.NewCredentials()
	if secure {
		config, err := mtls.PublicClientConfig(o.CAFile)
		if err != nil {
			return nil, errdefs.New(errdefs.InvalidArgument, "CA_FILE_INVALID", "the CA file is of no use: %v", err)
		}
		creds = credentials.NewTLS(config)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)),
		grpc.WithDefaultServiceConfig(serviceconfig.JSON),
		grpc.WithChainUnaryInterceptor(checksum, requestID),
		// As in grpcserver: fixed windows spare a ping for each message.
		grpc.WithInitialWindowSize(4 << 20), grpc.WithInitialConnWindowSize(8 << 20),
		// After a restart the daemon is found again soon: gRPC's own default waits a second before its second try.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 10 * time.Second,
		}),
		// While a call waits for an answer, a daemon that vanished without a word is noticed within a minute.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
	}
	if o.NoRetry {
		options = append(options, grpc.WithDisableRetry())
	}
	if o.Key != nil {
		options = append(options, grpc.WithPerRPCCredentials(bearer{*o.Key}))
	}
	conn, err := grpc.NewClient(target, append(options, o.DialOptions...)...)
	if err != nil {
		return nil, errdefs.New(errdefs.InvalidArgument, "ADDRESS_INVALID", "address %s: %v", o.Address, err)
	}
	return conn, nil
}

// parseAddress returns the gRPC target, and whether TLS is to be spoken.
func parseAddress(address string) (target string, secure bool, err error) {
	bad := func(what string) (string, bool, error) {
		return "", false, errdefs.New(errdefs.InvalidArgument, "ADDRESS_INVALID", "address %q: %s", address, what)
	}
	if path, ok := strings.CutPrefix(address, "unix://"); ok {
		if !strings.HasPrefix(path, "/") {
			return bad("a unix socket's path must be absolute: unix:///path")
		}
		return "unix://" + path, false, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return bad("want https://host:port, http://127.0.0.1:port or unix:///path")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return bad("nothing may follow host and port")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return bad("plaintext would show the API key to the network; use https")
	}
	return "dns:///" + net.JoinHostPort(u.Hostname(), port), u.Scheme == "https", nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// bearer presents the key as authorization metadata. Dial allows plaintext on loopback only, so this need not insist on
// TLS.
type bearer struct{ key apikey.Key }

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.key.Reveal()}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (bearer) RequireTransportSecurity() bool { return false }
