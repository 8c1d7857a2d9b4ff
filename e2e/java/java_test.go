// Package java runs what is built on the Java client against real daemons, both over TLS: the interop program, whose
// restarts it carries out, and the quick start.
package java

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
)

const (
	team   = "java"
	client = stack.Root + "/clients/java/interop/target/interop.jar"
	pom    = stack.Root + "/examples/java/pom.xml"
	// repository is where `make clients-java` installs the client, and keeps what Maven has fetched.
	repository = stack.Root + "/.cache/maven"
)

var checks = []string{
	"unary/secretsd", "unary/sandboxd", "server-stream/sandboxd", "bidi/sandboxd", "deadline/secretsd", "deadline/sandboxd",
	"cancel/sandboxd", "large/sandboxd", "large/secretsd", "restart/secretsd", "restart/sandboxd", "request-id/secretsd",
	"request-id/sandboxd", "typed-error/secretsd", "typed-error/sandboxd",
}

// start returns running daemons, sandboxd's TLS listener among them, and the environment of a client in the team.
func start(ctx context.Context, t *testing.T) (*stack.Stack, []string) {
	t.Helper()
	bin, err := stack.Bin(map[string]string{stack.Image: "image", client: "clients-java"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	lis.Close()
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, SandboxdExtra: fmt.Sprintf(`
tls:
  listen: %s
  cert_file: %[2]s/sandboxd.pem
  key_file: %[2]s/sandboxd-key.pem
`, address, filepath.Join(dir, "certs"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	for _, args := range [][]string{
		{"image", "import", stack.Image, "python:3.11"}, {"team", "create", team},
	} {
		if _, err := st.CLI(ctx, st.OperatorKey, "", args...); err != nil {
			t.Fatal(err)
		}
	}
	key, err := st.NewKey(ctx, team, "run", "manage", "read")
	if err != nil {
		t.Fatal(err)
	}
	st.SandboxdAddress = "https://" + address
	return st, append(os.Environ(), append(st.Env(key), "CASEMATE_TEAM="+team, "CASEMATE_IMAGE=python:3.11")...)
}

func TestInterop(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	st, env := start(ctx, t)

	cmd := exec.CommandContext(ctx, "java", "-jar", client)
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ok []string
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		switch verb {
		case "ok":
			ok = append(ok, rest)
		case "RESTART":
			daemon := map[string]*stack.Process{"secretsd": st.Secretsd, "sandboxd": st.Sandboxd}[rest]
			daemon.Kill()
			if _, err := fmt.Fprintln(stdin, "DONE"); err != nil {
				t.Error(err)
			}
			// The outage that the client's retries have to ride out.
			<-time.After(time.Second)
			if err := daemon.Start(ctx); err != nil {
				t.Error(err)
			}
		default:
			t.Error(lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v; stderr:\n%s", err, stderr.String())
	}
	slices.Sort(ok)
	slices.Sort(checks)
	if !slices.Equal(ok, checks) {
		t.Errorf("passed: %v\nwant: %v", ok, checks)
	}
}

func TestQuickstart(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	_, env := start(ctx, t)
	local, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	// The command that the example's pom names; offline, since the build has fetched everything.
	cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", "-o", "-Dmaven.repo.local="+local, "-f", pom, "compile", "exec:java")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"hello from a secret\n", "hello from a file\n", "FILE_NOT_FOUND\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it did not print %q:\n%s", want, out)
		}
	}
}
