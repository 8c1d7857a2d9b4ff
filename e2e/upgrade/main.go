// Command upgrade replaces the binaries of a sandboxd under its sandboxes, as an operator does: from those of an older commit
// to those of this one, whose agent runs in no sandbox yet. What was made before is adopted, used and ended by the new
// one. `make test-upgrade` builds both and runs it, as root.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

func main() {
	older := flag.String("old", "", "directory of the older commit's binaries")
	newer := flag.String("new", "bin", "directory of this commit's binaries")
	image := flag.String("image", ".cache/images/python-3.11.tar", "archive of the image to run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := run(ctx, *older, *newer, *image); err != nil {
		fmt.Fprintln(os.Stderr, "upgrade: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, older, newer, image string) (err error) {
	dir, err := os.MkdirTemp("", "casemate-upgrade-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "bin")
	if err := install(older, bin); err != nil {
		return err
	}
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, KeepSandboxes: true})
	if err != nil {
		return err
	}
	defer st.Close()
	u, err := prepare(ctx, st, image)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.close(ctx)) }()
	if err := u.begin(ctx); err != nil {
		return fmt.Errorf("before the upgrade: %w", err)
	}
	broken := u.waitWhile(ctx)

	st.Sandboxd.Stop()
	if err := u.brokeAsTheyShould(broken); err != nil {
		return fmt.Errorf("the calls that ran when sandboxd was stopped: %w", err)
	}
	if err := install(newer, bin); err != nil {
		return err
	}
	if err := st.Sandboxd.Start(ctx); err != nil {
		return err
	}
	if err := u.goOn(ctx); err != nil {
		return fmt.Errorf("after the upgrade: %w", err)
	}
	fmt.Println("upgrade: sandboxes of the older sandboxd were adopted, used and ended by the newer one")
	return nil
}

// install puts the binaries of one directory into another in place of those there, as a package does: a running one keeps its
// own file.
func install(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"secretsd", "sandboxd", "sandbox-agent", "casemate"} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		next := filepath.Join(to, name+".new")
		if err := os.WriteFile(next, content, 0o755); err != nil {
			return err
		}
		if err := os.Rename(next, filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// user has two sandboxes that live through the upgrade.
type user struct {
	conn       *grpc.ClientConn
	api        sandboxv1.SandboxServiceClient
	main, idle *sandboxv1.Sandbox
}

const team = "upgrade"

func prepare(ctx context.Context, st *stack.Stack, image string) (*user, error) {
	for _, step := range []struct {
		stdin string
		args  []string
	}{
		{args: []string{"image", "import", image, "python:3.11"}},
		{args: []string{"team", "create", team}},
		{stdin: "still here", args: []string{"secret", "set", "TOKEN"}},
	} {
		if _, err := st.CLI(ctx, st.OperatorKey, step.stdin, append(step.args, "--team", team)...); err != nil {
			return nil, err
		}
	}
	key, err := st.NewKey(ctx, team)
	if err != nil {
		return nil, err
	}
	conn, err := st.DialSandboxd(key)
	if err != nil {
		return nil, err
	}
	return &user{conn: conn, api: sandboxv1.NewSandboxServiceClient(conn)}, nil
}

func (u *user) close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, sb := range []*sandboxv1.Sandbox{u.main, u.idle} {
		if sb == nil {
			continue
		}
		_, err := u.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()})
		errs = append(errs, err)
	}
	return errors.Join(append(errs, u.conn.Close())...)
}

// begin makes the sandboxes: one with a main process that counts, one without, with a background process of an exec.
func (u *user) begin(ctx context.Context) (err error) {
	secrets := []*sandboxv1.SecretRef{{Secret: "TOKEN"}}
	if u.main, err = u.run(ctx, &sandboxv1.SandboxSpec{
		Image: "python:3.11", Secrets: secrets,
		Command: []string{"sh", "-c", "trap 'exit 5' TERM; i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.02; done"},
	}); err != nil {
		return err
	}
	if u.idle, err = u.run(ctx, &sandboxv1.SandboxSpec{Image: "python:3.11", Secrets: secrets}); err != nil {
		return err
	}
	_, err = u.shell(ctx, u.idle, "(while :; do echo $TOKEN > /next; mv /next /alive; sleep 0.02; done) >/dev/null 2>&1 & echo $!")
	return err
}

func (u *user) run(ctx context.Context, spec *sandboxv1.SandboxSpec) (*sandboxv1.Sandbox, error) {
	resp, err := u.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: spec})
	return resp.GetSandbox(), err
}

func (u *user) shell(ctx context.Context, sb *sandboxv1.Sandbox, script string) (string, error) {
	resp, err := u.api.Exec(ctx, &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", script}}})
	return strings.TrimSpace(string(resp.GetStdout())), err
}

// waitWhile makes calls that last, and returns their errors as they break.
func (u *user) waitWhile(ctx context.Context) map[string]chan error {
	broken := map[string]chan error{}
	begin := func(name string, call func() error) {
		ch := make(chan error, 1)
		broken[name] = ch
		go func() { ch <- call() }()
	}
	started := make(chan struct{}, 2)
	begin("WaitSandbox", func() error {
		_, err := u.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: u.main.GetName()})
		return err
	})
	begin("StreamLogs", func() error {
		stream, err := u.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: u.main.GetName(), Follow: true})
		return receive(started, err, func() error { _, err := stream.Recv(); return err })
	})
	begin("StreamExec", func() error {
		stream, err := u.api.StreamExec(ctx)
		if err == nil {
			err = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
				Name: u.idle.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo up; echo $$ > /attached; exec sleep 600"}},
			}}})
		}
		return receive(started, err, func() error { _, err := stream.Recv(); return err })
	})
	<-started
	<-started
	return broken
}

// receive tells when the first answer is there, and returns the error that ends the stream.
func receive(started chan<- struct{}, err error, next func() error) error {
	first := true
	for err == nil {
		err = next()
		if first {
			started <- struct{}{}
			first = false
		}
	}
	return err
}

// brokeAsTheyShould wants what docs/operations.md promises of calls that a stop of sandboxd breaks.
func (u *user) brokeAsTheyShould(broken map[string]chan error) error {
	var errs []error
	for name, ch := range broken {
		err := <-ch
		fmt.Printf("upgrade: %s ended with: %v\n", name, err)
		if errdefs.KindOf(errgrpc.FromError(err)) != errdefs.Unavailable {
			errs = append(errs, fmt.Errorf("%s ended with %w, want Unavailable", name, err))
		}
	}
	return errors.Join(errs...)
}

// goOn uses what was made before.
func (u *user) goOn(ctx context.Context) error {
	for _, sb := range []*sandboxv1.Sandbox{u.main, u.idle} {
		resp, err := u.api.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: sb.GetName()})
		if err != nil {
			return err
		}
		got := resp.GetSandbox()
		if got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING || !got.GetExpireTime().AsTime().Equal(sb.GetExpireTime().AsTime()) {
			return fmt.Errorf("it was %v and is %v", sb, got)
		}
		if token, err := u.shell(ctx, sb, "echo $TOKEN"); err != nil || token != "still here" {
			return fmt.Errorf("an exec sees the secret %q: %w", token, err)
		}
	}
	// What an exec left in the background runs on; what a call was attached to has gone with the call.
	if alive, err := u.shell(ctx, u.idle, "rm /alive; i=0; while [ ! -e /alive ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done; cat /alive"); err != nil || alive != "still here" {
		return fmt.Errorf("the background process writes %q: %w", alive, err)
	}
	if state, err := u.shell(ctx, u.idle, "kill -0 $(cat /attached) 2>/dev/null && echo runs || echo gone"); err != nil || state != "gone" {
		return fmt.Errorf("the command of the broken call %s: %w", state, err)
	}
	if err := u.logHasAll(ctx); err != nil {
		return err
	}
	if err := u.fileThere(ctx); err != nil {
		return err
	}
	stopped, err := u.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: u.main.GetName()})
	if err != nil || stopped.GetSandbox().GetExitCode() != 5 {
		return fmt.Errorf("stopped: %v, %w", stopped, err)
	}
	fresh, err := u.run(ctx, &sandboxv1.SandboxSpec{Image: "python:3.11"})
	if err != nil {
		return err
	}
	_, err = u.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: fresh.GetName()})
	return err
}

// logHasAll wants every line that the main process wrote, before, during and after.
func (u *user) logHasAll(ctx context.Context) error {
	stream, err := u.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: u.main.GetName()})
	if err != nil {
		return err
	}
	var log strings.Builder
	for {
		resp, err := stream.Recv()
		if err != nil {
			break
		}
		log.Write(resp.GetData())
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	for i, line := range lines {
		if line != fmt.Sprintf("tick %d", i) {
			return fmt.Errorf("line %d of the log is %q", i, line)
		}
	}
	if len(lines) < 20 {
		return fmt.Errorf("the log has %d lines only", len(lines))
	}
	return nil
}

// fileThere writes and reads a file through the older agent.
func (u *user) fileThere(ctx context.Context) error {
	_, err := u.api.WriteFile(ctx, &sandboxv1.WriteFileRequest{Name: u.idle.GetName(), Path: "/tmp/f", Content: []byte("content")})
	if err != nil {
		return err
	}
	got, err := u.api.ReadFile(ctx, &sandboxv1.ReadFileRequest{Name: u.idle.GetName(), Path: "/tmp/f"})
	if err != nil || string(got.GetContent()) != "content" {
		return fmt.Errorf("the file has %q: %w", got.GetContent(), err)
	}
	return nil
}
