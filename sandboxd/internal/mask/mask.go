// Package mask takes secret values out of a stream of output, so that a careless `env` or `set -x` does not end in a log.
// It stops accidents, not an attacker: whoever can run code can print a value in a form that nothing recognises.
package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/casemate/casemate/pkg/redact"
)

// MinLength is the length in bytes that a value must have to be masked. Shorter ones would tear holes into innocent text.
const MinLength = 6

// Replacement stands where a value stood.
const Replacement = "***"

// Masker knows the values' patterns: raw, hex (lower and upper case), and base64 (standard and URL alphabet) at each of
// the three positions that a value inside a longer encoded text can have. It is immutable and safe for concurrent use.
//
// It reveals the values to build the patterns, and lets none of them out.
type Masker struct {
	// byPair has the patterns that begin with a pair of bytes, longest first; starts is the set of these pairs, and first
	// that of their first bytes.
	byPair map[uint16][][]byte
	starts [1 << 16 / 64]uint64
	first  [256]bool
}

// New returns a masker of the values; those shorter than MinLength are left out.
func New(values []redact.Bytes) *Masker {
	m := &Masker{byPair: map[uint16][][]byte{}}
	for _, v := range values {
		if v.Len() >= MinLength {
			for _, p := range patterns(v.Reveal()) {
				m.add(p)
			}
		}
	}
	for _, ps := range m.byPair {
		slices.SortFunc(ps, func(a, b []byte) int { return len(b) - len(a) })
	}
	return m
}

func patterns(v []byte) [][]byte {
	h := hex.EncodeToString(v)
	ps := [][]byte{bytes.Clone(v), []byte(h), []byte(strings.ToUpper(h))}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			// The characters at both ends also depend on what stands around the value: they are not part of the pattern.
			text := enc.EncodeToString(append(make([]byte, shift), v...))
			from := []int{0, 2, 3}[shift]
			to := len(text)
			if (shift+len(v))%3 != 0 && shift > 0 {
				to--
			}
			ps = append(ps, []byte(text[from:to]))
			if shift == 0 && len(v)%3 != 0 {
				ps = append(ps, []byte(text[:to-1]))
			}
		}
	}
	return ps
}

func (m *Masker) add(p []byte) {
	k := pair(p)
	for _, q := range m.byPair[k] {
		if bytes.Equal(p, q) {
			return
		}
	}
	m.byPair[k] = append(m.byPair[k], p)
	m.starts[k/64] |= 1 << (k % 64)
	m.first[p[0]] = true
}

func pair(p []byte) uint16 { return uint16(p[0])<<8 | uint16(p[1]) }

// longest returns the length of the longest pattern that b begins with, 0 when there is none, and whether b is the beginning
// of a pattern longer than b.
func (m *Masker) longest(b []byte) (n int, more bool) {
	if len(b) == 1 {
		return 0, m.first[b[0]]
	}
	for _, p := range m.byPair[pair(b)] {
		switch {
		case len(p) > len(b):
			more = more || bytes.HasPrefix(p, b)
		case bytes.HasPrefix(b, p):
			return len(p), more
		}
	}
	return 0, more
}

// Stream masks one stream. Values are found across the borders of writes.
type Stream struct {
	m    *Masker
	held []byte // the end of what was written: the beginning of some pattern, or masked up to skip
	skip int    // so many bytes of held belong to a value whose Replacement is already out
}

// Stream returns a new stream.
func (m *Masker) Stream() *Stream { return &Stream{m: m} }

// Append appends the masked form of b to dst and returns it. It holds back no more than an end of b that could be the
// beginning of a value.
func (s *Stream) Append(dst, b []byte) []byte {
	if len(s.held) > 0 {
		s.held = append(s.held, b...)
		b = s.held
	}
	dst, i := s.scan(dst, b, false)
	s.held = append(s.held[:0], b[i:]...)
	return dst
}

// Flush appends what was held back: the stream has ended.
func (s *Stream) Flush(dst []byte) []byte {
	dst, _ = s.scan(dst, s.held, true)
	s.held, s.skip = nil, 0
	return dst
}

// scan appends the masked form of b to dst, up to the byte whose index it returns. Values that overlap are one Replacement.
func (s *Stream) scan(dst, b []byte, end bool) ([]byte, int) {
	masked := s.skip // b[:masked] belongs to values that were replaced
	for i := 0; i < len(b); i++ {
		if j := s.m.next(b, i); j > i {
			dst = append(dst, b[min(max(masked, i), j):j]...)
			if i = j; i == len(b) {
				break
			}
		}
		n, more := s.m.longest(b[i:])
		if more && !end {
			s.skip = max(masked-i, 0)
			return dst, i
		}
		if n > 0 {
			if i >= masked {
				dst = append(dst, Replacement...)
			}
			masked = max(masked, i+n)
		}
		if i >= masked {
			dst = append(dst, b[i])
		}
	}
	s.skip = max(masked-len(b), 0)
	return dst, len(b)
}

// next returns the first index from i on where a pattern can begin, len(b) when there is none.
func (m *Masker) next(b []byte, i int) int {
	for ; i+1 < len(b); i++ {
		if k := pair(b[i:]); m.starts[k/64]&(1<<(k%64)) != 0 {
			return i
		}
	}
	if i < len(b) && !m.first[b[i]] {
		i++
	}
	return i
}
