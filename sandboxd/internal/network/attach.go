package network

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// attachment is what the packet filter knows of one sandbox.
type attachment struct {
	link string
	addresses
	policy sandbox.Network
}

// asksNames tells whether it has the name service.
func (a attachment) asksNames() bool { return !a.policy.NoDNS && a.policy.Mode != sandbox.NetworkNone }

// chain is where its rules are: in a chain of its own, unless it has none.
func (a attachment) chain() string {
	if len(a.policy.Allow)+len(a.policy.Deny) > 0 || a.policy.Mode == sandbox.NetworkNone {
		return a.link
	}
	return internetChain
}

// Attach gives a network namespace its link, addresses and routes. The packet filter knows the sandbox before its link is
// up. When it fails, nothing is left but the ports that Publish has given.
//
// Errors: AlreadyExists (NETWORK_ATTACHED); ResourceExhausted (NO_ADDRESS).
func (n *Network) Attach(ctx context.Context, id string, policy sandbox.Network, namespace *os.File) error {
	for {
		index, err := n.reserve(id)
		if err != nil {
			return err
		}
		if err = ctx.Err(); err == nil {
			err = n.within(func() error { return n.attach(id, index, policy, int(namespace.Fd())) })
		}
		if err == nil {
			return nil
		}
		undone := n.detach(id)
		if errors.Is(err, errAddressInUse) && undone == nil {
			continue // reserve goes on to the next
		}
		return fmt.Errorf("connect sandbox %s to the network: %w", id, errors.Join(err, undone))
	}
}

func (n *Network) attach(id string, index int, policy sandbox.Network, namespace int) error {
	a := attachment{link: n.linkName(index), addresses: n.addresses(index), policy: policy}
	if err := n.filter.add(a); err != nil {
		return fmt.Errorf("add it to the packet filter: %w", err)
	}
	faultpoint.Reach("network", "filtered")
	p, err := n.makePair(a.link, id, a.addresses, namespace)
	if err != nil {
		return err
	}
	p.rate = policy.Limits.BytesPerSecond
	faultpoint.Reach("network", "link made")
	if err := n.connectOutside(p); err != nil {
		return err
	}
	faultpoint.Reach("network", "connected outside")
	if err := n.connectInside(namespace, p); err != nil {
		return err
	}
	return waitUp(n.links, p.link.Attrs().Index)
}

// Detach takes a sandbox's network away, and its ports of the host. Of one that has none it does nothing.
func (n *Network) Detach(_ context.Context, id string) error {
	if err := n.detach(id); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports.release(id)
	return nil
}

func (n *Network) detach(id string) error {
	n.mu.Lock()
	index, ok := n.attached[id]
	n.mu.Unlock()
	if !ok {
		return nil
	}
	// The link first: what the filter does not know is dropped, but there should be nothing left to drop.
	err := n.within(func() error {
		if err := n.deleteLink(n.linkName(index)); err != nil {
			return err
		}
		faultpoint.Reach("network", "link deleted")
		return n.forget(id, index)
	})
	if err != nil {
		return fmt.Errorf("disconnect sandbox %s from the network: %w", id, err)
	}
	return nil
}

func (n *Network) forget(id string, index int) error {
	n.changing.Lock()
	defer n.changing.Unlock()
	n.mu.Lock()
	now, ok := n.attached[id]
	published := n.ports.has(id) || n.unknown[id]
	n.mu.Unlock()
	if !ok || now != index {
		return nil // somebody else was faster
	}
	if err := n.filter.drop(n.linkName(index), n.addresses(index)); err != nil {
		return err
	}
	for _, a := range n.addresses(index).all() {
		if err := forgetConnections(openedFrom, a); err != nil {
			return err
		}
		if !published { // nor were there any to it
			continue
		}
		if err := forgetConnections(openedTo, a); err != nil {
			return err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.attached, id)
	delete(n.unknown, id)
	return nil
}

// Attached returns the ids of all sandboxes that are attached.
func (n *Network) Attached() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	ids := make([]string, 0, len(n.attached))
	for id := range n.attached {
		ids = append(ids, id)
	}
	return ids
}
