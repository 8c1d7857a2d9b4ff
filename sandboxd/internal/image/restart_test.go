package image_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

func TestImagesSurviveARestart(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	cfg := image.Config{Dir: t.TempDir(), InsecureRegistries: []string{reg.host()}}
	s, err := image.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"imported:1", reg.push(build(t, recipe{}, gzipLayer(t, file("a", "pulled")), gzipLayer(t, file("b", "2"))), "app", "1")}
	if _, err := s.Import(t.Context(), names[0], bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", "imported")))))); err != nil {
		t.Fatal(err)
	}
	roots := map[string]runtime.RootFS{}
	for _, name := range names {
		if _, roots[name], err = s.Ensure(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	reg.Close()

	s = open(t, cfg)
	after, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("the list of images (-before +after):\n%s", d)
	}
	for _, name := range names {
		_, root, err := s.Ensure(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(roots[name], root); d != "" {
			t.Errorf("where %s is unpacked (-before +after):\n%s", name, d)
		}
	}
	wantFiles(t, roots[names[1]].Layers[1], map[string]string{"a": "pulled"})
	wantStored(t, cfg.Dir, 4, 3+2)
}

// An image that can't be read any more keeps no other from being used, and can be stored again.
func TestDamagedStore(t *testing.T) {
	t.Parallel()
	cfg := image.Config{Dir: t.TempDir()}
	s, err := image.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	archives := map[string][]byte{}
	for _, name := range []string{"lost", "fine"} {
		archives[name] = ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", name))))
		if _, err := s.Import(t.Context(), name, bytes.NewReader(archives[name])); err != nil {
			t.Fatal(err)
		}
	}
	lost, err := s.Get(t.Context(), "lost")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(cfg.Dir, "content/blobs/sha256", lost.Digest[len("sha256:"):])); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	if all, err := s.List(t.Context()); err != nil || len(all) != 1 || all[0].Name != "fine:latest" {
		t.Errorf("the store lists %v, %v", all, err)
	}
	if _, err := s.Import(t.Context(), "lost", bytes.NewReader(archives["lost"])); err != nil {
		t.Fatalf("storing it again: %v", err)
	}
	_, root, err := s.Ensure(t.Context(), "lost")
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, mounted(t, root), map[string]string{"a": "lost"})
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, image.Config{Dir: dir})
	_, err := image.Open(image.Config{Dir: dir})
	want := "opening the image store in " + dir + ": another process has it open; stop that one, or use another directory"
	if err == nil || err.Error() != want {
		t.Errorf("opened again: %v, want %s", err, want)
	}
}

func TestColonInThePath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a:b")
	_, err := image.Open(image.Config{Dir: dir})
	want := "opening the image store in " + dir + ": its path has a colon, which lists of layers are separated by; use another directory"
	if err == nil || err.Error() != want {
		t.Errorf("opened: %v, want %s", err, want)
	}
}
