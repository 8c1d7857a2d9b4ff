// Command bench measures what a user waits for, on real daemons, beside floors of the same run: fork and exec from Go on
// the host, `runc run` and `runsc run` with no daemon and no network in the way, and a bare gRPC mTLS echo. The rounds of all series
// alternate, so compare the ratios: the machine's noise is in all of them. `make bench` runs it, as root.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func main() {
	rounds := flag.Int("rounds", 40, "how many rounds; a round is one cold start and ten calls of everything else")
	bin := flag.String("bin", "bin", "directory of the built binaries")
	records := flag.Int("records", 2000, "how many ended sandboxes are on record where it is crowded")
	live := flag.Int("live", 100, "how many sandboxes run there besides")
	hostile := flag.Bool("hostile", false, "measure only what hostile sandboxes do to a neighbour")
	only := flag.String("only", "", "with -hostile, only the hostile sandboxes in whose name is this, such as \"calculation on runsc\"")
	image := flag.String("image", ".cache/images/python-3.11.tar", "archive of the image to run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *bin, *image, *rounds, *hostile, *only, crowd{records: *records, live: *live}); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bin, image string, rounds int, hostile bool, only string, c crowd) (err error) {
	bin, err = filepath.Abs(bin)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "casemate-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, LogLevel: "warn", SandboxdExtra: "runtimes: [native, " + strings.Join(ociRuntimes, ", ") + "]\n"})
	if err != nil {
		return err
	}
	defer st.Close()
	b, err := prepare(ctx, st, image)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()

	if hostile {
		return b.besideHostile(ctx, os.Stdout, rounds/10, only)
	}
	fork := &series{name: "fork+exec /bin/true from Go, host", call: forkExec, per: 10}
	bundle := filepath.Join(dir, "bundle")
	if err := ociBundle(bundle); err != nil {
		return err
	}
	runc := &series{name: "runc run /bin/true", call: ociRun(bundle, "runc"), per: 1}
	runsc := &series{name: "runsc run /bin/true, no network", call: ociRun(bundle, "runsc", "--network=none", "--ignore-cgroups"), per: 1}
	echoCall, stopEcho, err := mtlsEcho(ctx, st.CertDir+"/sandboxd.pem", st.CertDir+"/sandboxd-key.pem", st.CAFile)
	if err != nil {
		return err
	}
	defer stopEcho()
	echo := &series{name: "bare gRPC mTLS echo", call: echoCall, per: 10}

	all := []*series{
		fork, runc, runsc, echo,
		{name: "RunSandbox, 2 secrets, a network, to the first exec's answer", call: func() error { return b.coldStart(ctx, "") }, floor: runc, per: 1},
		{name: "Exec /bin/true", call: func() error { return b.exec(ctx) }, floor: fork, per: 10},
		{name: "StreamExec /bin/true", call: func() error { return b.streamExec(ctx) }, floor: fork, per: 10},
		{name: "BatchAccessSecretVersions, 2 references", call: func() error { return b.batch(ctx) }, floor: echo, per: 10},
	}
	others, err := b.onOthers(ctx, map[string]*series{"runc": runc, "crun": runc, "runsc": runsc}, fork)
	if err != nil {
		return err
	}
	all = append(all, others...)
	if err := measure(all, rounds); err != nil {
		return err
	}
	if err := report(os.Stdout, all); err != nil {
		return err
	}
	if err := b.besideHostile(ctx, os.Stdout, rounds/10, ""); err != nil {
		return err
	}

	if err := b.deleteStarted(ctx); err != nil { // it is the empty one from here on
		return err
	}
	second := filepath.Join(dir, "full")
	if err := os.Mkdir(second, 0o700); err != nil {
		return err
	}
	fullStack, full, err := startFull(ctx, second, bin, image, c)
	if err != nil {
		return err
	}
	defer fullStack.Close()
	defer func() { err = errors.Join(err, full.close(ctx)) }()
	all = crowded(ctx, b, full, c)
	if err := measure(all, rounds); err != nil {
		return err
	}
	return report(os.Stdout, all)
}

// bench is what the series call: one team with two secrets, one sandbox that stays.
type bench struct {
	sandboxes sandboxv1.SandboxServiceClient
	secrets   secretsv1.SecretsManagerClient // over mTLS as sandboxd, with the team's key
	spec      *sandboxv1.SandboxSpec
	warm      string
	crowd     []string // see records.go
	started   []string // to be deleted at the end, outside of what is measured
	conns     []*grpc.ClientConn
}

// coldStart makes a sandbox on a runtime, the default if it is empty, and runs a command in it.
func (b *bench) coldStart(ctx context.Context, runtime string) error {
	spec := proto.CloneOf(b.spec)
	spec.Runtime = runtime
	resp, err := b.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: spec})
	if err != nil {
		return err
	}
	name := resp.GetSandbox().GetName()
	b.started = append(b.started, name)
	return b.execIn(ctx, name)
}

func (b *bench) exec(ctx context.Context) error { return b.execIn(ctx, b.warm) }

func (b *bench) execIn(ctx context.Context, name string) error {
	resp, err := b.sandboxes.Exec(ctx, &sandboxv1.ExecRequest{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"/bin/true"}},
	})
	if err != nil {
		return err
	}
	if resp.GetExitCode() != 0 {
		return fmt.Errorf("/bin/true exited with %d: %s", resp.GetExitCode(), resp.GetStderr())
	}
	return nil
}

func (b *bench) streamExec(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := b.sandboxes.StreamExec(ctx)
	if err != nil {
		return err
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{
		Start: &sandboxv1.StreamExecStart{Name: b.warm, Spec: &sandboxv1.ExecSpec{Command: []string{"/bin/true"}}},
	}}); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	exited := false
	for {
		msg, err := stream.Recv()
		if errors.Is(err, io.EOF) && exited {
			return nil
		}
		if err != nil {
			return err
		}
		if exit := msg.GetExit(); exit != nil {
			if exit.GetExitCode() != 0 {
				return fmt.Errorf("/bin/true exited with %d", exit.GetExitCode())
			}
			exited = true
		}
	}
}

func (b *bench) batch(ctx context.Context) error {
	resp, err := b.secrets.BatchAccessSecretVersions(ctx, &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: "teams/" + team, SandboxId: rand.Text(), Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
		References: []*secretsv1.SecretVersionReference{{SecretId: "HF_TOKEN"}, {SecretId: "OPENAI_API_KEY"}},
	})
	if err != nil {
		return err
	}
	if n := len(resp.GetValues()); n != 2 {
		return fmt.Errorf("%d values for 2 references", n)
	}
	return nil
}

func (b *bench) deleteStarted(ctx context.Context) error {
	var errs []error
	for _, name := range b.started {
		_, err := b.sandboxes.DeleteSandbox(context.WithoutCancel(ctx), &sandboxv1.DeleteSandboxRequest{Name: name})
		errs = append(errs, err)
	}
	b.started = nil
	return errors.Join(errs...)
}

func (b *bench) close(ctx context.Context) error {
	b.started = slices.Concat(b.started, b.crowd, []string{b.warm})
	errs := []error{b.deleteStarted(ctx)}
	for _, c := range b.conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

const (
	team = "bench"
	// warmTag is the tag of the sandbox that stays.
	warmTag = "warm"
)

// prepare makes a team, its secrets, a key and the image by the command line, and connects as a client and as sandboxd.
func prepare(ctx context.Context, st *stack.Stack, image string) (*bench, error) {
	for _, step := range []struct {
		stdin string
		args  []string
	}{
		{args: []string{"image", "import", image, "python:3.11"}},
		{args: []string{"team", "create", team}},
		{stdin: "bench-value-1", args: []string{"secret", "set", "HF_TOKEN"}},
		{stdin: "bench-value-2", args: []string{"secret", "set", "OPENAI_API_KEY"}},
	} {
		if _, err := st.CLI(ctx, st.OperatorKey, step.stdin, append(step.args, "--team", team)...); err != nil {
			return nil, err
		}
	}
	key, err := st.NewKey(ctx, team)
	if err != nil {
		return nil, err
	}
	b := &bench{spec: &sandboxv1.SandboxSpec{
		Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}, {Secret: "OPENAI_API_KEY"}},
	}}
	sandboxd, err := st.DialSandboxd(key)
	if err != nil {
		return nil, err
	}
	secretsd, err := st.DialSecretsdAsSandboxd(key)
	if err != nil {
		return nil, errors.Join(err, sandboxd.Close())
	}
	b.conns = []*grpc.ClientConn{sandboxd, secretsd}
	b.sandboxes, b.secrets = sandboxv1.NewSandboxServiceClient(sandboxd), secretsv1.NewSecretsManagerClient(secretsd)
	warm := proto.CloneOf(b.spec)
	warm.Tags = []string{warmTag}
	resp, err := b.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: warm})
	if err != nil {
		return nil, err
	}
	b.warm = resp.GetSandbox().GetName()
	if !strings.HasPrefix(b.warm, "teams/"+team+"/") {
		return nil, fmt.Errorf("sandbox %q is not of team %s", b.warm, team)
	}
	return b, nil
}
