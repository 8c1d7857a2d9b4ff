package footprint

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/config"
)

type process struct {
	pid        int
	name       string
	namespaces []string
}

// nobody is the user of a kernel that runs as a process.
const nobody = 65534

// processes are those of sandboxes: they run as a user of sandboxd's range, or nobody, and are in a cgroup below its own, or have
// something of its state directory open or mounted. The range alone would not do: another sandboxd may have the same.
func processes(t testing.TB, cfg config.Config) (found []process) {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		uid, name, inherited := status(dir)
		theirs := uid >= cfg.UIDBase && uid < cfg.UIDBase+cfg.UIDCount || uid == nobody
		if inherited || !theirs || !belongs(dir, cfg) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir)) // it is a number
		p := process{pid: pid, name: name}
		for _, kind := range []string{"user", "mnt", "pid", "net", "ipc", "uts"} {
			if ns, err := os.Readlink(dir + "/ns/" + kind); err == nil { // a zombie has none
				p.namespaces = append(p.namespaces, ns)
			}
		}
		found = append(found, p)
	}
	return found
}

// status returns the real user id, -1 for a process that has gone, the name, and whether it is a zombie that the host's init has
// inherited, as it does an OCI runtime's containers: that is removed by init when it gets to it, and by nobody else.
func status(dir string) (uid int, name string, inherited bool) {
	content, _ := os.ReadFile(dir + "/status")
	uid = -1
	var state, parent string
	for line := range strings.Lines(string(content)) {
		switch fields := strings.Fields(line); {
		case len(fields) > 1 && fields[0] == "Name:":
			name = fields[1]
		case len(fields) > 1 && fields[0] == "State:":
			state = fields[1]
		case len(fields) > 1 && fields[0] == "PPid:":
			parent = fields[1]
		case len(fields) > 1 && fields[0] == "Uid:":
			uid, _ = strconv.Atoi(fields[1])
		}
	}
	return uid, name, state == "Z" && parent == "1"
}

func belongs(dir string, cfg config.Config) bool {
	signs := []struct{ name, has string }{{"mountinfo", cfg.StateDir}}
	for _, runtime := range cfg.Runtimes {
		signs = append(signs, struct{ name, has string }{"cgroup", "/" + cfg.RuntimeCgroup(runtime) + "/"})
	}
	for _, file := range signs {
		if content, err := os.ReadFile(filepath.Join(dir, file.name)); err == nil && strings.Contains(string(content), file.has) {
			return true
		}
	}
	fds, _ := filepath.Glob(dir + "/fd/*")
	for _, fd := range fds {
		if path, err := os.Readlink(fd); err == nil && strings.HasPrefix(path, cfg.StateDir+"/") {
			return true
		}
	}
	return false
}

// mounts looks into every mount namespace that a thread of the host is in: sandboxd makes mounts on one of its threads.
func mounts(t testing.TB, cfg config.Config, sandboxes []process) (found []string) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/[0-9]*/task/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	inside := map[string]bool{}
	for _, p := range sandboxes {
		for _, ns := range p.namespaces {
			inside[ns] = true
		}
	}
	seen := map[string]bool{}
	for _, task := range tasks {
		ns, err := os.Readlink(task + "/ns/mnt")
		if err != nil || seen[ns] {
			continue
		}
		seen[ns] = true
		content, _ := os.ReadFile(task + "/mountinfo")
		for line := range strings.Lines(string(content)) {
			// 36 35 98:0 /root /point rw,noatime - overlay overlay rw,lowerdir=…
			before, after, _ := strings.Cut(line, " - ")
			fields, kind := strings.Fields(before), strings.Fields(after)
			if len(fields) < 5 || len(kind) == 0 {
				continue
			}
			if point := fields[4]; inside[ns] && point == "/" || strings.HasPrefix(point, cfg.StateDir+"/") {
				found = append(found, ns+" "+point+" "+kind[0])
			}
		}
	}
	return found
}
