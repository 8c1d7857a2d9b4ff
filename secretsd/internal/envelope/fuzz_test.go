package envelope_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/secretsd/internal/envelope"
)

// FuzzSafe reads files that are no safe, or a damaged one, in the clear and with a lock. Nothing that is sealed opens but
// what was sealed, which is that of the vectors.
func FuzzSafe(f *testing.F) {
	var sealed vector
	for _, v := range readVectors(f) {
		f.Add([]byte(v.KEKFile), true)
		f.Add([]byte(v.KEKFile), false)
		f.Add([]byte(v.KEKFile)[:len(v.KEKFile)/2], true)
		if v.Key != "" {
			sealed = v
		}
	}
	lock := sealed.lock(f)
	f.Fuzz(func(t *testing.T, text []byte, locked bool) {
		path := filepath.Join(t.TempDir(), "kek.json")
		must(t, os.WriteFile(path, text, 0o600))
		if !locked {
			_, _ = envelope.NewSafe(path, nil).Load(t.Context())
			return
		}
		if kek, err := envelope.NewSafe(path, lock).Load(t.Context()); err == nil && kek.ID() != sealed.KEKID {
			t.Errorf("a sealed file that nobody wrote opens")
		}
	})
}
