package cmd

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// result is what a command line left behind.
type result struct {
	code   int
	stdout string
	stderr string
}

// commandLine runs the command line in this process, with stdin as its standard input.
func commandLine(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_, _ = io.WriteString(w, stdin)
		_ = w.Close()
	}()
	var out, errs bytes.Buffer
	code := Main(t.Context(), Streams{In: r, Out: &out, Err: &errs}, args, "test")
	return result{code, out.String(), errs.String()}
}

func TestExecStreams(t *testing.T) {
	startHost(t)
	big := strings.Repeat("0123456789abcdef", 64<<10) // 1 MiB, many messages each way
	tests := []struct {
		name  string
		stdin string
		args  []string
		want  result
	}{
		{"exit code 0", "", []string{"exec", "sb-1", "--", "true"}, result{0, "", ""}},
		{"the command's exit code", "", []string{"exec", "sb-1", "--", "sh", "-c", "exit 42"}, result{42, "", ""}},
		{"both outputs apart", "", []string{"exec", "sb-1", "--", "sh", "-c", "echo out; echo err >&2"}, result{0, "out\n", "err\n"}},
		{"stdin to its end", "a\nb\n", []string{"exec", "sb-1", "--", "wc", "-l"}, result{0, "2\n", ""}},
		{"much of it", big, []string{"exec", "sb-1", "--", "cat"}, result{0, big, ""}},
		{"a command that reads nothing", big, []string{"exec", "sb-1", "--", "echo", "done"}, result{0, "done\n", ""}},
		{"without dashes", "", []string{"exec", "sb-1", "echo", "-n", "x"}, result{0, "x", ""}},
		{"flags of the command are its own", "", []string{"exec", "sb-1", "--", "echo", "--env", "-t"}, result{0, "--env -t\n", ""}},
		{"environment", "", []string{"exec", "-e", "GREETING=hello world", "sb-1", "--", "sh", "-c", `echo "$GREETING"`}, result{0, "hello world\n", ""}},
		{"killed by a signal", "", []string{"exec", "sb-1", "--", "sh", "-c", "kill -9 $$"}, result{137, "", ""}},
		{"full name", "", []string{"exec", "teams/ml/sandboxes/sb-1", "--", "echo", "x"}, result{0, "x\n", ""}},
		{"no such sandbox", "", []string{"exec", "other", "--", "true"}, result{1, "",
			"casemate: error: sandbox other does not exist\ncasemate: hint: `casemate ps -a` shows the team's sandboxes, ended ones too\n"}},
		{"malformed sandbox", "", []string{"exec", "No_Such", "--", "true"}, result{1, "",
			"casemate: error: name: a sandbox's id has only a-z, 0-9 and -; character 1 is none of them\ncasemate: hint: see `casemate exec --help`\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := commandLine(t, tt.stdin, tt.args...)
			if got != tt.want {
				t.Errorf("got code %d, %d bytes of stdout, stderr %q; want code %d, %d bytes, %q",
					got.code, len(got.stdout), got.stderr, tt.want.code, len(tt.want.stdout), tt.want.stderr)
			}
		})
	}
}

// watcher collects output, and tells when a text has come.
type watcher struct {
	mu   sync.Mutex
	text strings.Builder
	want string
	seen chan struct{}
}

func watchFor(want string) *watcher { return &watcher{want: want, seen: make(chan struct{})} }

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	had := strings.Contains(w.text.String(), w.want)
	w.text.Write(p)
	if !had && strings.Contains(w.text.String(), w.want) {
		close(w.seen)
	}
	return len(p), nil
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func wait[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("waited for %s", what)
		panic("unreachable")
	}
}

func TestExecForwardsSignals(t *testing.T) {
	startHost(t)
	for name, tt := range map[string]struct {
		sig  syscall.Signal
		trap string
	}{"SIGUSR1": {syscall.SIGUSR1, "USR1"}, "SIGINT": {syscall.SIGINT, "INT"}, "SIGHUP": {syscall.SIGHUP, "HUP"}} {
		t.Run(name, func(t *testing.T) {
			out := watchFor("ready")
			code := make(chan int, 1)
			in, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			defer w.Close()
			script := "trap 'echo trapped; exit 7' " + tt.trap + "; echo ready; while :; do sleep 0.01; done"
			go func() {
				code <- Main(t.Context(), Streams{In: in, Out: out, Err: out}, []string{"exec", "sb-1", "--", "sh", "-c", script}, "test")
			}()
			wait(t, "the command to run", out.seen)
			if err := syscall.Kill(os.Getpid(), tt.sig); err != nil {
				t.Fatal(err)
			}
			if c := wait(t, "the command to end", code); c != 7 || !strings.Contains(out.String(), "trapped") {
				t.Errorf("code %d, output %q", c, out)
			}
		})
	}
}

func TestExecOnATerminal(t *testing.T) {
	startHost(t)
	person, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	defer terminal.Close()
	if err := pty.Setsize(person, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	out := watchFor("size 30 100")
	code := make(chan int, 1)
	script := `test -t 0 && test -t 1 && test -t 2 && echo size $(stty size)
until [ "$(stty size)" = "40 120" ]; do sleep 0.01; done; echo resized
read -r line; echo "got $line"; exit 5`
	go func() {
		code <- Main(t.Context(), Streams{In: terminal, Out: out, Err: out}, []string{"exec", "-t", "sb-1", "--", "sh", "-c", script}, "test")
	}()
	wait(t, "the terminal's size", out.seen)

	out.mu.Lock()
	out.want, out.seen = "resized", make(chan struct{})
	out.mu.Unlock()
	if err := pty.Setsize(person, &pty.Winsize{Cols: 120, Rows: 40}); err != nil {
		t.Fatal(err)
	}
	// The kernel signals the terminal's foreground group, which a test's process is not.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	wait(t, "the new size", out.seen)
	// Carriage return, as the Enter key of a raw terminal sends it.
	if _, err := io.WriteString(person, "hello\r"); err != nil {
		t.Fatal(err)
	}
	if c := wait(t, "the command to end", code); c != 5 || !strings.Contains(out.String(), "got hello") {
		t.Errorf("code %d, output %q", c, out)
	}
}

func TestRunStopsItsSandbox(t *testing.T) {
	h := startHost(t)
	got := commandLine(t, "in", "run", "--secret", "HF_TOKEN", "-s", "DB.password@3=PGPASSWORD", "-e", "A=b", "--memory", "64MiB", "--cpus", "0.5", "python:3.11", "--", "sh", "-c", "cat; exit 9")
	if want := (result{9, "in", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(h.runs) != 1 || len(h.execs) != 1 || len(h.stopped) != 1 || h.stopped[0] != "teams/ml/sandboxes/sb-1" {
		t.Fatalf("%d runs, %d execs, stopped %v", len(h.runs), len(h.execs), h.stopped)
	}
	spec := h.runs[0].GetSpec()
	if len(spec.GetCommand()) != 0 || spec.GetImage() != "python:3.11" || spec.GetEnvironment()["A"] != "b" ||
		spec.GetResources().GetMemoryBytes() != 64<<20 || spec.GetResources().GetCpuMillis() != 500 {
		t.Errorf("spec = %v", spec)
	}
	s := spec.GetSecrets()
	if len(s) != 2 || s[0].GetSecret() != "HF_TOKEN" || s[0].GetEnvVar() != "" ||
		s[1].GetSecret() != "DB" || s[1].GetField() != "password" || s[1].GetVersion() != "3" || s[1].GetEnvVar() != "PGPASSWORD" {
		t.Errorf("secrets = %v", s)
	}
}

func TestRunThatIsEndedStopsItsSandbox(t *testing.T) {
	h := startHost(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := watchFor("ready")
	code := make(chan int, 1)
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer w.Close()
	go func() {
		code <- Main(ctx, Streams{In: in, Out: out, Err: out}, []string{"run", "x", "--", "sh", "-c", "echo ready; sleep 60"}, "test")
	}()
	wait(t, "the command to run", out.seen)
	cancel() // as main does on SIGTERM
	if c := wait(t, "the command line to end", code); c != 143 || strings.Contains(out.String(), "error") {
		t.Errorf("code %d, output %q", c, out.String())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.stopped) != 1 {
		t.Errorf("stopped %v", h.stopped)
	}
}

func TestRunDetached(t *testing.T) {
	h := startHost(t)
	got := commandLine(t, "", "--team", "ml", "run", "-d", "--tag", "a", "--lifetime", "1h", "x", "--", "sleep", "60")
	if want := (result{0, "sb-1\n", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if r := h.runs[0]; strings.Join(r.GetSpec().GetCommand(), " ") != "sleep 60" || r.GetParent() != "teams/ml" ||
		r.GetSpec().GetMaxLifetime().AsDuration() != time.Hour || len(h.stopped) != 0 || len(h.execs) != 0 {
		t.Errorf("run %v, stopped %v", r, h.stopped)
	}
}

func TestRunListsEveryViolation(t *testing.T) {
	startHost(t)
	got := commandLine(t, "", "run", "missing", "--", "true")
	want := result{1, "", `casemate: error: 2 secrets could not be resolved in team ml
casemate:   teams/ml/secrets/A: does not exist
casemate:   teams/ml/secrets/B: may not be used
casemate: hint: ` + hints["SECRETS_UNRESOLVED"] + `
casemate: hint: ` + "`casemate events sb-2` tells what happened\n"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
