// Package runtimetest is the suite that every runtime passes: what a sandbox's user may rely on, and what a hostile program
// in it must not be able to do. It runs the real agent in real sandboxes, so it needs root, and fails without.
package runtimetest

import (
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// AgentPath returns the agent's binary: $CASEMATE_AGENT_PATH, or one built for this test.
func AgentPath(t testing.TB) string {
	t.Helper()
	return binary(t, "CASEMATE_AGENT_PATH", "github.com/casemate/casemate/sandboxd/cmd/sandbox-agent")
}

// binary returns the static binary of pkg that the environment variable names, or one built for this test.
func binary(t testing.TB, variable, pkg string) string {
	t.Helper()
	if p := os.Getenv(variable); p != "" {
		return p
	}
	bin := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

// BusyboxRoot makes the smallest root file system that is worth something: busybox, a passwd and a group file.
func BusyboxRoot(t testing.TB) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	for _, d := range []string{"bin", "etc", "root", "tmp", "home/ada"} {
		mustDo(t, os.MkdirAll(filepath.Join(root, d), 0o755))
	}
	mustDo(t, os.Chmod(filepath.Join(root, "tmp"), 0o1777))
	mustDo(t, os.Chown(filepath.Join(root, "home/ada"), 1000, 1000))
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil || !isStatic("/bin/busybox") {
		t.Fatalf("a static /bin/busybox is needed: apt-get install -y busybox-static (%v)", err)
	}
	mustDo(t, os.WriteFile(filepath.Join(root, "bin/busybox"), busybox, 0o755))
	out, err := exec.Command("/bin/busybox", "--list").Output()
	mustDo(t, err)
	for _, name := range strings.Fields(string(out)) {
		if name != "busybox" {
			mustDo(t, os.Symlink("busybox", filepath.Join(root, "bin", name)))
		}
	}
	WriteFile(t, filepath.Join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n")
	WriteFile(t, filepath.Join(root, "etc/group"), "root:x:0:\nada:x:1000:\nstaff:x:50:ada\ntape:x:26:someone,ada\n")
	return root
}

// isStatic tells the package busybox-static's from busybox's.
func isStatic(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	return err == nil && len(libs) == 0
}

// WriteFile writes a file, with mode 0644.
func WriteFile(t testing.TB, name, content string) {
	t.Helper()
	mustDo(t, os.MkdirAll(filepath.Dir(name), 0o755))
	mustDo(t, os.WriteFile(name, []byte(content), 0o644))
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Context returns a context that ends long after any test has.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Box is a sandbox of a test's own.
type Box struct {
	*agent.Client
	runtime.Instance
	t      testing.TB
	limits runtime.Limits
	layers []string
}

var boxes atomic.Int64

// Limits are what a test's sandbox has when it does not say otherwise.
var Limits = runtime.Limits{MemoryBytes: 256 << 20, CPUMillis: 2000, Pids: 64, DiskBytes: 1 << 30, Inodes: 100_000, OpenFiles: 4096}

// newConfig says to make a sandbox with a name of its own.
func newConfig(limits runtime.Limits, layers ...string) runtime.Config {
	return runtime.Config{
		ID: "test-" + strings.ToLower(time.Now().Format("150405")) + "-" + itoa(boxes.Add(1)), Hostname: "box",
		RootFS: runtime.RootFS{Layers: layers}, Limits: limits,
	}
}

// NewBox makes a sandbox that is removed when the test ends.
func NewBox(t testing.TB, r runtime.Runtime, limits runtime.Limits, layers ...string) *Box {
	t.Helper()
	return newBox(t, r, limits, runtime.Security{}, layers...)
}

func newBox(t testing.TB, r runtime.Runtime, limits runtime.Limits, security runtime.Security, layers ...string) *Box {
	t.Helper()
	cfg := newConfig(limits, layers...)
	cfg.Security = security
	t.Cleanup(func() {
		if err := r.Remove(context.Background(), cfg.ID); err != nil {
			t.Errorf("remove: %v", err)
		}
	})
	inst, err := r.Create(Context(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &Box{Client: agent.NewClient(inst.Dial), Instance: inst, t: t, limits: limits, layers: layers}
}

// Configured configures the box and returns it.
func (b *Box) Configured(cfg agent.Config) *Box {
	b.t.Helper()
	mustDo(b.t, b.Configure(Context(b.t), cfg))
	return b
}

// Result is what a command did.
type Result struct {
	Stdout, Stderr string
	Code           int
	TimedOut       bool
	OOMKilled      bool
	OutputExceeded bool
}

// Run runs a command to its end.
func (b *Box) Run(argv ...string) Result {
	b.t.Helper()
	return b.RunRequest(agent.ExecRequest{Argv: argv})
}

// Sh runs a shell script to its end.
func (b *Box) Sh(script string) Result {
	b.t.Helper()
	return b.Run("sh", "-c", script)
}

// probe has the probe try something, and returns what it says of that.
func (b *Box) probe(args ...string) string {
	b.t.Helper()
	return strings.TrimSpace(b.Run(append([]string{"probe"}, args...)...).Stdout)
}

// call makes a system call, and returns the error's name, or "ok".
func (b *Box) call(args ...string) string {
	b.t.Helper()
	return b.probe(append([]string{"call"}, args...)...)
}

// RunRequest runs a command to its end.
func (b *Box) RunRequest(r agent.ExecRequest) Result {
	b.t.Helper()
	p, err := b.Exec(Context(b.t), r)
	if err != nil {
		b.t.Fatalf("exec %q: %v", r.Argv, err)
	}
	defer p.Close()
	return Collect(b.t, p)
}

// Collect receives everything from a command up to its end.
func Collect(t testing.TB, p *agent.Process) Result {
	t.Helper()
	var stdout, stderr strings.Builder
	for {
		e, err := p.Recv()
		if err != nil {
			t.Errorf("after %q: %v", stdout.String(), err)
			return Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: -1}
		}
		switch e.Kind {
		case agent.Stdout:
			stdout.Write(e.Data)
		case agent.Stderr:
			stderr.Write(e.Data)
		case agent.Exit:
			return Result{
				Stdout: stdout.String(), Stderr: stderr.String(), Code: e.ExitCode, TimedOut: e.TimedOut, OOMKilled: e.OOMKilled,
				OutputExceeded: e.OutputExceeded,
			}
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	mustDo(t, err)
	mustDo(t, os.WriteFile(to, b, 0o755))
}
