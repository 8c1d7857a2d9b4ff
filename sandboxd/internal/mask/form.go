package mask

import "unicode/utf8"

// form is a way in which a value can be written.
type form uint8

const (
	raw form = iota
	// hexadecimal has digits of either case.
	hexadecimal
	// base64At0, 1 and 2 are base64, standard or for URLs, of a text in which the value begins at a position that leaves this
	// rest when it is divided by 3. Lines may end anywhere in it but in the first characters.
	base64At0
	base64At1
	base64At2
	// url is percent-encoded by any rule of what need not be, with a space as %20 or +.
	url
	// json is within a JSON string, by any rule of what is escaped.
	json
)

// match compares text with the value in a form. n is the length of the value's form that text begins with, 0 when it does not.
// more says that text ends before that is known: it may go on to be the form, or a longer one.
func (f form) match(value, text []byte) (n int, more bool) {
	switch f {
	case raw:
		return matchRaw(value, text)
	case hexadecimal:
		return matchHex(value, text)
	case url:
		return matchURL(value, text)
	case json:
		return matchJSON(value, text)
	default:
		return matchBase64(value, text, int(f-base64At0))
	}
}

func matchRaw(value, text []byte) (int, bool) {
	n := min(len(value), len(text))
	if string(text[:n]) != string(value[:n]) {
		return 0, false
	}
	if n < len(value) {
		return 0, true
	}
	return n, false
}

func matchHex(value, text []byte) (int, bool) {
	for i := range 2 * len(value) {
		if i == len(text) {
			return 0, true
		}
		if lower(text[i]) != hexDigit(value, i) {
			return 0, false
		}
	}
	return 2 * len(value), false
}

// hexDigit is the i-th digit of the value in lower case.
func hexDigit(value []byte, i int) byte {
	const digits = "0123456789abcdef"
	return digits[value[i/2]>>(4-4*(i%2))&15]
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// firstBase64 is the first character that the value alone decides, by the position that it begins at.
var firstBase64 = [3]int{0, 2, 3}

func matchBase64(value, text []byte, at int) (int, bool) {
	i := 0
	for k := firstBase64[at]; ; k++ {
		bit := 6*k - 8*at // of the value
		left := 8*len(value) - bit
		if left <= 0 {
			return i, false
		}
		end := i
		for i > 0 && i < len(text) && (text[i] == '\n' || text[i] == '\r') {
			i++
		}
		switch {
		case i == len(text) && left < 6: // the character that it shares with what follows
			return end, true
		case i == len(text):
			return 0, true
		case sextet(text[i]) < 0 || (sextet(text[i])^sextetAt(value, bit))&(-1<<max(6-left, 0)&63) != 0:
			if left < 6 {
				return end, false
			}
			return 0, false
		}
		i++
	}
}

// sextetAt returns the six bits of value from a bit on, zeros behind its end.
func sextetAt(value []byte, bit int) int {
	w := int(value[bit/8]) << 8
	if bit/8+1 < len(value) {
		w |= int(value[bit/8+1])
	}
	return w >> (10 - bit%8) & 63
}

// sextet is what a character of base64 stands for, -1 where it is none.
func sextet(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

func matchURL(value, text []byte) (int, bool) {
	i := 0
	for j := range value {
		switch {
		case i == len(text):
			return 0, true
		case text[i] == '%': // it never stands for itself
			for k := range 2 {
				if i++; i == len(text) {
					return 0, true
				}
				if lower(text[i]) != hexDigit(value[j:], k) {
					return 0, false
				}
			}
		case text[i] != value[j] && (value[j] != ' ' || text[i] != '+'):
			return 0, false
		}
		i++
	}
	return i, false
}

func matchJSON(value, text []byte) (int, bool) {
	i := 0
	for j := 0; j < len(value); {
		switch {
		case i == len(text):
			return 0, true
		case text[i] != '\\': // it never stands for itself
			if text[i] != value[j] {
				return 0, false
			}
			i, j = i+1, j+1
		case i+1 == len(text):
			return 0, true
		case text[i+1] != 'u':
			if text[i+1] != jsonEscape[value[j]] || text[i+1] == 0 {
				return 0, false
			}
			i, j = i+2, j+1
		default:
			escape, size := unicodeEscape(value[j:])
			for k := range escape {
				if i == len(text) {
					return 0, true
				}
				if k == 1 && text[i] != 'u' || lower(text[i]) != escape[k] {
					return 0, false
				}
				i++
			}
			j += size
		}
	}
	return i, false
}

// jsonEscape is the character that stands behind the backslash for a byte; 0 where there is none.
var jsonEscape = [256]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '"': '"', '/': '/', '\\': '\\'}

// unicodeEscape returns \u and the digits, in lower case, of the first character of value, twice where it takes two units of
// UTF-16; and the character's bytes. Of what is no UTF-8 it is the replacement character's, which is what encoders write.
func unicodeEscape(value []byte) (escape []byte, size int) {
	r, size := utf8.DecodeRune(value)
	unit := func(u rune) {
		escape = append(escape, '\\', 'u')
		for i := range 4 {
			escape = append(escape, hexDigit([]byte{byte(u >> 8), byte(u)}, i))
		}
	}
	if r >= 0x10000 {
		unit(0xd800 + (r-0x10000)>>10)
		unit(0xdc00 + (r-0x10000)&0x3ff)
	} else {
		unit(r)
	}
	return escape, size
}
