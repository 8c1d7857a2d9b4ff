package network

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// exprs is a rule, or a part of one: what nft compiles a line of its language to. Each part uses register 1 from its
// start, the concatenation of two fields register 1 and what follows it.
type exprs []expr.Any

func join(parts ...exprs) exprs {
	var all exprs
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// What becomes of a packet.
var (
	accept = exprs{&expr.Verdict{Kind: expr.VerdictAccept}}
	drop   = exprs{&expr.Verdict{Kind: expr.VerdictDrop}}
	// reject tells the sender at once: a program in the sandbox should not wait for what can't be.
	reject = exprs{&expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_ADMIN_PROHIBITED}}
	// reset ends a TCP connection at the sender, which would send again and again after a mere reject.
	reset      = exprs{&expr.Reject{Type: unix.NFT_REJECT_TCP_RST}}
	masquerade = exprs{&expr.Masq{}}
	// back leaves a chain that was jumped to.
	back    = exprs{&expr.Verdict{Kind: expr.VerdictReturn}}
	notrack = exprs{&expr.Notrack{}}
)

func jump(chain string) *expr.Verdict { return &expr.Verdict{Kind: expr.VerdictJump, Chain: chain} }

func gotoChain(chain string) exprs {
	return exprs{&expr.Verdict{Kind: expr.VerdictGoto, Chain: chain}}
}

// Where a packet comes from and goes to.
const (
	fromLink = expr.MetaKeyIIFNAME
	toLink   = expr.MetaKeyOIFNAME
)

func linkPrefix(key expr.MetaKey, prefix string) exprs {
	return exprs{
		&expr.Meta{Key: key, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte(prefix)},
	}
}

// ifname is a link's name as a key.
func ifname(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b, name)
	return b
}

// source is the key of a link with an address; nil without one.
func source(link string, a netip.Addr) []byte {
	if !a.IsValid() {
		return nil
	}
	return append(ifname(link), a.AsSlice()...)
}

func inSet(set *nftables.Set, key expr.MetaKey) exprs {
	return exprs{&expr.Meta{Key: key, Register: 1}, &expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID}}
}

// notInSet looks a link together with a field of the packet up.
func notInSet(set *nftables.Set, key expr.MetaKey, field *expr.Payload) exprs {
	// Registers are 16 bytes long, as a link's name is.
	field.DestRegister = 2
	return exprs{
		&expr.Meta{Key: key, Register: 1}, field,
		&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID, Invert: true},
	}
}

// lookupVerdict does what a map says of the link that a packet comes from, and goes on where it says nothing.
func lookupVerdict(vmap *nftables.Set) exprs { return lookupVerdictOf(fromLink, vmap) }

// lookupVerdictOf is lookupVerdict with another key.
func lookupVerdictOf(key expr.MetaKey, vmap *nftables.Set) exprs {
	return exprs{
		&expr.Meta{Key: key, Register: 1},
		&expr.Lookup{SourceRegister: 1, DestRegister: 0, IsDestRegSet: true, SetName: vmap.Name, SetID: vmap.ID},
	}
}

// Offsets of addresses in the network header.
const (
	srcOffset4, dstOffset4 = 12, 16
	srcOffset6, dstOffset6 = 8, 24
)

var isIPv4, isIPv6 = nfproto(unix.NFPROTO_IPV4), nfproto(unix.NFPROTO_IPV6)

func nfproto(p byte) exprs {
	return exprs{&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{p}}}
}

func family(a netip.Addr) exprs {
	if a.Is4() {
		return isIPv4
	}
	return isIPv6
}

func payload(offset, length uint32) *expr.Payload {
	return &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: length}
}

func toAddress(a netip.Addr) exprs   { return toBlock(netip.PrefixFrom(a, a.BitLen())) }
func fromAddress(a netip.Addr) exprs { return fromBlock(netip.PrefixFrom(a, a.BitLen())) }

// toBlock matches packets to a block of addresses, exceptBlock those to all others, fromBlock those that come from it.
func toBlock(p netip.Prefix) exprs     { return block(p, dstOffset4, dstOffset6, expr.CmpOpEq) }
func exceptBlock(p netip.Prefix) exprs { return block(p, dstOffset4, dstOffset6, expr.CmpOpNeq) }
func fromBlock(p netip.Prefix) exprs   { return block(p, srcOffset4, srcOffset6, expr.CmpOpEq) }

func block(p netip.Prefix, offset4, offset6 uint32, op expr.CmpOp) exprs {
	offset, length := offset4, 4
	if p.Addr().Is6() {
		offset, length = offset6, 16
	}
	return exprs{
		payload(offset, uint32(length)),
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: uint32(length), Mask: net.CIDRMask(p.Bits(), 8*length), Xor: make([]byte, length)},
		&expr.Cmp{Op: op, Register: 1, Data: p.Masked().Addr().AsSlice()},
	}
}

var tcp, udp = l4proto(unix.IPPROTO_TCP), l4proto(unix.IPPROTO_UDP)

func l4proto(p byte) exprs {
	return exprs{&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{p}}}
}

// port matches destination ports of TCP and UDP, whose headers have them in the same place.
func port(first, last uint16) exprs { return portAt(2, first, last) }

func sourcePort(n uint16) exprs { return portAt(0, n, n) }

func portAt(offset uint32, first, last uint16) exprs {
	be := func(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }
	return exprs{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2},
		&expr.Range{Op: expr.CmpOpEq, Register: 1, FromData: be(first), ToData: be(last)},
	}
}

// midStream matches segments of TCP that neither open a connection nor break one off.
var midStream = exprs{
	&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
	&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{tcpSyn | tcpRst}, Xor: []byte{0}},
	&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0}},
}

const tcpSyn, tcpRst = 0x02, 0x04

// established matches packets of connections that were let through, and errors about them.
var established = inState(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED)

// untracked matches packets that the kernel was told not to remember.
var untracked = inState(expr.CtStateBitUNTRACKED)

func inState(bits uint32) exprs {
	return exprs{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{
			SourceRegister: 1, DestRegister: 1, Len: 4, Xor: make([]byte, 4), Mask: binary.NativeEndian.AppendUint32(nil, bits),
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

// destination matches packets to a destination of a policy.
func destination(d sandbox.Destination) (exprs, error) {
	block, err := netip.ParsePrefix(d.CIDR)
	if err != nil {
		return nil, fmt.Errorf("recorded destination: %w", err)
	}
	match := join(family(block.Addr()), toBlock(block))
	for _, e := range d.Except {
		except, err := netip.ParsePrefix(e)
		if err != nil {
			return nil, fmt.Errorf("recorded destination: %w", err)
		}
		match = join(match, exceptBlock(except))
	}
	switch d.Protocol {
	case "tcp":
		match = join(match, tcp)
	case "udp":
		match = join(match, udp)
	}
	if d.FirstPort > 0 {
		match = join(match, port(d.FirstPort, d.LastPort))
	}
	return match, nil
}
