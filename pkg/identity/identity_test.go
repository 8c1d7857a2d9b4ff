package identity_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/identity"
)

func TestCaller(t *testing.T) {
	c := identity.Caller{
		UserID: "ada@example.com",
		Teams:  map[string]identity.Role{"ml": identity.RoleMember},
		Scopes: []identity.Scope{identity.ScopeRun},
	}
	got, ok := identity.FromContext(identity.NewContext(t.Context(), c))
	if !ok || got.UserID != c.UserID {
		t.Fatalf("FromContext = %+v, %v; want the caller put in", got, ok)
	}
	if !got.HasScope(identity.ScopeRun) || got.HasScope(identity.ScopeRead) {
		t.Errorf("scopes of %v: run must be there, read must not", got.Scopes)
	}
	if !got.MemberOf("ml") || got.MemberOf("other") || got.MemberOf("") {
		t.Errorf("memberships of %v: only ml", got.Teams)
	}
}

func TestZeroCallerMayNothing(t *testing.T) {
	c, ok := identity.FromContext(t.Context())
	if ok {
		t.Fatal("a bare context carries a caller")
	}
	if c.Operator || c.HasScope(identity.ScopeRun) || c.MemberOf("") {
		t.Errorf("the zero caller has rights: %+v", c)
	}
}

func TestWorkloadID(t *testing.T) {
	id, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSandboxd)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := id.String(), "spiffe://casemate.local/sandboxd"; got != want {
		t.Errorf("id = %q, want %q", got, want)
	}
	back, err := identity.ParseWorkloadID(id.String())
	if err != nil || back != id {
		t.Errorf("ParseWorkloadID = %v, %v; want %v", back, err, id)
	}
	for _, bad := range []struct{ td, workload string }{{"", "x"}, {"Has Space", "x"}, {"ok", ""}, {"ok", "a/b"}, {"ok", ".."}} {
		if id, err := identity.WorkloadID(bad.td, bad.workload); err == nil {
			t.Errorf("WorkloadID(%q, %q) = %v, want an error", bad.td, bad.workload, id)
		}
	}
}

func TestParseWorkloadIDRefuses(t *testing.T) {
	for _, s := range []string{
		"", "sandboxd", "https://casemate.local/sandboxd", "spiffe://", "spiffe:///sandboxd",
		"spiffe://casemate.local", "spiffe://casemate.local/", "spiffe://casemate.local/a//b", "spiffe://casemate.local/../x",
		"spiffe://user@casemate.local/x", "spiffe://casemate.local:443/x", "spiffe://casemate.local/x?y", "spiffe://casemate.local/x#y",
	} {
		if id, err := identity.ParseWorkloadID(s); err == nil {
			t.Errorf("ParseWorkloadID(%q) = %v, want an error", s, id)
		}
	}
}
