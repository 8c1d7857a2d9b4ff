package casemate

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// Secret names a secret of the team's, and the variable that its value is to be in.
type Secret struct {
	// Name is the secret's id. Required.
	Name string
	// EnvVar is the environment variable. Empty: the secret's id.
	EnvVar string
	// Version is a version's number or `latest`. Empty: `latest`.
	Version string
	// Field is a key of a structured secret. Empty: the whole value.
	Field string
}

// File is written into a new sandbox before its main process starts.
type File struct {
	// Path is absolute; directories above it are made.
	Path string
	// Content is the whole file's. All files together have 32 MiB at most.
	Content []byte
	// Mode has the permission bits. 0: 0644.
	Mode uint32
}

// RunOptions say what to run, and with what. Only the image is required.
type RunOptions struct {
	// Image is the image's name, such as python:3.11.
	Image string
	// Command is the main process's argv. Empty: there is none, and the sandbox lives until it is stopped.
	Command []string
	// Env has variables for the main process and every command. They are stored: no place for a secret.
	Env map[string]string
	// Secrets are injected as environment variables, at most 100.
	Secrets []Secret
	// Dir is the working directory. Empty: the image's.
	Dir string
	// User is a name or number, with :group if wanted. Empty: the image's.
	User string
	// MemoryBytes, CPUMillis (thousandths of a core), PIDs, DiskBytes, Inodes (of files that are made or changed), OpenFiles (of each
	// process) and OutputBytes (of each command of an exec) are limits. 0: the operator's defaults.
	MemoryBytes, CPUMillis, PIDs, DiskBytes, Inodes, OpenFiles, OutputBytes int64
	// MaxLifetime is when the sandbox is stopped at the latest. 0: the operator's default.
	MaxLifetime time.Duration
	// IdleTimeout is after how long it is stopped when nothing was done in it: no command, no file, no Extend. 0: the operator's
	// default, which may be never.
	IdleTimeout time.Duration
	// StopGrace is the time between SIGTERM and SIGKILL when it is stopped, at most five minutes. 0: ten seconds.
	StopGrace time.Duration
	// Files are written before the main process starts.
	Files []File
	// Tags are words to find the sandbox by, at most 64.
	Tags []string
	// Runtime isolates it. Empty: the operator's default.
	Runtime string
	// MaskOutput masks the secrets' values in the output of commands and in files that are read, where the team's policy does
	// not do so by itself. In the main process's log they are masked always.
	MaskOutput bool
	// Security narrows what the sandbox's processes may do. The zero value: what every sandbox has.
	Security Security
	// RequestID makes a repeated Run return the same sandbox; at most 128 characters. Empty: each Run is a new one.
	RequestID string
}

// Security narrows what a sandbox's processes may do. The operator may require some of it of all sandboxes.
type Security struct {
	// NonRoot refuses to run anything as root, with RUN_AS_ROOT: the image, or RunOptions.User, must name another user.
	NonRoot bool
	// ReadOnlyRoot makes everything read-only but /tmp and /dev/shm, which are in memory. Files must be below these.
	ReadOnlyRoot bool
	// Drop has names of capabilities that root is not to have, or ALL.
	Drop []string
	// Add has names of capabilities that root is to have after that. The operator says which.
	Add []string
}

func (s Security) proto() *sandboxv1.SecurityContext {
	return &sandboxv1.SecurityContext{RunAsNonRoot: s.NonRoot, ReadOnlyRoot: s.ReadOnlyRoot, DropCapabilities: s.Drop, AddCapabilities: s.Add}
}

func (o RunOptions) spec() *sandboxv1.SandboxSpec {
	spec := &sandboxv1.SandboxSpec{
		Image: o.Image, Command: o.Command, Environment: o.Env, WorkingDir: o.Dir, User: o.User, Tags: o.Tags, Runtime: o.Runtime,
		MaskOutput: o.MaskOutput, Security: o.Security.proto(),
		Resources: &sandboxv1.Resources{
			MemoryBytes: o.MemoryBytes, CpuMillis: o.CPUMillis, Pids: o.PIDs, DiskBytes: o.DiskBytes, Inodes: o.Inodes,
			OpenFiles: o.OpenFiles, OutputBytes: o.OutputBytes,
		},
	}
	for _, s := range o.Secrets {
		spec.Secrets = append(spec.Secrets, &sandboxv1.SecretRef{Secret: s.Name, EnvVar: s.EnvVar, Version: s.Version, Field: s.Field})
	}
	for _, f := range o.Files {
		spec.Files = append(spec.Files, &sandboxv1.File{Path: f.Path, Content: f.Content, Mode: f.Mode})
	}
	if o.MaxLifetime > 0 {
		spec.MaxLifetime = durationpb.New(o.MaxLifetime)
	}
	if o.IdleTimeout > 0 {
		spec.IdleTimeout = durationpb.New(o.IdleTimeout)
	}
	if o.StopGrace > 0 {
		spec.StopGracePeriod = durationpb.New(o.StopGrace)
	}
	return spec
}

// Run makes a sandbox, and returns when its main process runs with the secrets in its environment, or, without a command,
// when it takes commands. On an error there is no sandbox. Reasons: SECRETS_UNRESOLVED, with a violation for each secret;
// IMAGE_NOT_FOUND; TOO_MANY_SANDBOXES; QUOTA_EXCEEDED and SANDBOXD_DRAINING, with the time after which to try again; REQUEST_ID_CONFLICT.
func (c *Client) Run(ctx context.Context, o RunOptions) (*Sandbox, error) {
	resp, err := c.Sandboxes().RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Parent: c.parent(), Spec: o.spec(), RequestId: o.RequestID})
	if err != nil {
		return nil, err
	}
	return c.Sandbox(resp.GetSandbox().GetName()), nil
}
