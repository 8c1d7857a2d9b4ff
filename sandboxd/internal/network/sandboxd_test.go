package network_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// daemon is a whole sandboxd, whose host is the namespace of these tests, in front of a world with a name server.
type daemon struct {
	*sandboxdtest.Server
	t     *testing.T
	api   sandboxv1.SandboxServiceClient
	world *space
}

func startDaemon(t *testing.T, opts ...sandboxdtest.Option) *daemon {
	t.Helper()
	world := newWorld(t)
	world.serveDNS("203.0.113.2:53")
	opts = append(opts, sandboxdtest.WithConfig(func(c *config.Config) {
		c.Network.Enabled, c.Network.NameServers = true, []string{"203.0.113.2"}
	}))
	d := &daemon{Server: sandboxdtest.Start(t, opts...), t: t, world: world}
	d.Secretsd.CreateTeam("red")
	d.api = d.Client(d.Secretsd.CreateUser("red", "ada", identity.RoleMember))
	return d
}

func (d *daemon) run(n *sandboxv1.Network) string {
	d.t.Helper()
	resp, err := d.api.RunSandbox(d.t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage, Network: n}})
	if err != nil {
		d.t.Fatalf("%v\n%s", err, d.Logs())
	}
	return resp.GetSandbox().GetName()
}

// shell returns everything that a script printed.
func (d *daemon) shell(name, script string) string {
	d.t.Helper()
	resp, err := d.api.Exec(d.t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", script + " 2>&1"}}})
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.TrimSpace(string(resp.GetStdout()) + string(resp.GetStderr()))
}

// connect tells what a sandbox gets from the port of an address.
func (d *daemon) connect(name, address, port string) string {
	d.t.Helper()
	return d.shell(name, "nc -w 2 "+address+" "+port+" </dev/null")
}

func (d *daemon) wantNothingLeft() {
	d.t.Helper()
	if rules, err := exec.Command("nft", "list", "ruleset").CombinedOutput(); err != nil || len(bytes.TrimSpace(rules)) > 0 {
		d.t.Errorf("packet filter rules are left (%v; apt-get install -y nftables):\n%s", err, rules)
	}
	links, _ := exec.Command("ip", "-br", "link").Output()
	if strings.Contains(string(links), "cm") {
		d.t.Errorf("links are left:\n%s", links)
	}
}

func TestSandboxesHaveTheInternet(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		sandboxesHaveTheInternet(t, startDaemon(t, sandboxdtest.WithRuntimes(runtime), sandboxdtest.WithConfig(func(c *config.Config) {
			c.Network.Pool6 = "fd63:6d00::/64"
		})))
	})
}

// onRuntimes runs a test with the runtime whose sandboxes' packets the host's kernel makes, and with the one where it is their own
// that does.
func onRuntimes(t *testing.T, test func(t *testing.T, runtime string)) {
	for _, runtime := range []string{"native", "runsc"} {
		t.Run(runtime, func(t *testing.T) { test(t, runtime) })
	}
}

func sandboxesHaveTheInternet(t *testing.T, d *daemon) {
	sb, other := d.run(nil), d.run(nil)
	if got := d.connect(sb, "203.0.113.2", "80"); got != "hello 203.0.113.1" {
		t.Errorf("the world answers %q", got)
	}
	if got := d.connect(sb, "2001:db8::2", "80"); got != "hello 2001:db8::1" {
		t.Errorf("by IPv6 the world answers %q", got)
	}
	if got := d.shell(sb, "nslookup pypi.test"); !strings.Contains(got, "198.51.100.7") {
		t.Errorf("looking up a name: %s", got)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(d.Address(), "http://"), ":")
	neighbour := strings.Fields(d.shell(other, "ip -4 addr show eth0 | grep inet"))[1]
	for what, target := range map[string][2]string{
		"sandboxd itself":  {"203.0.113.1", port},
		"metadata service": {"169.254.169.254", "80"},
		"private address":  {"10.99.0.2", "80"},
		"private by IPv6":  {"fd99::2", "80"},
		"neighbour":        {strings.TrimSuffix(neighbour, "/32"), "80"},
	} {
		got := d.connect(sb, target[0], target[1])
		refused := strings.Contains(got, "can't connect")
		if strings.Contains(target[0], ":") { // gVisor's network does not know the refusal's kind, and waits
			refused = refused || strings.Contains(got, "timed out")
		}
		if strings.Contains(got, "hello") || !refused {
			t.Errorf("%s: %q, want a refusal", what, got)
		}
	}
	for _, attempt := range []string{"ip addr add 10.231.7.7/32 dev eth0", "ip link set eth0 down", "ip route del default", "arping -c 1 -I eth0 10.231.0.9"} {
		if got := d.shell(sb, attempt); !strings.Contains(got, "not permitted") && !strings.Contains(got, "not supported") && !strings.Contains(got, "Inappropriate ioctl") {
			t.Errorf("%s: %q", attempt, got)
		}
	}
	for _, name := range []string{sb, other} {
		if _, err := d.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: name}); err != nil {
			t.Error(err)
		}
	}
	d.Stop()
	d.wantNothingLeft()
}

func TestModesAndRules(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		modesAndRules(t, startDaemon(t, sandboxdtest.WithRuntimes(runtime)))
	})
}

func modesAndRules(t *testing.T, d *daemon) {
	none := d.run(&sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE})
	if got := d.shell(none, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; cat /etc/resolv.conf"); !strings.HasPrefix(got, "lo\n") || strings.Contains(got, "eth") || strings.Contains(got, "nameserver") {
		t.Errorf("a sandbox without a network has %s", got)
	}
	web := d.run(&sandboxv1.Network{
		Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
		Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 443}},
	})
	if got := d.connect(web, "203.0.113.2", "443"); !strings.HasPrefix(got, "hello") {
		t.Errorf("what is allowed: %q", got)
	}
	if got := d.connect(web, "203.0.113.2", "80"); strings.HasPrefix(got, "hello") {
		t.Error("another port can be reached")
	}
	resp, err := d.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: web})
	if err != nil || resp.GetSandbox().GetSpec().GetNetwork().GetAllow()[0].GetLastPort() != 443 {
		t.Errorf("the rules are not answered: %v, %v", resp, err)
	}
}

// TestNetworkOutlivesSandboxd: what runs has its network while sandboxd is away and after it is back; what ends while it is
// away leaves nothing.
func TestNetworkOutlivesSandboxd(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		networkOutlivesSandboxd(t, startDaemon(t, sandboxdtest.WithRuntimes(runtime)))
	})
}

func networkOutlivesSandboxd(t *testing.T, d *daemon) {
	onlyWeb := &sandboxv1.Network{
		Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
		Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 443}},
	}
	stays, ends := d.run(onlyWeb), d.run(nil)
	d.Stop()
	d.KillAgent(filepath.Base(ends))
	d.Restart()
	if got := d.connect(stays, "203.0.113.2", "443"); !strings.HasPrefix(got, "hello") {
		t.Errorf("after a restart: %q", got)
	}
	if got := d.connect(stays, "203.0.113.2", "80"); strings.HasPrefix(got, "hello") {
		t.Error("a restart has lost the rules")
	}
	fresh := d.run(nil)
	if got := d.connect(fresh, "203.0.113.2", "80"); !strings.HasPrefix(got, "hello") {
		t.Errorf("a new sandbox after the restart: %q", got)
	}
	if links, _ := exec.Command("ip", "-o", "link").Output(); strings.Contains(string(links), filepath.Base(ends)) {
		t.Errorf("a link is left of the sandbox that ended:\n%s", links)
	}
	for _, name := range []string{stays, fresh} {
		if _, err := d.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: name}); err != nil {
			t.Error(err)
		}
	}
	d.Stop()
	d.wantNothingLeft()
}

// TestUpdateNetwork narrows a sandbox's network while it holds connections: what is refused now is cut, what is not goes on, and a restart
// keeps to it.
func TestUpdateNetwork(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		updateNetwork(t, startDaemon(t, sandboxdtest.WithRuntimes(runtime)))
	})
}

func updateNetwork(t *testing.T, d *daemon) {
	peer := d.world.netPeer("203.0.113.2:9000")
	name := d.run(&sandboxv1.Network{Deny: []*sandboxv1.Destination{{Cidr: "198.51.100.0/24"}}})
	_, err := d.api.StartProcess(t.Context(), &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{
		Command: []string{"sh", "-c", "sleep 600 | nc 203.0.113.2 9000"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	outside := <-peer.accepted
	defer outside.Close()
	update := func(n *sandboxv1.Network) (*sandboxv1.Sandbox, error) {
		resp, err := d.api.UpdateNetwork(t.Context(), &sandboxv1.UpdateNetworkRequest{Name: name, Network: n})
		return resp.GetSandbox(), errgrpc.FromError(err)
	}
	web := &sandboxv1.Network{
		Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 443}},
		Deny:  []*sandboxv1.Destination{{Cidr: "198.51.100.0/24"}},
	}
	sb, err := update(web)
	if got := sb.GetSpec().GetNetwork(); err != nil || got.GetMode() != sandboxv1.NetworkMode_NETWORK_MODE_INTERNET || got.GetAllow()[0].GetLastPort() != 443 {
		t.Fatalf("%v, %v", sb, err)
	}
	_, _ = outside.Write([]byte("late"))
	b := make([]byte, 10)
	_ = outside.SetReadDeadline(time.Now().Add(patience))
	if n, err := outside.Read(b); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the world's end of the connection reads %q, %v", b[:n], err)
	}
	if _, err = update(web); err != nil { // which tells of nothing new
		t.Errorf("the same once more: %v", err)
	}
	for i := range 2 { // before and after a restart
		if got := d.connect(name, "203.0.113.2", "443"); !strings.HasPrefix(got, "hello") {
			t.Errorf("what is allowed: %q", got)
		}
		if got := d.connect(name, "203.0.113.2", "80"); strings.HasPrefix(got, "hello") {
			t.Error("the old rules hold")
		}
		if i == 0 {
			d.Stop()
			d.Restart()
		}
	}
	_, err = update(&sandboxv1.Network{Allow: web.Allow})
	if e, ok := errdefs.As(err); !ok || e.Reason != "NETWORK_NOT_NARROWER" || e.Violations[0].Subject != "network.deny" {
		t.Errorf("a denial that is missing: %v", err)
	}
	if _, err = update(&sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE}); err != nil {
		t.Error(err)
	}
	if got := d.shell(name, "nslookup -timeout=1 pypi.test"); strings.Contains(got, "198.51.100.7") {
		t.Errorf("names are answered without a network: %s", got)
	}
	d.reap()
	if page := d.metrics(); strings.Contains(page, `casemate_network_mended_total{what="filter"} 1`) {
		t.Error("the reaper finds the updated rules wrong")
	}
	events, err := d.api.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: name})
	var told []string
	for _, e := range events.GetEvents() {
		if e.GetKind() == sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_NETWORK_NARROWED {
			told = append(told, e.GetActor()+": "+e.GetDetail())
		}
	}
	want := []string{
		"ada: INTERNET, allow 203.0.113.2/32=tcp:443, deny 198.51.100.0/24, at most 2048 connections, 134217728 bytes each second", "ada: NONE",
	}
	if diff := cmp.Diff(want, told); err != nil || diff != "" {
		t.Errorf("events: %v\n%s", err, diff)
	}
	d.delete(name)
	d.Stop()
	d.wantNothingLeft()
}

// TestNamesOverARestart: a program that asks for names while sandboxd is away is answered when that is back.
func TestNamesOverARestart(t *testing.T) {
	d := startDaemon(t)
	name := d.run(nil)
	_, err := d.api.StartProcess(t.Context(), &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{
		"sh", "-c", "while :; do if nslookup -type=a pypi.test >/tmp/last 2>&1; then echo answered; else cat /tmp/last; echo failed; fi >>/tmp/all; sleep 0.1; done",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	answers := func() int { return strings.Count(d.shell(name, "cat /tmp/all"), "answered") }
	await := func(n int) {
		t.Helper()
		for end := time.Now().Add(4 * patience); answers() < n; time.Sleep(again) {
			if time.Now().After(end) {
				t.Fatalf("%d answers:\n%s", answers(), d.shell(name, "cat /tmp/last"))
			}
		}
	}
	await(3)
	d.Stop()
	time.Sleep(time.Second) // in which the sandbox asks
	d.Restart()
	await(answers() + 3)
	if all := d.shell(name, "cat /tmp/all"); strings.Contains(all, "failed") {
		t.Errorf("questions have failed:\n%s", all)
	}
}

// TestLimitsOfTheNetwork: the operator's default holds where nothing is asked for, less may be asked for, and both count whatever the
// runtime sends its packets by.
func TestLimitsOfTheNetwork(t *testing.T) {
	onRuntimes(t, func(t *testing.T, runtime string) {
		d := startDaemon(t, sandboxdtest.WithRuntimes(runtime))
		peer := d.world.netPeer("203.0.113.2:9000")
		const rate = 2 << 20
		name := d.run(&sandboxv1.Network{MaxConnections: 16, MaxBytesPerSecond: rate})
		// Each tries again: a segment that is sent twice on a busy machine counts among what is opened in a second.
		d.shell(name, "mkfifo /tmp/f; exec 3<>/tmp/f; for i in $(seq 16); do (until nc 203.0.113.2 9000 <&3 || [ -e /tmp/stop ]; do sleep 0.3; done) >/dev/null 2>&1 & done")
		var open []net.Conn
		for range 16 {
			c := peer.accept(t)
			defer c.Close()
			open = append(open, c)
		}
		if got := d.connect(name, "203.0.113.2", "80"); strings.HasPrefix(got, "hello") {
			t.Error("there is one connection more than may be")
		}
		d.shell(name, "touch /tmp/stop")
		sends := func(bytes int64) (took time.Duration) {
			open[0].Close() // so that there may be one more
			open = open[1:]
			stream, err := d.api.StartProcess(t.Context(), &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{
				Command: []string{"sh", "-c", fmt.Sprintf("until dd if=/dev/zero bs=64k count=%d | nc 203.0.113.2 9000; do sleep 0.2; done", bytes>>16)},
			}})
			if err != nil {
				t.Fatal(stream, err)
			}
			c := peer.accept(t)
			defer c.Close()
			start := time.Now()
			_ = c.SetReadDeadline(start.Add(4 * patience))
			if n, err := io.CopyN(io.Discard, c, bytes); err != nil {
				t.Errorf("%d bytes came: %v", n, err)
			}
			return time.Since(start)
		}
		if took := sends(2 * rate); took < time.Second {
			t.Errorf("4 MiB came in %v, at 2 MiB each second", took)
		}
		resp, err := d.api.UpdateNetwork(t.Context(), &sandboxv1.UpdateNetworkRequest{Name: name, Network: &sandboxv1.Network{MaxBytesPerSecond: rate / 4}})
		if got := resp.GetSandbox().GetSpec().GetNetwork(); err != nil || got.GetMaxConnections() != 16 || got.GetMaxBytesPerSecond() != rate/4 {
			t.Fatalf("%v, %v", got, err)
		}
		if took := sends(rate); took < 2*time.Second { // the packet filter saves up a second's worth
			t.Errorf("2 MiB came in %v, at 1/2 MiB each second", took)
		}
		plain, err := d.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: d.run(nil)})
		if got := plain.GetSandbox().GetSpec().GetNetwork(); err != nil || got.GetMaxConnections() != 2048 || got.GetMaxBytesPerSecond() != 128<<20 {
			t.Errorf("the default: %v, %v", got, err)
		}
	})
}

// TestPipInstall installs a package from an index in the world, found by its name.
func TestPipInstall(t *testing.T) {
	wheels, _ := filepath.Glob("/usr/share/python-wheels/pip-*.whl")
	if len(wheels) == 0 {
		t.Fatal("pip is needed: apt-get install -y python3-pip-whl")
	}
	pip, err := os.ReadFile(wheels[0])
	if err != nil {
		t.Fatal(err)
	}
	d := startDaemon(t, sandboxdtest.WithPython())
	d.world.serveIndex("198.51.100.7:8080") // where the name server says that every name is
	resp, err := d.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
		Image: sandboxdtest.PythonImage, Files: []*sandboxv1.File{{Path: "/opt/pip.whl", Content: pip}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	name := resp.GetSandbox().GetName()
	out := d.shell(name, "python /opt/pip.whl/pip install --target /opt/lib --index-url http://index.test:8080/simple --trusted-host index.test greeting")
	if got := d.shell(name, "PYTHONPATH=/opt/lib python -c 'import greeting; print(greeting.word)'"); got != "hello" {
		t.Errorf("the installed package says %q; pip said\n%s", got, out)
	}
}

// serveIndex serves a package index with one package, greeting.
func (s *space) serveIndex(address string) {
	s.t.Helper()
	wheel := wheel(s.t)
	const file = "greeting-1.0-py3-none-any.whl"
	mux := http.NewServeMux()
	mux.HandleFunc("/simple/greeting/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `<a href="/%s">%[1]s</a>`, file) })
	mux.HandleFunc("/"+file, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wheel) })
	s.do(func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.t.Error(err)
			return
		}
		server := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
		go func() { _ = server.Serve(listener) }()
		s.t.Cleanup(func() { server.Close() })
	})
}

func wheel(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range [][2]string{
		{"greeting.py", "word = 'hello'\n"},
		{"greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"},
		{"greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{"greeting-1.0.dist-info/RECORD", "greeting.py,,\ngreeting-1.0.dist-info/METADATA,,\ngreeting-1.0.dist-info/WHEEL,,\ngreeting-1.0.dist-info/RECORD,,\n"},
	} {
		out, err := w.Create(f[0])
		if err == nil {
			_, err = out.Write([]byte(f[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
