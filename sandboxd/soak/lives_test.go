package soak_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// user makes sandboxes, one after the other, and lets each have another life.
type user struct {
	*sandboxdtest.Server
	api sandboxv1.SandboxServiceClient
}

// lives are the ways that a sandbox is made and ends.
var lives = []struct {
	name string
	live func(*user, context.Context) error
}{
	{"its main process exits", (*user).exits},
	{"stopped, by SIGTERM", (*user).stopped},
	{"stopped, by SIGKILL", (*user).killed},
	{"deleted while it works", (*user).deleted},
	{"its time is over", (*user).expires},
	{"its agent dies", (*user).loses},
	{"it has no main process", (*user).idles},
	{"it can't be made", (*user).fails},
	{"its caller goes away", (*user).abandoned},
}

// spec is a sandbox with a secret and a network.
func spec(command ...string) *sandboxv1.SandboxSpec {
	return &sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Command: command, Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}},
		Network: &sandboxv1.Network{
			Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
			Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.0/24", FirstPort: 443, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP}},
		},
		Resources: &sandboxv1.Resources{MemoryBytes: 64 << 20},
	}
}

// run makes a sandbox and uses it: its secret and its network are there.
func (u *user) run(ctx context.Context, s *sandboxv1.SandboxSpec) (name string, _ error) {
	resp, err := u.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: s})
	if err != nil {
		return "", err
	}
	name = resp.GetSandbox().GetName()
	out, err := u.api.Exec(ctx, &sandboxv1.ExecRequest{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", `echo ${#TOKEN}; ls /sys/class/net`}},
	})
	if err != nil {
		return name, err
	}
	if got, want := string(out.GetStdout()), "6\neth0\nlo\n"; got != want {
		return name, fmt.Errorf("exec prints %q, want %q", got, want)
	}
	return name, nil
}

// end waits for a sandbox's end and looks at its reason and its log.
func (u *user) end(ctx context.Context, name, reason, log string) error {
	resp, err := u.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name})
	if err != nil {
		return err
	}
	if got := resp.GetSandbox().GetReason(); !strings.HasPrefix(got, reason) {
		return fmt.Errorf("it ended for %q, want %q", got, reason)
	}
	got, err := u.logs(ctx, name)
	if err == nil && !strings.HasPrefix(got, log) { // a shell may add that its child was terminated
		err = fmt.Errorf("its log has %q, want %q", got, log)
	}
	return err
}

func (u *user) logs(ctx context.Context, name string) (string, error) {
	stream, err := u.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: name})
	if err != nil {
		return "", err
	}
	var log strings.Builder
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return log.String(), nil
		}
		if err != nil {
			return "", err
		}
		log.Write(resp.GetData())
	}
}

func (u *user) exits(ctx context.Context) error {
	name, err := u.run(ctx, spec("sh", "-c", "echo out; while [ ! -e /go ]; do sleep 0.01; done; exit 7"))
	if err != nil {
		return err
	}
	// The sandbox may end before this is answered.
	_, _ = u.api.Exec(ctx, &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"touch", "/go"}}})
	return u.end(ctx, name, "", "out\n")
}

func (u *user) stopped(ctx context.Context) error {
	return u.stop(ctx, "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done", 10*time.Second)
}

func (u *user) killed(ctx context.Context) error {
	return u.stop(ctx, "trap '' TERM; echo up; sleep 600", 10*time.Millisecond)
}

func (u *user) stop(ctx context.Context, script string, grace time.Duration) error {
	name, err := u.run(ctx, spec("sh", "-c", script))
	if err != nil {
		return err
	}
	for { // it says so when it is ready for the signal
		if log, err := u.logs(ctx, name); err != nil || log != "" {
			break
		}
	}
	if _, err := u.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: name, GracePeriod: durationpb.New(grace)}); err != nil {
		return err
	}
	return u.end(ctx, name, "stopped", "up\n")
}

// deleted leaves a command and its stream under way.
func (u *user) deleted(ctx context.Context) error {
	name, err := u.run(ctx, spec("sh", "-c", "sleep 600"))
	if err != nil {
		return err
	}
	stream, err := u.api.StreamExec(ctx)
	if err != nil {
		return err
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo ready; sleep 600"}},
	}}}); err != nil {
		return err
	}
	for {
		resp, err := stream.Recv()
		if err != nil {
			return err
		}
		if len(resp.GetStdout()) > 0 {
			break
		}
	}
	if _, err := u.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: name}); err != nil {
		return err
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the stream of a command ended well though its sandbox was deleted")
	}
	return nil
}

func (u *user) expires(ctx context.Context) error {
	s := spec("sh", "-c", "echo up; exec sleep 600")
	s.MaxLifetime = durationpb.New(2 * time.Second)
	name, err := u.run(ctx, s)
	if err != nil {
		return err
	}
	return u.end(ctx, name, "max lifetime of 2s reached", "up\n")
}

func (u *user) loses(ctx context.Context) error {
	name, err := u.run(ctx, spec())
	if err != nil {
		return err
	}
	u.KillAgent(path.Base(name))
	return u.end(ctx, name, "the sandbox's agent ended unexpectedly", "")
}

func (u *user) idles(ctx context.Context) error {
	name, err := u.run(ctx, spec())
	if err != nil {
		return err
	}
	if _, err := u.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: name}); err != nil {
		return err
	}
	return u.end(ctx, name, "stopped", "")
}

// fails fails half-way: everything but the main process is there by then.
func (u *user) fails(ctx context.Context) error {
	s := spec("true")
	s.User = "nobody-knows-her"
	if _, err := u.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: s}); status.Code(err) != codes.InvalidArgument {
		return fmt.Errorf("a user that does not exist: %w", err)
	}
	return nil
}

// abandoned goes away while the sandbox is being made, at another moment each time.
func (u *user) abandoned(ctx context.Context) error {
	patience := time.Duration(time.Now().UnixNano()%25) * time.Millisecond
	hurried, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := spec("sleep", "600")
	s.Tags = []string{abandonedTag}
	if resp, err := u.api.RunSandbox(hurried, &sandboxv1.RunSandboxRequest{Spec: s}); err == nil {
		_, err = u.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: resp.GetSandbox().GetName()})
		return err
	}
	return nil
}

// abandonedTag is how those are found that were made after all, and whose answer came too late.
const abandonedTag = "abandoned"

func (u *user) deleteAbandoned(ctx context.Context) error {
	for {
		resp, err := u.api.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{Tags: []string{abandonedTag}})
		if err != nil || len(resp.GetSandboxes()) == 0 {
			return err
		}
		for _, sb := range resp.GetSandboxes() {
			_, err := u.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()})
			if err != nil && status.Code(err) != codes.NotFound { // its creation is being undone
				return err
			}
		}
	}
}
