package coreweave

import (
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// DefaultLifetime is the lifetime of a sandbox whose request names none. SDK users who don't stop their sandboxes rely on
// the server to do it: nothing else in the SDK does, save for sandboxes of a Session.
const DefaultLifetime = 600 * time.Second

// parsed is a CreateSandboxRequest in the core's words.
type parsed struct {
	spec   sandbox.Spec
	files  []sandbox.File
	places places
}

// parse turns what is asked for into the core's words. It checks only what the core can't see: fields that have no place
// there. The rest is the core's to check.
func parse(sb *sandboxv1.Sandbox) (parsed, error) {
	var v violations
	refuseUnsupported(sb, &v)
	spec := sb.GetSpec()
	if len(spec.GetContainers()) != 1 {
		return parsed{}, v.err()
	}
	c := spec.GetContainers()[0]

	p := parsed{spec: sandbox.Spec{
		Image:       c.GetImage(),
		Command:     argv(c, &v),
		Environment: c.GetEnvironmentVariables(),
		WorkingDir:  c.GetWorkingDir(),
		User:        user(c.GetSecurityContext()),
		Resources:   limits(c, &v),
		MaxLifetime: time.Duration(spec.GetMaxLifetimeSeconds()) * time.Second,
		Tags:        spec.GetTags(),
		Runtime:     spec.GetRuntimeClass(),
		Security:    security(c.GetSecurityContext()),
	}}
	p.spec.Network, p.places.allow = network(spec.GetNetwork(), &v)
	p.spec.Network.Ingress, p.places.ingress = ingress(spec, &v)
	p.spec.Secrets, p.places.secrets = secretRefs(containerField+".secret_stores", c.GetSecretStores(), &v)
	for _, f := range c.GetFiles() {
		p.files = append(p.files, sandbox.File{Path: f.GetPath(), Content: f.GetContent()})
	}
	return p, v.err()
}

func argv(c *sandboxv1.Container, v *violations) []string {
	if c.GetCommand() == "" {
		v.refuse(len(c.GetArgs()) > 0, containerField+".args", "needs command: the image's entrypoint is not used")
		return nil
	}
	return append([]string{c.GetCommand()}, c.GetArgs()...)
}
