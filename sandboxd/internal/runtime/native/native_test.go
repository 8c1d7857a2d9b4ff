package native_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

var runtimes atomic.Int64

// config returns a configuration that no other test or daemon shares anything with.
func config(t testing.TB) native.Config {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("sandboxes need root: run the tests with sudo")
	}
	parent := fmt.Sprintf("casemate-test-%d-%d", os.Getpid(), runtimes.Add(1))
	t.Cleanup(func() { removeParentCgroups(t, parent) })
	return native.Config{StateDir: t.TempDir(), AgentPath: runtimetest.AgentPath(t), CgroupParent: parent}
}

func removeParentCgroups(t testing.TB, parent string) {
	dirs, _ := filepath.Glob("/sys/fs/cgroup/*/" + parent)
	for _, d := range append(dirs, "/sys/fs/cgroup/"+parent) {
		if err := os.Remove(d); err != nil && !os.IsNotExist(err) {
			t.Errorf("the parent cgroup is not empty: %v", err)
		}
	}
}

func open(t testing.TB, cfg native.Config) runtime.Runtime {
	t.Helper()
	r, err := native.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// place is where the runtimes of one test keep their sandboxes.
type place struct {
	config native.Config
	inUse  bool
}

func TestConformance(t *testing.T) {
	places := map[string]*place{}
	runtimetest.Run(t, func(t testing.TB) (runtime.Runtime, func()) {
		p := places[t.Name()]
		if p == nil || p.inUse { // the place of one that was let go of is opened again
			p = &place{config: config(t)}
			places[t.Name()] = p
		}
		r, err := native.New(p.config)
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
	})
}
