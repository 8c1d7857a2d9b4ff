package cmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

// runFlags are run's own.
type runFlags struct {
	exec      execFlags
	secrets   []string
	detach    bool
	tags      []string
	memory    string
	disk      string
	inodes    int64
	openFiles int64
	output    string
	cpus      float64
	pids      int64
	lifetime  time.Duration
	idle      time.Duration
	grace     time.Duration
	runtime   string
	network   networkFlags
	mask      bool
	security  securityFlags
}

func (a *app) run() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: "run [flags] IMAGE [-- COMMAND...]", Args: minArgs(1),
		Short: "Run a command in a new sandbox, with team secrets in its environment",
		Long: `Run a command in a new sandbox, with team secrets in its environment. The command has this terminal's input and
output; when it ends, the sandbox is stopped and the command's exit code is this command's own.

With --detach the command is the sandbox's main process, and the sandbox's id is printed at once; without a command the
sandbox then lives until it is stopped or its lifetime is over.

Where ports that --publish names are reached is told on standard error, and by 'casemate network'.`,
		Example: `  casemate run --secret HF_TOKEN python:3.11 -- python -c 'import os; print("HF_TOKEN" in os.environ)'
  casemate run --secret HF_TOKEN=HUGGINGFACE_TOKEN -t python:3.11 -- bash`,
		RunE: func(c *cobra.Command, args []string) error {
			spec, err := f.spec(args[0])
			if err != nil {
				return err
			}
			argv := trimDashes(args[1:])
			if len(argv) == 0 && !f.detach {
				return usagef("say which command to run after --, or --detach for a sandbox without one")
			}
			return a.runSandbox(c.Context(), &f, spec, argv)
		},
	}
	f.exec.register(c)
	fl := c.Flags()
	fl.StringArrayVarP(&f.secrets, "secret", "s", nil, "a team secret by `NAME`; NAME=VARIABLE for another variable, NAME@VERSION, NAME.FIELD")
	fl.BoolVarP(&f.detach, "detach", "d", false, "print the sandbox's id and leave it running")
	fl.StringArrayVar(&f.tags, "tag", nil, "a word to find the sandbox by; may be repeated")
	fl.StringVarP(&f.memory, "memory", "m", "", "memory limit, such as 512MiB")
	fl.Float64Var(&f.cpus, "cpus", 0, "cpu limit in cores, such as 0.5")
	fl.Int64Var(&f.pids, "pids", 0, "limit of processes and threads")
	fl.StringVar(&f.disk, "disk", "", "limit of what its files take on the disk, such as 2GiB")
	fl.Int64Var(&f.openFiles, "open-files", 0, "limit of what each process has open at one time")
	fl.StringVar(&f.output, "output", "", "limit of what one command of an exec may write to its output, such as 1GiB")
	fl.Int64Var(&f.inodes, "inodes", 0, "limit of files that are made or changed")
	fl.DurationVar(&f.lifetime, "lifetime", 0, "stop the sandbox after this time")
	fl.DurationVar(&f.idle, "idle-timeout", 0, "stop the sandbox when nothing was done in it for this time")
	fl.DurationVar(&f.grace, "grace", 0, "time between SIGTERM and SIGKILL when the sandbox is stopped; default: 10s")
	fl.StringVar(&f.runtime, "runtime", "", "runtime to isolate it with")
	fl.BoolVar(&f.mask, "mask-output", false, "mask the secrets' values in the output of commands, as the team's policy may do by itself")
	f.network.register(c)
	f.security.register(c)
	return c
}

func (f *runFlags) spec(image string) (*sandboxv1.SandboxSpec, error) {
	env, err := parseEnv(f.exec.env)
	if err != nil {
		return nil, err
	}
	spec := &sandboxv1.SandboxSpec{
		Image: image, Environment: env, WorkingDir: f.exec.workdir, User: f.exec.user, Tags: f.tags, Runtime: f.runtime, MaskOutput: f.mask, Security: f.security.parse(),
		Resources: &sandboxv1.Resources{CpuMillis: int64(f.cpus * 1000), Pids: f.pids, Inodes: f.inodes, OpenFiles: f.openFiles},
	}
	for _, size := range []struct {
		flag, text string
		bytes      *int64
	}{{"memory", f.memory, &spec.Resources.MemoryBytes}, {"disk", f.disk, &spec.Resources.DiskBytes}, {"output", f.output, &spec.Resources.OutputBytes}} {
		if size.text == "" {
			continue
		}
		n, err := humanize.ParseBytes(size.text)
		if err != nil {
			return nil, usagef("--%s %q: want a size such as 512MiB", size.flag, size.text)
		}
		*size.bytes = int64(n)
	}
	if f.lifetime > 0 {
		spec.MaxLifetime = durationpb.New(f.lifetime)
	}
	if f.idle > 0 {
		spec.IdleTimeout = durationpb.New(f.idle)
	}
	if f.grace > 0 {
		spec.StopGracePeriod = durationpb.New(f.grace)
	}
	if spec.Network, err = f.network.parse(); err != nil {
		return nil, err
	}
	for _, s := range f.secrets {
		ref, err := parseSecretFlag(s)
		if err != nil {
			return nil, err
		}
		spec.Secrets = append(spec.Secrets, ref)
	}
	return spec, nil
}

// parseSecretFlag reads NAME[.FIELD][@VERSION][=VARIABLE].
func parseSecretFlag(text string) (*sandboxv1.SecretRef, error) {
	rest, variable, hasVariable := strings.Cut(text, "=")
	rest, number, hasVersion := strings.Cut(rest, "@")
	name, field, hasField := strings.Cut(rest, ".")
	if name == "" || hasVariable && variable == "" || hasVersion && number == "" || hasField && field == "" {
		return nil, usagef("--secret %q: want NAME, with .FIELD, @VERSION and =VARIABLE as needed", text)
	}
	return &sandboxv1.SecretRef{Secret: name, Field: field, Version: number, EnvVar: variable}, nil
}

func (a *app) runSandbox(ctx context.Context, f *runFlags, spec *sandboxv1.SandboxSpec, argv []string) error {
	sandboxes, err := a.sandboxes()
	if err != nil {
		return err
	}
	if f.detach {
		spec.Command = argv
	}
	req := &sandboxv1.RunSandboxRequest{Spec: spec}
	if a.settings.Team != "" {
		req.Parent = "teams/" + a.settings.Team
	}
	// Ctrl-C takes the request back; sandboxd leaves nothing of it behind.
	asking, answered := signal.NotifyContext(ctx, os.Interrupt)
	resp, err := sandboxes.RunSandbox(asking, req)
	answered()
	if err != nil {
		return err
	}
	name := resp.GetSandbox().GetName()
	for _, at := range endpoints(resp.GetSandbox()) {
		fmt.Fprintln(a.Err, plain(at))
	}
	if f.detach {
		return a.show(resp, func() error { return a.line(base(name)) })
	}
	sandbox, err := a.sandbox(name)
	if err != nil {
		return err
	}
	// The sandbox ends with the command, also when this process is asked to end.
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		_, _ = sandboxes.StopSandbox(stop, &sandboxv1.StopSandboxRequest{Name: name, GracePeriod: durationpb.New(0)})
	}()
	return a.stream(ctx, sandbox, casemate.ExecOptions{Command: argv, Timeout: f.exec.timeout}, f.exec.tty)
}
