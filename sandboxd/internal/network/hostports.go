package network

import (
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// hostPorts knows whose each port of the host is. Network.mu guards it.
type hostPorts struct {
	first, last int // both 0: there are none
	next        int
	owner       map[uint16]string
}

func newHostPorts(cfg Ingress) hostPorts {
	return hostPorts{first: int(cfg.FirstPort), last: int(cfg.LastPort), next: int(cfg.FirstPort), owner: map[uint16]string{}}
}

// take finds a port that is nobody's. The one that was given back last comes last: who still knows it should not meet another sandbox.
func (p *hostPorts) take(id string) (uint16, bool) {
	for range p.last - p.first + 1 {
		port := uint16(p.next)
		if p.next++; p.next > p.last {
			p.next = p.first
		}
		if p.owner[port] == "" && port > 0 {
			p.owner[port] = id
			return port, true
		}
	}
	return 0, false
}

// keep makes the ports of its rules all that a sandbox has.
func (p *hostPorts) keep(id string, rules []sandbox.IngressRule) {
	p.release(id)
	for _, r := range rules {
		p.owner[r.HostPort] = id
	}
}

// goOn makes take begin behind the highest port that is somebody's: those before it may have been given back a moment ago.
func (p *hostPorts) goOn() {
	for port := range p.owner {
		if next := int(port) + 1; next > p.next && next <= p.last {
			p.next = next
		}
	}
}

// has tells whether a sandbox has any port.
func (p *hostPorts) has(id string) bool {
	for _, owner := range p.owner {
		if owner == id {
			return true
		}
	}
	return false
}

// release gives a sandbox's ports back.
func (p *hostPorts) release(id string) {
	for port, owner := range p.owner {
		if owner == id {
			delete(p.owner, port)
		}
	}
}

// Publish returns the rules with a port of the host for each, which are the sandbox's until Detach, or until Update has no such rule any
// more: call Detach also where Attach never was. The error is ResourceExhausted (NO_HOST_PORT).
func (n *Network) Publish(id string, rules []sandbox.IngressRule) ([]sandbox.IngressRule, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := slices.Clone(rules)
	for i := range out {
		port, ok := n.ports.take(id)
		if !ok {
			n.ports.release(id)
			return nil, errdefs.New(errdefs.ResourceExhausted, "NO_HOST_PORT",
				"all ports %d to %d that this host publishes for sandboxes are taken (network.ingress.ports)", n.ports.first, n.ports.last)
		}
		out[i].HostPort = port
	}
	return out, nil
}
