package daemon_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestSlices: every thread of every sandbox makes way as soon as it can, whatever its runtime.
func TestSlices(t *testing.T) {
	e := start(t, sandboxdtest.WithRuntimes("native", "runc", "crun", "runsc"))
	var host unix.Utsname
	if err := unix.Uname(&host); err != nil {
		t.Fatal(err)
	}
	want := uint64(100 * time.Microsecond)
	if release := unix.ByteSliceToString(host.Release[:]); knowsNoSlices(t, release) {
		t.Logf("Linux %s has no slices for each thread", release)
		want = 0
	}
	for _, runtime := range []string{"native", "runc", "crun", "runsc"} {
		s := script("while :; do sleep 0.02; done")
		s.Runtime = runtime
		name := e.run(s).GetName()
		e.background(name, "sleep 600")
		threads := 0
		for _, p := range e.Footprint().Processes {
			pid, _, _ := strings.Cut(p, " ")
			tasks, _ := filepath.Glob("/proc/" + pid + "/task/*")
			for _, task := range tasks {
				tid, err := strconv.Atoi(filepath.Base(task))
				if err != nil {
					t.Fatal(err)
				}
				attr, err := unix.SchedGetAttr(tid, 0)
				if err == unix.ESRCH {
					continue
				}
				if threads++; err != nil || attr.Runtime != want {
					t.Errorf("%s: a thread of %s has the slice %d, %v", runtime, p, attr.Runtime, err)
				}
			}
		}
		if threads < 3 {
			t.Errorf("%s: %d threads were seen", runtime, threads)
		}
		e.stop(name)
	}
}

// knowsNoSlices tells of a kernel before Linux 6.12.
func knowsNoSlices(t *testing.T, release string) bool {
	t.Helper()
	var version [2]int
	for i, number := range strings.SplitN(release, ".", 3)[:2] {
		n, err := strconv.Atoi(strings.TrimRight(number, "-abcdefghijklmnopqrstuvwxyz+_"))
		if err != nil {
			t.Fatalf("Linux %s: %v", release, err)
		}
		version[i] = n
	}
	return version[0] < 6 || version[0] == 6 && version[1] < 12
}
