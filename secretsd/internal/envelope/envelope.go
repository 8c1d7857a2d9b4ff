// Package envelope encrypts the values of secrets in two layers and knows nothing that writes: no store, no log.
//
// A key-encryption key (KEK) wraps one data key (DEK) per team; the team's DEK seals the values of its secret versions.
// Both layers are tink AEAD with AES-256-GCM, and both bind what they encrypt to its place, so that a row which was
// moved or swapped in the database does not open.
//
// What is stored:
//
//	wrapped DEK  tink ciphertext under the KEK of the DEK's serialized tink keyset (binary google.crypto.tink.Keyset)
//	             AAD = lp("casemate.dek.v1") lp(team)
//	value        tink ciphertext under the DEK of the value's bytes
//	             AAD = lp("casemate.value.v1") lp(team) lp(secret uid) be64(version)
//
//	tink ciphertext = 0x01 | key id, 4 bytes big-endian | IV, 12 bytes | AES-GCM ciphertext | tag, 16 bytes
//	lp(s)           = length of s in bytes, 4 bytes big-endian | s
//	be64(n)         = n, 8 bytes big-endian
//
// KEK and DEK are keysets, so that old keys stay beside a new primary one while what they encrypted is encrypted anew. The
// KEK is in a Safe, a file: in the clear, or sealed by a passphrase, a key in the environment, or a key management
// service. A KeyRing holds what is open. docs/storage-format.md has all of the format; testdata has known answers, which a
// program without any of this code opens too.
package envelope

import "encoding/binary"

// valueAAD binds a value to its team, to its secret's random uid (not its name: a secret that was deleted and made again
// is another one) and to its version.
func valueAAD(team, secretUID string, version int64) []byte {
	b := appendString(nil, "casemate.value.v1")
	b = appendString(b, team)
	b = appendString(b, secretUID)
	return binary.BigEndian.AppendUint64(b, uint64(version))
}

func dekAAD(team string) []byte {
	return appendString(appendString(nil, "casemate.dek.v1"), team)
}

func appendString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
