package image_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/sandboxd/internal/image"
)

func TestConcurrentImports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	base := gzipLayer(t, file("base", "1"))
	done := make(chan error)
	const names, each = 4, 3
	for i := range names * each {
		b := build(t, recipe{}, base, gzipLayer(t, file("own", fmt.Sprint(i%names))))
		go func() {
			_, err := s.Import(t.Context(), fmt.Sprintf("app:%d", i%names), bytes.NewReader(ociArchive(t, nil, b)))
			done <- err
		}()
	}
	for range names * each {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for i := range names {
		_, root, err := s.Ensure(t.Context(), fmt.Sprintf("app:%d", i))
		if err != nil {
			t.Fatal(err)
		}
		wantFiles(t, mounted(t, root), map[string]string{"base": "1", "own": fmt.Sprint(i)})
	}
	wantStored(t, dir, 2*names, 1+2*names) // a manifest and a configuration, a layer and a pin each; and the base
}

// An upload that hangs holds up no other, even where both have files of the same name; and what came of it does no harm
// to the other.
func TestImportBesideOneThatHangs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	slow := tarOf(t, file("layer.tar", strings.Repeat("slow", 1<<16)))
	r, w := io.Pipe()
	hanging := make(chan error)
	go func() {
		_, err := s.Import(t.Context(), "slow", r)
		hanging <- err
	}()
	if _, err := w.Write(slow[:len(slow)/2]); err != nil { // it is in the middle of the file when this returns
		t.Fatal(err)
	}
	layer := tarOf(t, file("a", "1"))
	config := marshal(t, ocispec.Image{
		Platform: *build(t, recipe{}).Platform, RootFS: ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(layer)}},
	})
	manifest := `[{"Config":"config.json","Layers":["layer.tar"]}]`
	fine := tarOf(t, file("layer.tar", string(layer)), file("config.json", string(config)), file("manifest.json", manifest))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := s.Import(ctx, "fine", bytes.NewReader(fine)); err != nil {
		t.Errorf("beside an upload that hangs: %v", err)
	}
	lost := errors.New("connection lost")
	w.CloseWithError(lost)
	if err := <-hanging; !errors.Is(err, lost) {
		t.Errorf("the one that hung ended with %v", err)
	}
	wantStored(t, dir, 2, 2)
}
