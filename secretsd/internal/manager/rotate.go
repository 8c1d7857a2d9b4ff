package manager

import (
	"context"
	"errors"
	"fmt"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// How much one transaction of a rotation does: enough that a commit pays, and little enough that callers don't notice.
const (
	rewrapBatch = 100 // data keys
	resealBatch = 32  // values, of 64 KiB at most
)

var (
	// errMoreToDo undoes a step that was begun too early.
	errMoreToDo = errors.New("not everything is done anew yet")
	// errNoMore says that there is nothing left to do anew.
	errNoMore = errors.New("everything is done anew")
)

// Rotate does all that rotations which were begun still need, batch by batch, and returns when none is under way or one
// fails; the others go on then. Everything that a rotation is made of is durable in the keysets and in the store, and no
// key is dropped before nothing stored needs it: so it may be stopped, or killed, at any point, and run again.
func (m *Manager) Rotate(ctx context.Context) error {
	kek, err := m.Keys.KEK()
	if err != nil {
		return nil // sealed; who unseals calls it again
	}
	var errs []error
	if len(kek.RetiredIDs()) > 0 {
		if err := m.rewrapTeams(ctx, kek); err != nil {
			errs = append(errs, fmt.Errorf("rotate the key-encryption key: %w", err))
		}
	}
	var teams []string
	err = m.Store.View(ctx, func(r store.Reader) (err error) {
		teams, err = r.RotatingTeams(ctx, -1)
		return err
	})
	errs = append(errs, err)
	for _, team := range teams {
		// A team that was deleted meanwhile needs nothing more.
		if err := m.resealTeam(ctx, team); err != nil && errdefs.KindOf(err) != errdefs.NotFound {
			errs = append(errs, fmt.Errorf("rotate the data key of team %s: %w", team, err))
		}
	}
	return errors.Join(errs...)
}

// rewrapTeams wraps the data keys that a retired key wraps under kek, then drops the retired keys.
func (m *Manager) rewrapTeams(ctx context.Context, kek *envelope.KEK) error {
	for ctx.Err() == nil {
		var others int64
		err := m.Store.View(ctx, func(r store.Reader) (err error) {
			_, others, err = r.CountWrapped(ctx, kek.ID())
			return err
		})
		if err != nil {
			return err
		}
		if others == 0 {
			return m.retireKEK(ctx, kek)
		}
		if err := m.rewrapSome(ctx, kek); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (m *Manager) rewrapSome(ctx context.Context, kek *envelope.KEK) error {
	return m.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		teams, err := w.WrappedByOthers(ctx, kek.ID(), rewrapBatch)
		if err != nil {
			return nil, err
		}
		for _, team := range teams {
			if err := m.replaceDEK(ctx, w, team, m.Keys.Rewrap); err != nil {
				return nil, err
			}
		}
		return []audit.Entry{m.ownEntry("kek.rewrap", "", kekResource+"/"+kek.ID())}, nil
	})
}

// replaceDEK stores what change makes of a team's wrapped data key.
func (m *Manager) replaceDEK(
	ctx context.Context, w store.Writer, team string, change func(string, secret.WrappedDEK) (secret.WrappedDEK, error),
) error {
	wrapped, err := w.WrappedDEK(ctx, team)
	if err != nil {
		return err
	}
	if wrapped, err = change(team, wrapped); err != nil {
		return err
	}
	dek, err := m.Keys.Open(team, wrapped) // what can't be opened is not stored
	if err != nil {
		return err
	}
	return w.SetWrappedDEK(ctx, team, wrapped, len(dek.RetiredIDs()) > 0)
}

// retireKEK drops the retired key-encryption keys. It makes sure in a transaction of its own, which commits before it
// does: whatever was changed before that transaction is counted in it, and whatever is changed after it is wrapped by the
// key in use.
func (m *Manager) retireKEK(ctx context.Context, kek *envelope.KEK) error {
	m.rotations.kek.Lock()
	defer m.rotations.kek.Unlock()
	err := m.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		_, others, err := w.CountWrapped(ctx, kek.ID())
		if err == nil && others > 0 {
			err = errMoreToDo
		}
		return []audit.Entry{m.ownEntry("kek.retire", "", kekResource+"/"+kek.ID())}, err
	})
	if err != nil {
		return err
	}
	_, err = m.Keys.RetireKEK(ctx)
	return err
}

// resealTeam seals the values that a retired data key sealed by the key in use, then drops the retired keys. It goes through
// the team's versions once: what comes meanwhile is sealed by the key in use.
func (m *Manager) resealTeam(ctx context.Context, team string) error {
	var last secret.SealedVersion
	for ctx.Err() == nil {
		next, err := m.resealSome(ctx, team, last)
		if errors.Is(err, errNoMore) {
			return m.retireDEK(ctx, team)
		}
		if err != nil {
			return err
		}
		last = next
	}
	return ctx.Err()
}

// resealSome seals a batch of those after a version, and returns the last of them; without any, errNoMore.
func (m *Manager) resealSome(
	ctx context.Context, team string, after secret.SealedVersion,
) (last secret.SealedVersion, err error) {
	err = m.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		dek, err := m.openDEK(ctx, w, team)
		if err != nil {
			return nil, err
		}
		list, err := w.SealedByOthers(ctx, team, dek.ID(), after, resealBatch)
		if err == nil && len(list) == 0 {
			err = errNoMore
		}
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if v, err = dek.Reseal(v); err != nil {
				return nil, fmt.Errorf("secret %s: %w", v.SecretUID, err)
			}
			if err := w.SetCiphertext(ctx, v); err != nil {
				return nil, err
			}
		}
		last = list[len(list)-1]
		return []audit.Entry{m.ownEntry("team.reseal", team, secret.TeamName(team))}, nil
	})
	return last, err
}

func (m *Manager) retireDEK(ctx context.Context, team string) error {
	return m.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		dek, err := m.openDEK(ctx, w, team)
		if err != nil {
			return nil, err
		}
		_, others, err := w.CountSealed(ctx, team, dek.ID())
		if err == nil && others > 0 {
			err = errMoreToDo
		}
		if err != nil {
			return nil, err
		}
		return []audit.Entry{m.ownEntry("team.retire_key", team, secret.TeamName(team))},
			m.replaceDEK(ctx, w, team, m.Keys.RetireDEK)
	})
}

// ownEntry is the audit entry of what secretsd does by itself: no user and no key.
func (m *Manager) ownEntry(action, team, resource string) audit.Entry {
	return audit.Entry{Time: m.Now(), Team: team, Action: action, Resource: resource, Decision: audit.Allowed}
}
