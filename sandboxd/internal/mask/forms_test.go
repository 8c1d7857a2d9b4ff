package mask_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/casemate/casemate/pkg/masking"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// encoders write a text as programs do, without what they put around it.
var encoders = map[string]func(string) string{
	"raw":                  func(s string) string { return s },
	"hex":                  func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":                  func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"base64":               func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 without pad":   func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64url":            func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 in lines":      func(s string) string { return inLines(base64.StdEncoding.EncodeToString([]byte(s)), "\n") },
	"base64 in MIME lines": func(s string) string { return inLines(base64.StdEncoding.EncodeToString([]byte(s)), "\r\n") },
	"Go's query":           url.QueryEscape,
	"Go's path":            url.PathEscape,
	"lower-case query":     func(s string) string { return percent(s, "-_.~", "%%%02x") },
	"Python's quote":       func(s string) string { return percent(s, "-_.~/", "%%%02X") },
	"encodeURIComponent":   func(s string) string { return percent(s, "-_.!~*'()", "%%%02X") },
	"encodeURI":            func(s string) string { return percent(s, "-_.!~*'();/?:@&=+$,#", "%%%02X") },
	"Go's JSON": func(s string) string {
		b, _ := json.Marshal(s)
		return string(b[1 : len(b)-1])
	},
	"JSON.stringify": func(s string) string {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(s)
		return b.String()[1 : b.Len()-2]
	},
	"Python's JSON": func(s string) string { return ascii(s, "\\u%04x") },
	"JSON in upper case with slashes": func(s string) string {
		return strings.ReplaceAll(ascii(s, "\\u%04X"), "/", `\/`)
	},
}

func maskable(v string) bool { return masking.Check(redact.New([]byte(v))) == masking.None }

func inLines(s, end string) string {
	var b strings.Builder
	for ; len(s) > 76; s = s[76:] {
		b.WriteString(s[:76] + end)
	}
	return b.String() + s
}

func percent(s, plain, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, format, c)
		}
	}
	return b.String()
}

func ascii(s, format string) string {
	var b strings.Builder
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}
	for _, r := range s {
		if e := short[r]; e != "" {
			b.WriteString(e)
		} else if r >= ' ' && r < 0x7f {
			b.WriteRune(r)
		} else {
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, format, u)
			}
		}
	}
	return b.String()
}

var awkward = []string{
	"hf_AbCdEf0123456789", "p@ss w/rd+%25", `quote"back\slash`, "naïve-schlüssel-€", "clef 🔑 de 🏠", "tab\tline\nline two",
	"<a href='x'>&amp;</a>", "postgres://ada:s3cr3t@db.example:5432/x?y=z", "%41%42%43", "\x01\x02\x7f control", "+ + b a",
	strings.Repeat("long 0123456789/+\"", 40),
}

func TestEveryFormOfAwkwardValues(t *testing.T) {
	for _, v := range awkward {
		m := masker(v)
		for name, encode := range encoders {
			text := encode(v)
			for _, chunk := range []int{1, 2, 3, 7, len(text) + 9} {
				got := apply(m, "<<< "+text+" >>>", chunk)
				want := "<<< " + mask.Replacement + strings.Repeat("=", strings.Count(text, "=")*bit(strings.HasPrefix(name, "base64"))) + " >>>"
				if got != want {
					t.Errorf("%s of %.30q in chunks of %d: %q, want %q", name, v, chunk, got, want)
				}
			}
		}
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestValueInsideALargerEncodedText(t *testing.T) {
	for _, v := range awkward {
		m := masker(v)
		for name, encode := range encoders {
			for before := range 4 {
				for after := range 3 {
					text := encode(strings.Repeat("u", before) + v + strings.Repeat("z", after))
					got := apply(m, text, 5)
					// What is left belongs to the neighbours, or is a character of base64 that is shared with one.
					if !strings.Contains(got, mask.Replacement) || len(got) > len(mask.Replacement)+3*(before+after+3) {
						t.Errorf("%s of %.30q between %d and %d bytes: %s became %s", name, v, before, after, text, got)
					}
				}
			}
		}
	}
}

func TestLinesOfAValue(t *testing.T) {
	const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nshort==\n-----END PRIVATE KEY-----\n"
	m := masker(pem)
	for in, want := range map[string]string{
		pem:                                   "***\n",
		strings.ReplaceAll(pem, "\n", "\r\n"): "-----BEGIN PRIVATE KEY-----\r\n***\r\n***\r\nshort==\r\n-----END PRIVATE KEY-----\r\n",
		"-----BEGIN PRIVATE KEY-----\n":       "-----BEGIN PRIVATE KEY-----\n",
		"  key: BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj": "  key: ***",
	} {
		if got := apply(m, in, 7); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzFormsAreMasked(f *testing.F) {
	for _, v := range awkward {
		f.Add(v, "x", "y", 3)
	}
	f.Fuzz(func(t *testing.T, v, before, after string, chunk int) {
		v = strings.ToValidUTF8(v, "?")
		if chunk < 1 || !maskable(v) {
			return
		}
		v = string(masking.Value([]byte(v)))
		m := masker(v)
		for name, encode := range encoders {
			text := encode(v)
			if whole := apply(m, text, len(text)); strings.Trim(whole, "=") != mask.Replacement {
				t.Fatalf("%s of %q, %q, became %q", name, v, text, whole)
			}
			in := before + text + after
			got := apply(m, in, chunk)
			if whole := apply(m, in, len(in)); got != whole {
				t.Fatalf("%s of %q: %q in chunks of %d became %q, at once %q", name, v, in, chunk, got, whole)
			}
		}
	})
}
