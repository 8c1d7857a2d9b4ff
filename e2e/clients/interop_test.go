package clients

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/e2e/stack"
)

// outage is how long a killed daemon is down, besides the time that its start takes.
const outage = time.Second

// interop runs an interop program. It speaks one line at a time: `ok NAME`, `FAIL NAME: why`, and `RESTART daemon`, upon
// which the daemon is killed, and DONE answered at once: the program's next call is made while the daemon is down.
func (h *harness) interop(ctx context.Context, argv []string) {
	t := h.t
	t.Helper()
	cmd := h.command(ctx, argv)
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
	seen, err := converse(ctx, stdout, stdin)
	if err != nil {
		t.Error(err)
		_ = cmd.Process.Kill()
	}
	for _, line := range seen {
		t.Log(line)
		if strings.HasPrefix(line, "FAIL ") {
			t.Error(line)
		}
	}
	if err := cmd.Wait(); err != nil || t.Failed() {
		t.Errorf("%q ended with: %v\n%s", argv, err, stderr.String())
	}
	for _, name := range checks {
		if n := len(slices.DeleteFunc(slices.Clone(seen), func(line string) bool { return line != "ok "+name })); n != 1 {
			t.Errorf("it prints `ok %s` %d times, want once", name, n)
		}
	}
}

// converse returns the program's lines. When it returns, what it killed runs again.
func converse(ctx context.Context, stdout io.Reader, stdin io.Writer) (seen []string, err error) {
	var starts errgroup.Group
	defer func() { err = errors.Join(err, starts.Wait()) }()
	daemons := map[string]*stack.Process{"secretsd": st.Secretsd, "sandboxd": st.Sandboxd}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		seen = append(seen, lines.Text())
		name, ok := strings.CutPrefix(lines.Text(), "RESTART ")
		if !ok {
			continue
		}
		daemon := daemons[name]
		if daemon == nil {
			return seen, fmt.Errorf("there is no daemon %q to restart, or it was restarted before", name)
		}
		delete(daemons, name)
		daemon.Kill()
		starts.Go(func() error {
			time.Sleep(outage) // it stands for what a real restart takes: there is nothing to wait for
			return daemon.Start(ctx)
		})
		if _, err := io.WriteString(stdin, "DONE\n"); err != nil {
			return seen, err
		}
	}
	return seen, lines.Err()
}
