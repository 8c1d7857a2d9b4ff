package native_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

// What a sandbox writes takes no more of the host's disk than its limit, what it deletes goes back to the host, and with its last process
// goes the loop device, though no sandboxd has a hand in it.
func TestADiskTakesOfTheHostWhatIsInIt(t *testing.T) {
	cfg := config(t)
	r := open(t, cfg)
	limits := runtimetest.Limits
	limits.DiskBytes, limits.Inodes = 48<<20, 1000
	b := runtimetest.NewBox(t, r, limits, runtimetest.BusyboxRoot(t)).Configured(agent.Config{})
	image := filepath.Join(cfg.StateDir, native.Name, b.ID(), "disk.img")
	if n := onDisk(t, image); n > 1<<20 {
		t.Errorf("an empty disk takes %d bytes of the host's", n)
	}
	b.Sh("cat /dev/zero > /fill")
	if n := onDisk(t, image); n < limits.DiskBytes || n > limits.DiskBytes*11/10 {
		t.Errorf("a full disk of %d bytes takes %d of the host's", limits.DiskBytes, n)
	}
	b.Sh("rm /fill")
	if n := onDisk(t, image); n > 2<<20 {
		t.Errorf("of a disk whose file was deleted %d bytes are left on the host's", n)
	}

	if got := loopDevices(t, cfg.StateDir); len(got) != 1 {
		t.Errorf("loop devices of a sandbox: %q, want one", got)
	}
	var record struct{ Pid int }
	content, err := os.ReadFile(filepath.Join(filepath.Dir(image), "record.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &record); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(record.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-b.Done()
	if got := loopDevices(t, cfg.StateDir); len(got) != 0 {
		t.Errorf("loop devices of a sandbox that has ended: %q", got)
	}
}

// onDisk is what a file takes of its disk, with what the kernel has not written yet.
func onDisk(t *testing.T, file string) int64 {
	t.Helper()
	unix.Sync()
	var s unix.Stat_t
	if err := unix.Stat(file, &s); err != nil {
		t.Fatal(err)
	}
	return s.Blocks * 512
}

// loopDevices are those on files below dir.
func loopDevices(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if content, err := os.ReadFile(f); err == nil && strings.HasPrefix(string(content), dir+"/") {
			found = append(found, f)
		}
	}
	return found
}

// When the host's own disk is full, a new sandbox is refused, for that reason. Of those that there are, who writes loses what it writes; it
// can go on, with its neighbour, and so can all others when there is room again.
func TestTheHostsDiskIsFull(t *testing.T) {
	cfg := config(t)
	cfg.StateDir = smallDisk(t)
	r := open(t, cfg)
	root := runtimetest.BusyboxRoot(t)
	writer := runtimetest.NewBox(t, r, runtimetest.Limits, root).Configured(agent.Config{})
	neighbour := runtimetest.NewBox(t, r, runtimetest.Limits, root).Configured(agent.Config{})
	if got := writer.Sh("dd if=/dev/zero of=/fill bs=1M count=400"); got.Code == 137 {
		t.Errorf("who writes more than the host has room for: %+v", got)
	}
	unix.Sync()
	one := runtime.Config{ID: "one-more", Hostname: "box", RootFS: runtime.RootFS{Layers: []string{root}}, Limits: runtimetest.Limits}
	if _, err := r.Create(runtimetest.Context(t), one); errdefs.ReasonOf(err) != "HOST_DISK_FULL" || errdefs.KindOf(err) != errdefs.ResourceExhausted {
		t.Errorf("one more: %v", err)
	}
	for name, b := range map[string]*runtimetest.Box{"the writer": writer, "its neighbour": neighbour} {
		if got := b.Run("echo", "alive"); got.Stdout != "alive\n" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	writer.Sh("rm /fill; sync")
	unix.Sync()
	if _, err := r.Create(runtimetest.Context(t), one); err != nil {
		t.Errorf("one more when there is room again: %v", err)
	}
	if err := r.Remove(runtimetest.Context(t), one.ID); err != nil {
		t.Error(err)
	}
	if got := neighbour.Sh("echo text > /f; cat /f"); got.Stdout != "text\n" {
		t.Errorf("the neighbour, which writes now: %+v", got)
	}
}

// smallDisk mounts a file system of 256 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	image, dir := filepath.Join(t.TempDir(), "small.img"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 256<<20); err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{
		{"mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", image},
		{"mount", "-o", "loop", image, dir},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", argv, err, out)
		}
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

// Without what it takes, there is no runtime, and the error says what to do.
func TestWithoutWhatDisksTake(t *testing.T) {
	for hidden, remedy := range map[string]string{"/dev": "`modprobe loop`", "/usr/sbin": "`apt-get install e2fsprogs`"} {
		t.Run(hidden, func(t *testing.T) {
			cfg := config(t)
			t.Setenv("PATH", "/usr/sbin")
			try := func() (err error) {
				inside := onhost.InMountNamespace(func() error {
					if err := unix.Mount("tmpfs", hidden, "tmpfs", 0, ""); err != nil {
						return err
					}
					var r *onhost.Runtime
					if r, err = native.New(cfg); err == nil {
						return r.Close()
					}
					return nil
				})
				if inside != nil {
					t.Fatal(inside)
				}
				return err
			}
			err := try()
			if errdefs.ReasonOf(err) != "DISK_LIMITS_UNAVAILABLE" || !strings.Contains(err.Error(), remedy) || !strings.Contains(err.Error(), "`disk_limits: off`") {
				t.Errorf("without %s: %v", hidden, err)
			}
			cfg.DiskLimits = onhost.DiskOff
			if err := try(); err != nil {
				t.Errorf("with limits switched off: %v", err)
			}
		})
	}
}

// Where limits are switched off, sandboxes have none, and one that is to have some is refused.
func TestDisksWithoutLimits(t *testing.T) {
	cfg := config(t)
	cfg.DiskLimits = onhost.DiskOff
	r := open(t, cfg)
	if err := r.Check(runtimetest.Context(t)); err != nil {
		t.Error(err)
	}
	root := runtimetest.BusyboxRoot(t)
	limits := runtimetest.Limits
	_, err := r.Create(runtimetest.Context(t), runtime.Config{ID: "bounded", Hostname: "box", RootFS: runtime.RootFS{Layers: []string{root}}, Limits: limits})
	if errdefs.KindOf(err) != errdefs.InvalidArgument {
		t.Errorf("a disk of a size: %v", err)
	}
	limits.DiskBytes, limits.Inodes = 0, 0
	b := runtimetest.NewBox(t, r, limits, root).Configured(agent.Config{})
	if got := b.Sh("echo text > /f && cat /f"); got.Stdout != "text\n" {
		t.Errorf("a sandbox without a limit: %+v", got)
	}
	if got := loopDevices(t, cfg.StateDir); len(got) != 0 {
		t.Errorf("loop devices: %q", got)
	}
}
