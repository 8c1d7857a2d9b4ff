package envelope

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// DEK is a team's data key, opened: a keyset whose primary key seals, and whose retired keys open what is not sealed anew
// yet. It does not change, and is safe for concurrent use.
type DEK struct {
	keys
	team string
}

// newDEK makes a team's data key.
func newDEK(team string) (*DEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a data key: %w", err)
	}
	return dekOf(team, handle)
}

func dekOf(team string, handle *keyset.Handle) (*DEK, error) {
	k, err := openKeys(handle)
	if err != nil {
		return nil, fmt.Errorf("the data key of team %s is not an AEAD keyset", team)
	}
	return &DEK{keys: k, team: team}, nil
}

// wrap encrypts the data key under the primary key of kek, bound to its team.
func (d *DEK) wrap(kek *KEK) (secret.WrappedDEK, error) {
	raw, err := d.serialize()
	if err != nil {
		return secret.WrappedDEK{}, err
	}
	defer clear(raw)
	wrapped, err := kek.aead.Encrypt(raw, dekAAD(d.team))
	if err != nil {
		return secret.WrappedDEK{}, fmt.Errorf("wrap the data key of team %s: %w", d.team, err)
	}
	return secret.WrappedDEK{KEKID: kek.ID(), Ciphertext: wrapped}, nil
}

// unwrap decrypts a team's data key. It fails for another team's.
func unwrap(kek *KEK, team string, w secret.WrappedDEK) (*DEK, error) {
	raw, err := kek.aead.Decrypt(w.Ciphertext, dekAAD(team))
	if err != nil {
		return nil, fmt.Errorf("open the data key of team %s, wrapped by key %s (the key in use is %s): %w", team, w.KEKID, kek.ID(), err)
	}
	defer clear(raw)
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("the data key of team %s is not a tink keyset", team)
	}
	return dekOf(team, handle)
}

// Check says whether the key-encryption key opens a team's data key.
func (k *KEK) Check(team string, w secret.WrappedDEK) error {
	_, err := unwrap(k, team, w)
	return err
}

// ID names the key that seals. It is in the first bytes of what was sealed: secret.Version.DataKeyID.
func (d *DEK) ID() string { return dekID(d.primary) }

// RetiredIDs names the keys that open only.
func (d *DEK) RetiredIDs() []string { return namesOf(d.retired, dekID) }

// dekID is a data key's id as it stands in what it sealed, in hex.
func dekID(id uint32) string { return hex.EncodeToString(binary.BigEndian.AppendUint32(nil, id)) }

// Seal encrypts a value for one version of one secret of the key's team.
func (d *DEK) Seal(value redact.Bytes, secretUID string, version int64) ([]byte, error) {
	sealed, err := d.aead.Encrypt(value.Reveal(), valueAAD(d.team, secretUID, version))
	if err != nil {
		return nil, fmt.Errorf("seal version %d: %w", version, err)
	}
	return sealed, nil
}

// Open decrypts the value of one version of one secret. It fails when the ciphertext was changed or was sealed for
// another place.
func (d *DEK) Open(sealed []byte, secretUID string, version int64) (redact.Bytes, error) {
	value, err := d.aead.Decrypt(sealed, valueAAD(d.team, secretUID, version))
	if err != nil {
		return redact.Bytes{}, fmt.Errorf("open version %d: %w", version, err)
	}
	return redact.New(value), nil
}

// Reseal encrypts anew what any key of the keyset sealed, for the same place. The value is in memory for that moment only.
func (d *DEK) Reseal(v secret.SealedVersion) (secret.SealedVersion, error) {
	value, err := d.Open(v.Ciphertext, v.SecretUID, v.Number)
	if err != nil {
		return v, err
	}
	defer value.Wipe()
	v.Ciphertext, err = d.Seal(value, v.SecretUID, v.Number)
	return v, err
}
