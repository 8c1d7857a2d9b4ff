// Package auditlog is the form of secretsd's audit log, and the proof that a log is whole. Whoever has the log, or a file that
// was made of it, and the public key can check it with this package alone: it knows no database and no daemon, and is unable
// to hold a value, since an entry has room for names only.
//
// The log is two chains. Entries are linked by their hashes, so that a change of what was written shows. Checkpoints are
// signed heads of that chain, by an Ed25519 key that is kept apart from the log: who can write the log but has not the key
// can't compute the chain anew after a change. Each checkpoint names the one before it.
//
// The hash of an entry is SHA-256 over its canonical form:
//
//	canonical = lp("casemate.audit.v1") be64(sequence) be64(time, Unix nanoseconds)
//	            lp(team) lp(user_id) lp(api_key_id) lp(peer) lp(action) lp(resource) lp(decision) lp(reason)
//	            lp(sandbox_id) lp(request_id) prev_hash (32 bytes)
//
//	lp(s)     = length of s in bytes, 4 bytes big-endian | s
//	be64(n)   = n in two's complement, 8 bytes big-endian
//	team      = "teams/{team}", or empty
//	decision  = "ALLOWED" or "DENIED"
//	prev_hash = the hash of the entry before; 32 zero bytes in the first
//
// Every field of both forms is in the API and in exports, so that whoever may read the log can recompute them. testdata
// holds known-answer vectors.
//
// A checkpoint's canonical form is what is signed (Ed25519, RFC 8032), and hashed:
//
//	canonical = lp("casemate.audit.checkpoint.v1") be64(sequence) be64(time, Unix nanoseconds)
//	            head_hash (32 bytes) prev_hash (32 bytes) lp(key_id)
//	hash      = SHA-256(canonical)
//	signature = Ed25519(canonical)
//
//	sequence  = of the newest entry that it covers; head_hash is that entry's hash
//	prev_hash = the hash of the checkpoint before; 32 zero bytes in the first
//	key_id    = the first 8 bytes of SHA-256(public key), in lower-case hex
//
// What neither can show is that entries were cut off after the newest checkpoint, or with their checkpoints: that shows by a
// checkpoint that is kept elsewhere, which a later log must still contain.
package auditlog

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Decision is what became of an audited call.
type Decision string

// The decisions.
const (
	Allowed Decision = "ALLOWED"
	Denied  Decision = "DENIED"
)

// teamPrefix is what a team's resource name has before its id.
const teamPrefix = "teams/"

// HashSize is the length of a hash in bytes.
const HashSize = sha256.Size

// Entry is one link of the chain: who did what to which thing, and what became of it.
type Entry struct {
	// Sequence is the position in the log, from 1, without gaps. Link sets it.
	Sequence int64
	// Time is when it was decided.
	Time time.Time
	// Team is the id of the team that it concerns; empty for what concerns none.
	Team string
	// UserID and APIKeyID say who asked.
	UserID, APIKeyID string
	// Peer is the SPIFFE ID of the mTLS peer; empty when there was none.
	Peer string
	// Action is what was asked for, such as `version.use`.
	Action string
	// Resource is the full name of what it was asked of.
	Resource string
	Decision Decision
	// Reason says why it was denied; empty when allowed.
	Reason string
	// SandboxID is the sandbox that the value went to; empty when it went to none.
	SandboxID string
	// RequestID is the call's, as in the daemon's log.
	RequestID string
	// Receipt is stored with an entry that releases a value for a sandbox; nil for all others, and in entries that are read.
	Receipt *Receipt
	// PrevHash and Hash chain the entries. Link sets them.
	PrevHash, Hash [HashSize]byte
}

// Head is the end of the chain. The zero value is the empty log's.
type Head struct {
	Sequence int64
	Hash     [HashSize]byte
}

// Link returns e as the next entry after head, and the new head.
func Link(head Head, e Entry) (Entry, Head) {
	e.Sequence = head.Sequence + 1
	e.PrevHash = head.Hash
	e.Hash = e.ComputeHash()
	return e, Head{Sequence: e.Sequence, Hash: e.Hash}
}

// ComputeHash returns the hash that the entry must have by its content and PrevHash.
func (e Entry) ComputeHash() [HashSize]byte { return sha256.Sum256(e.canonical()) }

func (e Entry) canonical() []byte {
	b := appendString(make([]byte, 0, 512), "casemate.audit.v1")
	b = binary.BigEndian.AppendUint64(b, uint64(e.Sequence))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixNano()))
	for _, s := range []string{
		e.TeamName(), e.UserID, e.APIKeyID, e.Peer, e.Action, e.Resource, string(e.Decision), e.Reason, e.SandboxID, e.RequestID,
	} {
		b = appendString(b, s)
	}
	return append(b, e.PrevHash[:]...)
}

// TeamName returns the resource name of the entry's team; empty for what concerns none.
func (e Entry) TeamName() string {
	if e.Team == "" {
		return ""
	}
	return teamPrefix + e.Team
}

func appendString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
