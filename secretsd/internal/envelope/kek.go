package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// KEK is the key-encryption key, opened: a keyset whose primary key wraps, and whose retired keys unwrap what is not
// wrapped anew yet. It does not change.
type KEK struct{ keys }

// NewKEK makes a key-encryption key.
func NewKEK() (*KEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key-encryption key: %w", err)
	}
	return newKEK(handle)
}

func newKEK(handle *keyset.Handle) (*KEK, error) {
	k, err := openKeys(handle)
	if err != nil {
		return nil, errors.New("the key-encryption key is not an AEAD keyset")
	}
	return &KEK{k}, nil
}

// ID names the key that wraps. It is stored with what was wrapped.
func (k *KEK) ID() string { return kekID(k.primary) }

// RetiredIDs names the keys that unwrap only.
func (k *KEK) RetiredIDs() []string { return namesOf(k.retired, kekID) }

// kekID is how a key's id is stored.
func kekID(id uint32) string { return "local:" + strconv.FormatUint(uint64(id), 10) }

// rotated returns the keyset with a new primary key beside the old ones.
func (k *KEK) rotated() (*KEK, error) {
	handle, err := k.withNewPrimary()
	if err != nil {
		return nil, err
	}
	return newKEK(handle)
}

// withoutRetired returns the keyset with its primary key alone.
func (k *KEK) withoutRetired() (*KEK, error) {
	handle, err := k.primaryOnly()
	if err != nil {
		return nil, err
	}
	return newKEK(handle)
}

// keys is what key-encryption keys and data keys have in common: a tink keyset of AEAD keys.
type keys struct {
	handle  *keyset.Handle
	aead    tink.AEAD
	primary uint32
	retired []uint32
}

func openKeys(handle *keyset.Handle) (keys, error) {
	a, err := aead.New(handle)
	if err != nil {
		return keys{}, err
	}
	info := handle.KeysetInfo()
	k := keys{handle: handle, aead: a, primary: info.GetPrimaryKeyId()}
	for _, key := range info.GetKeyInfo() {
		if key.GetKeyId() != k.primary {
			k.retired = append(k.retired, key.GetKeyId())
		}
	}
	return k, nil
}

func (k keys) withNewPrimary() (*keyset.Handle, error) {
	m := keyset.NewManagerFromHandle(k.handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return nil, fmt.Errorf("add a key to a keyset: %w", err)
	}
	return m.Handle()
}

func (k keys) primaryOnly() (*keyset.Handle, error) {
	m := keyset.NewManagerFromHandle(k.handle)
	for _, id := range k.retired {
		if err := m.Delete(id); err != nil {
			return nil, fmt.Errorf("drop a retired key: %w", err)
		}
	}
	return m.Handle()
}

// serialize returns the keyset in tink's binary form, in the clear: the caller wipes it.
func (k keys) serialize() ([]byte, error) {
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.handle, keyset.NewBinaryWriter(&buf)); err != nil {
		return nil, fmt.Errorf("serialize a keyset: %w", err)
	}
	return buf.Bytes(), nil
}

func namesOf(ids []uint32, name func(uint32) string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = name(id)
	}
	return names
}
