package runtimetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

func wantResult(t testing.TB, what string, got, want Result) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func wantReason(t testing.TB, what string, err error, reason string) {
	t.Helper()
	if errdefs.ReasonOf(err) != reason {
		t.Errorf("%s: got error %v, want reason %s", what, err, reason)
	}
}

func env(pairs ...string) []agent.EnvVar {
	var e []agent.EnvVar
	for i := 0; i < len(pairs); i += 2 {
		e = append(e, agent.EnvVar{Name: pairs[i], Value: redact.New([]byte(pairs[i+1]))})
	}
	return e
}

func secret(name, value string) agent.EnvVar {
	return agent.EnvVar{Name: name, Value: redact.New([]byte(value)), Secret: true}
}

func testEnvironment(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{Env: append(env("COLOUR", "red", "SHAPE", "round", "EMPTY", ""), secret("TOKEN", "very-secret"))})
	got := b.RunRequest(agent.ExecRequest{Argv: []string{"env"}, Env: map[string]string{"COLOUR": "blue", "MORE": "yes = no"}})
	want := "SHAPE=round\nEMPTY=\nTOKEN=very-secret\nCOLOUR=blue\nMORE=yes = no\n" +
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME=/root\nUSER=root\n"
	if sorted(got.Stdout) != sorted(want) {
		t.Errorf("environment: got\n%s\nwant\n%s", got.Stdout, want)
	}
	_, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"env"}, Env: map[string]string{"TOKEN": "mine"}})
	wantReason(t, "overriding a secret", err, "SECRET_VARIABLE")
	_, err = b.Exec(Context(t), agent.ExecRequest{Argv: []string{"env"}, Env: map[string]string{"A=B": "c"}})
	wantReason(t, "a malformed name", err, "INVALID_ARGUMENT")

	// A login shell reads /etc/profile, and still has what it was given.
	wantResult(t, "login shell", b.Run("sh", "-lc", "echo $TOKEN"), Result{Stdout: "very-secret\n"})
	if _, err := b.StartMain(Context(t), []string{"sh", "-c", "test $TOKEN = very-secret && test $SHAPE = round"}); err != nil {
		t.Fatal(err)
	}
	if code, err := b.WaitMain(Context(t)); code != 0 || err != nil {
		t.Errorf("the main process's environment: exit code %d, %v", code, err)
	}
}

func sorted(s string) string {
	l := strings.Split(s, "\n")
	slices.Sort(l)
	return strings.Join(l, "\n")
}

func testEnvironmentPrivate(t *testing.T, s *suite) {
	const marker = "marker-of-a-secret-value"
	b := s.box(t).Configured(agent.Config{Env: []agent.EnvVar{secret("TOKEN", marker)}})
	r := b.Sh("cat /proc/1/environ /proc/1/cmdline; tr '\\0' '\\n' </proc/1/cmdline")
	if strings.Contains(r.Stdout, marker) || !strings.Contains(r.Stdout, "sandbox-agent") {
		t.Errorf("what /proc says of PID 1: %+v", r)
	}
}

func testConfigureOnce(t *testing.T, s *suite) {
	b := s.box(t)
	ctx := Context(t)
	_, err := b.Exec(ctx, agent.ExecRequest{Argv: []string{"true"}})
	wantReason(t, "exec before configure", err, "AGENT_NOT_CONFIGURED")
	_, err = b.StartMain(ctx, []string{"true"})
	wantReason(t, "start before configure", err, "AGENT_NOT_CONFIGURED")
	wantReason(t, "write before configure", b.WriteFile(ctx, "/x", 0, nil), "AGENT_NOT_CONFIGURED")
	wantReason(t, "unknown user", b.Configure(ctx, agent.Config{User: "nobody-here"}), "USER_NOT_FOUND")
	mustDo(t, b.Ping(ctx))
	b.Configured(agent.Config{})
	wantReason(t, "a second time", b.Configure(ctx, agent.Config{}), "AGENT_CONFIGURED")
	_, err = b.WaitMain(ctx)
	wantReason(t, "wait without main process", err, "NO_MAIN_PROCESS")
}

func testExitCodes(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	mustDo(t, b.WriteFile(Context(t), "/plain", 0o644, []byte("text")))
	mustDo(t, b.WriteFile(Context(t), "/noexec", 0o755, []byte("neither ELF nor script")))
	mustDo(t, b.WriteFile(Context(t), "/badinterp", 0o755, []byte("#!/no/such/interpreter\n")))
	for _, c := range []struct {
		argv []string
		want Result
	}{
		{[]string{"true"}, Result{}},
		{[]string{"/bin/true"}, Result{}},
		{[]string{"sh", "-c", "exit 42"}, Result{Code: 42}},
		{[]string{"sh", "-c", "kill -TERM $$"}, Result{Code: 128 + 15}},
		{[]string{"no-such-command", "x"}, Result{Code: 127, Stderr: "casemate: no-such-command: command not found\n"}},
		{[]string{"/no/such/file"}, Result{Code: 127, Stderr: "casemate: /no/such/file: command not found\n"}},
		{[]string{"/plain"}, Result{Code: 126, Stderr: "casemate: /plain: permission denied\n"}},
		{[]string{"/etc"}, Result{Code: 126, Stderr: "casemate: /etc: permission denied\n"}},
		{[]string{"/noexec"}, Result{Code: 126, Stderr: "casemate: /noexec: exec format error\n"}},
		{[]string{"/badinterp"}, Result{Code: 127, Stderr: "casemate: /badinterp: its interpreter was not found\n"}},
	} {
		wantResult(t, fmt.Sprint(c.argv), b.Run(c.argv...), c.want)
	}
	_, err := b.Exec(Context(t), agent.ExecRequest{})
	wantReason(t, "no command", err, "INVALID_ARGUMENT")
}

func testUsers(t *testing.T, s *suite) {
	const script = "id -u; id -g; id -G; echo $HOME $USER; touch /tmp/mine && stat -c %u:%g /tmp/mine; rm -f /tmp/mine"
	b := s.box(t).Configured(agent.Config{})
	for user, want := range map[string]string{
		"":          "0\n0\n0\n/root root\n0:0\n",
		"ada":       "1000\n1000\n1000 26 50\n/home/ada ada\n1000:1000\n",
		"1000":      "1000\n1000\n1000 26 50\n/home/ada ada\n1000:1000\n",
		"ada:staff": "1000\n50\n50\n/home/ada ada\n1000:50\n",
		"1000:7":    "1000\n7\n7\n/home/ada ada\n1000:7\n",
		"4242":      "4242\n0\n0\n/\n4242:0\n",
		"4242:4343": "4242\n4343\n4343\n/\n4242:4343\n",
	} {
		r := b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", script}, User: user})
		wantResult(t, "user "+user, r, Result{Stdout: want})
	}
	for _, user := range []string{"bob", "ada:bobs", "70000", "-1"} {
		_, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"id"}, User: user})
		wantReason(t, "user "+user, err, "USER_NOT_FOUND")
	}
	wantResult(t, "su", b.Run("su", "ada", "-c", "id -u"), Result{Stdout: "1000\n"})
	wantResult(t, "chown", b.Sh("touch /f && chown ada:staff /f && stat -c %U:%G /f"), Result{Stdout: "ada:staff\n"})

	// A sandbox whose own user is not root: its files and directories are that user's.
	b = s.box(t).Configured(agent.Config{User: "ada", WorkingDir: "/srv/deep", Files: []agent.File{{Path: "/conf/a", Content: []byte("x")}}})
	wantResult(t, "configured user", b.Sh("id -u; pwd; stat -c %U . /conf /conf/a; echo hello >new && cat new"),
		Result{Stdout: "1000\n/srv/deep\nada\nada\nada\nhello\n"})
	r := b.Sh("grep CapEff /proc/self/status; cat /etc/shadow 2>&1; kill -9 1 2>&1")
	if !strings.Contains(r.Stdout, "0000000000000000") {
		t.Errorf("a plain user has capabilities: %+v", r)
	}
}

func testWorkingDir(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{WorkingDir: "/made/for/it"})
	wantResult(t, "configured", b.Run("pwd"), Result{Stdout: "/made/for/it\n"})
	wantResult(t, "request's", b.RunRequest(agent.ExecRequest{Argv: []string{"pwd"}, WorkingDir: "/home/ada"}), Result{Stdout: "/home/ada\n"})
	for _, dir := range []string{"/missing", "/bin/busybox", "relative"} {
		_, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"pwd"}, WorkingDir: dir})
		wantReason(t, dir, err, "WORKING_DIRECTORY_INVALID")
	}
	wantResult(t, "relative command", b.RunRequest(agent.ExecRequest{Argv: []string{"./sh", "-c", "echo here"}, WorkingDir: "/bin"}), Result{Stdout: "here\n"})
}

func testOutput(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	wantResult(t, "both streams", b.Sh("echo out; echo err >&2; exit 3"), Result{Stdout: "out\n", Stderr: "err\n", Code: 3})
	wantResult(t, "no input", b.Run("cat"), Result{})

	// Sequences of several bytes arrive whole, however they were written; what is no sequence arrives too.
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c",
		`for i in $(seq 20); do printf '\342'; usleep 1000; printf '\202'; usleep 1000; printf '\254'; done; yes 'äöü€𝄞' | head -c 300000; printf '\377\303'`}})
	mustDo(t, err)
	defer p.Close()
	var all []byte
	for {
		e, err := p.Recv()
		mustDo(t, err)
		if e.Kind == agent.Exit {
			break
		}
		all = append(all, e.Data...)
		if r, n := utf8.DecodeLastRune(e.Data); r == utf8.RuneError && n == 1 && len(all) < 300000 {
			t.Fatalf("a sequence was split after %d bytes: …%q", len(all), e.Data[max(0, len(e.Data)-8):])
		}
	}
	if want := 20*3 + 300000 + 2; len(all) != want || !strings.HasSuffix(string(all), "\xff\xc3") || !strings.HasPrefix(string(all), strings.Repeat("€", 20)) {
		t.Errorf("got %d bytes, want %d; end %q", len(all), want, all[len(all)-4:])
	}
	if _, err := p.Recv(); err != io.EOF {
		t.Errorf("after the exit: %v, want EOF", err)
	}
}

const bigOutput = 64 << 20

func testSlowReader(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", fmt.Sprintf("yes 0123456789abcde | head -c %d; echo done >&2", bigOutput)}})
	mustDo(t, err)
	defer p.Close()
	// Nobody reads from the first; the second must not care.
	for range 5 {
		wantResult(t, "a second exec", b.Run("echo", "hello"), Result{Stdout: "hello\n"})
	}
	want := sha256.Sum256([]byte(strings.Repeat("0123456789abcde\n", bigOutput/16)))
	h, n := sha256.New(), 0
	for {
		e, err := p.Recv()
		mustDo(t, err)
		if e.Kind == agent.Stdout {
			n += len(e.Data)
			h.Write(e.Data)
		}
		if e.Kind == agent.Exit {
			break
		}
	}
	if n != bigOutput || [32]byte(h.Sum(nil)) != want {
		t.Errorf("got %d bytes, want %d, with the right hash", n, bigOutput)
	}
}

func testBackground(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	start := time.Now()
	wantResult(t, "a sleeper that holds the output", b.Sh("sleep 1000 & echo started"), Result{Stdout: "started\n"})
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("waited %v for a background process", d)
	}
	wantResult(t, "it runs on", b.Sh("pidof sleep | wc -w"), Result{Stdout: "1\n"})
	r := b.Sh("yes & head -c 5000000 /dev/zero; echo end >&2")
	if r.Code != 0 || r.Stderr != "end\n" || strings.Count(r.Stdout, "\x00") != 5000000 {
		t.Errorf("a busy background process: code %d, stderr %q, %d zeros", r.Code, r.Stderr, strings.Count(r.Stdout, "\x00"))
	}
	b.Sh("pkill yes; pkill sleep")
	// Orphans are reaped, whatever they leave behind.
	wantResult(t, "orphans", b.Sh("for i in $(seq 50); do (true &) ; done; usleep 200000; ps -o stat | grep -c Z"), Result{Stdout: "0\n", Code: 1})
}

func testStdin(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"cat"}, Stdin: true})
	mustDo(t, err)
	defer p.Close()
	input := strings.Repeat("a line of input\n", 200_000)
	go func() {
		if err := errors.Join(p.Write([]byte(input)), p.CloseStdin()); err != nil {
			t.Error(err)
		}
	}()
	if r := Collect(t, p); r.Stdout != input || r.Code != 0 {
		t.Errorf("got %d bytes and code %d, want %d bytes", len(r.Stdout), r.Code, len(input))
	}
	wantReason(t, "writing after the end", p.Write([]byte("x")), "STDIN_CLOSED")

	p, err = b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "exec <&-; usleep 100000; echo fine"}, Stdin: true})
	mustDo(t, err)
	defer p.Close()
	go func() { _ = p.Write([]byte(input)) }() // dropped, in part or as a whole
	wantResult(t, "input that nobody reads", Collect(t, p), Result{Stdout: "fine\n"})
}

func testUnreadStdin(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sleep", "1000"}, Stdin: true})
	mustDo(t, err)
	defer p.Close()
	written := make(chan error)
	go func() { written <- p.Write(make([]byte, 1<<20)) }()
	// A signal gets through though the input is stuck.
	mustDo(t, p.Signal(15))
	wantResult(t, "signal", Collect(t, p), Result{Code: 128 + 15})
	if err := <-written; err == nil {
		t.Error("a megabyte was written to a process that reads nothing")
	}
}

func testTerminal(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{
		Argv:     []string{"sh", "-c", "tty; stty size; echo $TERM; while read l; do case $l in size) stty size;; last) break;; *) echo got $l;; esac; done; cat; echo end"},
		Terminal: &agent.TerminalSize{Width: 80, Height: 24}, Stdin: true,
	})
	mustDo(t, err)
	defer p.Close()
	var out strings.Builder
	until := func(s string) {
		t.Helper()
		for !strings.Contains(out.String(), s) {
			e, err := p.Recv()
			mustDo(t, err)
			if e.Kind == agent.Exit {
				t.Fatalf("it ended before %q: %q", s, out.String())
			}
			out.Write(e.Data)
		}
	}
	until("/dev/pts/0\r\n24 80\r\nxterm\r\n")
	mustDo(t, p.Write([]byte("hello\n")))
	until("got hello\r\n")
	mustDo(t, p.Resize(100, 30))
	mustDo(t, p.Write([]byte("size\n")))
	until("30 100\r\n")
	mustDo(t, p.Write([]byte("last\n")))
	mustDo(t, p.CloseStdin()) // which cat sees
	until("end\r\n")
	if r := Collect(t, p); r.Code != 0 {
		t.Errorf("exit: %+v", r)
	}
	// A plain user owns his terminal.
	r := b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "stat -c %u $(tty); echo x >/dev/tty"}, User: "ada", Terminal: &agent.TerminalSize{Width: 1, Height: 1}})
	wantResult(t, "user's terminal", r, Result{Stdout: "1000\r\nx\r\n"})
	wantReason(t, "no terminal", func() error {
		p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"true"}})
		mustDo(t, err)
		defer p.Close()
		return p.Resize(1, 1)
	}(), "NO_TERMINAL")
}

func testSignals(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "trap 'echo caught; exit 5' USR1; echo ready; while :; do sleep 1000 & wait; done"}})
	mustDo(t, err)
	defer p.Close()
	if e, err := p.Recv(); err != nil || string(e.Data) != "ready\n" {
		t.Fatal(e, err)
	}
	mustDo(t, p.Signal(10))
	wantResult(t, "trap", Collect(t, p), Result{Stdout: "caught\n", Code: 5})
	wantReason(t, "no such signal", p.Signal(65), "INVALID_ARGUMENT")
	// Without a main process a signal is for everybody.
	p, err = b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sleep", "1000"}})
	mustDo(t, err)
	defer p.Close()
	mustDo(t, b.SignalMain(Context(t), 9))
	wantResult(t, "everybody", Collect(t, p), Result{Code: 137})
	mustDo(t, b.Ping(Context(t)))
}

func testCancel(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for name, end := range map[string]func(context.CancelFunc, *agent.Process){
		"context": func(cancel context.CancelFunc, _ *agent.Process) { cancel() },
		"close":   func(_ context.CancelFunc, p *agent.Process) { _ = p.Close() },
	} {
		ctx, cancel := context.WithCancel(Context(t))
		p, err := b.Exec(ctx, agent.ExecRequest{Argv: []string{"sh", "-c", "sleep 1000 & sleep 1001; true"}})
		mustDo(t, err)
		end(cancel, p)
		if _, err := p.Recv(); err == nil {
			t.Errorf("%s: an event after the end", name)
		}
		cancel()
		wantResult(t, name, b.Sh("for i in $(seq 500); do pidof sleep >/dev/null || break; usleep 10000; done; pidof sleep"), Result{Code: 1})
	}
}

func testTimeout(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	r := b.RunRequest(agent.ExecRequest{Argv: []string{"sh", "-c", "echo begin; sleep 1000; echo end"}, Timeout: 200 * time.Millisecond})
	wantResult(t, "timeout", r, Result{Stdout: "begin\n", Code: 137, TimedOut: true})
	wantResult(t, "no timeout", b.RunRequest(agent.ExecRequest{Argv: []string{"echo", "x"}, Timeout: time.Hour}), Result{Stdout: "x\n"})
}

func testManyExecs(t *testing.T, s *suite) {
	limits := Limits
	limits.Pids = 1000
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			want := Result{Stdout: fmt.Sprintf("%d\n", i), Code: i % 100}
			wantResult(t, "one of many", b.Sh(fmt.Sprintf("echo %d; exit %d", i, i%100)), want)
		})
	}
	wg.Wait()
}
