package sdk

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
)

// follower prints each line of a log that it follows, and lets the sandbox go on when its own standard input has a line.
const follower = `
import sys
from wandb.sandbox import Sandbox
script = """until_there() { while [ ! -e $1 ]; do sleep 0.01; done; }
i=0; for part in 1 2 3; do
  n=0; while [ $n -lt 50 ]; do n=$((n+1)); i=$((i+1)); echo "zeile é $i"; done
  printf 'half of '; until_there /tmp/go$part; echo "line $part"
done"""
sandbox = Sandbox.run("sh", "-c", script, container_image="python:3.11")
part = 0
for line in sandbox.stream_logs(follow=True, timestamps=%s):
    print(line, end="", flush=True)
    if line.endswith("0\n") and line.split()[-1] in ("50", "100", "150"):
        part += 1
        sys.stdin.readline()
        # Later, so that the sandbox's end does not cut this call off.
        sandbox.exec(["sh", "-c", f"(sleep 0.2; touch /tmp/go{part}) >/dev/null 2>&1 &"]).result()
print("ended", flush=True)
`

// TestFollowerSurvivesAKill follows a log with the real SDK, with and without timestamps, while sandboxd is killed and started
// again three times, each in the middle of a line: no line is lost, doubled or cut.
func TestFollowerSurvivesAKill(t *testing.T) {
	bin, err := stack.Bin(map[string]string{stack.Python: "venv", stack.Image: "image"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	st, err := stack.Start(ctx, stack.Options{Dir: t.TempDir(), Bin: bin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	if _, err := st.CLI(ctx, st.OperatorKey, "", "image", "import", stack.Image, "python:3.11"); err != nil {
		t.Fatal(err)
	}
	f := newFixture(ctx, t, st)
	for _, timestamps := range []bool{false, true} {
		t.Run(fmt.Sprintf("timestamps %v", timestamps), func(t *testing.T) { followOverKills(ctx, t, st, f, timestamps) })
	}
}

func followOverKills(ctx context.Context, t *testing.T, st *stack.Stack, f fixture, timestamps bool) {
	literal := map[bool]string{false: "False", true: "True"}[timestamps]
	cmd := exec.CommandContext(ctx, stack.Python, "-c", fmt.Sprintf(follower, literal))
	cmd.Env = append(st.Env(f.Key), "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "PYTHONUTF8=1")
	var errs strings.Builder
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	lines := bufio.NewScanner(out)
	for part := 1; part <= 3; part++ {
		for n := 1; n <= 50; n++ {
			want = append(want, fmt.Sprintf("zeile é %d", 50*(part-1)+n))
		}
		want = append(want, fmt.Sprintf("half of line %d", part))
	}
	want = append(want, "ended")
	for lines.Scan() {
		line := lines.Text()
		if timestamps && line != "ended" {
			at, text, _ := strings.Cut(line, " ")
			if _, err := time.Parse("2006-01-02T15:04:05.000000Z", at); err != nil {
				t.Errorf("line %q: %v", line, err)
			}
			line = text
		}
		got = append(got, line)
		if len(got) < len(want)-1 && (len(got)-50)%51 == 0 {
			st.Sandboxd.Kill()
			if err := st.Sandboxd.Start(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(in, "go on\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("followed:\n%s", strings.Join(got, "\n"))
	}
}
