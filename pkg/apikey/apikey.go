// Package apikey is the format of Casemate's API keys: how one is made, checked, hashed and carried. It knows nothing of
// who a key belongs to.
//
// A key looks like this, 70 characters in all:
//
//	cm-0123456789ABCDEF_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_0wG5jZ
//	   └ id, 16       └ secret, 43                                └ checksum, 6
//
// The id is public: it names the key in logs, lists and the audit log. The secret is 43 random base62 digits, 256 bits.
// The checksum is the CRC-32 (IEEE) of everything before its underscore, in base62, most significant digit first, so
// that a typing error is told from a wrong key without asking anybody, and scanners can be sure of a leaked key.
// Base62 digits are 0-9, A-Z, a-z in this order. All after the first "-" is [A-Za-z0-9_] and longer than 40 characters,
// which is what the wandb client asks of a key.
package apikey

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"log/slog"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
)

// The lengths of a key's parts, in characters.
const (
	prefix      = "cm-"
	idLen       = 16
	secretLen   = 43
	checksumLen = 6
	keyLen      = len(prefix) + idLen + 1 + secretLen + 1 + checksumLen
)

// ReasonMalformed is the reason of an error about a key that can't be one.
const ReasonMalformed = "API_KEY_MALFORMED"

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Key is a well-formed API key. Every format prints its id only.
type Key struct {
	id    string
	whole redact.Bytes
}

// Generate makes a new key from the system's randomness.
func Generate() (Key, error) {
	id, err := random(idLen)
	if err != nil {
		return Key{}, err
	}
	secret, err := random(secretLen)
	if err != nil {
		return Key{}, err
	}
	body := prefix + id + "_" + secret
	return Key{id: id, whole: redact.New([]byte(body + "_" + checksum(body)))}, nil
}

// Parse checks the form and the checksum of s. The error is Unauthenticated (API_KEY_MALFORMED) and says what is wrong,
// never what was given.
func Parse(s string) (Key, error) {
	if !strings.HasPrefix(s, prefix) {
		return Key{}, malformed("this is not a Casemate API key: one starts with %q", prefix)
	}
	if len(s) != keyLen {
		return Key{}, malformed("the API key has %d characters instead of %d: a part is missing or was added", len(s), keyLen)
	}
	id, rest := s[len(prefix):len(prefix)+idLen], s[len(prefix)+idLen:]
	secret, sum := rest[1:1+secretLen], rest[1+secretLen+1:]
	if rest[0] != '_' || rest[1+secretLen] != '_' || !isBase62(id) || !isBase62(secret) || !isBase62(sum) {
		return Key{}, malformed("the API key has a character where none like it can be")
	}
	if checksum(s[:keyLen-checksumLen-1]) != sum {
		return Key{}, malformed("the API key's checksum does not match: a character was mistyped")
	}
	return Key{id: id, whole: redact.New([]byte(s))}, nil
}

// ID returns the key's public id, which may be shown and logged.
func (k Key) ID() string { return k.id }

// Hash returns the SHA-256 of the whole key, which is what gets stored. A fast hash is enough: a key has 256 bits of
// randomness, and nobody can try so many.
func (k Key) Hash() [sha256.Size]byte { return sha256.Sum256(k.whole.Reveal()) }

// Reveal returns the key itself, to hand it to its owner or to send it to a server.
func (k Key) Reveal() string { return string(k.whole.Reveal()) }

// IsZero says whether k is no key at all.
func (k Key) IsZero() bool { return k.id == "" }

// String returns the key with all but its id left out.
func (k Key) String() string { return prefix + k.id + "_" + redact.Placeholder }

// Format implements fmt.Formatter: every verb and flag prints String.
func (k Key) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(k.String())) }

// MarshalText returns String; encoding/json uses it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LogValue returns String to log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

type contextKey struct{}

// NewContext returns ctx carrying the key that the caller presented.
func NewContext(ctx context.Context, k Key) context.Context {
	return context.WithValue(ctx, contextKey{}, k)
}

// FromContext returns the key that ctx carries.
func FromContext(ctx context.Context) (Key, bool) {
	k, ok := ctx.Value(contextKey{}).(Key)
	return k, ok
}

func malformed(format string, args ...any) error {
	return errdefs.New(errdefs.Unauthenticated, ReasonMalformed, format, args...)
}

// random returns n uniformly random base62 digits. Bytes of 248 and above are thrown away: they would make the first
// digits likelier than the others.
func random(n int) (string, error) {
	out := make([]byte, 0, n)
	buf := make([]byte, 64)
	for len(out) < n {
		if _, err := rand.Read(buf); err != nil {
			return "", fmt.Errorf("reading randomness for an API key: %w", err)
		}
		for _, b := range buf {
			if b < 248 && len(out) < n {
				out = append(out, digits[b%62])
			}
		}
	}
	clear(buf)
	return string(out), nil
}

func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var out [checksumLen]byte
	for i := checksumLen - 1; i >= 0; i-- {
		out[i] = digits[sum%62]
		sum /= 62
	}
	return string(out[:])
}

func isBase62(s string) bool {
	for i := range len(s) {
		if strings.IndexByte(digits, s[i]) < 0 {
			return false
		}
	}
	return true
}
