package runtimetest

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// secured makes a sandbox that is narrowed, or was given more, as a spec says that the policy has let through.
func (s *suite) secured(t *testing.T, sec sandbox.Security, cfg agent.Config) *Box {
	t.Helper()
	given := runtime.Security{AddCapabilities: sec.Added(), ReadOnlyRoot: sec.ReadOnlyRoot}
	cfg.NonRoot, cfg.Dropped = sec.NonRoot, given.Capabilities()&^sec.Capabilities()
	return newBox(t, s.runtime(t), Limits, given, s.root).Configured(cfg)
}

// capabilitiesOf runs a command as user and returns what the kernel says of it: permitted, effective, inheritable, bounding
// and ambient sets, in capabilities(7)'s order of /proc/<pid>/status.
func capabilitiesOf(b *Box, user string) string {
	return b.RunRequest(agent.ExecRequest{Argv: []string{"grep", "^Cap", "/proc/self/status"}, User: user}).Stdout
}

func capabilityLines(inherited, permitted, bounding string) string {
	return "CapInh:\t" + inherited + "\nCapPrm:\t" + permitted + "\nCapEff:\t" + permitted + "\nCapBnd:\t" + bounding + "\nCapAmb:\t" + inherited + "\n"
}

func testDroppedCapabilities(t *testing.T, s *suite) {
	const none = "0000000000000000"
	for name, c := range map[string]struct {
		security sandbox.Security
		want     string // as /proc/<pid>/status writes it
	}{
		"one":                         {sandbox.Security{Drop: []string{"NET_BIND_SERVICE"}}, "00000000800401fb"},
		"all":                         {sandbox.Security{Drop: []string{"ALL"}}, none},
		"all but one":                 {sandbox.Security{Drop: []string{"ALL"}, Add: []string{"CHOWN"}}, "0000000000000001"},
		"one more":                    {sandbox.Security{Add: []string{"NET_RAW"}}, "00000000800425fb"},
		"one that is not otherwise":   {sandbox.Security{Drop: []string{"ALL"}, Add: []string{"NET_RAW"}}, "0000000000002000"},
		"one that nobody has anyway":  {sandbox.Security{Drop: []string{"SYS_ADMIN"}}, wantCapabilities},
		"what changes users and ends": {sandbox.Security{Drop: []string{"SETUID", "SETGID", "KILL", "SETPCAP", "DAC_OVERRIDE"}}, "0000000080040419"},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.secured(t, c.security, agent.Config{})
			for range 4 { // whichever thread forks
				if got := capabilitiesOf(b, ""); got != capabilityLines(none, c.want, c.want) {
					t.Errorf("root has\n%swant %s", got, c.want)
				}
			}
			if got := capabilitiesOf(b, "ada"); got != capabilityLines(none, none, c.want) {
				t.Errorf("ada has\n%swant none, and a bounding set of %s", got, c.want)
			}
		})
	}

	b := s.secured(t, sandbox.Security{Drop: []string{"ALL"}}, agent.Config{})
	// The main process and background processes are started in the same way, and what they start has no more.
	_, err := b.StartMain(Context(t), []string{"sh", "-c", "grep ^CapBnd /proc/self/status; chown 5 /tmp 2>&1; echo $?"})
	mustDo(t, err)
	_, err = b.WaitMain(Context(t))
	mustDo(t, err)
	log, err := b.Logs(Context(t), 0)
	mustDo(t, err)
	defer log.Close()
	rec, err := log.Next()
	mustDo(t, err)
	if got := string(rec.Data); !strings.HasPrefix(got, "CapBnd:\t"+none+"\n") {
		t.Errorf("the main process says %q", got)
	}
	if r := b.Run("chown", "1000", "/etc/passwd"); r.Code == 0 {
		t.Error("without CHOWN, root can give a file away")
	}
	// The agent has what it needs: it acts as whom it is told, ends what is another user's, and writes where it is told.
	if got := b.RunRequest(agent.ExecRequest{Argv: []string{"id", "-u"}, User: "ada"}).Stdout; got != "1000\n" {
		t.Errorf("ada's id is %q", got)
	}
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sleep", "1000"}, User: "ada"})
	mustDo(t, err)
	defer p.Close()
	mustDo(t, p.Signal(15))
	if r := Collect(t, p); r.Code != 143 {
		t.Errorf("ada's command ended with %+v, want 143", r)
	}
	mustDo(t, b.WriteFile(Context(t), "/home/ada/file", 0, []byte("x")))
}

func testAddedCapability(t *testing.T, s *suite) {
	rawSocket := []string{"probe", "call", "41", "2", "3", "1"} // socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)
	b := s.secured(t, sandbox.Security{Add: []string{"NET_RAW"}}, agent.Config{})
	if got := b.Run(rawSocket...).Stdout; got != "ok\n" {
		t.Errorf("with NET_RAW, a raw socket: %s", got)
	}
	if got := b.RunRequest(agent.ExecRequest{Argv: rawSocket, User: "ada"}).Stdout; got != "EPERM\n" {
		t.Errorf("another user, a raw socket: %s, want EPERM", got)
	}
	if got := s.box(t).Configured(agent.Config{}).Run(rawSocket...).Stdout; got != "EPERM\n" {
		t.Errorf("without NET_RAW, a raw socket: %s, want EPERM", got)
	}
}

func testNonRoot(t *testing.T, s *suite) {
	for _, user := range []string{"", "root", "0", "0:1000", "00", "root:ada"} {
		b := newBox(t, s.runtime(t), Limits, runtime.Security{}, s.root)
		wantReason(t, "configure as "+user, b.Configure(Context(t), agent.Config{User: user, NonRoot: true}), "RUN_AS_ROOT")
	}
	b := s.secured(t, sandbox.Security{NonRoot: true}, agent.Config{User: "ada"})
	if got := b.Run("id", "-u").Stdout; got != "1000\n" {
		t.Errorf("runs as %q", got)
	}
	// Who a name is, the sandbox's own passwd says, and that can change.
	mustDo(t, b.WriteFile(Context(t), "/etc/passwd", 0, []byte("ada:x:0:0::/root:/bin/sh\nbob:x:0:0::/:/bin/sh\n")))
	for _, user := range []string{"0", "0:0", "ada", "bob"} {
		_, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"id"}, User: user})
		wantReason(t, "exec as "+user, err, "RUN_AS_ROOT")
		_, err = b.StartProcess(Context(t), agent.ExecRequest{Argv: []string{"id"}, User: user})
		wantReason(t, "background process as "+user, err, "RUN_AS_ROOT")
	}
	// The group of root is no way to root.
	if got := b.RunRequest(agent.ExecRequest{Argv: []string{"id", "-u"}, User: "7:0"}).Stdout; got != "7\n" {
		t.Errorf("runs as %q", got)
	}
}

func testReadOnlyRoot(t *testing.T, s *suite) {
	b := s.secured(t, sandbox.Security{ReadOnlyRoot: true}, agent.Config{WorkingDir: "/tmp/work"})
	for _, script := range []string{
		"echo x > /file", "echo x >> /etc/passwd", "mkdir /dir", "rm /etc/group", "chmod 777 /etc", "mv /etc/group /etc/g",
		"echo x > /root/f", "echo x > /etc/hosts", "touch /bin/sh", "ln -s a /b", "mount -o remount,rw /",
	} {
		if r := b.Sh(script); r.Code == 0 {
			t.Errorf("%s: succeeded", script)
		}
	}
	if r := b.Sh("mount"); strings.Contains(r.Stdout, "overlay on / type overlay (rw") {
		t.Errorf("the root can be written:\n%s", r.Stdout)
	}
	for _, dir := range sandbox.WritablePaths {
		wantResult(t, "writing to "+dir, b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "echo mine > " + dir + "/file && cat " + dir + "/file"}, User: "ada"}), Result{Stdout: "mine\n"})
	}
	// A program can be put there and run, as build tools do; set-user-id bits count for nothing.
	wantResult(t, "a program in /tmp", b.Sh("cp /bin/busybox /tmp/busybox && /tmp/busybox echo runs"), Result{Stdout: "runs\n"})
	if r := b.Sh("grep ' /tmp ' /proc/self/mountinfo"); !strings.Contains(r.Stdout, "nosuid") || !strings.Contains(r.Stdout, "nodev") {
		t.Errorf("/tmp is mounted as %q", r.Stdout)
	}
	wantResult(t, "where the host's name is looked up", b.Run("hostname", "-i"), Result{Stdout: "127.0.0.1\n"})

	ctx := Context(t)
	wantReason(t, "write a file", b.WriteFile(ctx, "/file", 0, []byte("x")), "FILE_READ_ONLY")
	wantReason(t, "replace a file", b.WriteFile(ctx, "/etc/passwd", 0, []byte("x")), "FILE_READ_ONLY")
	wantReason(t, "make a directory", b.MakeDirectory(ctx, "/dir", 0, true), "FILE_READ_ONLY")
	wantReason(t, "remove a file", b.RemoveFile(ctx, "/etc/passwd", false), "FILE_READ_ONLY")
	wantReason(t, "move a file", b.MoveFile(ctx, "/etc/passwd", "/etc/p", false), "FILE_READ_ONLY")
	mustDo(t, b.WriteFile(ctx, "/tmp/a/b", 0, []byte("x")))

	other := newBox(t, s.runtime(t), Limits, runtime.Security{ReadOnlyRoot: true}, s.root)
	wantReason(t, "a working directory that is not there", other.Configure(ctx, agent.Config{WorkingDir: "/srv/app"}), "FILE_READ_ONLY")
}

// testReadOnlyMemory: what a sandbox writes with its root read-only is bounded by its memory.
func testReadOnlyMemory(t *testing.T, s *suite) {
	limits := Limits
	limits.MemoryBytes = 64 << 20
	b := newBox(t, s.runtime(t), limits, runtime.Security{ReadOnlyRoot: true}, s.root).Configured(agent.Config{})
	if r := b.Run("dd", "if=/dev/zero", "of=/tmp/big", "bs=1M", "count=200"); r.Code == 0 {
		t.Errorf("200 MiB fit into 64: %+v", r)
	}
	b.Run("rm", "-f", "/tmp/big")
	wantResult(t, "a command after that", b.Run("echo", "well"), Result{Stdout: "well\n"})
}
