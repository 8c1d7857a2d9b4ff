package mask

import (
	"strings"
	"unicode/utf8"
)

// prefixes calls yield with everything of n bytes that the form of a value can begin with. n is at most the value's length.
// It leaves out what no encoder writes: escapes of letters and digits.
func (f form) prefixes(value []byte, n int, yield func(prefix []byte)) {
	switch f {
	case raw:
		yield(value[:n])
	case hexadecimal:
		p := make([]byte, n)
		for i := range p {
			p[i] = hexDigit(value, i)
		}
		yield(p)
		yield(upper(p))
	case url, json:
		for _, digits := range []func([]byte) []byte{func(b []byte) []byte { return b }, upper} {
			e := escaper{form: f, n: n, digits: digits, yield: yield}
			e.extend(nil, value)
		}
	default:
		for _, alphabet := range []string{base64Standard, base64URL} {
			at := int(f - base64At0)
			p := make([]byte, n)
			for i := range p {
				p[i] = alphabet[sextetAt(value, 6*(firstBase64[at]+i)-8*at)]
			}
			yield(p)
		}
	}
}

const (
	base64Letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	base64Standard = base64Letters + "+/"
	base64URL      = base64Letters + "-_"
)

func upper(b []byte) []byte { return []byte(strings.ToUpper(string(b))) }

// escaper finds the beginnings of an escaped form.
type escaper struct {
	form   form
	n      int
	digits func([]byte) []byte // the case of hexadecimal digits
	yield  func([]byte)
}

// extend goes on from a beginning by what the next character of rest can be written as.
func (e *escaper) extend(begun, rest []byte) {
	if len(begun) >= e.n {
		e.yield(begun[:e.n])
		return
	}
	next := func(text []byte, size int) { e.extend(append(begun[:len(begun):len(begun)], text...), rest[size:]) }
	b := rest[0]
	switch {
	case e.form == url:
		if plainInURL(b) {
			next(rest[:1], 1)
		}
		if b == ' ' {
			next([]byte{'+'}, 1)
		}
		if escapedInURL(b) {
			next(append([]byte{'%'}, e.digits([]byte{hexDigit(rest, 0), hexDigit(rest, 1)})...), 1)
		}
	default:
		if b != '\\' && b != '"' && b >= ' ' {
			_, size := utf8.DecodeRune(rest)
			next(rest[:size], size)
		}
		if c := jsonEscape[b]; c != 0 {
			next([]byte{'\\', c}, 1)
		}
		if escapedInJSON(b) {
			escape, size := unicodeEscape(rest)
			text := append([]byte(nil), escape...)
			for i := 0; i < len(text); i += 6 {
				copy(text[i+2:], e.digits(escape[i+2:i+6]))
			}
			next(text, size)
		}
	}
}

func letterOrDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= lower(b) && lower(b) <= 'z'
}

func plainInURL(b byte) bool   { return b > ' ' && b != '%' && b < 0x7f }
func escapedInURL(b byte) bool { return !letterOrDigit(b) && b != '-' && b != '_' && b != '.' }

// escapedInJSON says whether an encoder may write the character that begins with b by its number.
func escapedInJSON(b byte) bool {
	return b < ' ' || b >= 0x7f || strings.IndexByte(`"\/<>&'`, b) >= 0
}
