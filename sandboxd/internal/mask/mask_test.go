package mask_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

func masker(values ...string) *mask.Masker {
	var v []redact.Bytes
	for _, s := range values {
		v = append(v, redact.New([]byte(s)))
	}
	return mask.New(v)
}

func apply(m *mask.Masker, in string, chunk int) string {
	s := m.Stream()
	var out []byte
	for b := []byte(in); len(b) > 0; {
		n := min(chunk, len(b))
		out = s.Append(out, b[:n])
		b = b[n:]
	}
	return string(s.Flush(out))
}

func TestMask(t *testing.T) {
	const v = "hf_Secret+Value/42?"
	std, url := base64.StdEncoding.EncodeToString([]byte(v)), base64.URLEncoding.EncodeToString([]byte(v))
	h := hex.EncodeToString([]byte(v))
	for name, c := range map[string]struct {
		values   []string
		in, want string
	}{
		"nothing":       {[]string{v}, "plain text\n", "plain text\n"},
		"no values":     {nil, v, v},
		"short value":   {[]string{"12345"}, "12345", "12345"},
		"raw":           {[]string{v}, "a " + v + " b " + v, "a *** b ***"},
		"hex":           {[]string{v}, h + " " + strings.ToUpper(h), "*** ***"},
		"base64":        {[]string{v}, std + " " + url, "***== ***=="},
		"unfinished":    {[]string{v}, "x " + v[:10], "x " + v[:10]},
		"false start":   {[]string{"aabaac"}, "aabaabaac", "aab***"},
		"longest wins":  {[]string{"abcdef", "abcdefghij"}, "abcdefghij!abcdefgh", "***!***gh"},
		"overlap":       {[]string{"abcdef", "defghi"}, "xabcdefghix", "x***x"},
		"neighbours":    {[]string{"abcdef"}, "abcdefabcdef", "******"},
		"within longer": {[]string{"bcdefg", "abcdefgh"}, "abcdefgXabcdefgh", "a***X***"},
	} {
		for chunk := 1; chunk <= len(c.in)+1; chunk++ {
			if got := apply(masker(c.values...), c.in, chunk); got != c.want {
				t.Errorf("%s, in chunks of %d: %q became %q, want %q", name, chunk, c.in, got, c.want)
			}
		}
	}
}

func TestMaskInsideEncodedText(t *testing.T) {
	const v = "correct-horse-battery"
	for before := range 4 {
		for after := range 4 {
			text := strings.Repeat("u", before) + v + strings.Repeat("z", after)
			enc := base64.StdEncoding.EncodeToString([]byte(text))
			got := apply(masker(v), enc, len(enc))
			if !strings.Contains(got, mask.Replacement) || len(got) > len(mask.Replacement)+16 {
				t.Errorf("value between %d and %d bytes: %s became %s", before, after, enc, got)
			}
		}
	}
}

func TestOnlyThePossibleBeginningIsHeldBack(t *testing.T) {
	s := masker("supersecret").Stream()
	if got := string(s.Append(nil, []byte("progress 50% super"))); got != "progress 50% " {
		t.Errorf("got %q", got)
	}
	if got := string(s.Append(nil, []byte("b!"))); got != "superb!" {
		t.Errorf("got %q", got)
	}
}

// reference masks the raw values by looking for all of them everywhere.
func reference(values []string, in string) string {
	type span struct{ from, to int }
	var spans []span
	for i := range in {
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

// narrow maps s to an alphabet of three, so that values occur often, and none of hex or base64, so that those never do.
func narrow(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = "!#%"[b[i]%3]
	}
	return string(b)
}

func FuzzAgainstReference(f *testing.F) {
	f.Add("abcabc", "cabcab", "xxabcabcabcyy", 3)
	f.Add("aaaaaa", "aaaaaaaab", "aaaaaaaaaaaaaaab", 1)
	f.Fuzz(func(t *testing.T, v, w, in string, chunk int) {
		if chunk < 1 || len(v) < mask.MinLength || len(w) < mask.MinLength {
			return
		}
		v, w, in = narrow(v), narrow(w), narrow(in)
		if got, want := apply(masker(v, w), in, chunk), reference([]string{v, w}, in); got != want {
			t.Fatalf("values %q, %q: %q in chunks of %d became %q, want %q", v, w, in, chunk, got, want)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var values []string
	for i := range 20 {
		values = append(values, fmt.Sprintf("sk-%d-abcdefghijklmnopqrstuvwxyz", i))
	}
	s := masker(values...).Stream()
	in := bytes.Repeat([]byte("epoch 12/100: loss 0.4312 accuracy 0.98 skipped 3 of 1000 steps\n"), 512)
	dst := make([]byte, 0, 2*len(in))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		dst = s.Append(dst[:0], in)
	}
}
