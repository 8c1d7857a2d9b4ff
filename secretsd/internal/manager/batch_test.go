package manager_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func refs(names ...string) (list []secret.Ref) {
	for _, n := range names {
		name, field, _ := strings.Cut(n, ".")
		list = append(list, secret.Ref{Team: "ml", Name: name, Field: field})
	}
	return list
}

func TestBatchAccess(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one", "two")
	f.secret("DB", `{"user":"ada","port":5432}`)
	list := append(refs("A", "DB.user", "DB.port"), secret.Ref{Team: "ml", Name: "A", Version: 1})
	before := f.mark()
	values, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: list, SandboxID: "sb"})
	must(t, err)
	want := []struct{ name, value string }{
		{"teams/ml/secrets/A/versions/2", "two"},
		{"teams/ml/secrets/DB/versions/1", "ada"},
		{"teams/ml/secrets/DB/versions/1", "5432"},
		{"teams/ml/secrets/A/versions/1", "one"},
	}
	entries := f.entries(before)
	if len(values) != len(want) || len(entries) != len(want) {
		t.Fatalf("%d values and %d entries, want %d of each", len(values), len(entries), len(want))
	}
	for i, w := range want {
		if values[i].Name != w.name || !values[i].Value.Equal(redact.New([]byte(w.value))) {
			t.Errorf("value %d is %s, want %s with the value that was stored", i, values[i].Name, w.name)
		}
		e := entries[i]
		got := audit.Entry{
			Sequence: e.Sequence, Time: f.now, Team: "ml", UserID: "ada", APIKeyID: "k1", Peer: sandboxd, Action: "version.use",
			Resource: w.name, Decision: audit.Allowed, SandboxID: "sb", RequestID: "request-1", PrevHash: e.PrevHash, Hash: e.Hash,
		}
		if d := cmp.Diff(got, e); d != "" {
			t.Errorf("entry (-want +got):\n%s", d)
		}
	}
}

func TestBatchNamesEveryReferenceThatFailed(t *testing.T) {
	f := newFixture(t)
	f.secret("GOOD", "value")
	f.secret("EMPTY")
	f.secret("NUL", "a\x00b")
	f.secret("OBJECT", `{"a":"b"}`)
	f.secret("OFF", "value")
	_, err := f.DisableSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "OFF", Version: 1}, "")
	must(t, err)
	f.secret("GONE", "value")
	_, err = f.DestroySecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "GONE", Version: 1}, "")
	must(t, err)
	list := append(refs("GOOD", "MISSING", "EMPTY", "NUL", "OBJECT.c", "GOOD.a", "OFF", "GONE"),
		secret.Ref{Team: "ml", Name: "GONE", Version: 1}, secret.Ref{Team: "ml", Name: "GOOD", Version: 7})
	before := f.mark()
	values, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: list, SandboxID: "sb"})
	if len(values) != 0 {
		t.Error("a batch that failed gave values")
	}
	wantReason(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	e, ok := errdefs.As(err)
	if !ok {
		t.Fatal(err)
	}
	type violation struct{ subject, reason string }
	var got []violation
	for _, v := range e.Violations {
		got = append(got, violation{v.Subject, v.Type})
		if !strings.Contains(e.Message, v.Description) || !strings.Contains(v.Description, "team ml") {
			t.Errorf("the message %q lacks the sentence %q, or that lacks the team", e.Message, v.Description)
		}
	}
	const p = "teams/ml/secrets/"
	want := []violation{
		{p + "MISSING/versions/latest", "SECRET_NOT_FOUND"},
		{p + "EMPTY/versions/latest", "VERSION_NOT_FOUND"},
		{p + "NUL/versions/latest", "VALUE_NOT_INJECTABLE"},
		{p + "OBJECT/versions/latest", "FIELD_NOT_FOUND"},
		{p + "GOOD/versions/latest", "NOT_STRUCTURED"},
		{p + "OFF/versions/latest", "VERSION_DISABLED"},
		{p + "GONE/versions/latest", "VERSION_DESTROYED"},
		{p + "GONE/versions/1", "VERSION_DESTROYED"},
		{p + "GOOD/versions/7", "VERSION_NOT_FOUND"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(violation{})); d != "" {
		t.Errorf("violations (-want +got):\n%s", d)
	}
	if want := "9 of 10 secrets of team ml can't be used: MISSING: secret MISSING does not exist in team ml; "; !strings.HasPrefix(e.Message, want) {
		t.Errorf("message %q, want %q...", e.Message, want)
	}
	entries := f.entries(before)
	if len(entries) != len(list) {
		t.Fatalf("%d entries, want one for each reference", len(entries))
	}
	for i, entry := range entries {
		reason := "SECRETS_UNRESOLVED" // of the first, which is good and was not released
		if i > 0 {
			reason = want[i-1].reason
		}
		if entry.Decision != audit.Denied || entry.Reason != reason || entry.SandboxID != "sb" {
			t.Errorf("entry %d = %+v, want a denial for %s", i, entry, reason)
		}
	}
}

// TestBatchTellsStrangersNothing compares what callers without the right are told of what exists and what does not.
func TestBatchTellsStrangersNothing(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "value")
	eve := identity.Caller{UserID: "eve", APIKeyID: "k2", Peer: sandboxd, Scopes: f.ada.Scopes, Teams: map[string]identity.Role{"ops": identity.RoleAdmin}}
	ask := func(team, name string) string {
		before := f.mark()
		_, err := f.BatchAccess(t.Context(), eve, manager.Batch{Team: team, Refs: []secret.Ref{{Team: team, Name: name}, {Team: team, Name: name, Version: 9}}, SandboxID: "sb"})
		wantReason(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
		e, _ := errdefs.As(err)
		if len(e.Violations) != 2 || e.Violations[0].Type != "PERMISSION_DENIED" || e.Violations[1].Type != "PERMISSION_DENIED" {
			t.Errorf("violations %+v, want PERMISSION_DENIED for both", e.Violations)
		}
		entries := f.entries(before)
		if len(entries) != 2 || entries[0].Decision != audit.Denied || entries[0].Team != team {
			t.Errorf("entries %+v, want two denials in team %s", entries, team)
		}
		return strings.NewReplacer(team, "TEAM", name, "NAME").Replace(sprint(e.Message, e.Violations))
	}
	answers := map[string]bool{ask("ml", "A"): true, ask("ml", "NOSUCH"): true, ask("nosuchteam", "A"): true}
	if len(answers) != 1 {
		t.Errorf("what exists and what does not is told in different words: %q", slices.Collect(maps.Keys(answers)))
	}
}

func TestBatchNeedsAWorkload(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "value")
	for _, peer := range []string{"", "spiffe://casemate.local/secretsd", sandboxd + "x", "spiffe://other.local/sandboxd"} {
		c := f.ada
		c.Peer = peer
		before := f.mark()
		_, err := f.BatchAccess(t.Context(), c, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
		wantReason(t, err, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
		entries := f.entries(before)
		if len(entries) != 1 || entries[0].Reason != "WORKLOAD_NOT_ALLOWED" || entries[0].Peer != peer || entries[0].UserID != "ada" {
			t.Errorf("entries %+v, want one denial that names peer and user", entries)
		}
	}
	f.Resolvers = nil
	_, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
	wantReason(t, err, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
}
