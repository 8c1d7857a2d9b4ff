package manager

import (
	"context"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var versionRevoke = operation{"version.revoke", authz.SecretManage}

// RevokeSecretVersion disables a version, named by its number, and has the workloads end the sandboxes that hold it. It
// returns how many those are. Of a destroyed version, whose value may still be in sandboxes, only the latter is left to do.
//
// When it returns, no value of the version leaves any more: a batch that read it before either has its receipt in time for
// the watchers to find, or is kept back (see recheck).
func (m *Manager) RevokeSecretVersion(
	ctx context.Context, c identity.Caller, ref secret.Ref,
) (v secret.Version, running int, err error) {
	name := ref.VersionName()
	m.revoking.Lock()
	defer m.revoking.Unlock()
	var id int64
	err = m.changeSecret(ctx, c, versionRevoke, ref.Team, ref.Name, name, func(w store.Writer, s secret.Secret) (string, error) {
		if v, err = w.Version(ctx, s, ref.Version); err != nil {
			return name, err
		}
		if v.State == secret.Enabled {
			v.State = secret.Disabled
			v.Revision++
			if err := w.UpdateVersion(ctx, s, v); err != nil {
				return name, err
			}
			m.touch(&s)
			if err := w.UpdateSecret(ctx, s); err != nil {
				return name, err
			}
		}
		id, err = w.Revoke(ctx, secret.Revocation{SecretUID: s.UID, Version: v.Number, Name: name, Time: m.Now()})
		if err != nil {
			return name, err
		}
		running, err = w.CountRunning(ctx, s, v.Number)
		return name, err
	})
	if err == nil {
		m.changes.revoked(id)
	}
	return v, running, err
}

// Watcher takes what a workload must act on. An error ends the watch.
type Watcher interface {
	// Opened comes first: see Report.AsOf.
	Opened(asOf int64) error
	// Revoked names sandboxes that hold one revoked version.
	Revoked(version string, sandboxIDs []string) error
	// CallersChanged says that answers of WhoAmI may not hold any more.
	CallersChanged() error
}

// WatchRevocations tells a watcher of every sandbox of an instance of the calling workload, and of those of no instance, that
// holds a revoked version: first of those that there are, then of each revocation as it comes, until ctx ends or Drain is called. What was not acted on comes again
// with the next watch, since the sandbox's receipt has no end; so neither side has to remember where it was. A sandbox may
// be named more than once.
func (m *Manager) WatchRevocations(ctx context.Context, c identity.Caller, instance string, w Watcher) error {
	if err := m.allowWorkload(c, revocationWatch); err != nil {
		return err
	}
	of := secret.Workload{Peer: c.Peer, Instance: instance}
	defer m.watching.add(of)()
	seen, next := m.changes.now()
	var asOf int64
	err := m.view(ctx, revocationWatch, func(r store.Reader) (err error) {
		asOf, err = r.NewestRunning(ctx, of)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Opened(asOf); err != nil {
		return err
	}
	told := int64(-1) // the newest revocation that was announced before the store was asked
	for {
		if seen.revocation != told {
			if err := m.tellRevoked(ctx, of, max(told, 0), w); err != nil {
				return err
			}
			told = seen.revocation
		}
		if err := m.changes.wait(ctx, next); err != nil {
			return err
		}
		callers := seen.callers
		if seen, next = m.changes.now(); seen.callers != callers {
			if err := w.CallersChanged(); err != nil {
				return err
			}
		}
	}
}

// tellRevoked tells of all that is revoked after a revocation.
func (m *Manager) tellRevoked(ctx context.Context, of secret.Workload, after int64, w Watcher) error {
	var list []secret.Revoked
	err := m.view(ctx, revocationWatch, func(r store.Reader) (err error) {
		list, err = r.Revoked(ctx, of, after)
		return err
	})
	for err == nil && len(list) > 0 {
		first := list[0]
		var ids []string
		for len(list) > 0 && list[0].ID == first.ID {
			ids, list = append(ids, list[0].SandboxID), list[1:]
		}
		err = w.Revoked(first.Name, ids)
	}
	return err
}
