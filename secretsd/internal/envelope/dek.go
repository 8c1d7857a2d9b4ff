package envelope

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// NewDEK makes a team's data key and wraps it.
func NewDEK(ctx context.Context, kek *KEK, team string) (secret.WrappedDEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return secret.WrappedDEK{}, fmt.Errorf("make a data key: %w", err)
	}
	var buf bytes.Buffer
	defer func() { clear(buf.Bytes()) }()
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&buf)); err != nil {
		return secret.WrappedDEK{}, fmt.Errorf("make a data key: %w", err)
	}
	wrapped, err := kek.Wrap(ctx, buf.Bytes(), dekAAD(team))
	if err != nil {
		return secret.WrappedDEK{}, fmt.Errorf("wrap the data key of team %s: %w", team, err)
	}
	return secret.WrappedDEK{KEKID: kek.ID(), Ciphertext: wrapped}, nil
}

// DEK is a team's data key, opened.
type DEK struct {
	team string
	aead tink.AEAD
}

// OpenDEK unwraps a team's data key. It fails for another team's.
func OpenDEK(ctx context.Context, kek *KEK, team string, w secret.WrappedDEK) (*DEK, error) {
	raw, err := kek.Unwrap(ctx, w.KEKID, w.Ciphertext, dekAAD(team))
	if err != nil {
		return nil, fmt.Errorf("open the data key of team %s: %w", team, err)
	}
	defer clear(raw)
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("the data key of team %s is not a tink keyset", team)
	}
	a, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("the data key of team %s is not an AEAD keyset", team)
	}
	return &DEK{team: team, aead: a}, nil
}

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
