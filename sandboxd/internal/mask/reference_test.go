package mask_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// reference masks the raw values by looking for all of them everywhere.
func reference(values []string, in string) string {
	type span struct{ from, to int }
	var spans []span
	for i := range len(in) {
		n := 0
		for _, v := range values {
			if strings.HasPrefix(in[i:], v) {
				n = max(n, len(v))
			}
		}
		switch last := len(spans) - 1; {
		case n == 0:
		case last >= 0 && i < spans[last].to:
			spans[last].to = max(spans[last].to, i+n)
		default:
			spans = append(spans, span{i, i + n})
		}
	}
	var out strings.Builder
	at := 0
	for _, s := range spans {
		out.WriteString(in[at:s.from] + mask.Replacement)
		at = s.to
	}
	return out.String() + in[at:]
}

// narrow maps s to an alphabet of four, so that values occur often, and none of an encoding's, so that those never do: no digit
// of hex or base64 but one, and nothing that is escaped in JSON.
func narrow(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = "!#$g"[b[i]%4]
	}
	return string(b)
}

func FuzzAgainstReference(f *testing.F) {
	f.Add("abcabcd", "cabcabd", "xxabcabcdabcyy", 3)
	f.Add("aaabcd", "aaaaabcd", "aaaaaaaaaaaabcdaaaabcd", 1)
	f.Add("abcdab", "cdabcd", "abcdabcdabcdabcd", 2)
	f.Fuzz(func(t *testing.T, v, w, in string, chunk int) {
		v, w, in = narrow(v), narrow(w), narrow(in)
		if chunk < 1 || !maskable(v) || !maskable(w) {
			return
		}
		if got, want := apply(masker(v, w), in, chunk), reference([]string{v, w}, in); got != want {
			t.Fatalf("values %q, %q: %q in chunks of %d became %q, want %q", v, w, in, chunk, got, want)
		}
	})
}

// FuzzNothingIsLost: where no value is, the output is the input; and with Pause at any place too, but for what is masked.
func FuzzNothingIsLost(f *testing.F) {
	f.Add("secret-value", "a text of se", 1)
	f.Add("secret-value", "secret-valu", 3)
	f.Fuzz(func(t *testing.T, v, in string, chunk int) {
		v, in = narrow(v), narrow(in)
		if chunk < 1 || !maskable(v) {
			return
		}
		s := masker(v).Stream()
		var out []byte
		for b := []byte(in); len(b) > 0; {
			n := min(chunk, len(b))
			out = s.Pause(s.Append(out, b[:n]))
			b = b[n:]
		}
		got := string(s.Flush(out))
		if !strings.Contains(in, v) && got != in {
			t.Fatalf("value %q: %q in chunks of %d became %q", v, in, chunk, got)
		}
		if strings.Contains(got, v) {
			t.Fatalf("value %q: %q in chunks of %d became %q, which has it whole", v, in, chunk, got)
		}
	})
}
