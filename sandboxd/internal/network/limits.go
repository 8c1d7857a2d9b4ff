package network

import (
	"errors"
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const (
	// openedPerSecond is the part of a sandbox's connections that it may open each second. With briefTimeout, what the kernel remembers of
	// one stays below three times their number: those that are open, those it may open at once, and those that have ended since.
	openedPerSecond = 10
	// questionsPerSecond are what one sandbox may ask the name service by UDP, and at once. More are not answered; resolvers ask again.
	questionsPerSecond = 500
	// shortestBurst is as large as what the kernel hands a link in one piece.
	shortestBurst = 64 << 10
	// longestQueue bounds the host's memory that waits for one link.
	longestQueue = 16 << 20
)

// How long the kernel remembers a TCP connection of a sandbox, in seconds.
const (
	briefTimeout = 10         // of one that has ended; those are not counted as open
	idleTimeout  = 5 * 86_400 // of an open one that nothing is sent by: the kernel's own
)

// brief is the object that says so.
func (t *tables) brief() *nftables.NamedObj {
	return &nftables.NamedObj{
		Table: t.table, Name: "brief", Type: nftables.ObjTypeCtTimeout,
		Obj: &expr.CtTimeout{L3Proto: unix.NFPROTO_INET, L4Proto: unix.IPPROTO_TCP, Policy: expr.CtStatePolicyTimeout{
			expr.CtStateTCPTIMEWAIT: briefTimeout, expr.CtStateTCPCLOSE: briefTimeout,
			expr.CtStateTCPESTABLISHED: idleTimeout,
		}},
	}
}

// limitsChain is the name of the chain of a link with limits.
func limitsChain(link string) string { return link + "-limits" }

// limited tells whether it has limits.
func (a attachment) limited() bool { return a.policy.Limits != sandbox.NetworkLimits{} }

// addLimits makes the chain of a sandbox's limits.
func (f *firewall) addLimits(t *tables, a attachment) {
	chain := t.AddChain(&nftables.Chain{Table: t.table, Name: limitsChain(a.link)})
	t.FlushChain(chain)
	limits := a.policy.Limits
	if rate := limits.BytesPerSecond; rate > 0 {
		over := &expr.Limit{Type: expr.LimitTypePktBytes, Rate: uint64(rate), Unit: expr.LimitTimeSecond, Burst: burst(rate), Over: true}
		t.rules(chain, join(exprs{over}, drop))
	}
	t.rules(chain, join(established, back), join(untracked, exprs{perSecond(questionsPerSecond, questionsPerSecond)}, drop), join(untracked, back))
	if n := limits.Connections; n > 0 {
		t.rules(chain, limitOpened(t, n)...)
	}
}

// limitOpened are the rules that bound connections, which they see the first packet of.
func limitOpened(t *tables, n int64) []exprs {
	return []exprs{
		join(exprs{&expr.Connlimit{Count: uint32(n), Flags: expr.NFT_CONNLIMIT_F_INV}}, refuse),
		join(exprs{perSecond(n/openedPerSecond, n)}, refuse),
		{&expr.Objref{Type: int(nftables.ObjTypeCtTimeout), Name: t.brief().Name}},
	}
}

// perSecond matches what comes more often than that, after as many at once.
func perSecond(rate, atOnce int64) *expr.Limit {
	return &expr.Limit{Type: expr.LimitTypePkts, Rate: uint64(rate), Unit: expr.LimitTimeSecond, Burst: uint32(atOnce), Over: true}
}

// burst is what may be sent at once, in bytes: the share of a hundredth of a second.
func burst(rate int64) uint32 { return uint32(max(rate/100, shortestBurst)) }

// limitAttached bounds what an attached sandbox receives anew. One whose link has gone receives nothing.
func (n *Network) limitAttached(a attachment) error {
	link, err := n.links.LinkByName(a.link)
	if err == nil {
		err = limitLink(n.links, link, a.policy.Limits.BytesPerSecond)
	}
	var missing netlink.LinkNotFoundError
	if errors.As(err, &missing) || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// limitLink bounds what a link sends; 0 bounds nothing. What is too much waits for a twentieth of a second, and is dropped beyond. The
// host's end so bounds what a sandbox receives. What it sends is bounded at its own end, where its programs notice that they have to
// wait, and once more by the packet filter, since that end is not out of reach of a sandbox that was given NET_ADMIN or NET_RAW.
func limitLink(h *netlink.Handle, link netlink.Link, rate int64) error {
	if rate == 0 {
		return nil
	}
	size := burst(rate)
	err := h.QdiscReplace(&netlink.Tbf{
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
		Rate:       uint64(rate), Buffer: netlink.Xmittime(uint64(rate), size), Limit: size + uint32(min(rate/20, longestQueue)),
	})
	if err != nil {
		return fmt.Errorf("limit what %s sends (CONFIG_NET_SCH_TBF; modprobe sch_tbf; default.bandwidth and max.bandwidth 0 do without): %w", link.Attrs().Name, err)
	}
	return nil
}
