package network_test

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func (d *daemon) metrics() string {
	d.t.Helper()
	resp, err := http.Get("http://" + d.AdminAddress() + "/metrics")
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(page)
}

func (d *daemon) wantMetric(line string) {
	d.t.Helper()
	if page := d.metrics(); !strings.Contains(page, "\n"+line+"\n") {
		d.t.Errorf("no %q in\n%s", line, page)
	}
}

func (d *daemon) reap() {
	d.t.Helper()
	if err := d.Reap(d.t.Context()); err != nil {
		d.t.Errorf("the reaper: %v", err)
	}
}

func (d *daemon) delete(name string) {
	d.t.Helper()
	if _, err := d.api.DeleteSandbox(context.WithoutCancel(d.t.Context()), &sandboxv1.DeleteSandboxRequest{Name: name}); err != nil {
		d.t.Error(err)
	}
}

// TestReaperMendsTheNetwork: a packet filter that somebody flushed is back with the reaper's next pass, and a link that
// somebody removed is noticed.
func TestReaperMendsTheNetwork(t *testing.T) {
	d := startDaemon(t)
	web := d.run(&sandboxv1.Network{
		Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
		Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32", Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 443}},
	})
	cut := d.run(nil)
	nft(t, "flush ruleset")
	if got := d.connect(web, "203.0.113.2", "443"); strings.HasPrefix(got, "hello") {
		t.Fatal("a sandbox needs no packet filter: this test shows nothing")
	}
	d.reap()
	if got := d.connect(web, "203.0.113.2", "443"); !strings.HasPrefix(got, "hello") {
		t.Errorf("after the mending: %q", got)
	}
	if got := d.connect(web, "203.0.113.2", "80"); strings.HasPrefix(got, "hello") {
		t.Error("the mending has lost the rules")
	}
	d.wantMetric(`casemate_network_mended_total{what="filter"} 1`)

	runIP(t, "link del "+linkOf(t, filepath.Base(cut)))
	d.reap()
	d.wantMetric(`casemate_damaged_sandboxes{what="link"} 1`)
	if !strings.Contains(d.Logs(), "somebody removed a sandbox's network link") {
		t.Error("the log does not say so")
	}
	if got := d.shell(cut, "echo runs on"); got != "runs on" {
		t.Errorf("the sandbox without its link says %q", got)
	}
	d.delete(cut)
	d.delete(web)
	d.reap()
	d.wantMetric(`casemate_damaged_sandboxes{what="link"} 0`)
	d.Stop()
	d.wantNothingLeft()
}

// TestReaperAndNewNetworks runs passes in a tight loop while sandboxes with networks come and go: each is connected, and the
// reaper finds nothing to mend or to remove.
func TestReaperAndNewNetworks(t *testing.T) {
	d := startDaemon(t)
	reaping, stop := context.WithCancel(t.Context())
	passes := make(chan int)
	go func() {
		n := 0
		for ; reaping.Err() == nil; n++ {
			if err := d.Reap(reaping); err != nil && reaping.Err() == nil {
				t.Errorf("a pass: %v", err)
			}
		}
		passes <- n
	}()
	var lives sync.WaitGroup
	for range 3 {
		lives.Go(func() {
			for range 6 {
				resp, err := d.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: "busybox:test"}})
				if err != nil {
					t.Error(err)
					return
				}
				name := resp.GetSandbox().GetName()
				out, err := d.api.Exec(t.Context(), &sandboxv1.ExecRequest{
					Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "nc -w 5 203.0.113.2 80 </dev/null"}},
				})
				if err != nil || !strings.HasPrefix(string(out.GetStdout()), "hello") {
					t.Errorf("%s is answered %v, %v", name, out, err)
				}
				d.delete(name)
			}
		})
	}
	lives.Wait()
	stop()
	if n := <-passes; n < 10 {
		t.Errorf("only %d passes were made meanwhile", n)
	}
	for line := range strings.SplitSeq(d.metrics(), "\n") {
		if strings.HasPrefix(line, "casemate_reaped_total") || strings.HasPrefix(line, "casemate_network_mended_total") {
			t.Errorf("the reaper did what was not its business: %s", line)
		}
	}
	d.Stop()
	d.wantNothingLeft()
}
