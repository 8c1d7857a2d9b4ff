package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// receipt is that of the reference at a place of the batch.
func (b Batch) receipt(i int, res resolved) *audit.Receipt {
	r := &audit.Receipt{
		SecretUID: res.secret.UID, Version: res.version, Field: b.Refs[i].Field, Instance: b.Instance, Index: i, Count: len(b.Refs),
	}
	if i < len(b.EnvVars) {
		r.EnvVar = b.EnvVars[i]
	}
	return r
}

// recheck keeps values back that were revoked after they were read and before their receipts were stored: whoever ended the
// holders of the version did not see this one. The receipts stay, and say more than is true.
func (m *Manager) recheck(ctx context.Context, c identity.Caller, b Batch, results []resolved) error {
	err := m.view(ctx, versionUse, func(r store.Reader) error {
		for i := range results {
			res := &results[i]
			v, err := r.Version(ctx, res.secret, res.version)
			if err != nil {
				res.err = err
			} else if v.State != secret.Enabled {
				res.err = secret.ErrDisabled(b.Team, res.secret.Name, res.version)
			}
			if res.err != nil && errdefs.ReasonOf(res.err) == "" {
				return res.err
			}
		}
		return nil
	})
	if err == nil {
		err = unresolved(b, results)
	}
	if err == nil {
		return nil
	}
	return m.keepBack(ctx, c, b, results, err)
}

// keepBack wipes values that were about to leave, audits that none of them does, and returns err, which is why.
func (m *Manager) keepBack(ctx context.Context, c identity.Caller, b Batch, results []resolved, err error) error {
	entries := make([]audit.Entry, len(results))
	for i := range results {
		results[i].Value.Wipe()
		entries[i] = refused(m.entry(ctx, c, versionUse, b.Team, results[i].Name), err)
		entries[i].SandboxID = b.SandboxID
	}
	if aerr := m.log.Append(ctx, entries...); aerr != nil {
		return aerr
	}
	return err
}
