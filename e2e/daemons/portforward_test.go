package daemons

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// TestPortForward leads a port of this machine to a server in a sandbox without a network, over a kill of sandboxd, until the
// sandbox ends.
func TestPortForward(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	name := red.run(ctx, &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
		Image: "python:3.11", Command: []string{"python", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/etc", "8000"},
		Network: &sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE},
	}}).GetName()
	cmd := exec.CommandContext(ctx, filepath.Join(stack.Root, "bin", "casemate"), "port-forward", name, ":8000", ":8001")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, st.Env(red.key)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	addresses := make([]string, 2)
	for i, port := range []string{"8000", "8001"} {
		lines.Scan()
		local, remote, _ := strings.Cut(lines.Text(), " -> ")
		if !strings.HasPrefix(local, "127.0.0.1:") || !strings.HasSuffix(remote, " port "+port) {
			t.Fatalf("it says %q %s", lines.Text(), stderr.String())
		}
		addresses[i] = local
	}
	fetch := func() {
		t.Helper()
		for {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addresses[0]+"/hostname", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK || len(body) == 0 {
					t.Fatalf("%s: %q, %v", resp.Status, body, err)
				}
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
		}
	}
	fetch()
	conn, err := net.Dial("tcp", addresses[1]) // where nobody listens
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a connection to nobody says something")
	}
	_ = conn.Close()
	st.Sandboxd.Kill()
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	fetch()
	if _, err := red.sandboxes.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: name}); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if text := stderr.String(); err == nil || !strings.Contains(text, "listens on TCP port 8001") || !strings.Contains(text, "the sandbox has ended") {
		t.Errorf("%v: %s", err, text)
	}
}
