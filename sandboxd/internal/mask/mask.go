// Package mask takes secret values out of a stream of output, so that a careless `env` or `set -x` does not end in a log.
// It stops accidents, not an attacker: whoever can run code can print a value in a form that nothing recognises.
//
// A value is found by the first bytes of each form that it can be written in. Those are few and short, and so is the table by
// which most of a text is skipped (Wu and Manber's: a block of three bytes says how far away the next beginning can be). Where a
// beginning stands, the text is compared with the value itself, form by form: no form is ever written out, so that a masker
// takes little more memory than its values. ADR 11 has what was measured of automata that hold every form.
package mask

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/pkg/redact"
)

// Replacement stands where a value stood.
const Replacement = "***"

const (
	// maxBeginning is how many bytes of a form it is found by; fewer where a value is shorter, or can be written in very many
	// ways. The longer it is, the more of a text is skipped.
	maxBeginning = 16
	// enoughBeginnings is how many there may be for one value, on average, before shorter ones are taken.
	enoughBeginnings = 64
	// block is how many bytes the table of shifts is asked for.
	block = 3
	// minLine is the length that a line of a value must have to be masked by itself.
	minLine = 16
	// maxLines bounds the lines of all values together that are: more would fill the table, and every text would be slow.
	maxLines = 8 << 10
)

// Masker knows the values. It is immutable and safe for concurrent use.
//
// It reveals the values to compare with them, and lets none of them out.
type Masker struct {
	values [][]byte
	// begin has the beginnings, sorted, each of size bytes.
	begin []beginning
	size  int
	// shift says how far a window of size bytes can be moved on, by the hash of its last block; 0 where it may be a beginning.
	shift []uint8
	hash  int // how far a hash is shifted
}

// key is a beginning's bytes, with zeros behind them.
type key [maxBeginning]byte

// beginning is what a form of a value begins with.
type beginning struct {
	key   key
	value int32
	form  form
}

// New returns a masker of the values, which it keeps; those that masking.Check has something against are left out. Of a value
// with several lines, such as a PEM file, each line of at least 16 bytes is masked as well, but for the lines that only say
// what the file is (-----BEGIN).
func New(values []redact.Bytes) *Masker {
	m := &Masker{size: maxBeginning}
	lines := maxLines
	var partial [][]byte
	for _, value := range values {
		if masking.Check(value) != masking.None {
			continue
		}
		v := masking.Value(value.Reveal())
		m.values = append(m.values, v)
		m.size = min(m.size, len(v))
		for line := range bytes.Lines(v) {
			if line = bytes.TrimSpace(line); len(line) < len(v) && lines > 0 && maskedAlone(line) {
				partial = append(partial, line)
				lines--
			}
		}
	}
	whole := len(m.values)
	m.values = append(m.values, partial...)
	m.addAll(whole)
	if len(m.begin) > enoughBeginnings*len(m.values) && m.size > maxBeginning/2 {
		m.size = maxBeginning / 2
		m.addAll(whole)
	}
	slices.SortFunc(m.begin, func(a, b beginning) int {
		return cmp.Or(bytes.Compare(a.key[:], b.key[:]), cmp.Compare(a.value, b.value), cmp.Compare(a.form, b.form))
	})
	m.begin = slices.Clip(slices.Compact(m.begin))
	m.fillShift()
	return m
}

// addAll makes the beginnings of all values; those from an index on are lines.
func (m *Masker) addAll(lines int) {
	m.begin = m.begin[:0]
	for i, v := range m.values {
		all := []form{raw}
		if i < lines {
			all = forms(v)
		}
		for _, f := range all {
			f.prefixes(v, m.size, func(p []byte) {
				b := beginning{value: int32(i), form: f}
				copy(b.key[:], p)
				m.begin = append(m.begin, b)
			})
		}
	}
}

func maskedAlone(line []byte) bool {
	return len(line) >= minLine && masking.Check(redact.New(line)) == masking.None && !bytes.HasPrefix(line, []byte("-----"))
}

// forms are those that differ from each other.
func forms(value []byte) []form {
	f := []form{raw, hexadecimal, base64At0, base64At1, base64At2}
	if slices.ContainsFunc(value, escapedInURL) {
		f = append(f, url)
	}
	if slices.ContainsFunc(value, escapedInJSON) {
		f = append(f, json)
	}
	return f
}

// longest returns the length of the longest form of a value that b begins with, 0 when there is none, and whether b may go on
// to be a longer one.
func (m *Masker) longest(b []byte) (n int, more bool) {
	for _, c := range m.candidates(b) {
		if len(b) < m.size {
			return 0, true
		}
		k, open := c.form.match(m.values[c.value], b)
		n, more = max(n, k), more || open
	}
	return n, more
}

// candidates are the beginnings that b begins with, or that begin with b when b is shorter.
func (m *Masker) candidates(b []byte) []beginning {
	n := min(len(b), m.size)
	from, _ := slices.BinarySearchFunc(m.begin, b[:n], func(c beginning, b []byte) int { return bytes.Compare(c.key[:n], b) })
	to := from
	for to < len(m.begin) && string(m.begin[to].key[:n]) == string(b[:n]) {
		to++
	}
	return m.begin[from:to]
}
