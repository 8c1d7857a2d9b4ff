package network_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// TestFootprint shows that a footprint sees every kind of thing that a sandbox has, and that nothing of it is left.
func TestFootprint(t *testing.T) {
	d := startDaemon(t)
	before := d.Footprint()
	if diff := cmp.Diff(before, d.Footprint()); diff != "" {
		t.Errorf("two looks at the same host differ: %s", diff)
	}
	resp, err := d.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{RequestId: "r1", Spec: &sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Command: []string{"sleep", "600"},
		Network: &sandboxv1.Network{
			Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
			Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32"}},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	name := resp.GetSandbox().GetName()
	during := reflect.ValueOf(d.Footprint())
	for i := range during.NumField() {
		if during.Field(i).Len() <= reflect.ValueOf(before).Field(i).Len() {
			t.Errorf("of a sandbox that runs it lists no %s: %v", during.Type().Field(i).Name, during.Field(i))
		}
	}
	var kinds []string
	for _, r := range d.Footprint().Rules {
		kinds = append(kinds, strings.Fields(r)[0])
	}
	if diff := cmp.Diff([]string{"chain", "chain", "dns", "egress", "limits", "source4"}, kinds); diff != "" {
		t.Errorf("rules: %s", diff)
	}
	if got := strings.Join(d.Footprint().Records, "\n"); !strings.Contains(got, "sandboxes "+filepath.Base(name)+" RUNNING") || !strings.Contains(got, "r1") {
		t.Errorf("records: %s", got)
	}
	if _, err := d.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: name}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, d.Footprint()); diff != "" {
		t.Errorf("left on the host (-before +after):\n%s", diff)
	}
	d.Stop()
	d.wantNothingLeft()
}
