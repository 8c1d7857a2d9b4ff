package daemon_test

import (
	"strings"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// A sandbox's disk is as large as its request says, by the operator's default otherwise, as with the SDK's API, which has no word for it.
// A full one is its own trouble, and a loop device is held as long as there is a sandbox.
func TestDiskLimits(t *testing.T) {
	const size = 16 << 20
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) {
		c.Default.Disk, c.Default.Inodes, c.Max.Disk, c.Max.Inodes = size, 1000, 2*size, 2000
	}))
	s := spec()
	s.Resources = &sandboxv1.Resources{DiskBytes: 2 * size, Inodes: 2000}
	larger := e.run(s)
	if r := larger.GetSpec().GetResources(); r.GetDiskBytes() != 2*size || r.GetInodes() != 2000 {
		t.Errorf("the sandbox says %v", r)
	}
	s.Resources = &sandboxv1.Resources{DiskBytes: 2*size + 1}
	if _, err := e.tryRun(s); err == nil || !strings.Contains(err.Error(), "spec.resources.disk_bytes") {
		t.Errorf("more than the operator allows: %v", err)
	}

	sdk := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	made, err := sdk.CreateSandbox(t.Context(), ociCreate("native"))
	if err != nil {
		t.Fatal(err)
	}
	name := larger.GetName()[:strings.LastIndex(larger.GetName(), "/")+1] + made.GetSandboxId()
	if r := e.get(name).GetSpec().GetResources(); r.GetDiskBytes() != size || r.GetInodes() != 1000 {
		t.Errorf("a sandbox of the SDK's has %v", r)
	}
	if got := e.Footprint().Disks; len(got) != 2 {
		t.Errorf("loop devices of two sandboxes: %q", got)
	}
	fill := func(path string) (int, error) {
		n := 0
		for {
			if _, err := sdk.WriteFile(t.Context(), &coreweavev1.WriteFileRequest{
				SandboxId: idOfName(name), Path: path + strings.Repeat("x", n), Content: make([]byte, 4<<20),
			}); err != nil || n == 100 {
				return n, err
			}
			n++
		}
	}
	n, err := fill("/f")
	if n < 3 || n > 4 {
		t.Errorf("%d files of 4 MiB fit on a disk of 16", n)
	}
	wantError(t, err, errdefs.ResourceExhausted, "CWSANDBOX_FILE_IO_FAILED")
	_, err = e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: "/g", Content: make([]byte, 4<<20)})
	wantError(t, err, errdefs.ResourceExhausted, "FILE_NO_SPACE")
	if got := e.shell(name, "rm /f*; echo text > /f; cat /f"); got != "text" {
		t.Errorf("after the disk was full: %q", got)
	}

	e.Stop() // what has been made outlives it
	if got := e.Footprint().Disks; len(got) != 2 || !strings.Contains(strings.Join(got, " "), idOf(larger)) {
		t.Errorf("loop devices while no sandboxd runs: %q", got)
	}
	e.Restart()
	if got := e.shell(name, "cat /f"); got != "text" {
		t.Errorf("with another sandboxd: %q", got)
	}
	for _, n := range []string{name, larger.GetName()} {
		e.stop(n)
	}
	if got := e.Footprint().Disks; len(got) != 0 {
		t.Errorf("loop devices of sandboxes that have ended: %q", got)
	}
}
