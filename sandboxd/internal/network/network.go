// Package network gives a sandbox's network namespace a way out, and keeps it to what the sandbox may reach.
//
// Each sandbox has a veth pair of its own, `eth0` inside and `cm<hash>-<index>` outside, and one address. There is no bridge:
// the host routes, so a sandbox has no neighbour on its link but the host, and what it says on that link about other
// addresses is heard by nobody. Everything is decided by the host's packet filter, in one nftables table that is this
// sandboxd's own (see firewall.go), so it holds while sandboxd is away.
//
// What there is of this package on the host, and nothing else:
//
//	the links cm<hash>-<index>, with the sandbox's id as their alias, and a route to each sandbox's address
//	the table `inet casemate-<hash>`
//	net.ipv4.ip_forward, which is turned on
//
// Links and table are the truth about what is attached; there is no other record of it.
package network

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"github.com/vishvananda/netlink"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Config says how sandboxes are attached.
type Config struct {
	// Instance tells this sandboxd from others on the host: a path of its own, say. Required.
	Instance string
	// Pool4 is the private block that sandboxes get their IPv4 addresses from, the same for every sandboxd of a host.
	Pool4 netip.Prefix
	// Pool6 is the same for IPv6, a unique local block; the zero Prefix means that sandboxes have no IPv6.
	Pool6 netip.Prefix
	// Open are blocks that every sandbox may reach although they are among sandbox.NeverPublic.
	Open []netip.Prefix
	// NameServers are asked on behalf of sandboxes; none means those of the host's /etc/resolv.conf, read again when it
	// changes.
	NameServers []netip.AddrPort
	// Ingress is where ports of sandboxes are published; the zero value is nowhere.
	Ingress Ingress
	// MaxSandboxes bounds how many can be attached at one time.
	MaxSandboxes int
	// Namespace is the network namespace that stands for the host's: where the links, the packet filter and the name service are.
	// Names are asked for where this process is. nil: this process's own. Open takes it, and Close closes it.
	Namespace *os.File
	// Host are addresses of the host that no sandbox may reach, besides those that Namespace has.
	Host   []netip.Addr
	Logger *zap.Logger
}

// Network attaches sandboxes. All methods may be called concurrently.
type Network struct {
	cfg Config
	// hash is part of the names of everything that is this instance's.
	hash    string
	gateway netip.Addr
	links   *netlink.Handle
	filter  *firewall
	names   *resolver

	// changing is held by what narrows or detaches, so that no address changes hands while its connections are looked at. It comes
	// before mu, which nobody holds as long as that takes.
	changing sync.Mutex
	// uncut says that there may be connections which rules refuse: an update has not come to its end.
	uncut bool

	mu sync.Mutex
	// attached are the indices in use, by sandbox. What is not there has no rules.
	attached map[string]int
	next     int
	// unknown are those that an earlier process has attached and Restore has not named: their rules are not known.
	unknown map[string]bool
	ports   hostPorts
}

// eth0 is the name of the link inside.
const eth0 = "eth0"

// Open takes up what an earlier process has left attached, whose packet filter goes on as it is until Restore, and starts
// the name service. It needs the rights of a network administrator.
func Open(cfg Config) (_ *Network, err error) {
	sum := sha256.Sum256([]byte(cfg.Instance))
	n := &Network{cfg: cfg, hash: hex.EncodeToString(sum[:2]), gateway: gatewayOf(sum), attached: map[string]int{}, unknown: map[string]bool{}, ports: newHostPorts(cfg.Ingress)}
	defer func() {
		if err != nil {
			err = errdefs.New(errdefs.FailedPrecondition, "NETWORK_UNAVAILABLE",
				"sandboxes can't be given a network on this host: %v; network.enabled: false runs them with loopback only", err).WithCause(err)
			err = errors.Join(err, n.Close())
		}
	}()
	if err := n.within(n.open); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *Network) open() (err error) {
	if _, err := forwarding(n.cfg.Pool6.IsValid()); err != nil {
		return err
	}
	if n.links, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return fmt.Errorf("open netlink: %w", err)
	}
	n.filter = newFirewall("casemate-"+n.hash, n.prefix(), n.gateway, n.cfg)
	if err := n.filter.ensure(); err != nil {
		return fmt.Errorf("make the packet filter: %w", err)
	}
	if err := n.load(); err != nil {
		return err
	}
	// A host without conntrack's netlink would fail at each sandbox's end.
	if err := forgetConnections(openedFrom, n.gateway); err != nil {
		return fmt.Errorf("%w (CONFIG_NF_CT_NETLINK; modprobe nf_conntrack_netlink)", err)
	}
	if n.names, err = serveNames(n.gateway, n.cfg.NameServers, n.cfg.Logger); err != nil {
		return fmt.Errorf("start the name service: %w", err)
	}
	return nil
}

// Close ends the name service. What is attached stays attached, and has its packet filter; without any sandbox, that goes.
func (n *Network) Close() (err error) {
	if n.names != nil {
		n.names.close()
	}
	if n.filter != nil && len(n.Attached()) == 0 {
		err = n.within(n.filter.remove)
	}
	if n.links != nil {
		n.links.Close()
	}
	if n.cfg.Namespace != nil {
		err = errors.Join(err, n.cfg.Namespace.Close())
	}
	return err
}

// Resolver is the address of the name server for sandboxes.
func (n *Network) Resolver() netip.Addr { return n.gateway }

// gatewayOf chooses the address that is the far end of every sandbox's link and its name server. It is a link-local one:
// never routed, and of no use outside of that link. 169.254.0 and .255 are reserved, .169 is where clouds have services.
func gatewayOf(sum [32]byte) netip.Addr {
	b := 1 + sum[2]%254
	if b == 169 {
		b = 170
	}
	return netip.AddrFrom4([4]byte{169, 254, b, 1 + sum[3]%254})
}

func (n *Network) prefix() string { return "cm" + n.hash + "-" }

// addresses are those of one sandbox.
type addresses struct{ v4, v6 netip.Addr }

// all returns the one or two of them.
func (a addresses) all() []netip.Addr {
	if a.v6.IsValid() {
		return []netip.Addr{a.v4, a.v6}
	}
	return []netip.Addr{a.v4}
}

func (n *Network) addresses(index int) addresses {
	a := addresses{v4: nth(n.cfg.Pool4, index)}
	if n.cfg.Pool6.IsValid() {
		a.v6 = nth(n.cfg.Pool6, index)
	}
	return a
}

// nth returns the address of a block whose last 32 bits, at most, are n.
func nth(p netip.Prefix, n int) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := len(b) - 1; n > 0; i-- {
		b[i] |= byte(n)
		n >>= 8
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// indices is how many sandboxes the pool has room for. The first and the last address are nobody's.
func (n *Network) indices() int { return 1<<(n.cfg.Pool4.Addr().BitLen()-n.cfg.Pool4.Bits()) - 2 }

// Restore makes the packet filter anew for the sandboxes that run, in one step, and detaches all others. A sandbox that
// runs and is not attached any more stays without a network.
func (n *Network) Restore(ctx context.Context, running map[string]sandbox.Network) error {
	var gone []string
	err := n.within(func() (err error) {
		gone, err = n.rebuild(running)
		return err
	})
	if err != nil {
		return fmt.Errorf("make the packet filter: %w", err)
	}
	var errs []error
	for _, id := range gone {
		errs = append(errs, n.Detach(ctx, id))
	}
	// An earlier process may have ended between an update's record and the last cut.
	n.changing.Lock()
	defer n.changing.Unlock()
	return errors.Join(append(errs, n.within(n.cutAll))...)
}

// rebuild makes the packet filter for what is attached and runs, and returns what is attached and does not. Nothing is
// detached meanwhile: its rules would come back.
func (n *Network) rebuild(running map[string]sandbox.Network) (gone []string, _ error) {
	n.changing.Lock()
	defer n.changing.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, policy := range running { // whether it is still attached or not
		n.ports.keep(id, policy.Ingress)
		delete(n.unknown, id)
	}
	n.ports.goOn()
	var keep []attachment
	for id, index := range n.attached {
		if policy, ok := running[id]; ok {
			keep = append(keep, attachment{link: n.linkName(index), addresses: n.addresses(index), policy: policy})
		} else {
			gone = append(gone, id)
		}
	}
	return gone, n.filter.rebuild(keep)
}
