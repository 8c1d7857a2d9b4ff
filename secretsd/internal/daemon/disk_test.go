package daemon_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ownMounts is set in the process that inOwnMounts starts.
const ownMounts = "SECRETSD_TEST_OWN_MOUNTS"

// inOwnMounts runs the test again, in a process with a mount namespace of its own, and says whether it is that one that asks.
// The file systems that the test mounts are in no other namespace then, which would keep them alive.
func inOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownMounts) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), ownMounts+"=yes")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// disk is a small ext4 file system of its own, which can fill up, fail, and lose its power.
type disk struct {
	t     *testing.T
	image string
	dir   string // where it is mounted
}

func newDisk(t *testing.T, megabytes int64) *disk {
	t.Helper()
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Fatalf("%v\ninstall it with: apt-get install e2fsprogs", err)
	}
	d := &disk{t: t, image: filepath.Join(t.TempDir(), "disk"), dir: filepath.Join(t.TempDir(), "mounted")}
	must(t, os.Mkdir(d.dir, 0o700))
	f, err := os.Create(d.image)
	must(t, err)
	must(t, errors.Join(f.Truncate(megabytes<<20), f.Close()))
	d.command("mkfs.ext4", "-q", "-F", "-m", "0", d.image)
	d.mount()
	t.Cleanup(func() { d.command("umount", d.dir) })
	return d
}

func (d *disk) command(name string, args ...string) string {
	d.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (d *disk) mount() {
	d.t.Helper()
	d.command("mount", "-o", "loop,errors=remount-ro", d.image, d.dir)
}

// remount is what a reboot does, with the check of the disk that belongs to it: whatever was not on the disk is gone. Nothing
// may have a file open.
func (d *disk) remount() {
	d.t.Helper()
	d.command("umount", d.dir)
	var exit *exec.ExitError
	if out, err := exec.Command("e2fsck", "-p", d.image).CombinedOutput(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) {
		d.t.Fatalf("e2fsck: %v\n%s", err, out) // 1 is what it says when it has repaired something
	}
	d.mount()
}

func (d *disk) filler() string { return filepath.Join(d.dir, "filler") }

// fill leaves no room.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.Create(d.filler())
	must(d.t, err)
	for size := 1 << 20; size >= 1<<10; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else {
			must(d.t, err)
		}
	}
	must(d.t, f.Close())
}

// free undoes fill.
func (d *disk) free() {
	d.t.Helper()
	must(d.t, os.Remove(d.filler()))
}

// fail makes the kernel find an error in the file system, so that it becomes read-only under those who write to it.
func (d *disk) fail() {
	d.t.Helper()
	device := d.command("findmnt", "-n", "-o", "SOURCE", d.dir)
	must(d.t, os.WriteFile("/sys/fs/ext4/"+filepath.Base(device)+"/trigger_fs_error", []byte("a test"), 0o200))
}

// ext4's own way to stop at once, in linux/ext4.h and fs/ext4/ext4.h.
const (
	ext4Shutdown   = 0x8004587d // _IOR('X', 125, __u32)
	ext4NoLogFlush = 2
)

// cutPower stops the file system as it is: what has not reached the disk by now never does.
func (d *disk) cutPower() {
	d.t.Helper()
	f, err := os.Open(d.dir)
	must(d.t, err)
	must(d.t, errors.Join(unix.IoctlSetPointerInt(int(f.Fd()), ext4Shutdown, ext4NoLogFlush), f.Close()))
}
