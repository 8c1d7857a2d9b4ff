package wholefile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/wholefile"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsLeftThere has something lie where the new file is written: a file that others can read, whoever has it open, and a
// link to somewhere else.
func TestWhatIsLeftThere(t *testing.T) {
	dir := t.TempDir()
	path, elsewhere := filepath.Join(dir, "key"), filepath.Join(dir, "elsewhere")
	for name, leave := range map[string]func() error{
		"nothing": func() error { return nil },
		"a file":  func() error { return os.WriteFile(path+".new", []byte("left"), 0o644) },
		"a link":  func() error { return os.Symlink(elsewhere, path+".new") },
	} {
		t.Run(name, func(t *testing.T) {
			must(t, leave())
			open, err := os.Open(path + ".new")
			if err == nil {
				defer open.Close()
			}
			must(t, wholefile.Replace(path, []byte("secret"), 0o600))
			got, err := wholefile.ReadPrivate(path, "key")
			if err != nil || string(got) != "secret" {
				t.Errorf("the file holds %q, %v", got, err)
			}
			if open != nil {
				if text, err := io.ReadAll(open); err != nil || string(text) != "left" {
					t.Errorf("who had the file open reads %q, %v", text, err)
				}
			}
			for _, other := range []string{elsewhere, path + ".new"} {
				if _, err := os.Lstat(other); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v, want no such file", other, err)
				}
			}
		})
	}
}

func TestPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := wholefile.ReadPrivate(path, "key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	must(t, os.WriteFile(path, []byte("secret"), 0o600))
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620} {
		must(t, os.Chmod(path, mode))
		if _, err := wholefile.ReadPrivate(path, "key"); err == nil || !strings.Contains(err.Error(), "the key must be a file that only its owner can read") {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if _, err := wholefile.ReadPrivate(filepath.Dir(path), "key"); err == nil {
		t.Error("a directory is read")
	}
}
