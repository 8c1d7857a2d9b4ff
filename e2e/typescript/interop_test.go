package typescript

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
)

// checks are those of the interop contract.
var checks = []string{
	"unary/secretsd", "unary/sandboxd", "server-stream/sandboxd", "bidi/sandboxd", "deadline/secretsd", "deadline/sandboxd",
	"cancel/sandboxd", "large/sandboxd", "large/secretsd", "restart/secretsd", "restart/sandboxd", "request-id/secretsd",
	"request-id/sandboxd", "typed-error/secretsd", "typed-error/sandboxd",
}

// interop runs the interop program, and restarts the daemons that it asks for.
func interop(ctx context.Context, t *testing.T, st *stack.Stack, env []string) {
	cmd := exec.CommandContext(ctx, "node", filepath.Join(project, "interop.js"))
	cmd.Env, cmd.Stderr = env, os.Stderr
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
	daemons := map[string]*stack.Process{"secretsd": st.Secretsd, "sandboxd": st.Sandboxd}
	var passed []string
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		line := lines.Text()
		t.Log(line)
		verb, rest, _ := strings.Cut(line, " ")
		switch verb {
		case "ok":
			passed = append(passed, rest)
		case "RESTART":
			daemons[rest].Kill()
			if _, err := fmt.Fprintln(stdin, "DONE"); err != nil {
				t.Fatal(err)
			}
			// The pause is what is tested: calls that are made meanwhile find nobody.
			<-time.After(time.Second)
			if err := daemons[rest].Start(ctx); err != nil {
				t.Fatal(err)
			}
		default:
			t.Error(line)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	slices.Sort(passed)
	if want := slices.Sorted(slices.Values(checks)); !slices.Equal(passed, want) {
		t.Errorf("passed:\n%q\nwant:\n%q", passed, want)
	}
}
