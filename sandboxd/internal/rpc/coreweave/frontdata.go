package coreweave

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Front is this front's name in sandbox.Sandbox.Front.
const Front = "coreweave"

// defaultContainer is the name of the container of a sandbox that another front made.
const defaultContainer = "main"

// encodeFrontData is what a sandbox keeps for this front: a serialised coreweave.sandbox.v1.Sandbox with the display name
// and the spec as they were sent. Every answer echoes them, because the SDK rebuilds its objects from the echo and refuses
// one that is changed in single fields. The files are left out whole: they would make records large, and a file with
// emptied content would pass for the real one. They are taken off sb, which must have been parsed before.
func encodeFrontData(sb *sandboxv1.Sandbox) ([]byte, error) {
	for _, c := range sb.GetSpec().GetContainers() {
		c.Files = nil
	}
	b, err := proto.Marshal(&sandboxv1.Sandbox{DisplayName: sb.GetDisplayName(), Spec: sb.GetSpec()})
	if err != nil {
		return nil, fmt.Errorf("encode the spec for the record: %w", err)
	}
	return b, nil
}

// decodeFrontData returns what encodeFrontData kept. For a sandbox that another front made it says the same in this API's
// words.
func decodeFrontData(s sandbox.Sandbox) (*sandboxv1.Sandbox, error) {
	if s.Front != Front {
		return &sandboxv1.Sandbox{Spec: specOf(s.Spec)}, nil
	}
	out := &sandboxv1.Sandbox{}
	if err := proto.Unmarshal(s.FrontData, out); err != nil {
		return nil, fmt.Errorf("decode the recorded spec of sandbox %s: %w", s.ID, err)
	}
	return out, nil
}

func specOf(s sandbox.Spec) *sandboxv1.SandboxSpec {
	c := &sandboxv1.Container{
		Name: defaultContainer, Image: s.Image, EnvironmentVariables: s.Environment, WorkingDir: s.WorkingDir,
		SecretStores: secretStores(s.Secrets), ResourceRequirements: effectiveLimits(s.Resources),
	}
	c.SecurityContext = securityContext(s)
	if len(s.Command) > 0 {
		c.Command, c.Args = s.Command[0], s.Command[1:]
	}
	return &sandboxv1.SandboxSpec{
		Containers: []*sandboxv1.Container{c}, MaxLifetimeSeconds: seconds(s.MaxLifetime), Tags: s.Tags, RuntimeClass: s.Runtime,
		Network: networkOptions(s.Network), Services: servicesOf(s.Network),
	}
}

// containerName is the name that a request may give the sandbox's container.
func containerName(sb *sandboxv1.Sandbox) string {
	for _, c := range sb.GetSpec().GetContainers() {
		return c.GetName()
	}
	return ""
}
