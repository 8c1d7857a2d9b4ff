package runtimetest

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// testCoreDumps looks at the one limit that keeps the kernel from starting the host's handler of crashes (kernel.core_pattern
// with a pipe), and tries to change it in each way there is.
func testCoreDumps(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const limit = "ulimit -c 0; ulimit -H -c 0; probe call 160 4 0; grep core /proc/self/limits | tr -s ' '"
	wantResult(t, "the limit of core dumps", b.Sh(limit), Result{Stdout: "ok\nMax core file size 1 1 bytes \n"})
	wantResult(t, "a crash", b.Sh("cd /tmp; sh -c 'kill -SEGV $$'; echo $?; ls"), Result{Stdout: "139\n", Stderr: "Segmentation fault\n"})
	// Other limits are the program's own business.
	wantResult(t, "another limit", b.Sh("ulimit -n 100 && ulimit -n"), Result{Stdout: "100\n"})
}

// testInheritedDescriptors has every kind of process list what it has open; the list itself is 3.
func testInheritedDescriptors(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	wantResult(t, "a command", b.Run("ls", "/proc/self/fd"), Result{Stdout: "0\n1\n2\n3\n"})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"ls", "-1", "/proc/self/fd"}, Terminal: &agent.TerminalSize{Width: 80, Height: 24}})
	mustDo(t, err)
	defer p.Close()
	wantResult(t, "a command at a terminal", Collect(t, p), Result{Stdout: "0\r\n1\r\n2\r\n3\r\n"})
	_, err = b.StartMain(Context(t), []string{"sh", "-c", "ls /proc/self/fd >/tmp/main"})
	mustDo(t, err)
	_, err = b.WaitMain(Context(t))
	mustDo(t, err)
	b.wantFile("/tmp/main", "0\n1\n2\n3\n")
}

// testRightsFromFiles makes files that would give their user more than they have.
func testRightsFromFiles(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("cp /bin/probe /suid; chmod 4755 /suid; cp /bin/probe /cap")
	wantResult(t, "to give a file capabilities", b.Run("probe", "filecaps", "/cap"), Result{Stdout: "ok\n"})
	as := func(argv ...string) Result { return b.RunRequest(agent.ExecRequest{Argv: argv, User: "ada"}) }
	wantResult(t, "a set-user-id file", as("/suid", "euid"), Result{Stdout: "1000\n"})
	wantResult(t, "a file with capabilities", as("/cap", "call", "106", "0"), Result{Stdout: "EPERM\n"}) // setgid(0)
	wantResult(t, "a device", b.Sh("mknod /null c 1 3 2>/dev/null; echo $?"), Result{Stdout: "1\n"})
}

// testKernelSettings writes to what would change the host, or where the kernel starts a program of one's choice as its root.
func testKernelSettings(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for _, file := range []string{
		"/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
		"/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/randomize_va_space", "/proc/sys/vm/drop_caches", "/proc/sys/vm/overcommit_memory",
		"/proc/sys/fs/file-max", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/net/ipv4/ip_forward", "/proc/irq/0/smp_affinity",
		"/proc/1/oom_score_adj", "/proc/1/mem", "/proc/kmsg", "/proc/kcore", "/proc/timer_list", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/fs/cgroup/release_agent",
		"/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory.max",
		"/dev/kmsg", "/dev/mem", "/dev/fuse", "/dev/net/tun", "/dev/loop-control", "/dev/loop0", "/dev/vda",
	} {
		if file == "/proc/1/oom_score_adj" && s.differs(OOMEndsSandbox) {
			continue // which is nothing to anybody
		}
		if got := b.probe("write", file); got == "ok" {
			t.Errorf("%s can be written", file)
		}
	}
	wantResult(t, "the agent's memory", b.Run("probe", "peek", "1"), Result{Stdout: "EPERM\n"})
	for what, argv := range map[string][]string{
		"add_key":                {"248", "0", "0", "0", "0", "0"},
		"request_key":            {"249", "0", "0", "0", "0"},
		"clock_settime":          {"227", "0", "0"},
		"settimeofday":           {"164", "0", "0"},
		"swapon":                 {"167", "0", "0"},
		"kexec_load":             {"246", "0", "0", "0", "0"},
		"init_module":            {"175", "0", "0", "0"},
		"syslog":                 {"103", "3", "0", "0"},
		"acct":                   {"163", "0"},
		"quotactl":               {"179", "0", "0", "0", "0"},
		"fsopen":                 {"430", "0", "0"},
		"open_tree":              {"428", "0", "0", "0"},
		"move_mount":             {"429", "0", "0", "0", "0", "0"},
		"pivot_root":             {"155", "0", "0"},
		"umount2":                {"166", "0", "0"},
		"iopl":                   {"172", "3"},
		"a nicer priority":       {"141", "0", "0", "0xffffffec"},
		"a priority of realtime": {"251", "1", "0", "0x2000"},
	} {
		got := b.call(argv...)
		if got == "ok" && s.differs(NoPriorities) && strings.Contains(what, "priority") {
			continue
		}
		if got != "EPERM" && got != "EACCES" && got != "ENOSYS" {
			t.Errorf("%s: %s", what, got)
		}
	}
}

func testChroot(t *testing.T, s *suite) {
	outside := filepath.Join(t.TempDir(), "outside")
	WriteFile(t, outside, "of the host")
	b := s.box(t).Configured(agent.Config{})
	// The sandbox's own root may be reached, as it may on Linux; beyond it there is nothing.
	want := "own root: true host's file: false\n"
	if s.differs(ChrootHolds) {
		want = "own root: false host's file: false\n"
	}
	wantResult(t, "out of a changed root", b.Run("probe", "escape", outside), Result{Stdout: want})
}

func testKillAll(t *testing.T, s *suite) {
	r := s.runtime(t)
	b := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	neighbour := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	p, err := neighbour.Exec(Context(t), agent.ExecRequest{Argv: []string{"sleep", "600"}})
	mustDo(t, err)
	defer p.Close()
	const everyNumber = "i=1; while [ $i -lt 400 ]; do kill -9 $i 2>/dev/null; i=$((i+1)); done"
	if s.differs(AgentThreadsDie) {
		for range 3 {
			b.Sh("kill -STOP -1; kill -9 -1; kill -9 1; kill -STOP 1")
		}
		wantResult(t, "a command after it", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
		end, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", everyNumber}})
		mustDo(t, err)
		defer end.Close()
		<-b.Done()
	} else {
		for range 3 {
			b.Sh("kill -STOP -1; kill -9 -1; " + everyNumber)
		}
		wantResult(t, "a command after it", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
	}
	mustDo(t, p.Signal(15))
	wantResult(t, "the neighbour's, ended by its own", Collect(t, p), Result{Code: 143})
}

func testAbstractSockets(t *testing.T, s *suite) {
	name := "casemate-" + t.Name()
	l, err := net.Listen("unix", "@"+name)
	mustDo(t, err)
	defer l.Close()
	b := s.box(t).Configured(agent.Config{})
	if got := b.probe("connect", name); got != "ECONNREFUSED" && got != "EPERM" {
		t.Errorf("a socket of the host: %s", got)
	}
}
