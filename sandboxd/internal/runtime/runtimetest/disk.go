package runtimetest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

const noSpace = "No space left on device"

// testDiskLimit fills a disk, by one file and by what is no file's content.
func testDiskLimit(t *testing.T, s *suite) {
	r := s.runtime(t)
	const size = 24 << 20
	limits := Limits
	limits.DiskBytes = size
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	neighbour := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	mustDo(t, b.WriteFile(Context(t), "/kept", 0, []byte("kept")))

	b.wantFull("a file", "cat /dev/zero > /fill")
	used, err := strconv.ParseInt(strings.TrimSpace(b.Sh("stat -c %s /fill").Stdout), 10, 64)
	if err != nil || used < size || used > size*11/10 {
		t.Errorf("%d bytes went into a disk of %d (%v)", used, size, err)
	}
	wantReason(t, "one file more", b.WriteFile(Context(t), "/more", 0, make([]byte, 1<<20)), "FILE_NO_SPACE")
	b.wantFile("/kept", "kept")
	// A file of the image is copied before it is changed.
	big := b.Sh("echo more >> /bin/probe")
	if big.Code == 0 || !strings.Contains(big.Stderr, noSpace) {
		t.Errorf("a change of a file of the image: %+v", big)
	}
	wantResult(t, "the neighbour's disk", neighbour.Sh("head -c 8388608 /dev/zero > /big && stat -c %s /big"), Result{Stdout: "8388608\n"})
	wantResult(t, "room that was made", b.Sh("rm /fill && head -c 8388608 /dev/zero > /again && stat -c %s /again"), Result{Stdout: "8388608\n"})
	b.Sh("rm /again")

	// A file that is all hole costs nothing. What else there is on a disk than contents is bounded too: extended attributes, and directories.
	wantResult(t, "a file without content", b.Sh("truncate -s 1099511627776 /hole && stat -c %s /hole && rm /hole"), Result{Stdout: "1099511627776\n"})
	if s.differs(InodesAreMemory) {
		wantResult(t, "a program after all that", b.Sh("echo text > /file && cat /file /kept"), Result{Stdout: "text\nkept"})
		return
	}
	b.wantFull("directories", "i=0; while mkdir -p /d/$i; do i=$((i+1)); done")
	b.Sh("rm -r /d")
	wantResult(t, "a program after all that", b.Sh("echo text > /file && cat /file /kept"), Result{Stdout: "text\nkept"})
}

// testInodeLimit makes files until there can be no more, though they are empty.
func testInodeLimit(t *testing.T, s *suite) {
	limits := Limits
	limits.DiskBytes, limits.Inodes = 64<<20, 1000
	if s.differs(InodesAreMemory) {
		s.inodesAreMemory(t, limits)
		return
	}
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	for _, kind := range []struct{ name, make string }{
		{"files", ": > /many/$i"},
		{"symbolic links", "ln -s x /many/$i"},
		{"pipes", "mkfifo /many/$i"},
	} {
		b.wantFull(kind.name, "mkdir /many; i=0; while "+kind.make+"; do i=$((i+1)); done")
		// The overlay has a few directories of its own.
		made, err := strconv.Atoi(strings.TrimSpace(b.Sh("find /many | wc -l").Stdout))
		if err != nil || made < 950 || made > 1100 {
			t.Errorf("%d %s were made where there can be 1000 (%v)", made, kind.name, err)
		}
		wantReason(t, "one file more", b.WriteFile(Context(t), "/more", 0, nil), "FILE_NO_SPACE")
		wantResult(t, "a command", b.Sh("rm -r /many; echo alive"), Result{Stdout: "alive\n"})
	}
	mustDo(t, b.WriteFile(Context(t), "/more", 0, []byte("text")))
}

// inodesAreMemory makes files until the memory limit says no, or ends the sandbox.
func (s *suite) inodesAreMemory(t *testing.T, limits runtime.Limits) {
	limits.MemoryBytes = 32 << 20
	r := s.runtime(t)
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	if got, ok := b.runOrEnd("probe", "inodes", "/"); ok {
		if made, err := strconv.Atoi(strings.TrimSpace(got.Stdout)); err != nil || made > 1<<20 {
			t.Errorf("files in 32 MiB of memory: %+v", got)
		}
	}
	wantResult(t, "the neighbour", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
}

// testMemoryInodes makes files in memory until their number, too, is too much for the memory limit.
func testMemoryInodes(t *testing.T, s *suite) {
	limits := Limits
	limits.MemoryBytes = 32 << 20
	r := s.runtime(t)
	b := NewBox(t, r, limits, s.root).Configured(agent.Config{})
	neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	// Either the file system says that it is full, or the kernel kills who is to blame.
	got := b.Sh("exec probe inodes /dev/shm")
	var made int
	if _, err := fmt.Sscanf(got.Stdout, "%d", &made); err == nil && (made < 1000 || made > 64<<10) || err != nil && got.Code != 137 {
		t.Errorf("files in 32 MiB of memory: %+v", got)
	}
	wantResult(t, "the neighbour", neighbour.Run("echo", "calm"), Result{Stdout: "calm\n"})
	wantResult(t, "a command after it", b.Sh("rm -rf /dev/shm/probe; echo alive"), Result{Stdout: "alive\n"})
}

// testFileNumbers: programs that remember a file by its device and number, as tar and find do, know it again when it was changed.
func testFileNumbers(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	before := b.Sh("stat -c '%d %i' /etc/passwd /etc /")
	if s.differs(NumbersChange) {
		wantResult(t, "a changed file's content", b.Sh("echo x >> /etc/passwd; tail -n 1 /etc/passwd"), Result{Stdout: "x\n"})
		return
	}
	after := b.Sh("echo >> /etc/passwd; : > /etc/new; stat -c '%d %i' /etc/passwd /etc /")
	wantResult(t, "after a change", after, before)
	if lines := strings.Fields(before.Stdout); len(lines) != 6 || lines[0] != lines[2] || lines[2] != lines[4] {
		t.Errorf("the root is not one device: %q", before.Stdout)
	}
}

// wantFull runs a script that is to end because the disk is full.
func (b *Box) wantFull(what, script string) {
	b.t.Helper()
	if got := b.Sh(script); !strings.Contains(got.Stderr, noSpace) {
		b.t.Errorf("a disk full of %s: %+v, want %q", what, got, noSpace)
	}
}
