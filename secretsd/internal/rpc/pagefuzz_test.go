package rpc

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// FuzzPageToken gives tokens of every kind to every kind of list. One that pageToken made leads back to its item, in its own
// list only; any other is refused with words about page_token that do not repeat it.
func FuzzPageToken(f *testing.F) {
	f.Add("teams", "ml", "x")
	f.Add("teams/ml/secrets", "HF_TOKEN", pageToken("teams/ml/secrets", "HF_TOKEN"))
	f.Add("teams/ml/apiKeys", "12.k", pageToken("teams/ml/apiKeys", "-9223372036854775808."))
	f.Add("", "9223372036854775807", pageToken("", "99999999999999999999"))
	f.Fuzz(func(t *testing.T, list, after, token string) {
		if after != "" {
			if got, err := pageStart(list, pageToken(list, after)); err != nil || got != after {
				t.Fatalf("the token after %q leads to %q, %v", after, got, err)
			}
			if got, err := pageStart(list+"x", pageToken(list, after)); err == nil {
				t.Fatalf("a token of list %q leads to %q in another list", list, got)
			}
		}
		got, err := pageStart(list, token)
		if err == nil && token != "" && (got == "" || tokenCheck(list, got) == nil) {
			t.Fatalf("token %q leads to nothing", token)
		}
		n, nerr := pageStartNumber(list, token)
		key, kerr := pageStartKey(list, token)
		for _, err := range []error{err, nerr, kerr} {
			if err != nil && (errdefs.KindOf(err) != errdefs.InvalidArgument || err.Error() != errPageToken().Error()) {
				t.Fatalf("token %q: %v", token, err)
			}
		}
		if nerr != nil && n != 0 || kerr != nil && key != (secret.KeyPosition{}) {
			t.Fatalf("a refused token leads to %d, %v", n, key)
		}
		if kerr == nil && token != "" && (key.ID == "" || key.CreateTime.Location() != time.UTC) {
			t.Fatalf("token %q leads to the key %v", token, key)
		}
	})
}
