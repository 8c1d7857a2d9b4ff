package manager

import (
	"context"
	"errors"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// sandboxAdopt is that an instance takes over a sandbox that values were released for before its workload had instances.
var sandboxAdopt = operation{name: "sandbox.adopt"}

// Report says which of a workload's sandboxes have ended.
type Report struct {
	// Instance is the workload's; "" where it has none.
	Instance string
	Ended    []string
	// When AsOf is positive, Running are all that the instance has of those that it got values for up to this sequence.
	AsOf    int64
	Running []string
}

// errNothingEnded ends a transaction that found nothing to change.
var errNothingEnded = errors.New("no sandbox has ended")

// ReportSandboxes records the ends of sandboxes of an instance of the calling workload, each with its audit entry. What is
// known already, or not known at all, is no error. Sandboxes of no instance that the report names are the instance's too: those
// that have ended end, and those that run are adopted. Of others of no instance it says nothing, since they may be another's.
func (m *Manager) ReportSandboxes(ctx context.Context, c identity.Caller, r Report) error {
	if err := m.allowWorkload(c, sandboxEnd); err != nil {
		return err
	}
	of := secret.Workload{Peer: c.Peer, Instance: r.Instance}
	err := m.changeTeams(ctx, sandboxEnd, func(w store.Writer) ([]audit.Entry, error) {
		ends, err := w.EndSandboxes(ctx, of, r.Ended, m.Now())
		if err != nil {
			return nil, err
		}
		entries := m.sandboxEntries(ctx, c, sandboxEnd, ends)
		if r.AsOf > 0 {
			adopted, err := w.AdoptSandboxes(ctx, of, r.Running)
			if err != nil {
				return nil, err
			}
			others, err := w.EndOthers(ctx, of, r.AsOf, r.Running, m.Now())
			if err != nil {
				return nil, err
			}
			entries = append(entries, m.sandboxEntries(ctx, c, sandboxAdopt, adopted)...)
			entries = append(entries, m.sandboxEntries(ctx, c, sandboxEnd, others)...)
		}
		if len(entries) == 0 {
			return nil, errNothingEnded
		}
		return entries, nil
	})
	if errors.Is(err, errNothingEnded) {
		return nil
	}
	return err
}

// sandboxEntries are the entries of an operation on sandboxes, one for each.
func (m *Manager) sandboxEntries(ctx context.Context, c identity.Caller, op operation, list []secret.WorkloadSandbox) []audit.Entry {
	entries := make([]audit.Entry, len(list))
	for i, s := range list {
		entries[i] = m.entry(ctx, c, op, s.Team, secret.SandboxName(s.Team, s.SandboxID))
		entries[i].SandboxID = s.SandboxID
	}
	return entries
}
