package canary

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// The search itself must find what it is for, in each form, or the canary could not sing.
func TestSearchFinds(t *testing.T) {
	const marker = "canary-0123456789abcdef-0123456789abcdef"
	for name, text := range map[string]string{
		"raw":      "x" + marker + "y",
		"hex":      "x" + hex.EncodeToString([]byte(marker)),
		"base64":   base64.StdEncoding.EncodeToString([]byte("a longer text with " + marker + " inside")),
		"base64-1": base64.StdEncoding.EncodeToString([]byte("a longer text, with " + marker + " inside")),
		"base64-2": base64.URLEncoding.EncodeToString([]byte("a longer text, with, " + marker + " inside")),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h := newHaystack(marker)
		if err := h.searchTree(dir, nil); err != nil {
			t.Fatal(err)
		}
		if len(h.found) != 1 {
			t.Errorf("%s: found %q, want one place", name, h.found)
		}
	}
	h := newHaystack(marker)
	if h.search("clean", []byte("canary-0123456789abcdef-")); len(h.found) != 0 {
		t.Errorf("found %q in a text without the marker", h.found)
	}
}
