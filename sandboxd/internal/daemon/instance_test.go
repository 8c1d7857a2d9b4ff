package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/daemon"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// instance is what a sandboxd calls itself.
func (e *env) instance() string {
	e.t.Helper()
	name, err := os.ReadFile(filepath.Join(e.StateDir, "instance"))
	if err != nil {
		e.t.Fatal(err)
	}
	return strings.TrimSpace(string(name))
}

// twoOfOneID are two sandboxds with one SPIFFE ID, on ranges of user ids of their own, and one secretsd.
func twoOfOneID(t *testing.T) (one, two *env) {
	t.Helper()
	one = start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.UIDCount /= 2 }))
	one.Secretsd.CreateSecret("red", "TOKEN", "one")
	two = &env{t: t, key: one.key, Server: sandboxdtest.Start(t, sandboxdtest.WithSecretsd(one.Secretsd),
		sandboxdtest.WithConfig(func(c *config.Config) { c.UIDCount /= 2; c.UIDBase += c.UIDCount }))}
	two.api = two.Client(one.key)
	return one, two
}

// TestTwoSandboxdsOfOneID share a SPIFFE ID: what the one says of its sandboxes when it connects hides none of the other's
// from a revocation.
func TestTwoSandboxdsOfOneID(t *testing.T) {
	one, two := twoOfOneID(t)
	first, second := one.holder("1"), two.holder("1")
	if a, b := one.instance(), two.instance(); a == "" || a == b {
		t.Fatalf("the instances are %q and %q", a, b)
	}
	named := one.instance()
	s := script("true") // one more of the first, whose end its report must be about
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	one.eventuallyEnded(one.run(s).GetName())
	one.Restart() // it connects, and reports all that it has
	two.Restart()
	if one.instance() != named {
		t.Errorf("after a restart the instance is %s, before it was %s", one.instance(), named)
	}
	for _, u := range one.Secretsd.Uses("red", "TOKEN") {
		want := map[string]string{first.GetName(): one.instance(), second.GetName(): two.instance()}[u.GetSandbox()]
		if want != "" && (u.GetEndTime() != nil || u.GetWorkloadInstance() != want) {
			t.Errorf("receipt %v, want one of a running sandbox of %s", u, want)
		}
	}
	one.watches()
	two.watches()
	if n := one.Secretsd.RevokeVersion("red", "TOKEN", "1"); n != 2 {
		t.Errorf("%d sandboxes are said to hold the version", n)
	}
	answered := time.Now()
	one.wantRevoked(first.GetName(), answered)
	two.wantRevoked(second.GetName(), answered)
}

// watches waits until secretsd has heard of a sandboxd since its restart: it has reported what runs.
func (e *env) watches() {
	e.t.Helper()
	e.eventuallyEnded(e.run(&sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Command: []string{"true"}, Secrets: []*sandboxv1.SecretRef{secret("TOKEN")},
	}).GetName())
}

// TestLostStateDirectory has a sandboxd lose all that it knew, and come back under another name: the receipts of the old one
// count as running until an operator says that it is gone, and one that is there is not.
func TestLostStateDirectory(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "one")
	lost, old := e.holder("1"), e.instance()
	e.Stop()
	e.RemoveSandbox(idOf(lost))
	for _, name := range []string{"instance", "sandboxd.db", "sandboxd.db-wal", "sandboxd.db-shm"} {
		if err := os.Remove(filepath.Join(e.StateDir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	e.Restart()
	if e.instance() == old {
		t.Fatal("the instance has the name of the one that was lost")
	}
	e.watches()
	operator := e.Secretsd.Client(e.Secretsd.OperatorKey)
	end := func(instance string) (int32, error) {
		resp, err := operator.EndWorkloadInstance(t.Context(), &secretsv1.EndWorkloadInstanceRequest{
			Workload: "spiffe://casemate.local/sandboxd", WorkloadInstance: instance,
		})
		return resp.GetEndedSandboxes(), err
	}
	_, err := end(e.instance())
	wantError(t, err, errdefs.FailedPrecondition, "INSTANCE_CONNECTED")
	if n := e.Secretsd.RevokeVersion("red", "TOKEN", "1"); n != 1 {
		t.Errorf("%d sandboxes count as holders, want the lost one", n)
	}
	if n, err := end(old); err != nil || n != 1 {
		t.Errorf("%d sandboxes of the lost instance ended, %v", n, err)
	}
	e.eventuallyEnded(lost.GetName())
	if n := e.Secretsd.RevokeVersion("red", "TOKEN", "1"); n != 0 {
		t.Errorf("%d sandboxes still count as holders", n)
	}
}

func TestInstanceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "instance")
	made, err := daemon.InstanceOf(path)
	if err != nil || made == "" {
		t.Fatalf("%q, %v", made, err)
	}
	if again, err := daemon.InstanceOf(path); err != nil || again != made {
		t.Errorf("at first %q, then %q, %v", made, again, err)
	}
	for content, want := range map[string]string{"given\n": "given", "two words": "", "": "", strings.Repeat("a", 65): ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := daemon.InstanceOf(path); got != want || (err == nil) != (want != "") {
			t.Errorf("of a file with %q it is %q, %v", content, got, err)
		}
	}
}
