package sandbox_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func granting(t *testing.T, names ...string) sandbox.Policy {
	t.Helper()
	p := policy
	allow, err := sandbox.ParseGrantable(names)
	if err != nil {
		t.Fatal(err)
	}
	p.Security.Allow = allow
	return p
}

func TestSecurityNarrows(t *testing.T) {
	p := granting(t, "NET_RAW")
	for name, tc := range map[string]struct {
		given, want  sandbox.Security
		capabilities string
	}{
		"nothing said":         {capabilities: sandbox.DefaultCapabilities.String()},
		"all dropped":          {sandbox.Security{Drop: []string{"all"}}, sandbox.Security{Drop: []string{"ALL"}}, ""},
		"all but a default":    {sandbox.Security{Drop: []string{"ALL"}, Add: []string{"cap_chown"}}, sandbox.Security{Drop: []string{"ALL"}, Add: []string{"CHOWN"}}, "CHOWN"},
		"one that is allowed":  {sandbox.Security{Drop: []string{"ALL"}, Add: []string{"CAP_NET_RAW"}}, sandbox.Security{Drop: []string{"ALL"}, Add: []string{"NET_RAW"}}, "NET_RAW"},
		"twice":                {sandbox.Security{Drop: []string{"KILL", "cap_kill"}}, sandbox.Security{Drop: []string{"KILL"}}, strings.Replace(sandbox.DefaultCapabilities.String(), "KILL, ", "", 1)},
		"what nobody has":      {sandbox.Security{Drop: []string{"SYS_ADMIN"}}, sandbox.Security{Drop: []string{"SYS_ADMIN"}}, sandbox.DefaultCapabilities.String()},
		"what everybody has":   {sandbox.Security{Add: []string{"KILL"}}, sandbox.Security{Add: []string{"KILL"}}, sandbox.DefaultCapabilities.String()},
		"not as root":          {sandbox.Security{NonRoot: true}, sandbox.Security{NonRoot: true}, sandbox.DefaultCapabilities.String()},
		"root that's readable": {sandbox.Security{ReadOnlyRoot: true}, sandbox.Security{ReadOnlyRoot: true}, sandbox.DefaultCapabilities.String()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := sandbox.Spec{Image: "i", Security: tc.given}.Normalize(p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Security); diff != "" {
				t.Error(diff)
			}
			if c := got.Security.Capabilities().String(); c != tc.capabilities {
				t.Errorf("root has %q, want %q", c, tc.capabilities)
			}
		})
	}
}

func TestSecurityRefuses(t *testing.T) {
	p := granting(t, "NET_RAW")
	for name, tc := range map[string]struct {
		user     string
		security sandbox.Security
		field    string
		says     string
	}{
		"not allowed":       {security: sandbox.Security{Add: []string{"KILL", "SYS_ADMIN"}}, field: "spec.security.add_capabilities[1]", says: "NET_RAW"},
		"all added":         {security: sandbox.Security{Add: []string{"ALL"}}, field: "spec.security.add_capabilities[0]", says: "name each"},
		"unknown, added":    {security: sandbox.Security{Add: []string{"NET_ROW"}}, field: "spec.security.add_capabilities[0]", says: "NET_RAW"},
		"unknown, dropped":  {security: sandbox.Security{Drop: []string{""}}, field: "spec.security.drop_capabilities[0]", says: "capabilities(7)"},
		"added and dropped": {security: sandbox.Security{Add: []string{"CAP_KILL"}, Drop: []string{"kill"}}, field: "spec.security.add_capabilities[0]", says: "drop_capabilities"},
		"very many":         {security: sandbox.Security{Drop: make([]string, 65)}, field: "spec.security.drop_capabilities", says: "64"},
		"root by number":    {user: "0:5", security: sandbox.Security{NonRoot: true}, field: "spec.user", says: "another user"},
		"root by name":      {user: "root", security: sandbox.Security{NonRoot: true}, field: "spec.user", says: "another user"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sandbox.Spec{Image: "i", User: tc.user, Security: tc.security}.Normalize(p)
			e, ok := errdefs.As(err)
			if !ok || len(e.Violations) != 1 || e.Violations[0].Subject != tc.field || !strings.Contains(e.Violations[0].Description, tc.says) {
				t.Errorf("error %#v, want one of %s with %q", err, tc.field, tc.says)
			}
		})
	}
}

func TestSecurityPolicyHoldsForAll(t *testing.T) {
	p := policy
	p.Security.NonRoot, p.Security.ReadOnlyRoot = true, true
	got, err := sandbox.Spec{Image: "i"}.Normalize(p)
	if err != nil || !got.Security.NonRoot || !got.Security.ReadOnlyRoot {
		t.Errorf("%+v, %v: want both", got.Security, err)
	}
	if _, err := (sandbox.Spec{Image: "i", User: "0"}).Normalize(p); err == nil {
		t.Error("root was let through")
	}
}

// TestNothingDangerousCanBeGranted: what would open the agent, mounts, or the host's kernel is never given, whatever an operator writes.
func TestNothingDangerousCanBeGranted(t *testing.T) {
	for _, name := range []string{"SYS_PTRACE", "SYS_ADMIN", "SYS_MODULE", "BPF", "PERFMON", "SYS_RESOURCE", "ALL", "", "CHOWN"} {
		if set, err := sandbox.ParseGrantable([]string{name}); err == nil || set != 0 {
			t.Errorf("%q: %v, %v", name, set, err)
		}
	}
	for _, name := range sandbox.GrantableCapabilities.Names() {
		if _, err := sandbox.ParseGrantable([]string{"cap_" + strings.ToLower(name)}); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesOfAReadOnlyRoot(t *testing.T) {
	for path, ok := range map[string]bool{
		"/tmp/a": true, "/dev/shm/a/b": true, "/tmp": false, "/tmpfile": false, "/etc/x": false, "/tmp/../etc/x": false, "/dev/x": false,
	} {
		if err := sandbox.ValidateFiles([]sandbox.File{{Path: path}}, true); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
		if err := sandbox.ValidateFiles([]sandbox.File{{Path: path}}, false); err != nil {
			t.Errorf("%s, with a root that can be written: %v", path, err)
		}
	}
}
