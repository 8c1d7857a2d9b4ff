package manager_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// TestRevokedWhileItIsReleased revokes a version after a batch has read it and before its receipt is stored: whoever asks
// for the holders then does not see the batch, so its value must not leave.
func TestRevokedWhileItIsReleased(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	f.secret("B", "one")
	f.store.beforeAppend = func() {
		_, running, err := f.RevokeSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})
		must(t, err)
		if running != 0 {
			t.Errorf("%d holders before there was one", running)
		}
	}
	before := f.mark()
	values, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A", "B"), SandboxID: "sb"})
	wantReason(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(values) != 0 {
		t.Error("the batch gave values")
	}
	var decisions []audit.Decision
	for _, e := range f.entries(before)[1:] { // after the revocation's
		decisions = append(decisions, e.Decision)
	}
	if d := cmp.Diff([]audit.Decision{audit.Allowed, audit.Allowed, audit.Denied, audit.Denied}, decisions); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}

	// Another version's revocation keeps nothing back.
	f.store.beforeAppend = func() {
		_, _, err := f.RevokeSecretVersion(t.Context(), f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})
		must(t, err)
	}
	if _, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("B"), SandboxID: "sb2"}); err != nil {
		t.Error(err)
	}
}

// TestSandboxIsResolvedOnceAtATime has many ask for one sandbox at the same moment.
func TestSandboxIsResolvedOnceAtATime(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
		})
	}
	wg.Wait()
	var released int
	for _, err := range errs {
		if err == nil {
			released++
		} else {
			wantReason(t, err, errdefs.FailedPrecondition, "SANDBOX_ALREADY_RESOLVED")
		}
	}
	if released != 1 {
		t.Errorf("released %d times", released)
	}
	// What failed used up nothing.
	f.store.appendErrs = []error{errDisk}
	batch := manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "other"}
	_, err := f.BatchAccess(t.Context(), f.ada, batch)
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	if _, err := f.BatchAccess(t.Context(), f.ada, batch); err != nil {
		t.Error(err)
	}
}

// TestRevokeOfADestroyedVersion: its value is gone here, and still in sandboxes.
func TestRevokeOfADestroyedVersion(t *testing.T) {
	f := newFixture(t)
	f.secret("A", "one")
	_, err := f.BatchAccess(t.Context(), f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})
	must(t, err)
	ref := secret.Ref{Team: "ml", Name: "A", Version: 1}
	_, err = f.DestroySecretVersion(t.Context(), f.ada, ref, "")
	must(t, err)
	v, running, err := f.RevokeSecretVersion(t.Context(), f.ada, ref)
	if err != nil || v.State != secret.Destroyed || running != 1 {
		t.Errorf("%v, %d sandboxes, %v", v, running, err)
	}
}
