package manager

import (
	"context"
	"math"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var workloadEnd = operation{"workload.end", authz.WorkloadManage}

// watching counts the watches of revocations that are open, by workload. The zero value has none.
type watching struct {
	mu   sync.Mutex
	open map[secret.Workload]int
}

// add counts one more, until the function that it returns is called.
func (w *watching) add(of secret.Workload) (done func()) {
	w.count(of, 1)
	return func() { w.count(of, -1) }
}

func (w *watching) count(of secret.Workload, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		w.open = map[secret.Workload]int{}
	}
	if w.open[of] += n; w.open[of] == 0 {
		delete(w.open, of)
	}
}

// EndWorkloadInstance records that all sandboxes of an instance have ended, because an operator says that it is gone: nobody
// else can report them, and what is not reported counts as running for ever. It returns how many those were. One that watches is
// not gone: FAILED_PRECONDITION (reason INSTANCE_CONNECTED).
func (m *Manager) EndWorkloadInstance(ctx context.Context, c identity.Caller, of secret.Workload) (ended int, err error) {
	name := secret.InstanceName(of)
	if err := m.allow(ctx, c, workloadEnd, "", name); err != nil {
		return 0, err
	}
	m.watching.mu.Lock() // whoever begins to watch meanwhile hears of what is left
	defer m.watching.mu.Unlock()
	if m.watching.open[of] > 0 {
		return 0, m.deny(ctx, m.entry(ctx, c, workloadEnd, "", name), errdefs.New(errdefs.FailedPrecondition, "INSTANCE_CONNECTED",
			"%s is connected, so it is not gone: it reports by itself what has ended; stop it first if you mean it", name))
	}
	err = m.changeTeams(ctx, workloadEnd, func(w store.Writer) ([]audit.Entry, error) {
		ends, err := w.EndOthers(ctx, of, math.MaxInt64, nil, m.Now())
		ended = len(ends)
		return append([]audit.Entry{m.entry(ctx, c, workloadEnd, "", name)}, m.sandboxEntries(ctx, c, sandboxEnd, ends)...), err
	})
	return ended, err
}
