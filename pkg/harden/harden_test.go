package harden_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/harden"
)

const (
	childMode = "HARDEN_TEST_MODE" // what the test binary is to be
	childArg  = "HARDEN_TEST_ARG"
	nobody    = 65534
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) {
	switch os.Getenv(childMode) {
	case "":
		os.Exit(m.Run())
	case "hardened":
		locked, why, err := harden.Process(os.Getenv(childArg))
		fmt.Println(locked, why, err)
	case "plain":
		fmt.Println("plain")
	case "tracer":
		var pid int
		_, err := fmt.Sscan(os.Getenv(childArg), &pid)
		if err == nil {
			err = unix.PtraceSeize(pid)
		}
		fmt.Println(err)
		os.Exit(0)
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the test closes it
}

// child is the test binary as a process of its own, and the line that it printed.
type child struct {
	t    *testing.T
	pid  int
	line string
}

func start(t *testing.T, mode, arg string, attr *syscall.SysProcAttr) child {
	t.Helper()
	// A copy that every user may run.
	bin := filepath.Join("/tmp", "harden-test-"+strings.ReplaceAll(t.Name(), "/", "-"))
	self, err := os.ReadFile("/proc/self/exe")
	must(t, err)
	if _, err := os.Stat(bin); err != nil {
		must(t, os.WriteFile(bin, self, 0o755))
		t.Cleanup(func() { must(t, os.Remove(bin)) })
	}
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Env = []string{childMode + "=" + mode, childArg + "=" + arg}
	cmd.Dir, cmd.SysProcAttr = "/", attr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("%s printed nothing", mode)
	}
	return child{t, cmd.Process.Pid, lines.Text()}
}

// proc returns a line of a file of the child's in /proc, in single spaces.
func (c child) proc(file, prefix string) string {
	c.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.pid, file))
	must(c.t, err)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, prefix) {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	c.t.Fatalf("%s has no line %s", file, prefix)
	return ""
}

func asNobody() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

func TestMemoryIsLocked(t *testing.T) {
	if c := start(t, "plain", "", nil); c.proc("status", "VmLck:") != "VmLck: 0 kB" {
		t.Fatal("memory is locked without us")
	}
	for _, lock := range []string{harden.LockAuto, harden.LockRequire} {
		c := start(t, "hardened", lock, nil)
		if c.line != "true <nil> <nil>" || c.proc("status", "VmLck:") == "VmLck: 0 kB" {
			t.Errorf("%s as root: %s, %s", lock, c.line, c.proc("status", "VmLck:"))
		}
	}
	if c := start(t, "hardened", harden.LockOff, nil); c.line != "false <nil> <nil>" || c.proc("status", "VmLck:") != "VmLck: 0 kB" {
		t.Errorf("off: %s, %s", c.line, c.proc("status", "VmLck:"))
	}
}

// TestWhereALimitCounts runs as a user without the capability and with a limit.
func TestWhereALimitCounts(t *testing.T) {
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit))
	must(t, unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: 8 << 20, Max: limit.Max})) // children inherit it
	t.Cleanup(func() { must(t, unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit)) })
	if c := start(t, "hardened", harden.LockAuto, asNobody()); !strings.HasPrefix(c.line, "false ") || !strings.Contains(c.line, "CAP_IPC_LOCK") || !strings.HasSuffix(c.line, "<nil>") {
		t.Errorf("auto: %s, want a reason and no error", c.line)
	}
	if c := start(t, "hardened", harden.LockRequire, asNobody()); !strings.Contains(c.line, "memory_lock is require") {
		t.Errorf("require: %s, want an error", c.line)
	}
}

// TestNobodyReadsIt has a process of the same user try to trace one that is hardened, and one that is not.
func TestNobodyReadsIt(t *testing.T) {
	hardened, plain := start(t, "hardened", harden.LockOff, asNobody()), start(t, "plain", "", asNobody())
	if c := start(t, "tracer", fmt.Sprint(plain.pid), asNobody()); c.line != "<nil>" {
		t.Fatalf("a process that is not hardened can't be traced here, so the test says nothing: %s (kernel.yama.ptrace_scope?)", c.line)
	}
	if c := start(t, "tracer", fmt.Sprint(hardened.pid), asNobody()); c.line != syscall.EPERM.Error() {
		t.Errorf("tracing: %s, want %v", c.line, syscall.EPERM)
	}
	for _, file := range []string{"mem", "environ", "maps"} {
		cat := func(pid int) error {
			cmd := exec.CommandContext(t.Context(), "head", "-c0", fmt.Sprintf("/proc/%d/%s", pid, file))
			cmd.SysProcAttr = asNobody()
			return cmd.Run()
		}
		if err := cat(plain.pid); err != nil {
			t.Errorf("%s of a plain process: %v", file, err)
		}
		var exit *exec.ExitError
		if err := cat(hardened.pid); !errors.As(err, &exit) {
			t.Errorf("%s of a hardened process can be opened", file)
		}
	}
}

func TestNoCoreDumps(t *testing.T) {
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_CORE, &limit))
	must(t, unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: limit.Max, Max: limit.Max}))
	t.Cleanup(func() { must(t, unix.Setrlimit(unix.RLIMIT_CORE, &limit)) })
	const prefix = "Max core file size 0 "
	if c := start(t, "plain", "", nil); strings.HasPrefix(c.proc("limits", "Max core file size"), prefix) {
		t.Fatal("core dumps are off without us")
	}
	if c := start(t, "hardened", harden.LockOff, nil); !strings.HasPrefix(c.proc("limits", "Max core file size"), prefix) {
		t.Errorf("limits: %s", c.proc("limits", "Max core file size"))
	}
}

func TestCheckLock(t *testing.T) {
	for text, ok := range map[string]bool{"auto": true, "require": true, "off": true, "": false, "on": false} {
		if err := harden.CheckLock(text); (err == nil) != ok {
			t.Errorf("CheckLock(%q) = %v", text, err)
		}
	}
}
