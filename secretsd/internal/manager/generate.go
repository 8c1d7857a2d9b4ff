package manager

import (
	"crypto/rand"

	"github.com/casemate/casemate/pkg/redact"
)

// Generate is a value that secretsd is to make.
type Generate struct {
	// Length is the number of characters.
	Length int
	// Charset is which: one of the constants.
	Charset Charset
}

// Charset is the characters of a generated value, each once and at most 256.
type Charset string

// The character sets.
const (
	Digits       Charset = "0123456789"
	Hex          Charset = Digits + "abcdef"
	Alphanumeric Charset = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + Digits
	URLSafe      Charset = Alphanumeric + "-_"
	Printable    Charset = Alphanumeric + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// generate makes a value. Random bytes above the largest multiple of the set's size are thrown away: taken modulo that
// size, they would make the set's first characters likelier.
func generate(g Generate) redact.Bytes {
	value := make([]byte, 0, g.Length)
	size := len(g.Charset)
	fair := 256 - 256%size
	random := make([]byte, 256)
	defer clear(random)
	for {
		rand.Read(random) // never fails: it ends the program instead
		for _, b := range random {
			if len(value) == g.Length {
				return redact.New(value)
			}
			if int(b) < fair {
				value = append(value, g.Charset[int(b)%size])
			}
		}
	}
}
