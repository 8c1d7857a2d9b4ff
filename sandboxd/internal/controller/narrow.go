package controller

import (
	"context"
	"fmt"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// UpdateNetwork gives a running sandbox narrower rules for its network, and returns it when they are recorded, hold, and have cut every
// connection that they refuse. It counts as a use. Once recorded the rules are the new ones: what a call that fails then has begun, the
// reaper ends, or the same call again.
//
// Errors: those of Sandbox.Narrowed; FailedPrecondition (SANDBOX_NOT_RUNNING); PermissionDenied (SANDBOX_PRIVATE).
func (c *Controller) UpdateNetwork(ctx context.Context, caller identity.Caller, ref Ref, to sandbox.Network) (sandbox.Sandbox, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	return c.change(ctx, s, func(k *keeper) (sandbox.Sandbox, error) { return k.narrow(to, caller.UserID) })
}

func (k *keeper) narrow(to sandbox.Network, actor string) (sandbox.Sandbox, error) {
	if !k.c.runtimes[k.sb.Runtime].Needs().Link {
		return k.sb, errdefs.New(errdefs.FailedPrecondition, "NETWORK_NOT_HERE",
			"the runtime %s sees to the network of its sandboxes, whose rules stay as they were when the sandbox was made", k.sb.Runtime)
	}
	sb, err := k.sb.Narrowed(to, k.c.Policy)
	if err != nil {
		return k.sb, err
	}
	if sb.Spec.Network.Equal(k.sb.Spec.Network) {
		k.s.activity.touch()
	} else {
		// The record first: a crash leaves rules that the next start makes true, never wider ones than somebody was told.
		event := sandbox.Event{Time: k.c.Now().UTC(), Kind: sandbox.EventNetworkNarrowed, Actor: actor, Detail: describe(sb.Spec.Network)}
		if err := k.record(sb, event); err != nil {
			return k.sb, err
		}
		faultpoint.Reach("network", "narrowing recorded")
	}
	if k.c.Network == nil {
		return sb, nil
	}
	return sb, k.c.Network.Update(sb.ID, sb.Spec.Network)
}

// maxDescribed is how many destinations of each list an event names.
const maxDescribed = 8

// describe writes rules in words for people: "INTERNET, allow 203.0.113.0/24=tcp:443, no name service".
func describe(n sandbox.Network) string {
	parts := []string{string(n.Mode)}
	for _, l := range []struct {
		word string
		list []sandbox.Destination
	}{{"allow", n.Allow}, {"deny", n.Deny}} {
		var names []string
		for _, d := range l.list[:min(len(l.list), maxDescribed)] {
			names = append(names, d.String())
		}
		if more := len(l.list) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		if len(names) > 0 {
			parts = append(parts, l.word+" "+strings.Join(names, " "))
		}
	}
	if len(n.Ingress) > 0 {
		var ports []string
		for _, r := range n.Ingress {
			ports = append(ports, r.String())
		}
		parts = append(parts, "ingress "+strings.Join(ports, " "))
	}
	if n.NoDNS {
		parts = append(parts, "no name service")
	}
	if n.Limits.Connections > 0 {
		parts = append(parts, fmt.Sprintf("at most %d connections", n.Limits.Connections))
	}
	if n.Limits.BytesPerSecond > 0 {
		parts = append(parts, fmt.Sprintf("%d bytes each second", n.Limits.BytesPerSecond))
	}
	return strings.Join(parts, ", ")
}
