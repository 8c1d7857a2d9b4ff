package sandboxdtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
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

// removeSandboxes removes the sandboxes that a stopped sandboxd left running.
func removeSandboxes(t testing.TB, cfg config.Config) {
	t.Helper()
	ctx := context.Background() // the test's own has ended
	rt, err := native.New(native.Config{
		StateDir: cfg.RuntimeDir(), AgentPath: cfg.AgentPath, CgroupParent: cfg.Cgroup(), FirstUID: uint32(cfg.UIDBase), MaxSandboxes: cfg.UIDRanges(),
	})
	if err != nil {
		t.Errorf("clearing up: %v", err)
		return
	}
	defer rt.Close()
	ids, err := rt.List(ctx)
	if err != nil {
		t.Errorf("clearing up: %v", err)
	}
	for _, id := range ids {
		if err := rt.Remove(ctx, id); err != nil {
			t.Errorf("removing sandbox %s: %v", id, err)
		}
	}
}
