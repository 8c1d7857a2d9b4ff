package envelope

import (
	"encoding/hex"
	"testing"
)

// TestAAD holds the bytes of the package comment still. They are inside what AES-GCM authenticates, so only a test from
// within can see them.
func TestAAD(t *testing.T) {
	if got, want := hex.EncodeToString(valueAAD("ml", "uid", 258)),
		"00000011"+hex.EncodeToString([]byte("casemate.value.v1"))+"00000002"+hex.EncodeToString([]byte("ml"))+
			"00000003"+hex.EncodeToString([]byte("uid"))+"0000000000000102"; got != want {
		t.Errorf("AAD of a value %s, want %s", got, want)
	}
	if got, want := hex.EncodeToString(dekAAD("ml")),
		"0000000f"+hex.EncodeToString([]byte("casemate.dek.v1"))+"00000002"+hex.EncodeToString([]byte("ml")); got != want {
		t.Errorf("AAD of a data key %s, want %s", got, want)
	}
}
