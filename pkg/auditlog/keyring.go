package auditlog

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Keyring is the public keys that a log's checkpoints may be signed with, by their ids: the one in use, and those in use
// before it.
type Keyring map[string]ed25519.PublicKey

// NewKeyring returns a ring of these keys.
func NewKeyring(keys ...ed25519.PublicKey) Keyring {
	ring := Keyring{}
	for _, k := range keys {
		ring[KeyID(k)] = k
	}
	return ring
}

// Check returns what is wrong with a checkpoint's signature; empty when it is right.
func (r Keyring) Check(c Checkpoint) string {
	key, known := r[c.KeyID]
	switch {
	case !known:
		return fmt.Sprintf("the checkpoint at entry %d is signed by key %s, which is none of those to be trusted", c.Sequence, c.KeyID)
	case !c.SignedBy(key):
		return fmt.Sprintf("the checkpoint at entry %d was changed: its signature is not right", c.Sequence)
	}
	return ""
}

// publicType is the PEM type of a public key in PKIX form, as openssl writes it too.
const publicType = "PUBLIC KEY"

// EncodePublicKey returns a public key as PEM.
func EncodePublicKey(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicType, Bytes: der}), nil
}

// DecodePublicKeys returns the Ed25519 keys of a PEM text, at least one.
func DecodePublicKeys(text []byte) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != publicType {
			return nil, fmt.Errorf("the PEM block is a %s, not a %s", block.Type, publicType)
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("the PEM block is no public key: %w", err)
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return nil, fmt.Errorf("the public key is %T, not Ed25519", parsed)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("no PEM block with a public key")
	}
	return keys, nil
}
