// Package redact holds secret values so that they can't be printed by accident. A value is Bytes from the moment it
// exists; only Reveal gives the bytes, and it stands in few places.
package redact

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Placeholder is what every format of a Bytes prints.
const Placeholder = "[redacted]"

// Bytes is a secret value. The zero value is empty. Copies share the same memory.
//
// The bytes stand behind a closure because fmt calls no method of a value in another struct's unexported field: it
// prints what reflection finds there, and reflection can't look into a function.
type Bytes struct{ get func() []byte }

// New takes ownership of b: the caller must not use it afterwards.
func New(b []byte) Bytes { return Bytes{get: func() []byte { return b }} }

// Reveal returns the value itself, not a copy. Whoever calls it answers for where the bytes go.
func (v Bytes) Reveal() []byte {
	if v.get == nil {
		return nil
	}
	return v.get()
}

// Len returns the value's length in bytes.
func (v Bytes) Len() int { return len(v.Reveal()) }

// HasByte says whether b is in the value.
func (v Bytes) HasByte(b byte) bool { return bytes.IndexByte(v.Reveal(), b) >= 0 }

// Equal compares two values in constant time for equal lengths.
func (v Bytes) Equal(w Bytes) bool { return subtle.ConstantTimeCompare(v.Reveal(), w.Reveal()) == 1 }

// Wipe overwrites the value, for all copies of v.
func (v Bytes) Wipe() { clear(v.Reveal()) }

// Format implements fmt.Formatter: every verb and flag prints the placeholder.
func (Bytes) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(Placeholder)) }

// String returns the placeholder.
func (Bytes) String() string { return Placeholder }

// MarshalText returns the placeholder; encoding/json uses it too.
func (Bytes) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }

// LogValue returns the placeholder to log/slog.
func (Bytes) LogValue() slog.Value { return slog.StringValue(Placeholder) }
