package network

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Checked says what Check found otherwise than it should be, and has put right.
type Checked struct {
	// Strays are the names of links of this instance that were no sandbox's, and are gone.
	Strays []string
	// Filter says what was wrong with the packet filter, which was made anew; empty when it was whole.
	Filter string
	// Forwarding says that the kernel did not pass packets on, and does again.
	Forwarding bool
}

// Check compares what is on the host with what is attached, and puts right what can be: somebody may have flushed the packet
// filter, which takes every sandbox's network away, or reset a sysctl. It is for after Restore, and takes no part in what is
// being attached or detached meanwhile.
func (n *Network) Check() (found Checked, err error) {
	err = n.within(func() error {
		found, err = n.check()
		return err
	})
	return found, err
}

func (n *Network) check() (found Checked, err error) {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	found.Forwarding, err = forwarding(n.cfg.Pool6.IsValid())
	note(err)
	found.Strays, err = n.removeStrays()
	note(err)
	n.changing.Lock()
	defer n.changing.Unlock()
	found.Filter, err = n.filter.mend()
	note(err)
	if err == nil && n.uncut {
		note(n.cutAll())
	}
	return found, errors.Join(errs...)
}

// removeStrays removes links that have no sandbox. A sandbox has its index before it has its link, so what is seen first and
// has no sandbox after that, is nobody's.
func (n *Network) removeStrays() (names []string, _ error) {
	links, err := n.ownLinks()
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	for _, index := range n.attached {
		delete(links, index)
	}
	n.mu.Unlock()
	var errs []error
	for _, l := range links {
		// By the kernel's number and not by name: that may be another sandbox's by now.
		switch err := n.links.LinkDel(l); {
		case err == nil:
			names = append(names, l.Attrs().Name)
		case !errors.Is(err, unix.ENODEV): // which has gone by itself
			errs = append(errs, fmt.Errorf("remove link %s: %w", l.Attrs().Name, err))
		}
	}
	return names, errors.Join(errs...)
}

// Linked returns the ids of the sandboxes whose link is on the host. One that is attached and not among them has lost its
// network for good, unless it is being attached or detached right now.
func (n *Network) Linked() (map[string]bool, error) {
	links, err := n.ownLinks()
	if err != nil {
		return nil, err
	}
	linked := make(map[string]bool, len(links))
	for _, l := range links {
		linked[l.Attrs().Alias] = true
	}
	return linked, nil
}

// mend makes the table anew when the kernel does not have it as it was made, and says what was wrong.
func (f *firewall) mend() (wrong string, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		return "", nil
	}
	wrong, err := f.compare()
	if err == nil && wrong == "" && f.stale { // the same rules by number may be other ones
		wrong = "a change of a sandbox's rules has failed"
	}
	if err != nil || wrong == "" {
		return wrong, err
	}
	if err := f.replace(slices.Collect(maps.Values(f.known))); err != nil {
		return wrong, fmt.Errorf("make the packet filter anew (%s): %w", wrong, err)
	}
	return wrong, nil
}

// compare says in what the kernel's table differs from what was made: the first that is found, empty for nothing. It counts
// a chain's rules and does not read them: whoever edits rules by hand may, until the next rebuild.
func (f *firewall) compare() (wrong string, _ error) {
	t, err := f.begin()
	if err != nil {
		return "", err
	}
	chains, err := t.ListChainsOfTableFamily(nftables.TableFamilyINet)
	if err != nil {
		return "", fmt.Errorf("list chains: %w", err)
	}
	missing := maps.Clone(f.made)
	for _, c := range chains {
		if c.Table.Name != f.name {
			continue
		}
		want, ours := missing[c.Name]
		if !ours {
			return "there is a chain " + c.Name + " that is no sandbox's", nil
		}
		rules, err := t.GetRules(t.table, c)
		if err != nil {
			return "", fmt.Errorf("list the rules of chain %s: %w", c.Name, err)
		}
		if len(rules) != want {
			return fmt.Sprintf("chain %s has %d rules, not %d", c.Name, len(rules), want), nil
		}
		delete(missing, c.Name)
	}
	for name := range missing {
		return "there is no chain " + name, nil
	}
	return f.compareSets(t)
}

func (f *firewall) compareSets(t *tables) (wrong string, _ error) {
	want := map[*nftables.Set]map[string]bool{
		t.source4: {}, t.source6: {}, t.dns: {}, t.egress: {}, t.limits: {}, t.ingress: {}, t.published: {},
	}
	for _, a := range f.known {
		want[t.egress][string(ifname(a.link))] = true
		want[t.source4][string(source(a.link, a.v4))] = true
		if a.v6.IsValid() {
			want[t.source6][string(source(a.link, a.v6))] = true
		}
		if a.limited() {
			want[t.limits][string(ifname(a.link))] = true
		}
		if len(a.policy.Ingress) > 0 {
			want[t.ingress][string(ifname(a.link))] = true
		}
		for _, r := range a.policy.Ingress {
			want[t.published][string(portKey(r.HostPort))] = true
		}
		if a.asksNames() {
			want[t.dns][string(ifname(a.link))] = true
		}
	}
	for set, keys := range want {
		have, err := t.GetSetElements(set)
		if errors.Is(err, unix.ENOENT) {
			return "there is no set " + set.Name, nil
		}
		if err != nil {
			return "", fmt.Errorf("list set %s: %w", set.Name, err)
		}
		for _, e := range have {
			if !keys[string(e.Key)] {
				return "set " + set.Name + " has an element that is no sandbox's", nil
			}
		}
		if len(have) != len(keys) {
			return fmt.Sprintf("set %s has %d elements, not %d", set.Name, len(have), len(keys)), nil
		}
	}
	return "", nil
}
