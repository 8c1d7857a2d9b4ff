package network

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// maxPasses bounds how often connections are looked for. Two are enough, unless they come back, which would be a fault of the filter.
const maxPasses = 10

// direction is which end of a connection a look at the kernel's table goes by.
type direction int

const (
	openedFrom direction = iota // by who opened it
	openedTo                    // by who answers, which is a sandbox where it came by a published port
)

// cut makes the kernel forget the connections that sandboxes have opened, or that were opened to them by published ports, and that their
// rules, which the packet filter must have by now, refuse. A packet of one that is forgotten is new to the filter again: those from inside
// meet the rules, and those from outside are addressed to the host, which knows nothing of them and answers with a reset or an ICMP error. TCP segments from the middle of a
// connection may begin one for the kernel (nf_conntrack_tcp_loose), but not as established: that takes an answer, so the first to be let
// through. Connections are looked for by their address, as forget does.
func (n *Network) cut(which direction, of []netip.Addr, sandboxes ...attachment) error {
	at := map[netip.Addr]attachment{}
	for _, a := range sandboxes {
		for _, address := range a.all() {
			at[address] = a
		}
	}
	refused := func(c connection) bool {
		if a, ok := at[c.opened.from]; ok {
			to := netip.AddrPortFrom(c.opened.to, c.opened.toPort)
			// The name service's packets are looked at one by one.
			return to.Addr() != n.gateway && !a.policy.Permits(c.opened.protocol, to)
		}
		a, ok := at[c.answers.from]
		return ok && !n.cfg.Ingress.admits(a.policy.Ingress, c)
	}
	for _, address := range of {
		for pass := 1; ; pass++ {
			cut, err := forget(which, address, refused)
			if err != nil {
				return fmt.Errorf("cut the connections that the rules refuse: %w", err)
			}
			if cut == 0 {
				break
			}
			if pass == maxPasses {
				return fmt.Errorf("connections that the rules refuse come back: %d after %d passes", cut, pass)
			}
		}
	}
	return nil
}

// awaitPackets returns when every packet that was in the kernel's packet filter has left it: each is handled in one go, within what the
// kernel calls an RCU read-side critical section, and membarrier waits for all of those. One that has passed the old rules may not have
// its connection on record before that. Kernels without membarrier (nohz_full) are let be: the passes of cut take longer than any packet.
func awaitPackets() {
	const global = 1 // MEMBARRIER_CMD_GLOBAL
	_, _, _ = unix.Syscall(unix.SYS_MEMBARRIER, global, 0, 0)
}

// forgetConnections makes the kernel forget every connection that was opened from an address, or to it. The next sandbox that has the
// address would else be taken for a party of them, past its own rules.
func forgetConnections(which direction, a netip.Addr) error {
	if _, err := forget(which, a, func(connection) bool { return true }); err != nil {
		return fmt.Errorf("forget the connections of %s: %w", a, err)
	}
	return nil
}

// forget makes the kernel forget connections of an address in a direction, or, where that is the unspecified one, all of its family's in
// either, and returns how many. A look at the table takes some milliseconds, however little there is in it.
func forget(which direction, of netip.Addr, these func(connection) bool) (gone int, _ error) {
	entries, err := list(which, of)
	for pass := 1; errors.Is(err, netlink.ErrDumpInterrupted) && pass < maxPasses; pass++ {
		entries, err = list(which, of)
	}
	if err != nil {
		return 0, fmt.Errorf("list connections: %w", err)
	}
	for _, e := range entries {
		c, err := parseConnection(e)
		if err != nil {
			return gone, err
		}
		at := c.opened.from
		if which == openedTo {
			at = c.answers.from
		}
		if !of.IsUnspecified() && at != of || !these(c) {
			continue
		}
		req := conntrackRequest(of, nl.IPCTNL_MSG_CT_DELETE, unix.NLM_F_ACK)
		req.AddRawData(e)
		switch _, err := req.Execute(unix.NETLINK_NETFILTER, 0); {
		case err == nil:
			gone++
		case !errors.Is(err, unix.ENOENT): // which is over by itself
			return gone, fmt.Errorf("delete a connection: %w", err)
		}
	}
	return gone, nil
}

// list lists what the kernel tracks, as attributes. Other addresses' connections may be in it.
func list(which direction, a netip.Addr) (entries [][]byte, _ error) {
	req := conntrackRequest(a, nl.IPCTNL_MSG_CT_GET, unix.NLM_F_DUMP)
	if a.Is4() && !a.IsUnspecified() { // asked for the connections of an IPv6 address, Linux (5.8 to 6.18 at least) lists all others
		tuple, flags := nl.CTA_TUPLE_ORIG, ctaFilterOrigFlags
		if which == openedTo {
			tuple, flags = nl.CTA_TUPLE_REPLY, ctaFilterReplyFlags
		}
		match := nl.NewRtAttr(tuple|unix.NLA_F_NESTED, nil)
		match.AddRtAttr(nl.CTA_TUPLE_IP|unix.NLA_F_NESTED, nil).AddRtAttr(nl.CTA_IP_V4_SRC, a.AsSlice())
		req.AddData(match)
		filter := nl.NewRtAttr(ctaFilter|unix.NLA_F_NESTED, nil)
		filter.AddRtAttr(flags, binary.NativeEndian.AppendUint32(nil, ctaFilterSource))
		req.AddData(filter)
	}
	messages, err := req.Execute(unix.NETLINK_NETFILTER, 0)
	for _, m := range messages {
		if len(m) > nl.SizeofNfgenmsg {
			entries = append(entries, m[nl.SizeofNfgenmsg:])
		}
	}
	return entries, err
}

func conntrackRequest(family netip.Addr, operation, flags int) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(int(netlink.ConntrackTable)<<8|operation, flags)
	header := &nl.Nfgenmsg{NfgenFamily: unix.AF_INET, Version: nl.NFNETLINK_V0}
	if family.Is6() {
		header.NfgenFamily = unix.AF_INET6
	}
	req.AddData(header)
	return req
}

// What makes a list one of what has a source address in a tuple, since Linux 5.8: linux/netfilter/nfnetlink_conntrack.h, and
// net/netfilter/nf_internals.h for the last.
const (
	ctaFilter           = 25
	ctaFilterOrigFlags  = 1
	ctaFilterReplyFlags = 2
	ctaFilterSource     = 1 << 0
)
