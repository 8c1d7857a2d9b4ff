package manager

import (
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
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
