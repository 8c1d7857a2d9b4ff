package native

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func specFromProto(p *sandboxv1.SandboxSpec) sandbox.Spec {
	s := sandbox.Spec{
		Image: p.GetImage(), Command: p.GetCommand(), Environment: p.GetEnvironment(),
		WorkingDir: p.GetWorkingDir(), User: p.GetUser(),
		Resources: sandbox.Resources{
			MemoryBytes: p.GetResources().GetMemoryBytes(), CPUMillis: p.GetResources().GetCpuMillis(), Pids: p.GetResources().GetPids(),
			DiskBytes: p.GetResources().GetDiskBytes(), Inodes: p.GetResources().GetInodes(),
			OpenFiles: p.GetResources().GetOpenFiles(), OutputBytes: p.GetResources().GetOutputBytes(),
		},
		MaxLifetime: p.GetMaxLifetime().AsDuration(), IdleTimeout: p.GetIdleTimeout().AsDuration(), StopGrace: optional(p.GetStopGracePeriod()),
		Tags: p.GetTags(), Runtime: p.GetRuntime(), Network: networkFromProto(p.GetNetwork()),
		MaskOutput: p.GetMaskOutput(), Security: securityFromProto(p.GetSecurity()),
	}
	for _, ref := range p.GetSecrets() {
		s.Secrets = append(s.Secrets, sandbox.SecretRef{
			Secret: ref.GetSecret(), Version: ref.GetVersion(), Field: ref.GetField(), EnvVar: ref.GetEnvVar(),
		})
	}
	return s
}

func filesFromProto(files []*sandboxv1.File) []sandbox.File {
	var out []sandbox.File
	for _, f := range files {
		out = append(out, sandbox.File{Path: f.GetPath(), Content: f.GetContent(), Mode: f.GetMode()})
	}
	return out
}

func execFromProto(p *sandboxv1.ExecSpec) agent.ExecRequest {
	return agent.ExecRequest{
		Argv: p.GetCommand(), Env: p.GetEnvironment(), WorkingDir: p.GetWorkingDir(), User: p.GetUser(), Timeout: p.GetTimeout().AsDuration(),
	}
}

func sandboxToProto(sb sandbox.Sandbox) *sandboxv1.Sandbox {
	return &sandboxv1.Sandbox{
		Name:  resource.Sandbox{Team: sb.Team, Sandbox: sb.ID}.String(),
		Spec:  specToProto(sb.Spec),
		State: stateToProto(sb.State), Reason: sb.Reason, ExitCode: sb.ExitCode,
		CreateTime: timestamp(sb.CreateTime), StartTime: timestamp(sb.StartTime),
		EndTime: timestamp(sb.EndTime), ExpireTime: timestamp(sb.ExpireTime), IdleExpireTime: timestamp(sb.IdleExpireTime),
		Runtime: sb.Runtime, ImageDigest: sb.ImageDigest, SecretVersions: sb.SecretVersions, Creator: sb.Creator,
		OutputMasked: sb.Masking.Output, UnmaskedVariables: unmaskedToProto(sb.Masking.Unmasked),
		Endpoints: endpointsToProto(sb.Endpoints),
	}
}

// specToProto leaves out the files: they are not recorded.
func specToProto(s sandbox.Spec) *sandboxv1.SandboxSpec {
	p := &sandboxv1.SandboxSpec{
		Image: s.Image, Command: s.Command, Environment: s.Environment, WorkingDir: s.WorkingDir, User: s.User,
		Resources: &sandboxv1.Resources{
			MemoryBytes: s.Resources.MemoryBytes, CpuMillis: s.Resources.CPUMillis, Pids: s.Resources.Pids,
			DiskBytes: s.Resources.DiskBytes, Inodes: s.Resources.Inodes, OpenFiles: s.Resources.OpenFiles,
			OutputBytes: s.Resources.OutputBytes,
		},
		MaxLifetime: durationpb.New(s.MaxLifetime), StopGracePeriod: durationpb.New(s.Grace()), Tags: s.Tags, Runtime: s.Runtime, Network: networkToProto(s.Network),
		MaskOutput: s.MaskOutput, Security: securityToProto(s.Security),
	}
	if s.IdleTimeout > 0 {
		p.IdleTimeout = durationpb.New(s.IdleTimeout)
	}
	for _, ref := range s.Secrets {
		p.Secrets = append(p.Secrets, &sandboxv1.SecretRef{Secret: ref.Secret, Version: ref.Version, Field: ref.Field, EnvVar: ref.EnvVar})
	}
	return p
}

func imageToProto(i image.Image) *sandboxv1.Image {
	return &sandboxv1.Image{Name: i.Name, Digest: i.Digest, SizeBytes: i.Size, UpdateTime: timestamp(i.UpdateTime)}
}

// optional is nil for an absent duration.
func optional(d *durationpb.Duration) *time.Duration {
	if d == nil {
		return nil
	}
	out := d.AsDuration()
	return &out
}

// timestamp is absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
