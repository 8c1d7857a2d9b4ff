// Package masking says which secret values can be taken out of a sandbox's output, for those who mask, and for those who tell
// a value's owner that it will not be.
package masking

import (
	"bytes"
	"slices"
	"strings"

	"github.com/casemate/casemate/pkg/redact"
)

// MinLength is the length in bytes that a value must have to be masked.
const MinLength = 6

// minDistinct is how many different bytes it must have.
const minDistinct = 4

// Gap says why a value is not masked.
type Gap string

// The gaps.
const (
	// None: it is masked.
	None Gap = ""
	// Short: it has fewer than MinLength bytes.
	Short Gap = "SHORT"
	// Common: innocent text has it too: a well-known word, or one byte over and over.
	Common Gap = "COMMON"
)

// common are values that are no secret, or none any more: who masks them tears holes into innocent text.
var common = []string{
	"access", "active", "always", "changeit", "changeme", "client", "config", "database", "debugging", "default", "development",
	"disable", "disabled", "docker", "enable", "enabled", "example", "localhost", "master", "mongodb", "password", "postgres",
	"production", "public", "secret", "server", "service", "staging", "string", "system", "testing", "undefined", "unknown",
	"username", "verify-full", "warning",
}

// Value returns the part of a value that counts: white space around it is none of the secret, and often lost on its way.
func Value(value []byte) []byte { return bytes.TrimSpace(value) }

// Check says why a value is not masked, None when it is. It keeps nothing of it.
func Check(value redact.Bytes) Gap {
	v := Value(value.Reveal())
	if len(v) < MinLength {
		return Short
	}
	if !distinct(v, minDistinct) || len(v) < 16 && slices.Contains(common, strings.ToLower(string(v))) {
		return Common
	}
	return None
}

// distinct says whether v has at least n different bytes.
func distinct(v []byte, n int) bool {
	var seen [256]bool
	for _, b := range v {
		if !seen[b] {
			seen[b] = true
			n--
		}
		if n == 0 {
			return true
		}
	}
	return n <= 0
}
