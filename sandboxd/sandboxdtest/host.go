package sandboxdtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/daemon"
	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

// AgentPathVariable names a sandbox-agent binary to use instead of building one.
const AgentPathVariable = "CASEMATE_AGENT_PATH"

// buildAgent builds the agent once in a test process. It returns the binary itself, so that no file stays behind.
var buildAgent = sync.OnceValues(func() ([]byte, error) {
	if path := os.Getenv(AgentPathVariable); path != "" {
		return os.ReadFile(path)
	}
	dir, err := os.MkdirTemp("", "sandbox-agent")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sandbox-agent")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "github.com/casemate/casemate/sandboxd/cmd/sandbox-agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func writeAgent(t testing.TB, dir string) string {
	t.Helper()
	binary, err := buildAgent()
	if err != nil {
		t.Fatalf("building the agent: %v", err)
	}
	path := filepath.Join(dir, "sandbox-agent")
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// KillAgent kills a running sandbox's agent from outside, and with it the sandbox.
func (s *Server) KillAgent(id string) {
	s.t.Helper()
	s.SignalAgent(id, syscall.SIGKILL)
}

// AgentFiles are what a running sandbox's agent has open, as /proc names it.
func (s *Server) AgentFiles(id string) []string {
	s.t.Helper()
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.AgentPid(id)))
	if err != nil || len(links) == 0 {
		s.t.Fatalf("no descriptor of the agent's: %v", err)
	}
	var files []string
	for _, link := range links {
		if file, err := os.Readlink(link); err == nil { // else it was closed meanwhile
			files = append(files, file)
		}
	}
	return files
}

// RemoveSandbox takes a sandbox away behind a stopped sandboxd's back, as a reboot of the host does.
func (s *Server) RemoveSandbox(id string) {
	s.t.Helper()
	s.withRuntimes(func(ctx context.Context, rt *onhost.Runtime) error { return rt.Remove(ctx, id) })
}

// removeSandboxes removes the sandboxes that a stopped sandboxd left running.
func (s *Server) removeSandboxes() {
	s.t.Helper()
	s.withRuntimes(func(ctx context.Context, rt *onhost.Runtime) error {
		ids, err := rt.List(ctx)
		for _, id := range ids {
			err = errors.Join(err, rt.Remove(ctx, id))
		}
		return err
	})
	if !s.cfg.Network.Enabled {
		return
	}
	n, err := network.Open(network.Config{
		Instance: s.cfg.StateDir, Pool4: s.cfg.Network.Pool4Block(), Pool6: s.cfg.Network.Pool6Block(), Logger: zap.NewNop(),
	})
	if err == nil {
		err = errors.Join(n.Restore(context.Background(), nil), n.Close())
	}
	if err != nil {
		s.t.Errorf("removing the network of a stopped sandboxd: %v", err)
	}
}

func (s *Server) withRuntimes(do func(context.Context, *onhost.Runtime) error) {
	s.t.Helper()
	runtimes, err := daemon.OpenRuntimes(s.cfg)
	if err != nil {
		s.t.Errorf("opening the runtimes of a stopped sandboxd: %v", err)
		return
	}
	for _, rt := range runtimes {
		if err := do(context.Background(), rt); err != nil { // the test's own context may have ended
			s.t.Errorf("removing sandboxes of runtime %s: %v", rt.Name(), err)
		}
		_ = rt.Close()
	}
}
