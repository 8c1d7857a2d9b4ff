package oci_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime/oci"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

// TestGVisorOnTheHost looks at a sandbox's processes from the host, where whoever gets the better of its kernel would be: each is a
// user of no rights, with a filter of system calls, in namespaces of its own.
func TestGVisorOnTheHost(t *testing.T) {
	cfg := config(t, oci.Runsc)
	r, err := oci.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	b := runtimetest.NewBox(t, r, runtimetest.Limits, runtimetest.BusyboxRoot(t)).Configured(agent.Config{})
	if _, err := b.StartMain(runtimetest.Context(t), []string{"sleep", "1000"}); err != nil {
		t.Fatal(err)
	}
	const nobody = "65534"
	kinds := map[string]int{}
	for _, dir := range inCgroup(t, "/"+cfg.CgroupParent+"/"+b.ID()) {
		status := statusOf(t, dir)
		if status == nil {
			continue // it has ended
		}
		uid := strings.Fields(status["Uid"])
		if len(slices.Compact(uid)) != 1 || status["NoNewPrivs"] != "1" || status["Seccomp"] != "2" {
			t.Errorf("%s: %v", dir, status)
		}
		kinds[uid[0]]++
		if uid[0] == nobody && strings.Trim(status["CapEff"]+status["CapPrm"]+status["CapBnd"]+status["CapInh"]+status["CapAmb"], "0") != "" {
			t.Errorf("the sandbox's kernel has capabilities: %v", status)
		}
		for _, kind := range []string{"user", "mnt", "pid", "net", "ipc", "uts"} {
			theirs, err := os.Readlink(filepath.Join(dir, "ns", kind))
			ours, _ := os.Readlink("/proc/self/ns/" + kind)
			if err == nil && theirs == ours {
				t.Errorf("%s, user %s, is in the host's %s namespace", dir, uid[0], kind)
			}
		}
		// Nothing of the host's is mounted but, for the one that opens files, the image.
		mounts, _ := os.ReadFile(filepath.Join(dir, "mountinfo"))
		for line := range strings.Lines(string(mounts)) {
			f := strings.Fields(line)
			if fs := f[slices.Index(f, "-")+1]; uid[0] == nobody && fs != "tmpfs" && fs != "proc" {
				t.Errorf("the sandbox's kernel has a mount: %s", line)
			}
		}
	}
	if kinds["0"] != 0 || kinds[nobody] == 0 || len(kinds) != 2 {
		t.Errorf("users of the sandbox's processes: %v, want nobody and the root of its range", kinds)
	}
	// The directory that the agent made its socket in is gone, and the socket is root's.
	entries, err := os.ReadDir(filepath.Join(cfg.StateDir, oci.Runsc, b.ID()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"agent.log", "agent.sock", "disk.img", "record.json"}; !slices.Equal(names, want) {
		t.Errorf("the sandbox's directory has %v, want %v", names, want)
	}
}

// inCgroup returns the directories in /proc of a cgroup's processes.
func inCgroup(t *testing.T, cgroup string) (found []string) {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if content, _ := os.ReadFile(filepath.Join(dir, "cgroup")); strings.Contains(string(content), cgroup) {
			found = append(found, dir)
		}
	}
	return found
}

// statusOf reads a process's status; nil when it has ended.
func statusOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	content, _ := os.ReadFile(filepath.Join(dir, "status"))
	status := map[string]string{}
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(line, ":")
		status[key] = strings.TrimSpace(value)
	}
	if len(status) == 0 || strings.HasPrefix(status["State"], "Z") {
		return nil
	}
	return status
}
