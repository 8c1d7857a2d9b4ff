package oci_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/oci"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

var runtimes atomic.Int64

// config returns a configuration that no other test or daemon shares anything with.
func config(t testing.TB, name string) oci.Config {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("sandboxes need root: run the tests with sudo")
	}
	parent := fmt.Sprintf("casemate-test-%d-%d", os.Getpid(), runtimes.Add(1))
	t.Cleanup(func() { removeParentCgroups(t, parent) })
	return oci.Config{
		Name: name, StateDir: t.TempDir(), AgentPath: runtimetest.AgentPath(t), CgroupParent: parent, Ranges: onhost.NewRanges(0, 0),
	}
}

func removeParentCgroups(t testing.TB, parent string) {
	dirs, _ := filepath.Glob("/sys/fs/cgroup/*/" + parent)
	for _, d := range append(dirs, "/sys/fs/cgroup/"+parent) {
		if err := os.Remove(d); err != nil && !os.IsNotExist(err) {
			t.Errorf("the parent cgroup is not empty: %v", err)
		}
	}
}

// place is where the runtimes of one test keep their sandboxes.
type place struct {
	config oci.Config
	inUse  bool
}

func TestConformance(t *testing.T) {
	for name, differences := range map[string][]runtimetest.Difference{oci.Runc: nil, oci.Crun: nil, oci.Runsc: gvisorDiffers} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for most of their time
			conform(t, name, differences...)
		})
	}
}

func conform(t *testing.T, name string, differences ...runtimetest.Difference) {
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%v: `make deps-test` installs it", err)
	}
	places := map[string]*place{}
	runtimetest.Run(t, func(t testing.TB) (runtime.Runtime, func()) {
		p := places[t.Name()]
		if p == nil || p.inUse { // the place of one that was let go of is opened again
			p = &place{config: config(t, name)}
			places[t.Name()] = p
		}
		r, err := oci.New(p.config)
		if err != nil {
			t.Fatal(err)
		}
		p.inUse = true
		return r, func() {
			p.inUse = false
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}, differences...)
}
