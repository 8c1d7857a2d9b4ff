package image_test

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// replace stores another image of one file under a name, and returns it and where it is unpacked.
func replace(t testing.TB, s *image.Store, name, content string) (image.Image, runtime.RootFS) {
	t.Helper()
	if _, err := s.Import(t.Context(), name, bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", content)))))); err != nil {
		t.Fatal(err)
	}
	img, root, err := s.Ensure(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return img, root
}

func collect(t testing.TB, s *image.Store, inUse ...string) {
	t.Helper()
	if err := s.Collect(t.Context(), func() []string { return inUse }); err != nil {
		t.Fatal(err)
	}
}

func TestReplacedImageStaysWhileItIsUsed(t *testing.T) {
	t.Parallel()
	cfg := image.Config{Dir: t.TempDir()}
	s, err := image.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	old, oldRoot := replace(t, s, "app", "old")
	_, newRoot := replace(t, s, "app", "new")
	check := func(when string) {
		t.Helper()
		t.Log(when)
		wantFiles(t, mounted(t, oldRoot), map[string]string{"a": "old"})
		wantFiles(t, mounted(t, newRoot), map[string]string{"a": "new"})
	}
	check("replaced")
	collect(t, s, old.Digest)
	check("collected while it is used")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	check("after a restart")
	collect(t, s, old.Digest, "", "sha256:unknown")
	check("collected after a restart, while it is used")
	collect(t, s)
	wantFiles(t, mounted(t, newRoot), map[string]string{"a": "new"})
	wantStored(t, cfg.Dir, 2, 2) // of the new one: manifest, configuration, layer, pin
}

// An image stays while any name stands for it.
func TestImageOfTwoNames(t *testing.T) {
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	replace(t, s, "one", "same")
	replace(t, s, "two", "same")
	replace(t, s, "one", "other")
	collect(t, s)
	_, root, err := s.Ensure(t.Context(), "two")
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, mounted(t, root), map[string]string{"a": "same"})
	wantStored(t, dir, 4, 4)
}

// Who is about to use an image and holds it has it, though it lost its name since.
func TestHeldImageStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	release := s.Hold()
	held, heldRoot := replace(t, s, "app", "held")
	replace(t, s, "app", "between")
	later := s.Hold() // can't get either of them any more
	replace(t, s, "app", "new")
	collect(t, s)
	wantFiles(t, mounted(t, heldRoot), map[string]string{"a": "held"})
	release()
	collect(t, s, held.Digest)
	wantFiles(t, mounted(t, heldRoot), map[string]string{"a": "held"})
	collect(t, s)
	wantStored(t, dir, 2, 2+2) // the name was lost to the layers of "between" while later held them
	later()
	collect(t, s)
	wantStored(t, dir, 2, 2)
	// It can come back.
	_, root := replace(t, s, "app", "held")
	wantFiles(t, mounted(t, root), map[string]string{"a": "held"})
}

// Images come and go under one name while sandboxes are made of them and unused ones are collected.
func TestCollectBesideEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	replace(t, s, "app", "0")
	var (
		work  sync.WaitGroup
		mu    sync.Mutex
		inUse = map[string]int{}
	)
	use := func(digest string, n int) {
		mu.Lock()
		defer mu.Unlock()
		if inUse[digest] += n; inUse[digest] == 0 {
			delete(inUse, digest)
		}
	}
	users := func() []string {
		mu.Lock()
		defer mu.Unlock()
		var all []string
		for digest := range inUse {
			all = append(all, digest)
		}
		return all
	}
	const rounds = 15
	for user := range 3 {
		work.Go(func() {
			for range rounds {
				release := s.Hold()
				img, root, err := s.Ensure(t.Context(), "app")
				if err != nil {
					t.Errorf("user %d: %v", user, err)
					release()
					return
				}
				use(img.Digest, 1)
				release()
				for _, l := range root.Layers {
					if _, err := os.Stat(l + "/a"); err != nil {
						t.Errorf("an image that is used: %v", err)
					}
				}
				use(img.Digest, -1)
			}
		})
	}
	archives := make([][]byte, 3)
	for i := range archives {
		archives[i] = ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", fmt.Sprint(i)))))
	}
	work.Go(func() {
		for i := range rounds {
			if _, err := s.Import(t.Context(), "app", bytes.NewReader(archives[i%len(archives)])); err != nil {
				t.Errorf("import: %v", err)
			}
		}
	})
	work.Go(func() {
		for range rounds {
			if err := s.Collect(t.Context(), users); err != nil {
				t.Errorf("collect: %v", err)
			}
		}
	})
	work.Wait()
	collect(t, s)
	wantStored(t, dir, 2, 2)
}
