// Package secretsdtest runs a real secretsd inside a test: a throwaway CA, a temporary data directory, TLS on loopback.
// Nothing in it is a stand-in.
package secretsdtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/logging/loggingtest"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/daemon"
	"github.com/casemate/casemate/secretsd/internal/notary"
)

// Server is a secretsd that runs until its test ends. Its methods fail the test instead of returning errors.
type Server struct {
	// Certs is the throwaway CA, with certificates for secretsd and sandboxd.
	Certs *testcerts.Certs
	// DataDir is the data directory, which Restart keeps.
	DataDir string
	// OperatorKey is the API key of the operator root, which belongs to no team and has all scopes.
	OperatorKey string

	t      testing.TB
	cfg    config.Config
	logs   loggingtest.Buffer
	cancel context.CancelFunc
	done   chan error

	operatorClient secretsv1.SecretsManagerClient // nil before its first use
}

// Option changes how Start starts.
type Option func(*Server)

// WithCerts takes a CA that the test has already, so that other daemons of the test share it.
func WithCerts(c *testcerts.Certs) Option { return func(s *Server) { s.Certs = c } }

// WithResolvers sets the SPIFFE IDs that may resolve secrets for sandboxes. Without it that is sandboxd's.
func WithResolvers(ids ...string) Option { return func(s *Server) { s.cfg.Resolvers = ids } }

// WithLimits changes what callers may ask of secretsd at one time.
func WithLimits(change func(*config.Limits)) Option { return func(s *Server) { change(&s.cfg.Limits) } }

// WithKEK sets where the key-encryption key comes from, as the configuration's kek does.
func WithKEK(url string) Option { return func(s *Server) { s.cfg.KEK = url } }

// WithAudit changes how the audit log is kept provable.
func WithAudit(change func(*config.Audit)) Option { return func(s *Server) { change(&s.cfg.Audit) } }

// WithCheckpointFile has secretsd keep the audit log's checkpoints in a file as well.
func WithCheckpointFile(path string) Option {
	return WithAudit(func(a *config.Audit) { a.CheckpointFile = path })
}

// CheckpointPublicKeyFile is the PEM file of the public key that the audit log's checkpoints are verified with.
func (s *Server) CheckpointPublicKeyFile() string {
	return notary.PublicFile(s.cfg.CheckpointKeyFile())
}

// WithTracing sends traces to an OTLP receiver.
func WithTracing(endpoint string) Option {
	return func(s *Server) { s.cfg.Tracing.Endpoint = endpoint }
}

// WithRetention sets how long a deleted secret can be undeleted. Without it that is 30 days.
func WithRetention(d time.Duration) Option { return func(s *Server) { s.cfg.Retention = d } }

// WithIssuers lets teams trust OIDC issuers of the test's own, whose certificates come from the authority in caFile.
func WithIssuers(caFile string, urls ...string) Option {
	return func(s *Server) { s.cfg.OIDC = config.OIDC{Issuers: urls, CAFile: caFile} }
}

// WithFailedAttempts sets how many failed attempts to authenticate an address has a minute, and at once.
func WithFailedAttempts(perMinute, burst int) Option {
	return func(s *Server) { s.cfg.Guesses = config.Guesses{PerMinute: perMinute, Burst: burst} }
}

// WithWorkloadAPI has secretsd take its certificate and authorities from a SPIFFE Workload API. Clients still trust Certs.
func WithWorkloadAPI(address string) Option {
	return func(s *Server) { s.cfg.TLS.WorkloadAPI = address }
}

// Start starts secretsd and returns when it serves.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{t: t, DataDir: filepath.Join(t.TempDir(), "secretsd"), cfg: config.Default()}
	for _, o := range opts {
		o(s)
	}
	if s.Certs == nil {
		s.Certs = testcerts.New(t)
	}
	files := s.Certs.Files(identity.WorkloadSecretsd)
	s.cfg.Listen, s.cfg.AdminListen, s.cfg.DataDir = "127.0.0.1:0", "127.0.0.1:0", s.DataDir
	if s.cfg.TLS.WorkloadAPI == "" {
		s.cfg.TLS = config.TLS{CertFile: files.Cert, KeyFile: files.Key, CAFile: files.CA}
	}
	s.cfg.ShutdownGrace = time.Second
	t.Cleanup(s.Stop)
	s.Restart()
	key, err := os.ReadFile(s.cfg.RootKeyFile())
	if err != nil {
		t.Fatalf("the operator's first key: %v", err)
	}
	s.OperatorKey = strings.TrimSpace(string(key))
	return s
}

// Stop stops secretsd as SIGTERM does, and returns when it has stopped. It does nothing when it does not run.
func (s *Server) Stop() {
	s.t.Helper()
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.cancel = nil
	if err := <-s.done; err != nil {
		s.t.Errorf("secretsd stopped with: %v", err)
	}
}

// Restart stops secretsd when it runs, and starts it with the same data directory and addresses.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	// Tests can't miss what they do not have to ask for: the log is at its most talkative.
	logger, err := logging.New(&s.logs, "debug", "json")
	if err != nil {
		s.t.Fatal(err)
	}
	// Not the test's context: that one ends before the cleanup that stops the daemon.
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	d, err := daemon.New(ctx, s.cfg, logger)
	if err != nil {
		cancel()
		s.t.Fatalf("starting secretsd: %v", err)
	}
	s.cfg.Listen, s.cfg.AdminListen = d.Addr(), d.AdminAddr()
	s.operatorClient = nil // it may be waiting before it connects again
	s.cancel, s.done = cancel, make(chan error, 1)
	go func() { s.done <- d.Run(ctx) }()
}

// Address is where clients connect to: https://127.0.0.1:port. It stays the same over Restart.
func (s *Server) Address() string { return "https://" + s.cfg.Listen }

// HostPort is Address without its scheme.
func (s *Server) HostPort() string { return s.cfg.Listen }

// AdminAddress is the host:port of /metrics, /healthz and /debug/pprof.
func (s *Server) AdminAddress() string { return s.cfg.AdminListen }

// CAFile is what clients must trust.
func (s *Server) CAFile() string { return s.Certs.CA() }

// Logs returns everything that was logged so far, over all restarts, at level debug.
func (s *Server) Logs() string { return s.logs.String() }
