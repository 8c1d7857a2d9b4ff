package mask_test

import (
	"encoding/base64"
	"encoding/hex"
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
		"common value":  {[]string{"password", "000000"}, "password 000000", "password 000000"},
		"white space":   {[]string{" hunter2\n"}, "hunter2 aHVudGVyMgo= IGh1bnRlcjIK", "*** ***o= IG***K"},
		"raw":           {[]string{v}, "a " + v + " b " + v, "a *** b ***"},
		"hex":           {[]string{v}, h + " " + strings.ToUpper(h), "*** ***"},
		"base64":        {[]string{v}, std + " " + url, "***== ***=="},
		"unfinished":    {[]string{v}, "x " + v[:10], "x " + v[:10]},
		"false start":   {[]string{"aabaacd"}, "aabaabaacd", "aab***"},
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
