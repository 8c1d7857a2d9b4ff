package footprint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"

	"github.com/casemate/casemate/sandboxd/internal/config"
)

// instance is the part of the names of sandboxd's links and of its table that is its own; see the package network.
func instance(cfg config.Config) string {
	sum := sha256.Sum256([]byte(cfg.StateDir))
	return hex.EncodeToString(sum[:2])
}

func links(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	all, err := netlink.LinkList()
	for range 100 { // a list during which a link came or went may lack others
		if err == nil {
			break
		}
		all, err = netlink.LinkList()
	}
	if err != nil {
		t.Fatalf("listing links: %v", err)
	}
	for _, l := range all {
		if strings.HasPrefix(l.Attrs().Name, "cm"+instance(cfg)+"-") {
			found = append(found, l.Attrs().Name+" "+l.Attrs().Alias)
		}
	}
	return found
}

// rules are what the table has for single sandboxes: the chains of links, and members of sets and maps that links are in.
func rules(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	conn, err := nftables.New()
	if err != nil {
		t.Fatalf("reading the packet filter: %v", err)
	}
	table := &nftables.Table{Name: "casemate-" + instance(cfg), Family: nftables.TableFamilyINet}
	tables, err := conn.ListTablesOfFamily(table.Family)
	if err != nil {
		t.Fatalf("reading the packet filter: %v", err)
	}
	there := false
	for _, other := range tables {
		there = there || other.Name == table.Name
	}
	if !there {
		return nil
	}
	chains, err := conn.ListChainsOfTableFamily(table.Family)
	if err != nil {
		t.Fatalf("reading the packet filter: %v", err)
	}
	for _, c := range chains {
		if c.Table.Name == table.Name && strings.HasPrefix(c.Name, "cm") {
			found = append(found, "chain "+c.Name)
		}
	}
	sets, err := conn.GetSets(table)
	if err != nil {
		t.Fatalf("reading the packet filter: %v", err)
	}
	for _, set := range sets {
		members, err := conn.GetSetElements(set)
		if err != nil {
			t.Fatalf("reading the packet filter: %v", err)
		}
		for _, m := range members {
			if set.Name == "published" { // its keys are ports of the host, all of them sandboxes'
				found = append(found, fmt.Sprintf("published %d", binary.BigEndian.Uint16(m.Key)))
				continue
			}
			if key := strings.TrimRight(string(m.Key[:min(len(m.Key), 16)]), "\x00"); strings.HasPrefix(key, "cm") {
				found = append(found, fmt.Sprintf("%s %s", set.Name, key))
			}
		}
	}
	return found
}
