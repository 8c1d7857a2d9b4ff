package onhost

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Check implements runtime.Runtime. After a look at what is usually missing it makes a sandbox and takes it away again,
// which proves more than any list.
func (r *Runtime) Check(ctx context.Context) error {
	if b, err := os.ReadFile("/proc/sys/user/max_user_namespaces"); err == nil && strings.TrimSpace(string(b)) == "0" {
		return r.unusable("user namespaces are switched off; `sysctl user.max_user_namespaces=65536` switches them on", nil)
	}
	if b, err := os.ReadFile("/proc/filesystems"); err == nil && !strings.Contains(string(b), "\toverlay\n") {
		return r.unusable("the kernel has no overlay file system; `modprobe overlay` loads it", nil)
	}
	if err := r.launch.Check(ctx); err != nil {
		return r.unusable("it can't be started", err)
	}
	id := "check-" + strings.ToLower(rand.Text())
	// The layer has the same name each time: one that a kill left is used, and goes.
	layer := filepath.Join(r.dir, ".check")
	if err := os.MkdirAll(layer, 0o755); err != nil {
		return fmt.Errorf("make an empty image: %w", err)
	}
	defer os.RemoveAll(layer) //nolint:errcheck // it is empty
	limits := runtime.Limits{MemoryBytes: 64 << 20, CPUMillis: 1000, Pids: 16, OpenFiles: sandbox.MinOpenFiles}
	if r.disks.bounded() {
		limits.DiskBytes, limits.Inodes = sandbox.MinDiskBytes, sandbox.MinInodes
	}
	inst, err := r.Create(ctx, runtime.Config{
		ID: id, Hostname: "check", RootFS: runtime.RootFS{Layers: []string{layer}}, Limits: limits,
	})
	if err != nil {
		return r.unusable("making a sandbox failed", err)
	}
	return r.Remove(ctx, inst.ID())
}

func (r *Runtime) unusable(what string, err error) error {
	if err != nil {
		what += ": " + err.Error()
	}
	return errdefs.New(errdefs.FailedPrecondition, "RUNTIME_UNUSABLE", "the %s runtime does not work here: %s", r.name, what)
}
