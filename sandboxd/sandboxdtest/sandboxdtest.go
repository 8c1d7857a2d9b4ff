// Package sandboxdtest runs a real sandboxd inside a test, with a real secretsd beside it: the native runtime, an image
// store with a small image, the APIs on loopback. Nothing in it is a stand-in. It needs root and busybox-static, and leaves
// no process, mount, cgroup or file behind.
package sandboxdtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/logging/loggingtest"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/daemon"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// Server is a sandboxd that runs until its test ends. Its methods fail the test instead of returning errors.
type Server struct {
	// Secretsd is the secretsd that it asks.
	Secretsd *secretsdtest.Server
	// StateDir holds records, logs, images and sandboxes. Restart keeps it.
	StateDir string

	t      testing.TB
	cfg    config.Config
	python bool
	logs   loggingtest.Buffer
	daemon *daemon.Daemon
	cancel context.CancelFunc
	done   chan error
}

// Option changes how Start starts.
type Option func(*Server)

// WithSecretsd takes a secretsd that the test has already.
func WithSecretsd(s *secretsdtest.Server) Option { return func(srv *Server) { srv.Secretsd = s } }

// WithPython imports the image PythonImage too, from the archive that scripts/image.sh makes.
func WithPython() Option { return func(s *Server) { s.python = true } }

// WithRuntimes sets the runtimes that sandboxes may ask for, the first is the default. Without it there is native.
func WithRuntimes(names ...string) Option { return func(s *Server) { s.cfg.Runtimes = names } }

// WithMaxSandboxes limits the sandboxes at one time.
func WithMaxSandboxes(n int) Option { return func(s *Server) { s.cfg.MaxSandboxes = n } }

// WithTLS serves the APIs with TLS too: see TLSAddress.
func WithTLS() Option { return func(s *Server) { s.cfg.TLS.Listen = "127.0.0.1:0" } }

// WithNetwork gives sandboxes a network. It is for tests in InOwnNetwork.
func WithNetwork() Option { return func(s *Server) { s.cfg.Network.Enabled = true } }

// WithConfig changes the configuration before anything is started from it.
func WithConfig(change func(*config.Config)) Option { return func(s *Server) { change(&s.cfg) } }

// Start starts sandboxd, and secretsd where the test has none, and returns when it serves and has its images.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{t: t, cfg: config.Default()}
	s.cfg.ShutdownGrace = time.Second
	// The host's own network is nothing for tests to change. Those of sandboxes' networks bring a host of their own.
	s.cfg.Network.Enabled = false
	for _, o := range opts {
		o(s)
	}
	if s.Secretsd == nil {
		s.Secretsd = secretsdtest.Start(t)
	}
	dir := t.TempDir()
	s.StateDir = filepath.Join(dir, "sandboxd")
	s.cfg.Listen, s.cfg.AdminListen, s.cfg.StateDir = "127.0.0.1:0", "127.0.0.1:0", s.StateDir
	s.cfg.AgentPath = writeAgent(t, dir)
	files := s.Secretsd.Certs.Files(identity.WorkloadSandboxd)
	s.cfg.Secretsd.Address = s.Secretsd.HostPort()
	if s.cfg.Secretsd.WorkloadAPI == "" {
		s.cfg.Secretsd.CertFile, s.cfg.Secretsd.KeyFile, s.cfg.Secretsd.CAFile = files.Cert, files.Key, files.CA
	}
	if s.cfg.TLS.Listen != "" {
		s.cfg.TLS.CertFile, s.cfg.TLS.KeyFile = files.Cert, files.Key
	}
	t.Cleanup(s.clear)
	s.Restart()
	s.importImages()
	return s
}

// Stop stops sandboxd as SIGTERM does, and returns when it has stopped. Sandboxes run on. It does nothing when it does
// not run.
func (s *Server) Stop() {
	s.t.Helper()
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.cancel = nil
	if err := <-s.done; err != nil {
		s.t.Errorf("sandboxd stopped with: %v", err)
	}
}

// Restart stops sandboxd when it runs, and starts it with the same state directory and addresses.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.TryRestart(); err != nil {
		s.t.Fatalf("starting sandboxd: %v", err)
	}
}

// TryRestart is Restart that may fail: then no sandboxd runs, and the error is what it says why.
func (s *Server) TryRestart() error {
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
		return err
	}
	s.cfg.Listen, s.cfg.AdminListen = d.Addrs()[0], d.AdminAddr()
	if s.cfg.TLS.Listen != "" {
		s.cfg.TLS.Listen = d.Addrs()[1]
	}
	s.daemon, s.cancel, s.done = d, cancel, make(chan error, 1)
	go func() { s.done <- d.Run(ctx) }()
	return nil
}

// Reconfigure changes the configuration; the next start has it.
func (s *Server) Reconfigure(change func(*config.Config)) { change(&s.cfg) }

// Address is where clients connect to, without TLS: http://127.0.0.1:port. It stays the same over Restart.
func (s *Server) Address() string { return "http://" + s.cfg.Listen }

// TLSAddress is where clients connect to with WithTLS: https://127.0.0.1:port. They must trust Secretsd.CAFile.
func (s *Server) TLSAddress() string { return "https://" + s.cfg.TLS.Listen }

// AdminAddress is the host:port of /metrics, /healthz and /debug/pprof.
func (s *Server) AdminAddress() string { return s.cfg.AdminListen }

// Logs returns everything that sandboxd logged so far, over all restarts, at level debug.
func (s *Server) Logs() string { return s.logs.String() }

// Leftovers returns what there is of sandboxes on the host, running ones included: directories and cgroups.
func (s *Server) Leftovers() []string {
	s.t.Helper()
	var left []string
	for _, pattern := range append(s.cgroups("*"), filepath.Join(s.cfg.RuntimeDir(), "*", "sb-*")) {
		found, err := filepath.Glob(pattern)
		if err != nil {
			s.t.Fatal(err)
		}
		left = append(left, found...)
	}
	return dirsOnly(left)
}

// cgroups returns patterns of the cgroups below the runtimes' own: v1 and hybrid hosts have hierarchies, v2 hosts have none.
func (s *Server) cgroups(below string) (patterns []string) {
	for _, runtime := range s.cfg.Runtimes {
		for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
			patterns = append(patterns, filepath.Join(root, s.cfg.RuntimeCgroup(runtime), below))
		}
	}
	return patterns
}

func dirsOnly(paths []string) []string {
	var dirs []string
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			dirs = append(dirs, p)
		}
	}
	return dirs
}

// clear ends what the test left running, and looks whether sandboxd has cleared up behind itself.
func (s *Server) clear() {
	s.Stop()
	s.removeSandboxes()
	if left := s.Leftovers(); len(left) > 0 {
		s.t.Errorf("left on the host: %s", strings.Join(left, " "))
	}
	for _, pattern := range s.cgroups("") {
		if parents, _ := filepath.Glob(pattern); len(parents) > 0 {
			s.t.Errorf("left on the host: %s", strings.Join(parents, " "))
		}
	}
}
