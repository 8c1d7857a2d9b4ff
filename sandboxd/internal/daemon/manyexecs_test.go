package daemon_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// A thousand commands at once, in one sandbox and by either API, are served or refused with a reason and a time. Meanwhile
// others are served there as soon as one of them ends, and in other sandboxes at once; afterwards nothing of them is left.
func TestThousandExecsAtOnce(t *testing.T) {
	const thousand, room = 1000, 200
	for front, open := range map[string]func(context.Context, *grpc.ClientConn, string) error{
		"native": func(ctx context.Context, conn *grpc.ClientConn, name string) error {
			stream, err := sandboxv1.NewSandboxServiceClient(conn).StreamExec(ctx)
			if err != nil {
				return err
			}
			_ = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
				Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "600"}},
			}}})
			_, err = stream.Recv()
			return err
		},
		"coreweave": func(ctx context.Context, conn *grpc.ClientConn, name string) error {
			stream, err := coreweavev1.NewSandboxServiceClient(conn).StreamExec(ctx)
			if err != nil {
				return err
			}
			_ = stream.Send(&coreweavev1.ExecStreamRequest{Message: &coreweavev1.ExecStreamRequest_Init{Init: &coreweavev1.ExecStreamInit{
				SandboxId: name[strings.LastIndex(name, "/")+1:], Command: []string{"sleep", "600"},
			}}})
			_, err = stream.Recv()
			return err
		},
	} {
		for limit, tc := range map[string]struct {
			execs   int
			pids    int64
			reasons []string
		}{
			"by the number of processes":  {0, room, []string{"TOO_MANY_EXECS", "PROCESS_LIMIT"}},
			"by configuration":            {room, 2 * room, []string{"TOO_MANY_EXECS"}},
			"by the sandbox's own limits": {2 * thousand, room, []string{"PROCESS_LIMIT"}},
		} {
			t.Run(front+", "+limit, func(t *testing.T) {
				e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.MaxExecs = tc.execs }))
				s := spec()
				s.Resources = &sandboxv1.Resources{Pids: tc.pids}
				name, neighbour := e.run(s).GetName(), e.run(spec()).GetName()
				e.exec(name, "true") // the first of each makes what is kept for the rest
				e.exec(neighbour, "true")
				conn := e.Conn(e.key)
				before := execHeldBy(t, name)

				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				answers := make(chan error, thousand)
				var calls sync.WaitGroup
				for range thousand {
					calls.Go(func() { answers <- open(ctx, conn, name) })
				}
				if got := e.shell(neighbour, "echo calm"); got != "calm" {
					t.Errorf("a neighbour says %q", got)
				}
				served := 0
				for range thousand {
					err := <-answers
					if err == nil {
						served++
						continue
					}
					if e, ok := errdefs.As(errgrpc.FromError(err)); !ok || e.Kind != errdefs.ResourceExhausted || !slices.Contains(tc.reasons, e.Reason) || e.RetryAfter <= 0 {
						t.Fatalf("refused with %v, %+v; want %v and a time", err, e, tc.reasons)
					}
				}
				// To start one, the agent needs a second process for a moment.
				if served < room/2 || served > room {
					t.Errorf("%d of %d were served, want %d", served, thousand, room)
				}
				if got := e.shell(neighbour, "echo still calm"); got != "still calm" {
					t.Errorf("a neighbour says %q", got)
				}
				cancel()
				calls.Wait()
				execEventually(t, func() string {
					resp, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "ps | grep -c '[s]leep 600'"}}})
					if err != nil {
						if errdefs.KindOf(errgrpc.FromError(err)) != errdefs.ResourceExhausted {
							t.Fatal(err)
						}
						return err.Error()
					}
					if left := strings.TrimSpace(string(resp.GetStdout())); left != "0" {
						return left + " commands are left"
					}
					return ""
				})
				execEventually(t, func() string {
					if now := execHeldBy(t, name); now.agent > before.agent+2 || now.descriptors > before.descriptors+10 || now.goroutines > before.goroutines+20 {
						return fmt.Sprintf("held before: %+v, and now: %+v", before, now)
					}
					return ""
				})
			})
		}
	}
}

// execHeld is what this process, sandboxd and its client together, and the agent of a sandbox hold.
type execHeld struct{ descriptors, goroutines, agent int }

func execHeldBy(t *testing.T, name string) execHeld {
	t.Helper()
	id := name[strings.LastIndex(name, "/")+1:]
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range groups {
		b, _ := os.ReadFile(file)
		dir := filepath.Dir(file)
		comm, _ := os.ReadFile(filepath.Join(dir, "comm"))
		if strings.Contains(string(b), id) && strings.TrimSpace(string(comm)) == "sandbox-agent" {
			return execHeld{descriptors: execEntries(t, "/proc/self/fd"), goroutines: runtime.NumGoroutine(), agent: execEntries(t, filepath.Join(dir, "fd"))}
		}
	}
	t.Fatalf("no agent of %s", id)
	return execHeld{}
}

func execEntries(t *testing.T, dir string) int {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// execEventually asks again until there is nothing to complain about.
func execEventually(t *testing.T, complaint func() string) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(20 * time.Second); ; <-again.C {
		text := complaint()
		if text == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatal(text)
		}
	}
}
