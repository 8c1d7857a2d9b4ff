package network

import (
	"net/netip"

	"github.com/google/nftables"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// internetChain is where what is public is told from what is not.
const internetChain = "internet"

// refuseChain is where what may not leave ends.
const refuseChain = "refuse"

var refuse = gotoChain(refuseChain)

// addChains makes the chains that firewall's comment shows.
func (f *firewall) addChains(t *tables) error {
	from, to := linkPrefix(fromLink, f.prefix), linkPrefix(toLink, f.prefix)
	known := func(family exprs, offset, length uint32, set *nftables.Set) exprs {
		return join(from, family, notInSet(set, fromLink, payload(offset, length)))
	}
	spoofed := []exprs{
		join(known(isIPv4, srcOffset4, 4, t.source4), drop),
		join(known(isIPv6, srcOffset6, 16, t.source6), drop),
	}

	t.rules(t.AddChain(&nftables.Chain{Table: t.table, Name: refuseChain}), join(tcp, midStream, reset), reject)
	f.addInternet(t)

	// An error about what is not tracked belongs to nothing, so none gets out while no name service listens: programs that are refused
	// give up at once, others ask again.
	question := join(inSet(t.dns, fromLink), isIPv4, toAddress(f.gateway), udp, port(53, 53))
	answer := join(to, isIPv4, fromAddress(f.gateway), udp, sourcePort(53))
	t.rules(t.base("prerouting", nftables.ChainHookPrerouting, nftables.ChainPriorityRaw), join(question, notrack))
	t.rules(t.base("answers", nftables.ChainHookOutput, nftables.ChainPriorityRaw), join(answer, notrack))

	forward := t.base("forward", nftables.ChainHookForward, beforeFilters)
	t.rules(forward, spoofed...)
	t.rules(forward,
		lookupVerdict(t.limits),
		join(from, established, accept),
		join(to, established, accept),
		join(from, to, refuse),
		join(translated, lookupVerdictOf(toLink, t.ingress)),
		join(to, drop),
		lookupVerdict(t.egress),
		join(from, drop),
	)

	input := t.base("input", nftables.ChainHookInput, beforeFilters)
	t.rules(input, spoofed...)
	t.rules(input,
		lookupVerdict(t.limits),
		join(from, established, isReply, accept),
		join(question, accept),
		join(inSet(t.dns, fromLink), isIPv4, toAddress(f.gateway), tcp, port(53, 53), accept),
		join(from, reject),
	)

	output := t.base("output", nftables.ChainHookOutput, beforeFilters)
	t.rules(output, join(answer, accept), join(to, established, accept), join(to, drop))

	postrouting := t.AddChain(&nftables.Chain{
		Name: "postrouting", Table: t.table, Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityNATSource,
	})
	for _, pool := range f.pools() {
		// Not by the link: where a packet came in is not known to this hook on every kernel.
		t.rules(postrouting, join(family(pool.Addr()), fromBlock(pool), masquerade))
	}
	return nil
}

func (f *firewall) addInternet(t *tables) {
	chain := t.AddChain(&nftables.Chain{Table: t.table, Name: internetChain})
	// Another sandboxd's sandboxes are neighbours too, whatever the operator opens.
	for _, pool := range f.pools() {
		t.rules(chain, join(family(pool.Addr()), toBlock(pool), refuse))
	}
	for _, a := range f.cfg.Host {
		t.rules(chain, join(family(a), toBlock(netip.PrefixFrom(a, a.BitLen())), refuse))
	}
	for _, open := range f.cfg.Open {
		t.rules(chain, join(family(open.Addr()), toBlock(open), accept))
	}
	for _, never := range sandbox.NeverPublic {
		t.rules(chain, join(family(never.Addr()), toBlock(never), refuse))
	}
	t.rules(chain, accept)
}

// pools are the blocks of all sandboxes on this host.
func (f *firewall) pools() []netip.Prefix {
	if f.cfg.Pool6.IsValid() {
		return []netip.Prefix{f.cfg.Pool4, f.cfg.Pool6}
	}
	return []netip.Prefix{f.cfg.Pool4}
}

// beforeFilters is a little before the host's own filters, which get the last word.
var beforeFilters = nftables.ChainPriorityRef(*nftables.ChainPriorityFilter - 10)

// base makes a chain that the kernel calls.
func (t *tables) base(name string, hook *nftables.ChainHook, priority *nftables.ChainPriority) *nftables.Chain {
	return t.AddChain(&nftables.Chain{Name: name, Table: t.table, Type: nftables.ChainTypeFilter, Hooknum: hook, Priority: priority})
}

// rules adds rules to a chain, perhaps none: the chain is one of ours from here on.
func (t *tables) rules(c *nftables.Chain, rules ...exprs) {
	t.made[c.Name] += 0
	for _, r := range rules {
		t.AddRule(&nftables.Rule{Table: t.table, Chain: c, Exprs: r})
		t.made[c.Name]++
	}
}
