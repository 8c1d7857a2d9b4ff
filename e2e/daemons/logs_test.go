package daemons

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// followsTo reads what a follower prints up to a text, and adds it to seen.
func followsTo(t *testing.T, from io.Reader, seen, errs *bytes.Buffer, text string) {
	t.Helper()
	buf := make([]byte, 4096)
	for !strings.Contains(seen.String(), text) {
		n, err := from.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v; no %q in %q; %s", err, text, seen, errs)
		}
	}
}

// A log is followed by the command line over two kills of sandboxd: no line is lost or doubled, and the two halves of a secret
// value, one written before the kill and one after, are on the disk neither then nor later.
func TestLogsSurviveAKill(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	red, _ := twoTeams(ctx, t)
	script := `until_there() { while [ ! -e $1 ]; do sleep 0.01; done; }
		i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; done; printf %s "${TOKEN%value}"; touch /tmp/half
		until_there /tmp/go; printf 'value\n'; while [ $i -lt 80 ]; do i=$((i+1)); echo line $i; done; touch /tmp/more
		until_there /tmp/end; echo the end`
	sb := red.run(ctx, &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
		Image: "python:3.11", Command: []string{"sh", "-c", script}, Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}},
	}})
	inside := func(script string) {
		t.Helper()
		if _, err := red.sandboxes.Exec(ctx, &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", script}}}); err != nil {
			t.Fatal(err)
		}
	}
	onDisk := func() {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(st.SandboxdDir, "logs", "*", "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			if content, err := os.ReadFile(f); err != nil || bytes.Contains(content, []byte("red-")) || bytes.Contains(content, []byte("-value")) {
				t.Errorf("%s has a part of the value: %v", f, err)
			}
		}
	}
	restart := func() {
		t.Helper()
		st.Sandboxd.Kill()
		onDisk()
		if err := st.Sandboxd.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}

	bin, err := stack.Bin(nil)
	if err != nil {
		t.Fatal(err)
	}
	follower := exec.CommandContext(ctx, filepath.Join(bin, "casemate"), "logs", "--follow", sb.GetName())
	follower.Env = append(os.Environ(), st.Env(red.key)...)
	var errs bytes.Buffer
	follower.Stderr = &errs
	out, err := follower.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follower.Start(); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	inside("while [ ! -e /tmp/half ]; do sleep 0.01; done")
	followsTo(t, out, &seen, &errs, "line 40\n")
	restart()
	inside("touch /tmp/go; while [ ! -e /tmp/more ]; do sleep 0.01; done")
	followsTo(t, out, &seen, &errs, "line 80\n")
	restart()
	inside("(sleep 0.2; touch /tmp/end) >/dev/null 2>&1 &") // the sandbox's end must not cut this call off
	followsTo(t, out, &seen, &errs, "the end\n")
	if err := follower.Wait(); err != nil {
		t.Errorf("the follower: %v: %s", err, &errs)
	}
	var want strings.Builder
	for i := 1; i <= 80; i++ {
		fmt.Fprintf(&want, "line %d\n", i)
		if i == 40 {
			want.WriteString("***\n")
		}
	}
	want.WriteString("the end\n")
	if seen.String() != want.String() || errs.Len() > 0 {
		t.Errorf("followed: %q; %s", &seen, &errs)
	}
	onDisk()
	// The log of what has ended is there too.
	if _, err := red.sandboxes.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Fatal(err)
	}
	if got, err := st.CLI(ctx, red.key, "", "logs", "--tail", "2", sb.GetName()); err != nil || got != "line 80\nthe end\n" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}
