package manager

import (
	"context"
	"errors"
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	sandboxEnd      = operation{"sandbox.end", authz.Workload}
	revocationWatch = operation{"revocation.watch", authz.Workload}
)

// trusted is nil for a peer that may act for callers: PERMISSION_DENIED (reason WORKLOAD_NOT_ALLOWED) for others.
func (m *Manager) trusted(c identity.Caller) error {
	if c.Peer != "" && slices.Contains(m.Resolvers, c.Peer) {
		return nil
	}
	return errdefs.New(errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED",
		"only a workload with a trusted client certificate may resolve secrets for sandboxes and act on their revocation")
}

// AuthenticateWorkload makes the Caller of what workloads do in their own name, without a key. The core decides what a peer may
// do; one without a certificate is nobody: PERMISSION_DENIED (reason WORKLOAD_NOT_ALLOWED).
func (m *Manager) AuthenticateWorkload(peer string) (identity.Caller, error) {
	c := identity.Caller{Peer: peer}
	if peer == "" {
		return c, m.trusted(c)
	}
	return c, nil
}

// allowWorkload decides about what workloads do in their own name. Denials are gathered for the audit log, like attempts with
// wrong keys: no user's quota bounds them, and every workload of the trust domain has a certificate.
func (m *Manager) allowWorkload(c identity.Caller, op operation) error {
	err := m.trusted(c)
	if err != nil {
		m.attempts.count(attempted{peer: c.Peer, action: op.name, resource: "sandboxes", reason: errdefs.ReasonOf(err)}, 1)
	}
	return err
}

// Report says which of a workload's sandboxes have ended.
type Report struct {
	Ended []string
	// When AsOf is positive, Running are all that the workload has of those that it got values for up to this sequence.
	AsOf    int64
	Running []string
}

// errNothingEnded ends a transaction that found nothing to change.
var errNothingEnded = errors.New("no sandbox has ended")

// ReportSandboxes records the ends of the calling workload's sandboxes, each with its audit entry. What is known already, or
// not known at all, is no error.
func (m *Manager) ReportSandboxes(ctx context.Context, c identity.Caller, r Report) error {
	if err := m.allowWorkload(c, sandboxEnd); err != nil {
		return err
	}
	err := m.changeTeams(ctx, sandboxEnd, func(w store.Writer) ([]audit.Entry, error) {
		ends, err := w.EndSandboxes(ctx, c.Peer, r.Ended, m.Now())
		if err == nil && r.AsOf > 0 {
			var others []secret.SandboxEnd
			others, err = w.EndOthers(ctx, c.Peer, r.AsOf, r.Running, m.Now())
			ends = append(ends, others...)
		}
		if err == nil && len(ends) == 0 {
			err = errNothingEnded
		}
		entries := make([]audit.Entry, len(ends))
		for i, end := range ends {
			entries[i] = m.entry(ctx, c, sandboxEnd, end.Team, secret.SandboxName(end.Team, end.SandboxID))
			entries[i].SandboxID = end.SandboxID
		}
		return entries, err
	})
	if errors.Is(err, errNothingEnded) {
		return nil
	}
	return err
}
