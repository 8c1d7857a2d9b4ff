package network

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// firewall is this instance's nftables table. Every packet that comes from a sandbox's link, or would go to one, passes
// its chains; what no rule lets through is refused. In nft's words (cm… is every link of this instance):
//
//	set source4 { type ifname . ipv4_addr }    which address may come from which link; source6 likewise
//	set dns { type ifname }                    the links whose sandboxes may ask for names
//	map egress { type ifname : verdict }       the chain of each link
//	map limits { type ifname : verdict }       the chain with the limits of each link that has some
//	map ingress, map published                 of links with published ports, see ingress.go
//
//	chain prerouting { iifname @dns ip daddr <gateway> udp dport 53 notrack }    questions are no connections to remember
//	chain answers { oifname cm… ip saddr <gateway> udp sport 53 notrack }
//	chain forward {
//	  iifname cm… iifname . ip saddr != @source4 drop
//	  iifname vmap @limits
//	  iifname cm… ct state established,related accept;  oifname cm… ct state established,related accept
//	  iifname cm… oifname cm… goto refuse                  no neighbour opens a connection to a sandbox
//	  ct status dnat oifname vmap @ingress                 who comes by a published port does: see ingress.go
//	  oifname cm… drop                                     and nobody else
//	  iifname vmap @egress
//	  iifname cm… drop
//	}
//	chain input {                              to this host, whatever its addresses
//	  iifname cm… iifname . ip saddr != @source4 drop
//	  iifname vmap @limits
//	  iifname cm… ct state established ct direction reply accept    answers to this host's own connections by published ports
//	  iifname @dns ip daddr <gateway> udp dport 53 accept;  tcp likewise
//	  iifname cm… reject
//	}
//	chain output { oifname cm… ip saddr <gateway> udp sport 53 accept;  oifname cm… ct state established,related accept;  oifname cm… drop }
//	chain postrouting { ip saddr <pool> masquerade }
//
//	chain internet { ip daddr <pool> goto refuse;  <open> accept;  <sandbox.NeverPublic> goto refuse;  accept }    ip6 likewise
//	chain <link> { <deny> goto refuse;  <allow> goto internet;  goto refuse }         of links with rules of their own
//	chain <link>-limits {                                                              see limits.go
//	  limit rate over <bytes>/second drop
//	  ct state established,related return
//	  ct state untracked limit rate over 500/second drop;  ct state untracked return   questions
//	  ct count over <connections> goto refuse;  limit rate over <a tenth of it>/second goto refuse
//	  ct timeout set "brief"
//	}
//	chain refuse { tcp flags & (syn|rst) == 0 reject with tcp reset;  reject }        what goes on where it was cut ends at once
//
// Other tables of the host are asked besides: a firewall that drops what is forwarded or comes in, drops it here too.
type firewall struct {
	name    string
	prefix  string
	gateway netip.Addr
	cfg     Config

	mu sync.Mutex // one transaction at a time
	// known are the sandboxes in the table by link, and made is how many rules each chain got: what the kernel should have.
	// Both are nil until the first rebuild, which takes up what an earlier process has left.
	known map[string]attachment
	made  map[string]int
	// stale says that the table has not got what is known: an update failed.
	stale bool
}

func newFirewall(name, prefix string, gateway netip.Addr, cfg Config) *firewall {
	return &firewall{name: name, prefix: prefix, gateway: gateway, cfg: cfg}
}

// tables are the objects of one transaction.
type tables struct {
	*nftables.Conn
	table            *nftables.Table
	source4, source6 *nftables.Set
	dns              *nftables.Set
	egress, limits   *nftables.Set
	ingress          *nftables.Set
	published        *nftables.Set

	made map[string]int // rules that were added, by chain
}

// begin starts a transaction. The objects in it have names only; they need not be there.
func (f *firewall) begin() (*tables, error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	t := &nftables.Table{Name: f.name, Family: nftables.TableFamilyINet}
	links := func(name string) *nftables.Set {
		// The byte order is for nft alone, which shows the names by it.
		return &nftables.Set{Table: t, Name: name, KeyType: nftables.TypeIFName, KeyByteOrder: binaryutil.NativeEndian}
	}
	sources := func(name string, address nftables.SetDatatype) *nftables.Set {
		return &nftables.Set{Table: t, Name: name, KeyType: nftables.MustConcatSetType(nftables.TypeIFName, address), Concatenation: true}
	}
	return &tables{
		Conn: conn, table: t, made: map[string]int{}, dns: links("dns"), egress: verdicts(links("egress")), limits: verdicts(links("limits")),
		ingress: verdicts(links("ingress")), published: verdicts(&nftables.Set{Table: t, Name: "published", KeyType: nftables.TypeInetService}),
		source4: sources("source4", nftables.TypeIPAddr), source6: sources("source6", nftables.TypeIP6Addr),
	}, nil
}

// ensure makes the table unless it is there.
func (f *firewall) ensure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	have, err := conn.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return err
	}
	for _, t := range have {
		if t.Name == f.name {
			return nil
		}
	}
	return f.replace(nil)
}

// rebuild makes the table anew, with those attached, in one transaction: no packet meets half of it.
func (f *firewall) rebuild(attached []attachment) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.replace(attached)
}

func (f *firewall) replace(attached []attachment) error {
	t, err := f.begin()
	if err != nil {
		return err
	}
	t.AddTable(t.table) // or the deletion of one that is not there would fail all
	t.DelTable(t.table)
	t.AddTable(t.table)
	t.AddObj(t.brief())
	for _, set := range []*nftables.Set{t.source4, t.source6, t.dns, t.egress, t.limits, t.ingress, t.published} {
		if err := t.AddSet(set, nil); err != nil {
			return err
		}
	}
	if err := f.addChains(t); err != nil {
		return err
	}
	f.addPublishing(t)
	for _, a := range attached {
		if err := f.addTo(t, a); err != nil {
			return err
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	f.known, f.made, f.stale = make(map[string]attachment, len(attached)), t.made, false
	for _, a := range attached {
		f.known[a.link] = a
	}
	return nil
}

func (f *firewall) remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.begin()
	if err != nil {
		return err
	}
	t.AddTable(t.table)
	t.DelTable(t.table)
	return t.Flush()
}

// add makes a sandbox known. What is left of another one that had the link's name is replaced.
func (f *firewall) add(a attachment) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.begin()
	if err != nil {
		return err
	}
	if err := f.addTo(t, a); err != nil {
		return err
	}
	err = t.Flush()
	if errors.Is(err, unix.ENOENT) && f.known != nil { // somebody removed the table: Check would see it within a minute
		return f.replace(append(slices.Collect(maps.Values(f.known)), a))
	}
	if err != nil {
		return err
	}
	if f.known != nil {
		f.known[a.link] = a
		maps.Copy(f.made, t.made)
	}
	return nil
}

// drop makes a sandbox unknown. Of one that is unknown it does nothing.
func (f *firewall) drop(link string, a addresses) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var steps []func(*tables) error
	element := func(set func(*tables) *nftables.Set, key []byte) {
		steps = append(steps, func(t *tables) error { return t.SetDeleteElements(set(t), []nftables.SetElement{{Key: key}}) })
	}
	chain := func(name string) {
		steps = append(steps, func(t *tables) error {
			t.DelChain(&nftables.Chain{Table: t.table, Name: name})
			return nil
		})
	}
	known, ok := f.known[link]
	element(func(t *tables) *nftables.Set { return t.egress }, ifname(link))
	element(func(t *tables) *nftables.Set { return t.source4 }, source(link, a.v4))
	if a.v6.IsValid() {
		element(func(t *tables) *nftables.Set { return t.source6 }, source(link, a.v6))
	}
	if !ok || known.asksNames() {
		element(func(t *tables) *nftables.Set { return t.dns }, ifname(link))
	}
	if !ok || known.limited() {
		element(func(t *tables) *nftables.Set { return t.limits }, ifname(link))
		chain(limitsChain(link))
	}
	if !ok || known.chain() == link {
		chain(link)
	}
	steps = append(steps, known.unpublish()...)
	delete(f.known, link)
	for _, name := range []string{link, limitsChain(link), publishChain(link), ingressChain(link)} {
		delete(f.made, name)
	}
	err := f.commit(steps...)
	if !errors.Is(err, unix.ENOENT) {
		return err
	}
	// One by one: what is missing undoes the transaction of them all.
	for _, step := range steps {
		if err := f.commit(step); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	return nil
}

// commit does steps in one transaction.
func (f *firewall) commit(steps ...func(*tables) error) error {
	t, err := f.begin()
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(t); err != nil {
			return err
		}
	}
	return t.Flush()
}

// addTo adds a sandbox to a transaction.
func (f *firewall) addTo(t *tables, a attachment) error {
	var errs []error
	element := func(set *nftables.Set, e nftables.SetElement) {
		errs = append(errs, t.SetAddElements(set, []nftables.SetElement{e}))
	}
	element(t.source4, nftables.SetElement{Key: source(a.link, a.v4)})
	if a.v6.IsValid() {
		element(t.source6, nftables.SetElement{Key: source(a.link, a.v6)})
	}
	if a.asksNames() {
		element(t.dns, nftables.SetElement{Key: ifname(a.link)})
	}
	if a.limited() {
		f.addLimits(t, a)
		element(t.limits, nftables.SetElement{Key: ifname(a.link), VerdictData: jump(limitsChain(a.link))})
	}
	if a.chain() == a.link {
		errs = append(errs, f.addPolicy(t, a.link, a.policy))
	}
	errs = append(errs, f.publish(t, a))
	element(t.egress, nftables.SetElement{Key: ifname(a.link), VerdictData: jump(a.chain())})
	return errors.Join(errs...)
}

// addPolicy makes the chain of a sandbox with rules of its own.
func (f *firewall) addPolicy(t *tables, name string, p sandbox.Network) error {
	chain := t.AddChain(&nftables.Chain{Table: t.table, Name: name})
	t.FlushChain(chain)
	rule := func(exprs ...exprs) { t.rules(chain, join(exprs...)) }
	if p.Mode == sandbox.NetworkNone { // it was narrowed to that
		rule(refuse)
		return nil
	}
	for _, d := range p.Deny {
		match, err := destination(d)
		if err != nil {
			return err
		}
		rule(match, refuse)
	}
	for _, d := range p.Allow {
		match, err := destination(d)
		if err != nil {
			return err
		}
		rule(match, gotoChain(internetChain))
	}
	if len(p.Allow) > 0 {
		rule(refuse)
	} else {
		rule(gotoChain(internetChain))
	}
	return nil
}
