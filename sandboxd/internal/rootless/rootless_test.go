package rootless_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

const accepted = "rootless: {without_limits: true}\nnetwork: {name_servers: [" + worldAddr + "]}\n"

// Sandboxes that an ordinary user's sandboxd makes work, go on when it is killed, are taken up by the next, and leave nothing.
func TestSandboxesOfAnOrdinaryUser(t *testing.T) {
	d := install(t, uid, accepted)
	d.run()
	d.connect()
	online, offline := d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_INTERNET), d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_NONE)

	check := func(when string) {
		t.Helper()
		for _, c := range []struct{ what, sandbox, script, want string }{
			{"its secret", offline, "echo $TOKEN", "value-of-token"},
			{"who it is", offline, "id -u", "0"},
			{"files of its users", offline, "touch /home/app/x && chown app /home/app/x && stat -c %U /home/app /home/app/x", "app\napp"},
			{"files in layers are root's", offline, "stat -c %u /bin/busybox && echo more >>/etc/passwd && tail -1 /etc/passwd && sed -i '$d' /etc/passwd", "0\nmore"},
			{"a directory of the image that is made anew", offline, "rm -rf /home/app && mkdir /home/app && ls -A /home/app && chown app /home/app", ""},
			{"files that it may have open", offline, "ulimit -n", "16384"},
			{"links without a network", offline, "ls /sys/class/net", "lo"},
			{"the world", online, greeting(worldAddr), "the world greets " + hostAddr},
			{"the world by its name", online, greeting(worldName), "the world greets " + hostAddr},
			{"the world, without a network", offline, greeting(worldAddr), "nc: can't connect to remote host (" + worldAddr + "): Network is unreachable"},
		} {
			if got := d.shell(c.sandbox, c.script); got != c.want {
				t.Errorf("%s, %s: %q, want %q", when, c.what, got, c.want)
			}
		}
	}
	check("at first")
	for _, w := range []string{"limits a sandbox's memory", "limits what a sandbox writes", "share one range", "slirp4netns", "on disk and in memory"} {
		if !strings.Contains(d.log(), w) {
			t.Errorf("the log says nothing of %q", w)
		}
	}

	d.end(syscall.SIGKILL)
	d.run()
	check("after sandboxd was killed and started again")
	d.end(syscall.SIGTERM)
	d.run()
	check("after sandboxd was stopped and started again")

	_, err := d.api.UpdateNetwork(t.Context(), &sandboxv1.UpdateNetworkRequest{Name: online, Network: &sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE}})
	must(t, err)
	if got := d.shell(online, greeting(worldAddr)); strings.Contains(got, "greets") {
		t.Errorf("the world, after the network was taken away: %q", got)
	}

	for _, name := range []string{online, offline} {
		_, err := d.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: name})
		must(t, err)
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, "state/runtimes/native/[a-z0-9]*")); len(left) > 0 {
		t.Errorf("left of removed sandboxes: %v", left)
	}
	d.end(syscall.SIGTERM)
	d.nothingRuns()
}

// Nothing of the user who runs sandboxd, of the host or of a neighbour is in a sandbox's reach.
func TestWallsOfAnOrdinaryUsersSandboxes(t *testing.T) {
	d := install(t, uid, accepted)
	d.run()
	d.connect()
	sandbox, neighbour := d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_INTERNET), d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_INTERNET)
	d.shell(neighbour, "echo a neighbour greets >/srv/index.html && httpd -h /srv")
	neighbourAddr := d.shell(neighbour, "ip -4 -o addr show eth0 | sed 's/.*inet //; s/[ /].*//'")

	for what, c := range map[string]struct{ script, reached string }{
		"the user's files":            {"cat " + d.dir + "/private", "own"},
		"the user's files by /proc":   {"cat /proc/1/root" + d.dir + "/private /proc/1/cwd/" + d.dir + "/private", "own"},
		"the user's abstract socket":  {"cat /proc/net/unix", socket},
		"another file system":         {"mount -t tmpfs none /mnt && echo reached", "reached"},
		"another user namespace":      {"unshare -U true && echo reached", "reached"},
		"a device of the host":        {"mknod /tmp/tun c 10 200 && cat /tmp/tun && echo reached; ls /dev/net/tun && echo reached", "reached"},
		"the host by its address":     {greeting(hostAddr), "greets"},
		"the host by another address": {greeting(otherAddr), "greets"},
		"the host's loopback":         {greeting("127.0.0.1"), "greets"},
		"the host by its gateway":     {greeting("$(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p')"), "greets"},
		"a neighbour":                 {greeting(neighbourAddr), "greets"},
	} {
		if got := d.shell(sandbox, c.script); strings.Contains(got, c.reached) {
			t.Errorf("%s: %s", what, got)
		}
	}
	if got := d.shell(neighbour, greeting("127.0.0.1")); got != "a neighbour greets" {
		t.Errorf("the neighbour does not listen: %s", got)
	}
	if got, err := strconv.Atoi(d.shell(sandbox, "ls /proc | grep -c '^[0-9]'")); err != nil || got > 6 {
		t.Errorf("a sandbox sees %d processes, which are not all its own (%v)", got, err)
	}

	// What gets out of its namespaces is nobody on the host: an id of the user's range, and never the user's own.
	inside := 0
	for pid, name := range d.processes() {
		ids, err := os.ReadFile(fmt.Sprintf("/proc/%d/uid_map", pid))
		must(t, err)
		if f := strings.Fields(string(ids)); len(f) == 3 && f[1] == strconv.Itoa(firstSub) {
			inside++
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			must(t, err)
			if strings.Contains(string(status), strconv.Itoa(uid)) {
				t.Errorf("process %d (%s) of a sandbox is the user's:\n%s", pid, name, status)
			}
		}
	}
	if inside < 2 {
		t.Errorf("%d processes have the user's range for their ids, which those of two sandboxes have", inside)
	}
}

// greeting is a command that prints what the server at an address says. It closes the connection in its direction before the answer
// comes.
func greeting(address string) string {
	return "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 " + address + " 80 | tail -n 1"
}
