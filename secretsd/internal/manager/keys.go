package manager

import (
	"context"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

var (
	kekGet    = operation{"kek.get", authz.KEKManage}
	kekRotate = operation{"kek.rotate", authz.KEKManage}

	teamRotateKey = operation{"team.rotate_key", authz.TeamRotateKey}
)

// kekResource is the resource name of the key-encryption key in the audit log.
const kekResource = "keyEncryptionKey"

// KEKStatus is which key-encryption keys there are, and what still needs them.
type KEKStatus struct {
	// Sealed says that the key is still to come; then the ids are empty.
	Sealed bool
	// Source says where the key comes from.
	Source string
	// KeyID wraps; RetiredIDs unwrap what is not wrapped anew yet.
	KeyID      string
	RetiredIDs []string
	// Teams is how many teams there are, and OnRetired how many of them KeyID does not wrap.
	Teams, OnRetired int64
}

// DataKeyStatus is which data keys a team has, and what still needs them.
type DataKeyStatus struct {
	Team string
	// KeyID seals; RetiredIDs open what is not sealed anew yet.
	KeyID      string
	RetiredIDs []string
	// Versions is how many versions have a value, and OnRetired how many of them KeyID does not open.
	Versions, OnRetired int64
	// KEKID names the key-encryption key that wraps the data key.
	KEKID string
}

// rotations is what Manager keeps of rotations. All else about them is in the keysets and in the store, so a restart
// finds it there.
type rotations struct {
	// kek is held while the key-encryption key gets or loses keys.
	kek sync.Mutex
	// wanted holds a token when Rotate has something to do.
	wanted chan struct{}
}

func newRotations() *rotations { return &rotations{wanted: make(chan struct{}, 1)} }

func (r *rotations) begin() {
	select {
	case r.wanted <- struct{}{}:
	default: // there is one
	}
}

// RotationWanted has a token whenever a rotation was begun: then Rotate has something to do.
func (m *Manager) RotationWanted() <-chan struct{} { return m.rotations.wanted }

// ResumeRotations has Rotate look for what a rotation still needs, as after secretsd was unsealed.
func (m *Manager) ResumeRotations() { m.rotations.begin() }

// RotateKEK begins a rotation of the key-encryption key, unless one is under way. Its entry is durable before there is
// a new key.
func (m *Manager) RotateKEK(ctx context.Context, c identity.Caller) (KEKStatus, error) {
	if err := m.allow(ctx, c, kekRotate, "", kekResource); err != nil {
		return KEKStatus{}, err
	}
	m.rotations.kek.Lock()
	defer m.rotations.kek.Unlock()
	e := m.entry(ctx, c, kekRotate, "", kekResource)
	kek, err := m.Keys.KEK()
	if err != nil {
		return KEKStatus{}, m.deny(ctx, e, err)
	}
	if len(kek.RetiredIDs()) == 0 {
		if err := m.log.Append(ctx, e); err != nil {
			return KEKStatus{}, err
		}
		if _, err := m.Keys.RotateKEK(ctx); err != nil {
			return KEKStatus{}, m.deny(ctx, e, errdefs.New(errdefs.Unavailable, "KEK_UNAVAILABLE",
				"the new key-encryption key can't be stored at the moment; the old one stays in use").WithCause(err))
		}
		defer m.rotations.begin() // after the answer was made: it says where the rotation began
	}
	return m.kekStatus(ctx)
}

// GetKEKStatus says which key-encryption keys there are. It works while secretsd is sealed.
func (m *Manager) GetKEKStatus(ctx context.Context, c identity.Caller) (KEKStatus, error) {
	if err := m.allow(ctx, c, kekGet, "", kekResource); err != nil {
		return KEKStatus{}, err
	}
	return m.kekStatus(ctx)
}

func (m *Manager) kekStatus(ctx context.Context) (KEKStatus, error) {
	s := KEKStatus{Source: m.Keys.Source()}
	kek, err := m.Keys.KEK()
	if err != nil {
		s.Sealed = true
	} else {
		s.KeyID, s.RetiredIDs = kek.ID(), kek.RetiredIDs()
	}
	err = m.view(ctx, kekGet, func(r store.Reader) (err error) {
		s.Teams, s.OnRetired, err = r.CountWrapped(ctx, s.KeyID)
		return err
	})
	if s.Sealed {
		s.OnRetired = 0 // nobody can say
	}
	return s, err
}

// RotateDataKey begins a rotation of a team's data key, unless one is under way.
func (m *Manager) RotateDataKey(ctx context.Context, c identity.Caller, team string) (s DataKeyStatus, err error) {
	name := secret.TeamName(team)
	if err := m.allow(ctx, c, teamRotateKey, team, name); err != nil {
		return s, err
	}
	if s, err = m.dataKeyStatus(ctx, team); err != nil || len(s.RetiredIDs) > 0 {
		return s, err
	}
	err = m.change(ctx, c, teamRotateKey, team, func(w store.Writer) (string, error) {
		wrapped, err := w.WrappedDEK(ctx, team)
		if err != nil {
			return name, err
		}
		dek, err := m.Keys.Open(team, wrapped)
		if err != nil || len(dek.RetiredIDs()) > 0 { // somebody else's call came in between
			return name, err
		}
		if wrapped, err = m.Keys.RotateDEK(team, wrapped); err != nil {
			return name, err
		}
		return name, w.SetWrappedDEK(ctx, team, wrapped, true)
	})
	if err != nil {
		return s, err
	}
	defer m.rotations.begin()
	return m.dataKeyStatus(ctx, team)
}

// GetDataKeyStatus says which data keys a team has.
func (m *Manager) GetDataKeyStatus(ctx context.Context, c identity.Caller, team string) (DataKeyStatus, error) {
	if err := m.allow(ctx, c, teamGet, team, secret.TeamName(team)); err != nil {
		return DataKeyStatus{}, err
	}
	return m.dataKeyStatus(ctx, team)
}

func (m *Manager) dataKeyStatus(ctx context.Context, team string) (s DataKeyStatus, err error) {
	s.Team = team
	err = m.view(ctx, teamGet, func(r store.Reader) error {
		wrapped, err := r.WrappedDEK(ctx, team)
		if err != nil {
			return err
		}
		dek, err := m.Keys.Open(team, wrapped)
		if err != nil {
			return err
		}
		s.KeyID, s.RetiredIDs, s.KEKID = dek.ID(), dek.RetiredIDs(), wrapped.KEKID
		s.Versions, s.OnRetired, err = r.CountSealed(ctx, team, s.KeyID)
		return err
	})
	return s, err
}
