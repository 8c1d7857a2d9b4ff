package controller

import (
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// publish finds ports of the host for the sandbox's rules, which disconnect gives back. They are recorded with the sandbox, so that a
// restarted sandboxd leaves them to it.
func (r *creation) publish(rt runtime.Runtime) (err error) {
	rules := r.sb.Spec.Network.Ingress
	if len(rules) == 0 {
		return nil
	}
	if !rt.Needs().Link || r.c.Network == nil {
		return errdefs.New(errdefs.FailedPrecondition, "INGRESS_UNAVAILABLE",
			"sandboxes of the runtime %s are not connected by this host, which so can't publish their ports", rt.Name())
	}
	r.sb.Spec.Network.Ingress, err = r.c.Network.Publish(r.sb.ID, rules)
	return err
}
