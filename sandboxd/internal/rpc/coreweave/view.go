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
		EffectiveDnsEgress:            effectiveDNS(s.Spec.Network),
		ContainerStatuses:             []*sandboxv1.ContainerStatus{{Name: containerName(out), State: state(s.State)}},
	}
	if s.ExitCode != nil {
		out.Status.ContainerStatuses[0].ExitCode = *s.ExitCode
	}
	return out, nil
}

// state is never STATE_UNSPECIFIED, which the SDK takes for the end of the sandbox: it would then leak it.
func state(s sandbox.State) sandboxv1.State {
	switch s {
	case sandbox.Running:
		return sandboxv1.State_STATE_RUNNING
	case sandbox.Stopping:
		return sandboxv1.State_STATE_TERMINATING
	case sandbox.Completed:
		return sandboxv1.State_STATE_COMPLETED
	case sandbox.Failed:
		return sandboxv1.State_STATE_FAILED
	default:
		return sandboxv1.State_STATE_CREATING
	}
}

// coreStates are the core's states that a filter for s lets through; none for the states that Casemate does not have.
func coreStates(s sandboxv1.State) []sandbox.State {
	for _, c := range []sandbox.State{sandbox.Creating, sandbox.Running, sandbox.Stopping, sandbox.Completed, sandbox.Failed} {
		if state(c) == s {
			return []sandbox.State{c}
		}
	}
	return nil
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }
