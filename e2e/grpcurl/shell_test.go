package grpcurl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// shell is one bash that runs commands one after the other, so that variables and functions stay, as at a terminal.
type shell struct {
	dir   string
	stdin io.Writer
	codes *bufio.Scanner // the exit code of each command
	n     int
}

// result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// answer is what the page shows of it. A key that works is no text for a page.
func (r result) answer(kind string) string {
	out := r.stdout
	if kind == "text" {
		out += r.stderr
	}
	out = regexp.MustCompile(`"key": "[^"]+"`).ReplaceAllString(out, `"key": "(the key, shown this once)"`)
	return strings.TrimRight(out, "\n")
}

func newShell(ctx context.Context, t *testing.T, dir string, env []string) *shell {
	t.Helper()
	cmd := exec.CommandContext(ctx, "bash", "--norc", "-s")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, env, os.Stderr
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
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	return &shell{dir: dir, stdin: stdin, codes: bufio.NewScanner(stdout)}
}

// run runs a command to its end, with an empty stdin.
func (s *shell) run(t *testing.T, command string) result {
	t.Helper()
	s.n++
	file := func(suffix string) string { return filepath.Join(s.dir, fmt.Sprintf("%d.%s", s.n, suffix)) }
	if err := os.WriteFile(file("sh"), []byte(command+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// pipefail, so that a call's own exit code shows through the tee behind it.
	if _, err := fmt.Fprintf(s.stdin, "set -o pipefail; . %s >%s 2>%s </dev/null; echo $?\n", file("sh"), file("out"), file("err")); err != nil {
		t.Fatal(err)
	}
	if !s.codes.Scan() {
		t.Fatalf("the shell ended: %v", s.codes.Err())
	}
	code, err := strconv.Atoi(s.codes.Text())
	if err != nil {
		t.Fatal(err)
	}
	r := result{code: code}
	for to, suffix := range map[*string]string{&r.stdout: "out", &r.stderr: "err"} {
		text, err := os.ReadFile(file(suffix))
		if err != nil {
			t.Fatal(err)
		}
		*to = string(text)
	}
	return r
}
