package network_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var onlyWeb = sandbox.Network{
	Mode:  sandbox.NetworkInternet,
	Allow: []sandbox.Destination{{CIDR: "203.0.113.2/32", Protocol: "tcp", FirstPort: 443, LastPort: 443}},
}

// nft runs an nft command; TABLE stands for the one table that there is.
func nft(t testing.TB, command string) {
	t.Helper()
	tables, err := exec.Command("nft", "list", "tables").Output()
	if err != nil {
		t.Fatalf("nft list tables: %v (apt-get install -y nftables)", err)
	}
	table := strings.TrimPrefix(strings.TrimSpace(string(tables)), "table ")
	command = strings.ReplaceAll(command, "TABLE", table)
	if out, err := exec.Command("nft", strings.Fields(command)...).CombinedOutput(); err != nil {
		t.Fatalf("nft %s: %v: %s", command, err, out)
	}
}

func check(t testing.TB, n *network.Network) network.Checked {
	t.Helper()
	found, err := n.Check()
	if err != nil {
		t.Error(err)
	}
	return found
}

func TestCheckMendsThePacketFilter(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	if err := n.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	a, b := attach(t, n, "sb-a", internet), attach(t, n, "sb-b", onlyWeb)
	rulesChain := linkOf(t, "sb-b")
	if found := check(t, n); found.Filter != "" || found.Forwarding || len(found.Strays) > 0 {
		t.Errorf("of a host where all is well: %+v", found)
	}
	for _, c := range []struct{ damage, want string }{
		{"flush ruleset", "there is no chain"},
		{"delete table TABLE", "there is no chain"},
		{"flush chain TABLE forward", "chain forward has 0 rules"},
		{"flush chain TABLE " + rulesChain, "has 0 rules, not 2"},
		{"add rule TABLE input accept", "chain input has"},
		{"add chain TABLE another", "there is a chain another"},
		{"flush set TABLE source4", "set source4 has 0 elements, not 2"},
		{"flush set TABLE dns", "set dns has 0 elements, not 2"},
		{"flush map TABLE egress", "set egress has 0 elements, not 2"},
	} {
		nft(t, c.damage)
		if found := check(t, n); !strings.Contains(found.Filter, c.want) {
			t.Errorf("after nft %s: %q, want %q", c.damage, found.Filter, c.want)
		}
		if found := check(t, n); found.Filter != "" {
			t.Errorf("after nft %s and its mending: %s", c.damage, found.Filter)
		}
		a.reaches("tcp", "203.0.113.2:80")
		b.reaches("tcp", "203.0.113.2:443")
		b.isRefused("tcp", "203.0.113.2:80")
	}
}

// A table that is gone does not keep the next sandbox from its network, nor take the others'.
func TestAttachMakesAMissingTable(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	if err := n.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	a := attach(t, n, "sb-a", internet)
	nft(t, "flush ruleset")
	b := attach(t, n, "sb-b", internet)
	a.reaches("tcp", "203.0.113.2:80")
	b.reaches("tcp", "203.0.113.2:80")
}

func TestCheckRemovesStraysAndForwardsAgain(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	a := attach(t, n, "sb-a", internet)
	own := linkOf(t, "sb-a")
	stray := own[:strings.IndexByte(own, '-')+1] + "zz"
	runIP(t, "link add "+stray+" type veth peer name stray0")
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
	found := check(t, n)
	if len(found.Strays) != 1 || found.Strays[0] != stray || !found.Forwarding {
		t.Errorf("found %+v, want the link %s and that packets were not passed on", found, stray)
	}
	a.reaches("tcp", "203.0.113.2:80")
	if linked, err := n.Linked(); err != nil || !linked["sb-a"] {
		t.Errorf("linked: %v, %v", linked, err)
	}
	runIP(t, "link del "+own)
	if linked, err := n.Linked(); err != nil || linked["sb-a"] {
		t.Errorf("linked without its link: %v, %v", linked, err)
	}
}

// TestCheckLeavesAloneWhatComesAndGoes checks in a tight loop while sandboxes are attached and detached: each is connected
// for as long as it is attached, and no check finds anything wrong.
func TestCheckLeavesAloneWhatComesAndGoes(t *testing.T) {
	newWorld(t)
	n := open(t, nil)
	if err := n.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	stop, checked := make(chan struct{}), make(chan int)
	go func() {
		times := 0
		defer func() { checked <- times }()
		for ; ; times++ {
			select {
			case <-stop:
				return
			default:
			}
			if found := check(t, n); found.Filter != "" || len(found.Strays) > 0 {
				t.Errorf("found %+v", found)
			}
		}
	}()
	var coming sync.WaitGroup
	for i := range 4 {
		coming.Go(func() {
			policy := internet
			if i%2 == 0 {
				policy = onlyWeb
			}
			for j := range 25 {
				id := fmt.Sprintf("sb-%d-%d", i, j)
				s := newSpace(t)
				if err := n.Attach(t.Context(), id, policy, s.fd); err != nil {
					t.Error(err)
					return
				}
				if answer, err := s.call("tcp", "203.0.113.2:443"); err != nil {
					t.Errorf("%s reaches nothing: %q, %v", id, answer, err)
				}
				if err := n.Detach(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	coming.Wait()
	close(stop)
	if times := <-checked; times < 10 {
		t.Errorf("only %d checks ran meanwhile", times)
	}
}

// linkOf returns the name of a sandbox's link on the host.
func linkOf(t testing.TB, id string) string {
	t.Helper()
	out, err := exec.Command("ip", "-o", "link").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.HasSuffix(line, "alias "+id) {
			name, _, _ := strings.Cut(strings.Fields(line)[1], "@")
			return strings.TrimSuffix(name, ":")
		}
	}
	t.Fatalf("sandbox %s has no link:\n%s", id, out)
	return ""
}
