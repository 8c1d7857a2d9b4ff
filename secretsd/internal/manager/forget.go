package manager

import (
	"context"
	"errors"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// What is forgotten has its entry in the audit log, which keeps the ids of keys and users readable.
var (
	keyPurge        = operation{name: "key.purge"}
	userPurge       = operation{name: "user.purge"}
	receiptPurge    = operation{name: "receipt.purge"}
	revocationPurge = operation{name: "revocation.purge"}
)

// forget runs a step of a job again and again until it has nothing to do, each time in a transaction of its own, so that others
// wait for none of them long. A step returns no entries when there is nothing left.
func (m *Manager) forget(ctx context.Context, op operation, step func(store.Writer) ([]audit.Entry, error)) error {
	for ctx.Err() == nil {
		err := m.changeTeams(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
			entries, err := step(w)
			if err == nil && len(entries) == 0 {
				err = errNothingDue
			}
			return entries, err
		})
		if errors.Is(err, errNothingDue) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ForgetEndedKeys removes the records of keys that were revoked or expired longer than KeyRetention ago.
func (m *Manager) ForgetEndedKeys(ctx context.Context) error {
	if m.KeyRetention == 0 {
		return nil
	}
	return m.forget(ctx, keyPurge, func(w store.Writer) (entries []audit.Entry, err error) {
		keys, err := w.EndedAPIKeys(ctx, m.Now().Add(-m.KeyRetention), sweepBatch)
		for _, k := range keys {
			if err := w.DeleteAPIKey(ctx, k.ID); err != nil {
				return nil, err
			}
			for _, t := range homeAndOthers(k) {
				entries = append(entries, m.ownEntry(keyPurge.name, t, secret.KeyName(t, k.ID)))
			}
		}
		return entries, err
	})
}

// ForgetIdleUsers removes users who are members of no team and of whom nothing is left. Who is made a member again is a user
// again.
func (m *Manager) ForgetIdleUsers(ctx context.Context) error {
	return m.forget(ctx, userPurge, func(w store.Writer) (entries []audit.Entry, err error) {
		users, err := w.IdleUsers(ctx, sweepBatch)
		for _, id := range users {
			if err := w.DeleteUser(ctx, id); err != nil {
				return nil, err
			}
			entries = append(entries, m.ownEntry(userPurge.name, "", "users/"+id))
		}
		return entries, err
	})
}

// ForgetReceipts removes receipts whose audit entries were removed, once their sandboxes have ended longer than ReceiptRetention
// ago. Those of running sandboxes stay whatever their age: a revocation finds its sandboxes by them.
func (m *Manager) ForgetReceipts(ctx context.Context) error {
	if m.ReceiptRetention == 0 {
		return nil
	}
	return m.forgetRows(ctx, receiptPurge, "receipts", func(w store.Writer) (int, error) {
		return w.DeleteReceipts(ctx, m.Now().Add(-m.ReceiptRetention), forgetAtOnce)
	})
}

// ForgetRevocations removes revocations of secrets that are gone, when no sandbox holds anything of them.
func (m *Manager) ForgetRevocations(ctx context.Context) error {
	return m.forgetRows(ctx, revocationPurge, "revocations", func(w store.Writer) (int, error) {
		return w.DeleteIdleRevocations(ctx, forgetAtOnce)
	})
}

// forgetRows is forget for rows that have one entry together.
func (m *Manager) forgetRows(ctx context.Context, op operation, resource string, step func(store.Writer) (int, error)) error {
	return m.forget(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
		n, err := step(w)
		if err != nil || n == 0 {
			return nil, err
		}
		return []audit.Entry{m.ownEntry(op.name, "", resource)}, nil
	})
}
