package envelope

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// KeyRing is all keys that are open: the key-encryption key, from its Safe, and the data keys of the teams that were
// asked for. It starts sealed: until Unseal has worked, whatever needs a key is secret.ErrSealed. What it opened it keeps
// in memory, so that a key management service is asked at the start and at a rotation only. It is safe for concurrent
// use.
type KeyRing struct {
	safe *Safe
	// previous is where the key is moved from; nil: it is not.
	previous *Safe
	kek      atomic.Pointer[KEK] // nil: sealed
	// changing is held by whoever replaces the key-encryption key.
	changing sync.Mutex
	deks     sync.Map // team → *openDEK
}

// openDEK is a data key, and what it was opened from.
type openDEK struct {
	ciphertext []byte
	dek        *DEK
}

// NewKeyRing returns a sealed key ring over a safe. Where that is empty, or sealed by another kind of lock, and previous
// is not nil, Unseal moves the key from there.
func NewKeyRing(safe, previous *Safe) *KeyRing { return &KeyRing{safe: safe, previous: previous} }

// Sealed says whether the key-encryption key is still to come.
func (r *KeyRing) Sealed() bool { return r.kek.Load() == nil }

// KEK returns the key-encryption key, or secret.ErrSealed.
func (r *KeyRing) KEK() (*KEK, error) {
	if k := r.kek.Load(); k != nil {
		return k, nil
	}
	return nil, secret.ErrSealed()
}

// Source says where the key-encryption key comes from, without anything secret.
func (r *KeyRing) Source() string { return r.safe.Source() }

// Unseal opens the key-encryption key and has check prove that it is the right one, before anything else sees it. Where
// the safe is empty it makes a new key, if mayCreate says so; else the error is fs.ErrNotExist.
func (r *KeyRing) Unseal(ctx context.Context, mayCreate bool, check func(*KEK) error) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	kek, err := r.safe.Load(ctx)
	move := r.previous != nil && (errors.Is(err, errEmpty) || errors.Is(err, errOtherLock))
	if move {
		kek, err = r.previous.Load(ctx)
	}
	if errors.Is(err, errEmpty) && mayCreate {
		move = false
		kek, err = r.safe.Create(ctx)
	}
	if err == nil && check != nil {
		err = check(kek)
	}
	if err == nil && move {
		err = r.safe.Store(ctx, kek)
	}
	if err != nil {
		return err
	}
	r.kek.Store(kek)
	return nil
}

// RotateKEK puts a new key before those of the key-encryption key, durably, and returns it. What was wrapped before opens
// as before.
func (r *KeyRing) RotateKEK(ctx context.Context) (*KEK, error) {
	return r.replaceKEK(ctx, (*KEK).rotated)
}

// RetireKEK drops all keys of the key-encryption key but the one in use. The caller has made sure that no data key needs
// them: afterwards they are gone.
func (r *KeyRing) RetireKEK(ctx context.Context) (*KEK, error) {
	return r.replaceKEK(ctx, (*KEK).withoutRetired)
}

func (r *KeyRing) replaceKEK(ctx context.Context, change func(*KEK) (*KEK, error)) (*KEK, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	kek, err := r.KEK()
	if err != nil {
		return nil, err
	}
	next, err := change(kek)
	if err != nil {
		return nil, err
	}
	if err := r.safe.Store(ctx, next); err != nil {
		return nil, err
	}
	r.kek.Store(next)
	return next, nil
}

// Open returns a team's data key, opened from what is stored of it: from memory when that is the same as before. So a
// caller that reads the stored form in the snapshot of the values has the key that fits them, and opening costs a
// comparison.
func (r *KeyRing) Open(team string, w secret.WrappedDEK) (*DEK, error) {
	if cached, ok := r.deks.Load(team); ok {
		if c := cached.(*openDEK); bytes.Equal(c.ciphertext, w.Ciphertext) {
			return c.dek, nil
		}
	}
	kek, err := r.KEK()
	if err != nil {
		return nil, err
	}
	dek, err := unwrap(kek, team, w)
	if err != nil {
		return nil, err
	}
	r.deks.Store(team, &openDEK{ciphertext: w.Ciphertext, dek: dek})
	return dek, nil
}

// Forget drops a team's data key from memory.
func (r *KeyRing) Forget(team string) { r.deks.Delete(team) }

// NewDEK makes a team's data key and wraps it.
func (r *KeyRing) NewDEK(team string) (secret.WrappedDEK, error) {
	return r.wrapped(func() (*DEK, error) { return newDEK(team) })
}

// Rewrap wraps a team's data key under the key-encryption key in use.
func (r *KeyRing) Rewrap(team string, w secret.WrappedDEK) (secret.WrappedDEK, error) {
	return r.wrapped(func() (*DEK, error) { return r.Open(team, w) })
}

// RotateDEK puts a new key before those of a team's data key, and wraps the whole.
func (r *KeyRing) RotateDEK(team string, w secret.WrappedDEK) (secret.WrappedDEK, error) {
	return r.changed(team, w, keys.withNewPrimary)
}

// RetireDEK drops all keys of a team's data key but the one in use, and wraps the rest. The caller has made sure that no
// version needs them.
func (r *KeyRing) RetireDEK(team string, w secret.WrappedDEK) (secret.WrappedDEK, error) {
	return r.changed(team, w, keys.primaryOnly)
}

func (r *KeyRing) changed(
	team string, w secret.WrappedDEK, change func(keys) (*keyset.Handle, error),
) (secret.WrappedDEK, error) {
	return r.wrapped(func() (*DEK, error) {
		dek, err := r.Open(team, w)
		if err != nil {
			return nil, err
		}
		handle, err := change(dek.keys)
		if err != nil {
			return nil, err
		}
		return dekOf(team, handle)
	})
}

// wrapped wraps what open returns.
func (r *KeyRing) wrapped(open func() (*DEK, error)) (secret.WrappedDEK, error) {
	kek, err := r.KEK()
	if err != nil {
		return secret.WrappedDEK{}, err
	}
	dek, err := open()
	if err != nil {
		return secret.WrappedDEK{}, err
	}
	return dek.wrap(kek)
}
