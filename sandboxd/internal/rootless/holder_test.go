package rootless_test

import (
	"strings"
	"syscall"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// One that does not come to serve leaves what another made, and that other's sandboxes can still be made.
func TestASecondSandboxdLeavesTheFirstAlone(t *testing.T) {
	d := install(t, uid, accepted)
	d.run()
	holder, slirp := d.named("sleep"), d.named("slirp4netns")
	if len(holder) != 1 || len(slirp) != 1 {
		t.Fatalf("besides sandboxd there run %v", d.processes())
	}
	if out, err := d.command().CombinedOutput(); err == nil || !strings.Contains(string(out), "another process uses") {
		t.Errorf("a second one: %v\n%s", err, out)
	}
	if now := d.named("sleep"); len(now) != 1 || now[0] != holder[0] {
		t.Errorf("the process that holds the namespaces is %v, was %v", now, holder)
	}
	// What connects the namespaces comes back with the next start.
	must(t, syscall.Kill(slirp[0], syscall.SIGKILL))
	d.end(syscall.SIGKILL)
	d.wait("slirp4netns does not end", func() bool { return len(d.named("slirp4netns")) == 0 })
	d.run()
	if now := d.named("slirp4netns"); len(now) != 1 || now[0] == slirp[0] {
		t.Errorf("slirp4netns is %v, was %v", now, slirp)
	}
}

// Without its holder nobody can enter a sandbox's namespaces again, or end it from new ones: the next start ends it from outside.
func TestAHolderThatWasKilledTakesItsSandboxesWithIt(t *testing.T) {
	d := install(t, uid, accepted)
	d.run()
	d.connect()
	name := d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_INTERNET)
	d.end(syscall.SIGKILL)
	for _, pid := range d.named("sleep") {
		must(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	d.wait("the holder does not end", func() bool { return len(d.named("sleep")) == 0 })
	if len(d.named("sandbox-agent")) != 1 {
		t.Fatalf("the sandbox went with its holder: %v", d.processes())
	}
	d.run()
	d.wait("the sandbox is not ended", func() bool { return len(d.named("sandbox-agent")) == 0 })
	got, err := d.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
	must(t, err)
	if state := got.GetSandbox().GetState(); state != sandboxv1.SandboxState_SANDBOX_STATE_FAILED {
		t.Errorf("the sandbox is %v", state)
	}
	next := d.sandbox(sandboxv1.NetworkMode_NETWORK_MODE_INTERNET)
	if got, want := d.shell(next, greeting(worldAddr)), "the world greets "+hostAddr; got != want {
		t.Errorf("a sandbox in new namespaces: %q, want %q", got, want)
	}
}
