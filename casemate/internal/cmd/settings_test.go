package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

// TestKeyIsTheUsersAlone stores a key where something that others can read lies in the way.
func TestKeyIsTheUsersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path+".new", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeSettings(path, settings{APIKey: "key"}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}
