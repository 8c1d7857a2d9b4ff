// Package python runs everything of the Python client against a real pair of daemons with TLS: its tests, its interop
// program and the quick start.
package python

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
)

const (
	python  = stack.Root + "/.cache/python/venv/bin/python"
	team    = "vision"
	timeout = 5 * time.Minute
)

// checks are the interop program's, all of which it must report.
var checks = []string{
	"unary/secretsd", "unary/sandboxd", "server-stream/sandboxd", "bidi/sandboxd", "deadline/secretsd", "deadline/sandboxd",
	"cancel/sandboxd", "large/sandboxd", "large/secretsd", "restart/secretsd", "restart/sandboxd", "request-id/secretsd",
	"request-id/sandboxd", "typed-error/secretsd", "typed-error/sandboxd",
}

func TestPackage(t *testing.T) {
	_, env := start(t)
	cmd := command(t, env, "-m", "pytest", "--color=no", "--durations=5")
	cmd.Dir = stack.Root + "/clients/python"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("pytest: %v", err)
	}
	t.Logf("%s", out)
}

func TestQuickstart(t *testing.T) {
	_, env := start(t)
	out, err := command(t, env, absolute(t, "examples/python/quickstart.py")).CombinedOutput()
	if err != nil {
		t.Errorf("quickstart.py: %v", err)
	}
	for _, want := range []string{"2 the token has 15 characters", "hello from a file", "SECRET_NOT_FOUND"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %q in the output:\n%s", want, out)
		}
	}
}

func TestInterop(t *testing.T) {
	st, env := start(t)
	cmd := command(t, env, absolute(t, "clients/python/interop/interop.py"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		line := lines.Text()
		t.Log(line)
		if name, ok := strings.CutPrefix(line, "ok "); ok {
			passed[name] = true
		}
		if daemon, ok := strings.CutPrefix(line, "RESTART "); ok {
			restart(t, st, daemon, stdin)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interop.py: %v\n%s", err, stderr.String())
	}
	for _, name := range checks {
		if !passed[name] {
			t.Errorf("%s did not pass", name)
		}
	}
}

// restart kills a daemon, tells the program so, and starts the daemon again a second later: a client must ride that out.
func restart(t *testing.T, st *stack.Stack, daemon string, done io.Writer) {
	process := map[string]*stack.Process{"secretsd": st.Secretsd, "sandboxd": st.Sandboxd}[daemon]
	if process == nil {
		t.Fatalf("RESTART %s: no such daemon", daemon)
	}
	process.Kill()
	if _, err := io.WriteString(done, "DONE\n"); err != nil {
		t.Error(err)
	}
	<-time.After(time.Second)
	if err := process.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// start starts the daemons, both with TLS, with an image, a team, two secrets in it and a key that may do all.
func start(t *testing.T) (*stack.Stack, []string) {
	t.Helper()
	bin, err := stack.Bin(map[string]string{python: "clients-python", stack.Image: "image"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, dir, address := t.Context(), t.TempDir(), freeAddress(t)
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, SandboxdExtra: fmt.Sprintf(
		"tls:\n  listen: %s\n  cert_file: %[2]s/certs/sandboxd.pem\n  key_file: %[2]s/certs/sandboxd-key.pem\n", address, dir,
	)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		st.Close()
		if t.Failed() {
			for _, path := range []string{st.Sandboxd.LogPath, st.Secretsd.LogPath} {
				log, err := os.ReadFile(path)
				t.Logf("the end of %s (%v):\n%s", path, err, log[max(0, len(log)-4096):])
			}
		}
	})
	cli := func(key, stdin string, args ...string) {
		t.Helper()
		if _, err := st.CLI(ctx, key, stdin, args...); err != nil {
			t.Fatal(err)
		}
	}
	cli(st.OperatorKey, "", "image", "import", stack.Image, "python:3.11")
	cli(st.OperatorKey, "", "team", "create", team)
	key, err := st.NewKey(ctx, team, "run", "manage", "read")
	if err != nil {
		t.Fatal(err)
	}
	runOnly, err := st.NewKey(ctx, team)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HF_TOKEN", "OPENAI_API_KEY"} {
		cli(key, "value-of-"+name, "secret", "set", name, "--team", team)
	}
	return st, append(st.Env(key), "CASEMATE_SANDBOXD=https://"+address, "CASEMATE_TEAM="+team, "CASEMATE_IMAGE=python:3.11",
		"CASEMATE_SERVICE_CONFIG="+absolute(t, "proto/casemate/service_config.json"),
		"CASEMATE_RUN_KEY="+runOnly, "CASEMATE_SANDBOXD_PLAINTEXT="+st.SandboxdAddress,
		"HOME="+dir, "PATH="+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "PYTHONUTF8=1")
}

func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	interpreter, err := filepath.Abs(python)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, interpreter, args...)
	cmd.Env = env
	return cmd
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(filepath.Join(stack.Root, path))
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// freeAddress is a loopback address that nothing listened on a moment ago.
func freeAddress(t *testing.T) string {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	return lis.Addr().String()
}
