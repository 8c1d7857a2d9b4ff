package network

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Ingress says where ports of sandboxes are published. In nft's words, besides what firewall's comment shows:
//
//	map published { type inet_service : verdict }    the chain of each port of the host
//	map ingress { type ifname : verdict }            the chain of each link with published ports
//
//	chain publish-prerouting { type nat; iifname != cm… ip daddr <address> ip saddr <source> th dport vmap @published }    each address and source
//	chain publish-output, the same for connections of this host's
//	chain <link>-publish { tcp dport <host port> ip saddr <from> dnat ip to <sandbox>:<port> }    ip6 likewise
//	chain <link>-ingress { ct count over <connections> goto refuse; …; tcp dport <port> accept }    as in limits.go, counted by itself
//
// A packet of a sandbox's is not translated, so neighbours meet the host's port, which is refused to them as all of the host is. Who
// connects is not translated either: the sandbox sees the real address. Once a connection is there, all of its packets are let through.
type Ingress struct {
	// Addresses are the host's. Empty: nothing is published.
	Addresses []netip.Addr
	// FirstPort and LastPort are the ports there that are given to sandboxes.
	FirstPort, LastPort uint16
	// Sources may connect at most, whatever the rules of sandboxes say that were made when it was more.
	Sources []netip.Prefix
}

// Endpoints are where the rules' ports are published: the addresses to which anybody may connect.
func (n *Network) Endpoints(rules []sandbox.IngressRule) []sandbox.Endpoint {
	var all []sandbox.Endpoint
	for _, r := range rules {
		for _, a := range n.cfg.Ingress.Addresses {
			if n.cfg.Ingress.isFor(r, a) {
				all = append(all, sandbox.Endpoint{Port: r.Port, HostPort: r.HostPort, Protocol: r.Protocol, Address: a})
			}
		}
	}
	return all
}

// isFor tells whether the operator lets anybody in of whom a rule names for an address of the host.
func (i Ingress) isFor(r sandbox.IngressRule, address netip.Addr) bool {
	return slices.ContainsFunc(r.From, func(text string) bool {
		from, err := netip.ParsePrefix(text)
		return err == nil && from.Addr().Is4() == address.Is4() && slices.ContainsFunc(i.Sources, from.Overlaps)
	})
}

// admits tells whether a connection came by a published port that is one of the rules', from whom they name and the operator lets in.
func (i Ingress) admits(rules []sandbox.IngressRule, c connection) bool {
	comes := func(block netip.Prefix) bool { return block.Contains(c.opened.from) }
	return slices.Contains(i.Addresses, c.opened.to) && slices.ContainsFunc(i.Sources, comes) &&
		slices.ContainsFunc(rules, func(r sandbox.IngressRule) bool {
			return r.Protocol == c.opened.protocol && r.HostPort == c.opened.toPort && r.Port == c.answers.fromPort &&
				slices.ContainsFunc(r.From, func(text string) bool {
					block, err := netip.ParsePrefix(text)
					return err == nil && comes(block)
				})
		})
}

// addPublishing makes the chains in which what comes to a published port is sent on to its sandbox.
func (f *firewall) addPublishing(t *tables) {
	if len(f.cfg.Ingress.Addresses) == 0 {
		return
	}
	at := func(name string, hook *nftables.ChainHook) *nftables.Chain {
		return t.AddChain(&nftables.Chain{
			Name: name, Table: t.table, Type: nftables.ChainTypeNAT, Hooknum: hook, Priority: nftables.ChainPriorityNATDest,
		})
	}
	incoming, own := at("publish-prerouting", nftables.ChainHookPrerouting), at("publish-output", nftables.ChainHookOutput)
	t.rules(incoming) // known also where none follows
	t.rules(own)
	for _, address := range f.cfg.Ingress.Addresses {
		for _, source := range f.cfg.Ingress.Sources {
			if address.Is4() != source.Addr().Is4() {
				continue
			}
			for _, protocol := range []exprs{tcp, udp} {
				match := join(family(address), toAddress(address), fromBlock(source), protocol, lookupPort(t.published))
				t.rules(incoming, join(exceptLinkPrefix(fromLink, f.prefix), match))
				t.rules(own, match)
			}
		}
	}
}

// publish adds a sandbox's published ports to a transaction.
func (f *firewall) publish(t *tables, a attachment) error {
	if len(a.policy.Ingress) == 0 {
		return nil
	}
	publish, ingress := publishChain(a.link), ingressChain(a.link)
	chains := map[string]*nftables.Chain{}
	for _, name := range []string{publish, ingress} {
		chains[name] = t.AddChain(&nftables.Chain{Table: t.table, Name: name})
		t.FlushChain(chains[name])
		t.made[name] = 0
	}
	if n := a.policy.Limits.Connections; n > 0 {
		t.rules(chains[ingress], limitOpened(t, n)...)
	}
	errs := []error{t.SetAddElements(t.ingress, []nftables.SetElement{{Key: ifname(a.link), VerdictData: jump(ingress)}})}
	for _, r := range a.policy.Ingress {
		protocol := tcp
		if r.Protocol == "udp" {
			protocol = udp
		}
		for _, text := range r.From {
			from, err := netip.ParsePrefix(text)
			if err != nil {
				return fmt.Errorf("recorded ingress rule: %w", err)
			}
			to := a.v4
			if from.Addr().Is6() {
				to = a.v6
			}
			if to.IsValid() {
				t.rules(chains[publish], join(family(to), protocol, port(r.HostPort, r.HostPort), fromBlock(from), translateTo(to, r.Port)))
			}
		}
		t.rules(chains[ingress], join(protocol, port(r.Port, r.Port), accept))
		errs = append(errs, t.SetAddElements(t.published, []nftables.SetElement{{Key: portKey(r.HostPort), VerdictData: jump(publish)}}))
	}
	return errors.Join(errs...)
}

// unpublish are the steps that take its published ports away; none where it has none.
func (a attachment) unpublish() (steps []func(*tables) error) {
	if len(a.policy.Ingress) == 0 {
		return nil
	}
	steps = append(steps, func(t *tables) error {
		return t.SetDeleteElements(t.ingress, []nftables.SetElement{{Key: ifname(a.link)}})
	})
	for _, r := range a.policy.Ingress {
		steps = append(steps, func(t *tables) error {
			return t.SetDeleteElements(t.published, []nftables.SetElement{{Key: portKey(r.HostPort)}})
		})
	}
	for _, name := range []string{publishChain(a.link), ingressChain(a.link)} {
		steps = append(steps, func(t *tables) error { t.DelChain(&nftables.Chain{Table: t.table, Name: name}); return nil })
	}
	return steps
}

// republish makes way, in a transaction, for other published ports than an attachment has. It adds those once more before it removes them,
// since to remove what is missing would undo the transaction.
func (f *firewall) republish(t *tables, old attachment) error {
	errs := []error{f.publish(t, old)}
	for _, step := range old.unpublish() {
		errs = append(errs, step(t))
	}
	for _, made := range []map[string]int{f.made, t.made} {
		delete(made, publishChain(old.link))
		delete(made, ingressChain(old.link))
	}
	return errors.Join(errs...)
}

func publishChain(link string) string { return link + "-publish" }
func ingressChain(link string) string { return link + "-ingress" }

// verdicts makes a set a map to verdicts.
func verdicts(s *nftables.Set) *nftables.Set {
	s.IsMap, s.DataType = true, nftables.TypeVerdict
	return s
}

// portKey is a port as a key.
func portKey(n uint16) []byte { return binaryutil.BigEndian.PutUint16(n) }

// lookupPort looks the destination port up.
func lookupPort(vmap *nftables.Set) exprs {
	return exprs{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Lookup{SourceRegister: 1, DestRegister: 0, IsDestRegSet: true, SetName: vmap.Name, SetID: vmap.ID},
	}
}

// exceptLinkPrefix matches what no link of the prefix is.
func exceptLinkPrefix(key expr.MetaKey, prefix string) exprs {
	return exprs{&expr.Meta{Key: key, Register: 1}, &expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte(prefix)}}
}

// translateTo sends a connection to another address and port.
func translateTo(a netip.Addr, port uint16) exprs {
	family := uint32(unix.NFPROTO_IPV4)
	if a.Is6() {
		family = unix.NFPROTO_IPV6
	}
	return exprs{
		&expr.Immediate{Register: 1, Data: a.AsSlice()}, &expr.Immediate{Register: 2, Data: portKey(port)},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: family, RegAddrMin: 1, RegProtoMin: 2, Specified: true},
	}
}

// translated matches packets of connections whose destination was translated, isReply those of who was connected to.
var (
	translated = exprs{
		&expr.Ct{Key: expr.CtKeySTATUS, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Xor: make([]byte, 4), Mask: binaryutil.NativeEndian.PutUint32(ipsDstNAT)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
	isReply = exprs{&expr.Ct{Key: expr.CtKeyDIRECTION, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{1}}}
)

// ipsDstNAT is the kernel's IPS_DST_NAT.
const ipsDstNAT = 1 << 5
