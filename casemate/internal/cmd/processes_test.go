package cmd

import (
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestBackgroundProcesses(t *testing.T) {
	sb := box(t)
	wantRun := func(want result, args ...string) {
		t.Helper()
		if got := commandLine(t, "", args...); got != want {
			t.Errorf("%v: got %+v, want %+v", args, got, want)
		}
	}
	wantRun(result{0, "p1\n", ""}, "exec", "-d", "-e", "A=b", sb, "--", "sh", "-c", "echo $A; pwd; echo err >&2; exit 3")
	wantRun(result{3, "b\n/srv\n", "err\n"}, "attach", sb, "p1")
	wantRun(result{3, "b\n/srv\n", "err\n"}, "attach", sb, "p1") // whoever comes later gets it too
	wantRun(result{0, "p2\n", ""}, "exec", "-d", "-i", sb, "--", "sh", "-c", "cat; echo end")
	if got := commandLine(t, "typed\n", "attach", "-i", sb, "p2"); got != (result{0, "typed\nend\n", ""}) {
		t.Errorf("attach -i: %+v", got)
	}
	wantRun(result{0, "p3\n", ""}, "exec", "-d", sb, "--", "sleep", "600")
	list := commandLine(t, "", "ps", sb)
	want := `^PROCESS +PID +STATE +STARTED +ENDED +COMMAND
p1 +\d+ +exit 3 +(now|\d+ seconds? ago) .*sh -c echo \$A.*
p2 .* exit 0 .*
p3 +\d+ +running +.* - +sleep 600
$`
	if !regexp.MustCompile(want).MatchString(list.stdout) || list.code != 0 {
		t.Errorf("ps: %+v", list)
	}
	wantRun(result{0, "p1\np2\np3\n", ""}, "ps", "-q", sb)
	wantRun(result{0, "", ""}, "kill", sb, "p3")
	wantRun(result{143, "", ""}, "attach", sb, "p3")
	wantRun(result{0, "p4\n", ""}, "exec", "-d", sb, "--", "sh", "-c", "trap 'exit 9' USR1; echo up >/tmp/up; cat /tmp/up; while :; do :; done")
	wantRun(result{0, "", ""}, "exec", sb, "--", "sh", "-c", "until [ -s /tmp/up ]; do :; done")
	wantRun(result{0, "", ""}, "kill", "-s", "sigusr1", sb, "p4")
	wantRun(result{9, "up\n", ""}, "attach", sb, "p4")
	wantRun(result{0, "p5\n", ""}, "exec", "-d", "--timeout", "50ms", sb, "--", "sleep", "600")
	wantRun(result{137, "", "casemate: the command was killed: its time was over\n"}, "attach", sb, "p5")
	wantRun(result{0, "p6\n", ""}, "exec", "-d", sb, "--", "nonesuch")
	wantRun(result{127, "", "casemate: nonesuch: command not found\n"}, "attach", sb, "p6")
	wantRun(result{137, "", "casemate: the command was killed: its time was over\n"}, "exec", "--timeout", "50ms", sb, "--", "sleep", "600")

	wantRun(result{1, "", "casemate: error: the sandbox has no background process \"x\"\ncasemate: hint: " + hints["PROCESS_NOT_FOUND"] + "\n"}, "attach", sb, "x")
	wantRun(result{1, "", "casemate: error: the sandbox has no such background process\ncasemate: hint: " + hints["PROCESS_NOT_FOUND"] + "\n"}, "kill", sb, "p99")
	wantRun(result{2, "", "casemate: error: --signal \"NOPE\": want a name, such as TERM, or a number from 1 to 64\ncasemate: hint: see `casemate kill --help`\n"}, "kill", "-s", "NOPE", sb, "p1")
	wantRun(result{2, "", "casemate: error: --stdin goes with --detach: without it the command has this one's input anyway\ncasemate: hint: see `casemate exec --help`\n"},
		"exec", "-i", sb, "--", "true")
}

func TestExecTellsOutOfMemory(t *testing.T) {
	sb := box(t)
	got := commandLine(t, "", "exec", sb, "--", "sh", "-c", "exec tail -c 2147483648 /dev/zero")
	if want := (result{137, "", "casemate: the command was killed: the sandbox ran out of memory\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := commandLine(t, "", "exec", sb, "--", "sh", "-c", "kill -9 $$"); got != (result{137, "", ""}) {
		t.Errorf("a plain kill: %+v", got)
	}
}

func TestExecTellsTooMuchOutput(t *testing.T) {
	box(t)
	run := commandLine(t, "", "run", "-d", "--output", "1KiB", sandboxdtest.BusyboxImage)
	if run.code != 0 {
		t.Fatalf("%+v", run)
	}
	got := commandLine(t, "", "exec", strings.TrimSpace(run.stdout), "--", "yes")
	want := result{137, strings.Repeat("y\n", 512), "casemate: the command was killed: it wrote more than the sandbox's limit of output (--output)\n"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Control-C lets go of a process and leaves it alone.
func TestAttachDetaches(t *testing.T) {
	sb := box(t)
	if got := commandLine(t, "", "exec", "-d", sb, "--", "sh", "-c", "echo up; sleep 600"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	out, code := watchFor("up"), make(chan int, 1)
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer w.Close()
	go func() {
		code <- Main(t.Context(), Streams{In: in, Out: out, Err: out}, []string{"attach", sb, "p1"}, "test")
	}()
	wait(t, "its output", out.seen)
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if c := wait(t, "the command line to end", code); c != 0 || !strings.HasSuffix(out.String(), "casemate: detached from p1, which runs on\n") {
		t.Errorf("code %d, output %q", c, out)
	}
	if got := commandLine(t, "", "ps", sb); !strings.Contains(got.stdout, "running") {
		t.Errorf("afterwards: %+v", got)
	}
}

func TestAttachToATerminal(t *testing.T) {
	sb := box(t)
	if got := commandLine(t, "", "exec", "-d", "-t", sb, "--", "sh", "-c", `until [ "$(stty size)" = "30 100" ]; do sleep 0.01; done; echo sized; read a; echo "got $a"; read b; exit 5`); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	attach := func(wantText, typed string) (code int, text string) {
		person, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer person.Close()
		defer terminal.Close()
		if err := pty.Setsize(person, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
			t.Fatal(err)
		}
		out, ended := watchFor(wantText), make(chan int, 1)
		go func() {
			ended <- Main(t.Context(), Streams{In: terminal, Out: out, Err: out}, []string{"attach", sb, "p1"}, "test")
		}()
		wait(t, wantText, out.seen)
		if _, err := io.WriteString(person, typed); err != nil {
			t.Fatal(err)
		}
		return wait(t, "the command line to end", ended), out.String()
	}
	if code, text := attach("sized", "hello\r\x1dnot for it"); code != 0 || !strings.Contains(text, "detached from p1") {
		t.Errorf("code %d, output %q", code, text)
	}
	if code, text := attach("got hello", "\r"); code != 5 {
		t.Errorf("code %d, output %q", code, text)
	}
}
