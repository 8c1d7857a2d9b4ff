package manager_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// released has values released for a sandbox of an instance.
func (f *fixture) released(sandbox, instance string) {
	f.t.Helper()
	_, err := f.BatchAccess(f.t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: sandbox, Instance: instance})
	must(f.t, err)
}

// actions are the actions of entries, with their sandboxes where they are about one.
func actions(entries []audit.Entry) (list []string) {
	for _, e := range entries {
		list = append(list, e.Action+" "+e.SandboxID+" "+string(e.Decision))
	}
	return list
}

// TestReportsSpeakOfTheirInstance has two instances of a workload, and sandboxes that it had before it had instances.
func TestReportsSpeakOfTheirInstance(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	f.released("old-runs", "")
	f.released("old-unknown", "")
	f.released("a-runs", "a")
	f.released("a-ended", "a")
	f.released("b-runs", "b")
	before := f.mark()
	must(t, f.ReportSandboxes(t.Context(), f.ada, manager.Report{Instance: "a", AsOf: before, Running: []string{"a-runs", "old-runs"}}))
	must(t, f.ReportSandboxes(t.Context(), f.ada, manager.Report{Instance: "a", AsOf: before, Running: []string{"a-runs", "old-runs"}}))
	want := []string{"sandbox.adopt old-runs ALLOWED", "sandbox.end a-ended ALLOWED"}
	if d := cmp.Diff(want, actions(f.entries(before))); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
	_, running, err := f.RevokeSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})
	if must(t, err); running != 4 {
		t.Errorf("%d sandboxes hold the version, want old-runs, old-unknown, a-runs and b-runs", running)
	}
}

// whenOpened is a watcher that tells when it was opened.
type whenOpened chan struct{}

func (o whenOpened) Opened(int64) error { close(o); return nil }

func (whenOpened) Revoked(string, []string) error { return nil }

func (whenOpened) CallersChanged() error { return nil }

// TestInstanceThatIsGone: nobody reports its sandboxes, so an operator says that they have ended, of those that do not watch.
func TestInstanceThatIsGone(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	f.released("gone", "a")
	f.released("other", "b")
	f.released("old", "")
	a := secret.Workload{Peer: f.ada.Peer, Instance: "a"}

	ctx, cancel := context.WithCancel(t.Context())
	open, ended := make(whenOpened), make(chan error)
	go func() { ended <- f.WatchRevocations(ctx, f.ada, "a", open) }()
	<-open
	before := f.mark()
	_, err := f.EndWorkloadInstance(t.Context(), f.ada, a)
	wantReason(t, err, errdefs.FailedPrecondition, "INSTANCE_CONNECTED")
	cancel()
	<-ended

	nobody := f.ada
	nobody.Operator = false
	_, err = f.EndWorkloadInstance(t.Context(), nobody, a)
	wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	for _, want := range []int{1, 0} { // a repetition is no error
		n, err := f.EndWorkloadInstance(t.Context(), f.ada, a)
		if must(t, err); n != want {
			t.Errorf("%d sandboxes ended, want %d", n, want)
		}
	}
	want := []string{
		"workload.end  DENIED", "workload.end  DENIED", "workload.end  ALLOWED", "sandbox.end gone ALLOWED", "workload.end  ALLOWED",
	}
	entries := f.entries(before)
	if d := cmp.Diff(want, actions(entries)); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
	if e := entries[2]; e.Resource != sandboxd+"#a" || e.Team != "" || e.UserID != "ada" {
		t.Errorf("the entry is %+v", e)
	}
	if e := entries[3]; e.Resource != "teams/ml/sandboxes/gone" || e.Team != "ml" {
		t.Errorf("the sandbox's entry is %+v", e)
	}
	_, running, err := f.RevokeSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})
	if must(t, err); running != 2 {
		t.Errorf("%d sandboxes hold the version, want the other instance's and the one of none", running)
	}
}
