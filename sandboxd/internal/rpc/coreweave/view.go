package coreweave

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// view is a sandbox as this API shows it.
func view(s sandbox.Sandbox) (*sandboxv1.Sandbox, error) {
	out, err := decodeFrontData(s)
	if err != nil {
		return nil, err
	}
	out.SandboxId = s.ID
	out.Status = &sandboxv1.SandboxStatus{
		State:       state(s.State),
		StateReason: s.Reason,
		CreateTime:  timestamp(s.CreateTime),
		StartTime:   timestamp(s.StartTime),
		EndTime:     timestamp(s.EndTime),
		ExitCode:    s.ExitCode,

		EffectiveMaxLifetimeSeconds:   seconds(s.Spec.MaxLifetime),
		EffectiveResourceRequirements: effectiveLimits(s.Spec.Resources),
		EffectiveRuntimeClass:         s.Runtime,
		EffectiveEgress:               effectiveEgress(s.Spec.Network),
		EffectiveIngress:              effectiveIngress(s.Spec.Network),
		Services:                      serviceStatuses(out.GetSpec().GetServices(), s),
		EffectiveDnsEgress:            effectiveDNS(s.Spec.Network),
		ContainerStatuses:             []*sandboxv1.ContainerStatus{{Name: containerName(out), State: state(s.State)}},
	}
	if s.ExitCode != nil {
		out.Status.ContainerStatuses[0].ExitCode = *s.ExitCode
	}
	return out, nil
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }
