package image_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// open opens a store in a directory of the test, closed with it.
func open(t testing.TB, cfg image.Config) *image.Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := image.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

// wantError checks an error's kind and reason, and the whole sentence that people read.
func wantError(t testing.TB, err error, kind errdefs.Kind, reason, message string) {
	t.Helper()
	e, ok := errdefs.As(err)
	if !ok {
		t.Fatalf("error %v: want one with the reason %s", err, reason)
	}
	if e.Kind != kind || e.Reason != reason {
		t.Errorf("kind %v and reason %s, want %v and %s\nthe whole: %v", e.Kind, e.Reason, kind, reason, err)
	}
	if e.Message != message {
		t.Errorf("it says\n\t%s\nwant\n\t%s\nthe whole: %v", e.Message, message, err)
	}
}

// wantStored checks how many packed parts, unfinished parts and layers a store's directory holds.
func wantStored(t testing.TB, dir string, blobs, snapshots int) {
	t.Helper()
	for _, c := range []struct {
		what, path string
		want       int
	}{
		{"stored blobs", "content/blobs/*/*", blobs},
		{"unfinished blobs", "content/ingest/*", 0},
		{"directories of layers", "overlay/snapshots/*", snapshots},
	} {
		found, err := filepath.Glob(filepath.Join(dir, c.path))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != c.want {
			t.Errorf("%d %s, want %d:\n\t%s", len(found), c.what, c.want, strings.Join(found, "\n\t"))
		}
	}
}

// wantNothingLeft checks that a store that holds no image takes no room either.
func wantNothingLeft(t testing.TB, dir string) {
	t.Helper()
	wantStored(t, dir, 0, 0)
}

// mounted stacks an image's layers the way the kernel does it for a sandbox, read-only, and returns where.
func mounted(t testing.TB, root runtime.RootFS) string {
	t.Helper()
	at, bottom := t.TempDir(), t.TempDir()
	// The kernel wants at least two layers.
	options := "lowerdir=" + strings.Join(append(root.Layers[:len(root.Layers):len(root.Layers)], bottom), ":")
	if err := unix.Mount("overlay", at, "overlay", unix.MS_RDONLY|unix.MS_NODEV|unix.MS_NOSUID, options); err != nil {
		t.Fatalf("mounting the layers, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, 0); err != nil {
			t.Errorf("unmounting the layers: %v", err)
		}
	})
	return at
}

// wantFiles checks that a directory has exactly these regular files, by path and content.
func wantFiles(t testing.TB, root string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		got[strings.TrimPrefix(path, root+"/")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range want {
		if c, ok := got[path]; !ok {
			t.Errorf("%s is not there", path)
		} else if c != content {
			t.Errorf("%s has %q, want %q", path, c, content)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			t.Errorf("%s is there and should not be", path)
		}
	}
}
