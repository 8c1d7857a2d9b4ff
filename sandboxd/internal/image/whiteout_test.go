package image_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// importRoot imports an image of these layers, the lowest first, and returns where it is unpacked.
func importRoot(t testing.TB, s *image.Store, layers ...[]entry) runtime.RootFS {
	t.Helper()
	var all []layer
	for _, entries := range layers {
		all = append(all, gzipLayer(t, entries...))
	}
	if _, err := s.Import(t.Context(), "app", bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, all...)))); err != nil {
		t.Fatal(err)
	}
	_, root, err := s.Ensure(t.Context(), "app")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestLayersOnEachOther(t *testing.T) {
	base := []entry{dir("d"), file("d/a", "1"), file("d/b", "1"), dir("e"), file("e/c", "1"), file("f", "1")}
	for what, c := range map[string]struct {
		upper []entry
		want  map[string]string
	}{
		"a-file-more":      {[]entry{file("d/n", "2")}, map[string]string{"d/a": "1", "d/b": "1", "d/n": "2", "e/c": "1", "f": "1"}},
		"a-file-replaced":  {[]entry{file("d/a", "2")}, map[string]string{"d/a": "2", "d/b": "1", "e/c": "1", "f": "1"}},
		"a-file-gone":      {[]entry{file("d/.wh.a", "")}, map[string]string{"d/b": "1", "e/c": "1", "f": "1"}},
		"a-directory-gone": {[]entry{file(".wh.d", "")}, map[string]string{"e/c": "1", "f": "1"}},
		"an-opaque-directory": {
			[]entry{dir("d"), file("d/.wh..wh..opq", ""), file("d/n", "2")}, map[string]string{"d/n": "2", "e/c": "1", "f": "1"},
		},
		"an-opaque-directory-said-late": {
			[]entry{dir("d"), file("d/n", "2"), file("d/.wh..wh..opq", "")}, map[string]string{"d/n": "2", "e/c": "1", "f": "1"},
		},
		"a-directory-in-place-of-a-file": {[]entry{dir("f"), file("f/n", "2")}, map[string]string{"d/a": "1", "d/b": "1", "e/c": "1", "f/n": "2"}},
		"a-file-in-place-of-a-directory": {[]entry{file("d", "2")}, map[string]string{"d": "2", "e/c": "1", "f": "1"}},
		"whiteout-of-nothing":            {[]entry{file("d/.wh.none", "")}, map[string]string{"d/a": "1", "d/b": "1", "e/c": "1", "f": "1"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			wantFiles(t, mounted(t, importRoot(t, open(t, image.Config{}), base, c.upper)), c.want)
		})
	}
}

// Owners, modes and links come out as the layer has them.
func TestMetadataOfFiles(t *testing.T) {
	owned := file("home/app/rc", "1")
	owned.Uid, owned.Gid, owned.Mode = 1000, 1001, 0o640
	hard := owned // a hard link's header repeats what the file has
	hard.Typeflag, hard.Name, hard.Linkname, hard.content = tar.TypeLink, "hard", "home/app/rc", ""
	top := mounted(t, importRoot(t, open(t, image.Config{}), []entry{
		dir("home"), owned, hard, link(tar.TypeSymlink, "soft", "/home/app/rc"),
	}))
	got := seen(t, top)
	if want := "-rw-r----- 1000:1001 1 bytes 2 links"; !bytes.HasPrefix([]byte(got[filepath.Join(top, "home/app/rc")]), []byte(want)) {
		t.Errorf("the file is %s, want %s", got[filepath.Join(top, "home/app/rc")], want)
	}
	if target, err := os.Readlink(filepath.Join(top, "soft")); target != "/home/app/rc" {
		t.Errorf("the symbolic link leads to %q, %v", target, err)
	}
}
