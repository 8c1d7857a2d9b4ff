package network

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
)

const maxListTries = 100

func (n *Network) linkName(index int) string { return n.prefix() + strconv.FormatInt(int64(index), 36) }

// ownLinks returns the host's links that are this instance's, by the index in their name.
func (n *Network) ownLinks() (map[int]netlink.Link, error) {
	links, err := n.links.LinkList()
	// A list during which a link came or went may lack others; on a busy host that is so for a moment.
	for range maxListTries {
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
		links, err = n.links.LinkList()
	}
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	own := map[int]netlink.Link{}
	for _, l := range links {
		text, ours := strings.CutPrefix(l.Attrs().Name, n.prefix())
		if index, err := strconv.ParseInt(text, 36, 32); ours && err == nil {
			own[int(index)] = l
		}
	}
	return own, nil
}

// load finds the links that an earlier process made.
func (n *Network) load() error {
	links, err := n.ownLinks()
	if err != nil {
		return err
	}
	for index, l := range links {
		if l.Attrs().Alias == "" { // it was being made
			if err := n.links.LinkDel(l); err != nil {
				return fmt.Errorf("remove link %s: %w", l.Attrs().Name, err)
			}
			continue
		}
		n.attached[l.Attrs().Alias], n.unknown[l.Attrs().Alias] = index, true
	}
	return nil
}

// reserve gives a sandbox an index that no other sandbox of this instance has.
func (n *Network) reserve(id string) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.attached[id]; ok {
		return 0, errdefs.New(errdefs.AlreadyExists, "NETWORK_ATTACHED", "sandbox %s has a network already", id)
	}
	taken := make(map[int]bool, len(n.attached))
	for _, index := range n.attached {
		taken[index] = true
	}
	if len(taken) < n.cfg.MaxSandboxes {
		for range n.indices() {
			n.next = n.next%n.indices() + 1 // an address is used again as late as possible
			if !taken[n.next] {
				n.attached[id] = n.next
				return n.next, nil
			}
		}
	}
	return 0, errdefs.New(errdefs.ResourceExhausted, "NO_ADDRESS", "all %d addresses for sandboxes are in use", len(taken))
}

// pair is a veth pair that is being made. Both hardware addresses are chosen here and told to either end: nobody asks for
// one, and what a sandbox says about addresses on its link is not listened to.
type pair struct {
	addresses
	link            netlink.Link // the host's end
	outside, inside net.HardwareAddr
	rate            int64 // what either end may send, in bytes per second; 0: no bound
}

// makePair makes the veth pair, one end of it in the sandbox's namespace already, both down.
func (n *Network) makePair(name, id string, a addresses, namespace int) (pair, error) {
	p := pair{addresses: a, outside: randomMAC(), inside: randomMAC()}
	veth := netlink.NewVeth(netlink.LinkAttrs{Name: name, TxQLen: -1, HardwareAddr: p.outside})
	veth.PeerName, veth.PeerNamespace, veth.PeerHardwareAddr = eth0, netlink.NsFd(namespace), p.inside
	if err := n.links.LinkAdd(veth); err != nil {
		return p, fmt.Errorf("make the link %s: %w", name, err)
	}
	p.link = veth
	faultpoint.Reach("network", "link without a name")
	// An alias marks what is whole: see load.
	if err := n.links.LinkSetAlias(veth, id); err != nil {
		return p, fmt.Errorf("name the link %s: %w", name, err)
	}
	return p, nil
}

// randomMAC is a locally administered unicast address (IEEE 802c).
func randomMAC() net.HardwareAddr {
	mac := make(net.HardwareAddr, 6)
	_, _ = rand.Read(mac) // never fails
	mac[0] = mac[0]&^0x03 | 0x02
	return mac
}

// errAddressInUse is of an address that another sandboxd of this host has given out.
var errAddressInUse = errors.New("the address is in use")

// connectOutside brings the host's end up. The route to the sandbox's address is exclusive: by it the sandboxds of one host
// agree on who has which address.
func (n *Network) connectOutside(p pair) error {
	name, index := p.link.Attrs().Name, p.link.Attrs().Index
	if err := n.links.AddrAdd(p.link, &netlink.Addr{IPNet: host(n.gateway), Scope: unix.RT_SCOPE_LINK}); err != nil {
		return fmt.Errorf("give %s its address: %w", name, err)
	}
	// ARP is no business of the packet filter's: by it a sandbox could fill the host's table of neighbours, which all links share.
	if err := n.links.LinkSetARPOff(p.link); err != nil {
		return fmt.Errorf("turn off ARP on %s: %w", name, err)
	}
	if err := limitLink(n.links, p.link, p.rate); err != nil {
		return err
	}
	if err := n.links.LinkSetUp(p.link); err != nil {
		return fmt.Errorf("bring up %s: %w", name, err)
	}
	for _, a := range p.all() {
		err := n.links.RouteAdd(&netlink.Route{LinkIndex: index, Dst: host(a), Scope: unix.RT_SCOPE_LINK})
		if errors.Is(err, unix.EEXIST) {
			return errAddressInUse
		}
		if err == nil {
			err = n.links.NeighSet(neighbour(index, a, p.inside))
		}
		if err != nil {
			return fmt.Errorf("route %s to %s: %w", a, name, err)
		}
	}
	return nil
}

func neighbour(link int, a netip.Addr, mac net.HardwareAddr) *netlink.Neigh {
	return &netlink.Neigh{LinkIndex: link, IP: a.AsSlice(), HardwareAddr: mac, State: netlink.NUD_PERMANENT}
}

// connectInside gives the sandbox's end its address, and the host as the way to everything.
func (n *Network) connectInside(namespace int, p pair) error {
	h, err := netlink.NewHandleAt(netns.NsHandle(namespace), unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("enter the sandbox's network namespace: %w", err)
	}
	defer h.Close()
	link, err := h.LinkByName(eth0)
	if err != nil {
		return fmt.Errorf("find the sandbox's link: %w", err)
	}
	for _, a := range p.all() {
		// Nobody else can have the address, so nobody need be asked whether.
		if err := h.AddrAdd(link, &netlink.Addr{IPNet: host(a), Flags: unix.IFA_F_NODAD}); err != nil {
			return fmt.Errorf("give the sandbox its address: %w", err)
		}
	}
	if err := limitLink(h, link, p.rate); err != nil {
		return err
	}
	if err := h.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring up the sandbox's link: %w", err)
	}
	if err := waitUp(h, link.Attrs().Index); err != nil {
		return err
	}
	gateways := []netip.Addr{n.gateway}
	if p.v6.IsValid() {
		gateways = append(gateways, gateway6)
	}
	for _, gw := range gateways {
		if err := h.NeighSet(neighbour(link.Attrs().Index, gw, p.outside)); err != nil {
			return fmt.Errorf("tell the sandbox its gateway: %w", err)
		}
		everything := &net.IPNet{IP: make(net.IP, gw.BitLen()/8), Mask: net.CIDRMask(0, gw.BitLen())}
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: everything, Gw: gw.AsSlice(), Flags: int(netlink.FLAG_ONLINK)}
		if err := h.RouteAdd(route); err != nil {
			return fmt.Errorf("give the sandbox its default route: %w", err)
		}
	}
	return nil
}

// upTimeout bounds waitUp. It takes some tenths of a millisecond, and longer where many links come and go.
const upTimeout = 5 * time.Second

// waitUp waits until a link that was set up takes packets. The kernel sees to that a moment after both ends of the pair are
// up, and drops what is sent before.
func waitUp(h *netlink.Handle, index int) error {
	end := time.Now().Add(upTimeout)
	for wait := 50 * time.Microsecond; ; wait = min(2*wait, 10*time.Millisecond) {
		link, err := h.LinkByIndex(index)
		if err != nil {
			return fmt.Errorf("look at link %d: %w", index, err)
		}
		if link.Attrs().OperState == netlink.OperUp {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("link %s is not up after %v, but %v", link.Attrs().Name, upTimeout, link.Attrs().OperState)
		}
		time.Sleep(wait)
	}
}

// gateway6 stands for the host's end in IPv6: no interface has it, and the sandbox is told the hardware address.
var gateway6 = netip.MustParseAddr("fe80::1")

func host(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(a.BitLen(), a.BitLen())}
}

// deleteLink deletes a link, and with it its other end, its addresses and its routes. One that is not there is as good.
func (n *Network) deleteLink(name string) error {
	link, err := n.links.LinkByName(name)
	if err == nil {
		err = n.links.LinkDel(link)
	}
	// It goes by itself, a moment after the sandbox's namespace.
	var missing netlink.LinkNotFoundError
	if err == nil || errors.Is(err, unix.ENODEV) || errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("remove link %s: %w", name, err)
}

// forwarding turns on that the kernel passes packets on from one interface to another, and says whether it was off.
func forwarding(v6 bool) (wasOff bool, _ error) {
	names := []string{"ipv4/ip_forward"}
	if v6 {
		names = append(names, "ipv6/conf/all/forwarding")
	}
	for _, name := range names {
		now, err := os.ReadFile("/proc/sys/net/" + name)
		if err != nil {
			return wasOff, fmt.Errorf("read net/%s: %w", name, err)
		}
		if strings.TrimSpace(string(now)) == "1" {
			continue
		}
		if err := os.WriteFile("/proc/sys/net/"+name, []byte("1"), 0); err != nil {
			return wasOff, fmt.Errorf("set net/%s: %w (sysctl -w net.%s=1 does it by hand)", name, err, strings.ReplaceAll(name, "/", "."))
		}
		wasOff = true
	}
	return wasOff, nil
}
