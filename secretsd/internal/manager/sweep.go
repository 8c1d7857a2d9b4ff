package manager

import (
	"context"
	"errors"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// What secretsd does by itself needs no right: its entries name no user.
var (
	secretExpire = operation{name: "secret.expire"}
	requestPurge = operation{name: "request.purge"}
)

// sweepBatch is the most that one transaction of Sweep does, so that others wait for none of them long.
const sweepBatch = 100

// errNothingDue undoes the transaction of a sweep that finds nothing to do.
var errNothingDue = errors.New("nothing is due")

// Sweep does what is due: it destroys versions whose scheduled destroy time has come, deletes secrets that have expired,
// and erases deleted ones whose purge time has come. Each has its audit entry, in the same transaction. No promise waits
// for it but that ciphertext is gone: whoever asks for a value is refused from the very time on.
func (m *Manager) Sweep(ctx context.Context) error {
	for _, step := range []struct {
		op   operation
		find func(store.Reader, time.Time) (int, error)
		do   func(context.Context, store.Writer, time.Time) ([]audit.Entry, error)
	}{
		{versionDestroy, func(r store.Reader, now time.Time) (int, error) {
			list, err := r.DueVersions(ctx, now, 1)
			return len(list), err
		}, m.destroyDue},
		{secretExpire, func(r store.Reader, now time.Time) (int, error) {
			list, err := r.ExpiredSecrets(ctx, now, 1)
			return len(list), err
		}, m.deleteExpired},
		{secretPurge, func(r store.Reader, now time.Time) (int, error) {
			list, err := r.PurgeableSecrets(ctx, now, 1)
			return len(list), err
		}, m.purgeDeleted},
	} {
		for ctx.Err() == nil {
			found := 0
			err := m.view(ctx, step.op, func(r store.Reader) (err error) {
				found, err = step.find(r, m.Now())
				return err
			})
			if err != nil {
				return err
			}
			if found == 0 {
				break
			}
			err = m.changeTeams(ctx, step.op, func(w store.Writer) ([]audit.Entry, error) {
				entries, err := step.do(ctx, w, m.Now())
				if err == nil && len(entries) == 0 {
					err = errNothingDue
				}
				return entries, err
			})
			if err != nil && !errors.Is(err, errNothingDue) {
				return err
			}
		}
	}
	return ctx.Err()
}

func (m *Manager) destroyDue(ctx context.Context, w store.Writer, now time.Time) (entries []audit.Entry, err error) {
	due, err := w.DueVersions(ctx, now, sweepBatch)
	if err != nil {
		return nil, err
	}
	secrets := map[string]*secret.Secret{} // of several versions each change must count
	for _, d := range due {
		s, ok := secrets[d.Secret.UID]
		if !ok {
			s = &d.Secret
			secrets[s.UID] = s
		}
		v := d.Version
		m.markDestroyed(&v)
		if err := w.UpdateVersion(ctx, *s, v); err != nil {
			return nil, err
		}
		m.touch(s)
		if err := w.UpdateSecret(ctx, *s); err != nil {
			return nil, err
		}
		entries = append(entries, m.ownEntry(versionDestroy.name, s.Team, secret.VersionName(s.Team, s.Name, v.Number)))
	}
	return entries, nil
}

func (m *Manager) deleteExpired(ctx context.Context, w store.Writer, now time.Time) (entries []audit.Entry, err error) {
	expired, err := w.ExpiredSecrets(ctx, now, sweepBatch)
	if err != nil {
		return nil, err
	}
	for _, s := range expired {
		m.markDeleted(&s)
		if err := w.UpdateSecret(ctx, s); err != nil {
			return nil, err
		}
		entries = append(entries, m.ownEntry(secretExpire.name, s.Team, secret.FullName(s.Team, s.Name)))
	}
	return entries, nil
}

func (m *Manager) purgeDeleted(ctx context.Context, w store.Writer, now time.Time) (entries []audit.Entry, err error) {
	deleted, err := w.PurgeableSecrets(ctx, now, sweepBatch)
	if err != nil {
		return nil, err
	}
	for _, s := range deleted {
		if err := w.DeleteSecret(ctx, s); err != nil {
			return nil, err
		}
		entries = append(entries, m.ownEntry(secretPurge.name, s.Team, secret.FullName(s.Team, s.Name)))
	}
	return entries, nil
}

// ForgetRequests removes request ids that are older than they are remembered. They count for nothing by then.
func (m *Manager) ForgetRequests(ctx context.Context) error {
	before := m.Now().Add(-secret.RequestIDLifetime)
	for ctx.Err() == nil {
		found := false
		err := m.view(ctx, requestPurge, func(r store.Reader) (err error) {
			found, err = r.HasRequestsBefore(ctx, before)
			return err
		})
		if err != nil || !found {
			return err
		}
		err = m.changeTeams(ctx, requestPurge, func(w store.Writer) ([]audit.Entry, error) {
			return []audit.Entry{m.ownEntry(requestPurge.name, "", "requests")}, w.DeleteRequests(ctx, before, 10000)
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
