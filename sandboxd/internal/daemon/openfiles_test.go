package daemon_test

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// What a sandbox says of its limit of open files is what it has, also where sandboxd's own is less than the operator's.
func TestOpenFilesLimit(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.Default.OpenFiles, c.Max.OpenFiles = 1<<20, 1<<20 }))
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil {
		t.Fatal(err)
	}
	most := int64(min(own.Max, 1<<20))
	sb := e.run(spec())
	if got := sb.GetSpec().GetResources().GetOpenFiles(); got != most {
		t.Errorf("by default %d, want sandboxd's %d", got, most)
	}
	s := spec()
	s.Resources = &sandboxv1.Resources{OpenFiles: 300}
	if got := e.shell(e.run(s).GetName(), "ulimit -Hn"); got != "300" {
		t.Errorf("the limit in the sandbox is %s, want 300", got)
	}
	s.Resources.OpenFiles = 1<<20 + 1
	if _, err := e.tryRun(s); err == nil || !strings.Contains(err.Error(), "spec.resources.open_files") {
		t.Errorf("more than there can be: %v", err)
	}
}

// An operator who switched limits of disk off is reminded at each start, and what sandboxes say is what they have.
func TestDiskLimitsAreOff(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.DiskLimits = config.DiskLimitsOff }))
	if !strings.Contains(e.Logs(), "disk_limits is off") {
		t.Error("the log does not say that disks are not bounded")
	}
	if r := e.run(spec()).GetSpec().GetResources(); r.GetDiskBytes() != 0 || r.GetInodes() != 0 {
		t.Errorf("a sandbox says %v", r)
	}
	s := spec()
	s.Resources = &sandboxv1.Resources{DiskBytes: 1 << 20}
	if _, err := e.tryRun(s); err == nil || !strings.Contains(err.Error(), "switched that limit off") {
		t.Errorf("a disk of a size: %v", err)
	}
}
