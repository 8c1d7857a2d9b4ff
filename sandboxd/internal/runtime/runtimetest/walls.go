package runtimetest

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// wantCapabilities is the set that boot documents, as /proc/self/status writes it: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL,
// SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, SYS_CHROOT, SETFCAP.
const wantCapabilities = "00000000800405fb"

func testCredentials(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	status := b.Run("cat", "/proc/self/status").Stdout
	for _, want := range []string{
		"CapPrm:\t" + wantCapabilities, "CapEff:\t" + wantCapabilities, "CapBnd:\t" + wantCapabilities,
		"CapInh:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
	} {
		if !strings.Contains(status, want+"\n") {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	if s.differs(OwnUserIDs) {
		wantResult(t, "the user ids", b.Run("awk", "{print $1, $2, $3}", "/proc/self/uid_map"), Result{Stdout: "0 0 4294967295\n"})
		return
	}
	// Root inside is nobody outside.
	if m := strings.Fields(b.Run("cat", "/proc/self/uid_map").Stdout); len(m) != 3 || m[0] != "0" || m[1] == "0" || m[2] != "65536" {
		t.Errorf("uid map %v", m)
	}
}

func testSystemCalls(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for what, c := range map[string]struct {
		argv []string
		want string
	}{
		"mount":                   {[]string{"165", "0", "0", "0", "0", "0"}, "EPERM"},
		"unshare a user ns":       {[]string{"272", "0x10000000"}, "EPERM"},
		"setns":                   {[]string{"308", "0", "0"}, "EPERM"},
		"bpf":                     {[]string{"321", "0", "0", "0"}, "EPERM"},
		"keyctl":                  {[]string{"250", "0", "0"}, "EPERM"},
		"userfaultfd":             {[]string{"323", "0"}, "EPERM"},
		"perf_event_open":         {[]string{"298", "0", "0", "0"}, "EPERM"},
		"kcmp":                    {[]string{"312", "1", "1", "0", "0", "0"}, "EPERM"},
		"pidfd_getfd":             {[]string{"438", "0", "0", "0"}, "EPERM"},
		"process_madvise":         {[]string{"440", "0", "0", "0", "0", "0"}, "EPERM"},
		"fanotify_init":           {[]string{"300", "0", "0"}, "EPERM"},
		"listmount":               {[]string{"458", "0", "0", "0", "0"}, "ENOSYS"},
		"open_tree_attr":          {[]string{"467", "0", "0", "0", "0", "0"}, "ENOSYS"},
		"a vsock":                 {[]string{"41", "40", "1", "0"}, "EAFNOSUPPORT"},
		"an AF_ALG socket":        {[]string{"41", "38", "5", "0"}, "EAFNOSUPPORT"},
		"io_uring_setup":          {[]string{"425", "1", "0"}, "ENOSYS"},
		"clone3":                  {[]string{"435", "0", "0"}, "ENOSYS"},
		"an x32 getpid":           {[]string{"0x40000027"}, "ENOSYS"},
		"a packet socket":         {[]string{"41", "17", "3", "0"}, "EAFNOSUPPORT"},
		"getpid":                  {[]string{"39"}, "ok"},
		"sethostname":             {[]string{"170", "0", "0"}, "EPERM"},
		"reboot":                  {[]string{"169", "0", "0", "0"}, "EPERM"},
		"open_by_handle_at":       {[]string{"304", "0", "0", "0"}, "EPERM"},
		"personality of its wish": {[]string{"135", "0x0100"}, "EPERM"},
	} {
		if got := b.call(c.argv...); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

func testNothingOfTheHost(t *testing.T, s *suite) {
	secretPlace := filepath.Join(t.TempDir(), "host-file")
	WriteFile(t, secretPlace, "of the host")
	b := s.box(t).Configured(agent.Config{})
	if r := b.Run("cat", secretPlace); r.Code == 0 {
		t.Error("a file of the host can be read")
	}
	host, err := os.Hostname()
	mustDo(t, err)
	if got := strings.TrimSpace(b.Run("hostname").Stdout); got == host {
		t.Error("the host's name is the sandbox's")
	}
	if mounts := b.Run("cat", "/proc/self/mountinfo").Stdout; strings.Contains(mounts, "/var/lib") || strings.Contains(mounts, os.TempDir()) {
		t.Errorf("mounts show the host:\n%s", mounts)
	}
	if devices := b.Run("sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '").Stdout; devices != "lo\n" {
		t.Errorf("network devices %q, want lo alone", devices)
	}
	if r := b.Run("sh", "-c", "echo 1 > /proc/sys/kernel/panic"); r.Code == 0 {
		t.Error("a setting of the kernel can be written")
	}
	if r := b.Run("mknod", "/tmp/disk", "b", "254", "0"); r.Code == 0 {
		t.Error("a device can be made")
	}
}

func testAgentOutOfReach(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{Env: []agent.EnvVar{secret("TOKEN", "the-value-of-it")}})
	for _, file := range []string{"environ", "mem", "maps"} {
		if r := b.Run("cat", "/proc/1/"+file); r.Code == 0 {
			t.Errorf("/proc/1/%s of the agent can be read", file)
		}
	}
	if r := b.Run("ls", "/proc/1/fd"); r.Code == 0 && !s.differs(AgentNumbers) {
		t.Error("the agent's descriptors can be listed")
	}
	// What they are can't be seen, and none can be opened or be gone through.
	for _, use := range []string{"readlink $fd", "[ -e $fd ]", ": <$fd", ": >>$fd", "cd $fd", ": >$fd/agent.sock"} {
		r := b.Sh("n=0; for i in $(seq 0 16); do fd=/proc/1/fd/$i; (" + use + ") 2>/dev/null && n=$((n+1)); done; echo $n")
		wantResult(t, use+" with a descriptor of the agent's", r, Result{Stdout: "0\n"})
	}
	if got := b.probe("ptrace", "1"); got != "EPERM" {
		t.Errorf("tracing the agent: %s, want EPERM", got)
	}
	if args := b.Run("cat", "/proc/1/cmdline").Stdout; strings.Contains(args, "the-value-of-it") {
		t.Error("the agent's arguments hold a value")
	}
}

func testAgentSurvivesSignals(t *testing.T, s *suite) {
	// What sandboxd ignores, as nohup has it do, is no command's concern.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	defer signal.Reset(syscall.SIGHUP, syscall.SIGINT)
	b := s.box(t).Configured(agent.Config{})
	// Forks go on meanwhile: a thread that forks blocks signals.
	ctx, cancel := context.WithCancel(Context(t))
	var forks sync.WaitGroup
	forks.Go(func() {
		for ctx.Err() == nil {
			if p, err := b.Exec(ctx, agent.ExecRequest{Argv: []string{"true"}}); err == nil {
				_ = p.Close()
			}
		}
	})
	for range 20 {
		wantResult(t, "sending every signal to the agent", b.Run("probe", "signals"), Result{Stdout: "sent\n"})
	}
	cancel()
	forks.Wait()
	wantResult(t, "a command after the signals", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
	if s.differs(ShortStatus) {
		wantResult(t, "a hang-up", b.Sh("kill -HUP $$"), Result{Code: 128 + 1})
		wantResult(t, "an interrupt", b.Sh("kill -INT $$"), Result{Code: 128 + 2})
		return
	}
	wantResult(t, "what a command ignores", b.Run("grep", "SigIgn", "/proc/self/status"), Result{Stdout: "SigIgn:\t0000000000000000\n"})
}

func testLoad(t *testing.T, s *suite) {
	first, closeFirst := s.open(t)
	cfg := newConfig(Limits, s.root)
	made, err := first.Create(Context(t), cfg)
	mustDo(t, err)
	mustDo(t, agent.NewClient(made.Dial).Configure(Context(t), agent.Config{Env: []agent.EnvVar{secret("TOKEN", "still-there")}}))
	id := made.ID()
	closeFirst()
	second := s.runtime(t)
	t.Cleanup(func() { mustDo(t, second.Remove(context.Background(), id)) })
	ids, err := second.List(Context(t))
	mustDo(t, err)
	if len(ids) != 1 || ids[0] != id {
		t.Fatalf("found %v, want %s", ids, id)
	}
	found, err := second.Load(Context(t), id)
	mustDo(t, err)
	p, err := agent.NewClient(found.Dial).Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "echo $TOKEN"}})
	mustDo(t, err)
	defer p.Close()
	ev, err := p.Recv()
	mustDo(t, err)
	if string(ev.Data) != "still-there\n" {
		t.Errorf("the loaded sandbox says %q", ev.Data)
	}
	mustDo(t, second.Remove(Context(t), id))
	<-found.Done()
}

func testEnd(t *testing.T, s *suite) {
	r := s.runtime(t)
	before := hostState(t)
	b := NewBox(t, r, Limits, s.root).Configured(agent.Config{})
	b.Run("sh", "-c", "sleep 1000 >/dev/null 2>&1 & mkdir -p /a/b/c; chmod 0 /a")
	for range 2 { // and a second time, of what is not there
		mustDo(t, r.Remove(Context(t), b.ID()))
	}
	<-b.Done()
	ids, err := r.List(Context(t))
	mustDo(t, err)
	if len(ids) != 0 {
		t.Errorf("left: %v", ids)
	}
	if after := hostState(t); after != before {
		t.Errorf("the host's mounts changed:\n%s\nbefore:\n%s", after, before)
	}
	if _, err := r.Load(Context(t), b.ID()); err == nil {
		t.Error("a removed sandbox can be loaded")
	}
}

// hostState is what a sandbox must leave as it was: the mounts of this process.
func hostState(t testing.TB) string {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	mustDo(t, err)
	return string(mounts)
}

func testMain(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{Env: []agent.EnvVar{secret("TOKEN", "a-long-enough-value")}})
	_, err := b.Client.StartMain(Context(t), []string{"sh", "-c", "echo token $TOKEN; exit 7"})
	mustDo(t, err)
	code, err := b.Client.WaitMain(Context(t))
	mustDo(t, err)
	if code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
	log, err := b.Client.Logs(Context(t), 0)
	mustDo(t, err)
	defer log.Close()
	rec, err := log.Next()
	mustDo(t, err)
	if got := string(rec.Data); got != "token ***\n" {
		t.Errorf("the log says %q, want the value masked", got)
	}
}

func testFileLinks(t *testing.T, s *suite) {
	outside := filepath.Join(t.TempDir(), "outside")
	WriteFile(t, outside, "of the host")
	b := s.box(t).Configured(agent.Config{})
	b.Run("ln", "-s", outside, "/link")
	b.Run("ln", "-s", "../../../../../../.."+filepath.Dir(outside), "/dir")
	for _, path := range []string{"/link", "/dir/outside", "/../../.." + outside} {
		_, err := b.Client.ReadFile(Context(t), path, 1<<20)
		wantReason(t, "reading "+path, err, "FILE_NOT_FOUND")
	}
	_ = b.Client.WriteFile(Context(t), "/link", 0, []byte("changed"))
	if got, err := os.ReadFile(outside); err != nil || string(got) != "of the host" {
		t.Errorf("the host's file is %q, %v", got, err)
	}
}
