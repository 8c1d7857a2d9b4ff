package network

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"

	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Update gives an attached sandbox other rules, in one transaction of the packet filter, and cuts its connections that they refuse: no
// packet of one is let through, either way, once it has returned. What a call that fails has begun, the next Check ends, or the same call
// again. Of a sandbox that is not attached, which reaches nothing, it does nothing.
func (n *Network) Update(id string, policy sandbox.Network) error {
	n.changing.Lock()
	defer n.changing.Unlock()
	n.mu.Lock()
	index, ok := n.attached[id]
	published := n.ports.has(id)
	if !ok {
		n.ports.keep(id, policy.Ingress)
	}
	n.mu.Unlock()
	if !ok {
		return nil
	}
	a := attachment{link: n.linkName(index), addresses: n.addresses(index), policy: policy}
	n.uncut = true
	err := n.within(func() error {
		if err := n.filter.update(a); err != nil {
			return fmt.Errorf("change the rules of sandbox %s: %w", id, err)
		}
		faultpoint.Reach("network", "rules changed")
		if err := n.limitAttached(a); err != nil {
			return fmt.Errorf("sandbox %s: %w", id, err)
		}
		awaitPackets()
		err := n.cut(openedFrom, a.all(), a)
		if published {
			err = errors.Join(err, n.cut(openedTo, a.all(), a))
		}
		if err != nil {
			return fmt.Errorf("sandbox %s: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	n.uncut = false
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports.keep(id, policy.Ingress) // what it has no more is another's to have, now that nothing goes through it
	return nil
}

// cutAll cuts what the rules of all that the packet filter knows refuse.
func (n *Network) cutAll() error {
	n.uncut = true
	awaitPackets()
	all := []netip.Addr{netip.IPv4Unspecified()}
	if n.cfg.Pool6.IsValid() {
		all = append(all, netip.IPv6Unspecified())
	}
	if err := n.cut(openedFrom, all, n.filter.attachments()...); err != nil { // in either direction
		return err
	}
	n.uncut = false
	return nil
}

func (f *firewall) attachments() []attachment {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Collect(maps.Values(f.known))
}

// update gives a sandbox that the table knows other rules. When that fails, the new ones are what mend makes.
func (f *firewall) update(a attachment) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, ok := f.known[a.link]
	if !ok {
		return fmt.Errorf("the packet filter does not know the link %s", a.link)
	}
	f.known[a.link], f.stale = a, true
	t, err := f.begin()
	if err != nil {
		return err
	}
	// What is there is added once more, which does nothing, since to remove what is missing would undo the transaction.
	var errs []error
	remove := func(set *nftables.Set, verdict *expr.Verdict) {
		e := nftables.SetElement{Key: ifname(a.link), VerdictData: verdict}
		errs = append(errs, t.SetAddElements(set, []nftables.SetElement{e}), t.SetDeleteElements(set, []nftables.SetElement{{Key: e.Key}}))
	}
	remove(t.egress, jump(old.chain()))
	remove(t.dns, nil)
	if old.limited() {
		remove(t.limits, jump(limitsChain(a.link)))
	}
	if old.limited() && !a.limited() {
		t.DelChain(&nftables.Chain{Table: t.table, Name: limitsChain(a.link)})
		delete(f.made, limitsChain(a.link))
	}
	errs = append(errs, f.republish(t, old))
	err = errors.Join(append(errs, f.addTo(t, a))...)
	if err == nil {
		err = t.Flush()
	}
	if err != nil { // somebody changed the table by hand, perhaps
		if again := f.replace(slices.Collect(maps.Values(f.known))); again != nil {
			return errors.Join(err, again)
		}
		return nil
	}
	maps.Copy(f.made, t.made)
	f.stale = false
	return nil
}
