package auditlog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Checkpoint is a signed head of the log.
type Checkpoint struct {
	// Sequence is that of the newest entry that it covers.
	Sequence int64
	// Time is when it was signed.
	Time time.Time
	// HeadHash is the hash of the entry at Sequence.
	HeadHash [HashSize]byte
	// PrevHash is the hash of the checkpoint before; zero in the first.
	PrevHash [HashSize]byte
	// KeyID names the key that signed it.
	KeyID string
	// Signature is by that key, over the canonical form.
	Signature [ed25519.SignatureSize]byte
}

// Sign returns the checkpoint of a head, after another one (nil for the first).
func Sign(key ed25519.PrivateKey, head Head, prev *Checkpoint, at time.Time) Checkpoint {
	c := Checkpoint{
		Sequence: head.Sequence, Time: at, HeadHash: head.Hash, KeyID: KeyID(key.Public().(ed25519.PublicKey)),
	}
	if prev != nil {
		c.PrevHash = prev.Hash()
	}
	copy(c.Signature[:], ed25519.Sign(key, c.canonical()))
	return c
}

// Head is the head of the log that the checkpoint signs.
func (c Checkpoint) Head() Head { return Head{Sequence: c.Sequence, Hash: c.HeadHash} }

// Hash is what the next checkpoint links to.
func (c Checkpoint) Hash() [HashSize]byte { return sha256.Sum256(c.canonical()) }

// SignedBy says whether the signature is that key's.
func (c Checkpoint) SignedBy(key ed25519.PublicKey) bool {
	return ed25519.Verify(key, c.canonical(), c.Signature[:])
}

func (c Checkpoint) canonical() []byte {
	b := appendString(make([]byte, 0, 160), "casemate.audit.checkpoint.v1")
	b = binary.BigEndian.AppendUint64(b, uint64(c.Sequence))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Time.UnixNano()))
	b = append(b, c.HeadHash[:]...)
	b = append(b, c.PrevHash[:]...)
	return appendString(b, c.KeyID)
}

// KeyID names a public key: the first 8 bytes of its SHA-256 in hex.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}
