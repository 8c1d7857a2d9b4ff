package daemons

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPublish publishes a port of a sandbox by the command line, which says where it is reached: over a kill of sandboxd, until the port is
// taken back.
func TestPublish(t *testing.T) {
	ctx := timeout(t, 2*time.Minute)
	red, _ := twoTeams(ctx, t)
	casemate := func(args ...string) string {
		t.Helper()
		out, err := st.CLI(ctx, red.key, "", args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	id := casemate("run", "--detach", "--publish", "8000", "python:3.11", "--", "python", "-m", "http.server", "--directory", "/etc", "8000")
	if strings.ContainsAny(id, " \n") {
		t.Errorf("the output is not the id alone: %q", id)
	}
	shown := casemate("network", id)
	m := regexp.MustCompile(`^internet --publish 8000/tcp=\S+/32 .*\n8000/tcp at (\S+)$`).FindStringSubmatch(shown)
	if m == nil {
		t.Fatalf("it shows %q", shown)
	}
	fetch := func() {
		t.Helper()
		for { // until the program listens
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m[1]+"/hostname", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != id {
					t.Fatalf("%s: %q, %v", resp.Status, body, err)
				}
				return
			}
			if ctx.Err() != nil {
				t.Fatal(err)
			}
		}
	}
	fetch()
	st.Sandboxd.Kill()
	fetch() // while it is away
	if err := st.Sandboxd.Start(ctx); err != nil {
		t.Fatal(err)
	}
	fetch()
	if again := casemate("network", id); again != shown {
		t.Errorf("after a kill it shows %q", again)
	}
	if shown := casemate("network", id, "--unpublish"); !strings.HasPrefix(shown, "internet --connections ") || strings.Contains(shown, "\n") {
		t.Errorf("taken back, it shows %q", shown)
	}
	if conn, err := net.DialTimeout("tcp", m[1], 10*time.Second); err == nil {
		conn.Close()
		t.Error("a port that was taken back is reached")
	}
	casemate("rm", id)
}
