package image_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/image"
)

// seen is what there is below a directory: each path's mode, owner, size, links and time of change.
func seen(t testing.TB, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		all[path] = fmt.Sprintf("%v %d:%d %d bytes %d links, changed %d.%d", info.Mode(), st.Uid, st.Gid, st.Size, st.Nlink, st.Ctim.Sec, st.Ctim.Nsec)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestHostilePaths unpacks layers that try to reach a directory beside the store's. Whether a layer is refused or its
// paths are taken as below its own root: nothing outside of the store changes, nor gets another name.
func TestHostilePaths(t *testing.T) {
	const up = "../../../../../../../../../../../../../.."
	for what, layers := range map[string]func(outside string) [][]entry{
		"dots": func(o string) [][]entry {
			return [][]entry{{file(up+o+"/victim", "owned"), file(up+o+"/new", "owned"), file("a/../"+up+o+"/victim", "owned")}}
		},
		"absolute": func(o string) [][]entry { return [][]entry{{file(o+"/victim", "owned"), file("//"+o+"/new", "owned")}} },
		"symlink-and-through-it": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeSymlink, "in", o), file("in/victim", "owned"), file("in/new", "owned"), dir("in")}}
		},
		"symlink-of-a-lower-layer": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeSymlink, "in", o), link(tar.TypeSymlink, "one", o+"/victim")}, {file("in/victim", "owned"), file("in/new", "owned"), file("one", "owned")}}
		},
		"symlink-by-dots": func(o string) [][]entry {
			return [][]entry{{dir("a"), link(tar.TypeSymlink, "a/in", "../"+up+o), file("a/in/victim", "owned"), file("a/in/new", "owned")}}
		},
		"chain-of-symlinks": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeSymlink, "a", "b"), link(tar.TypeSymlink, "b", o), file("a/victim", "owned"), file("a/b/new", "owned")}}
		},
		"hard-link": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeLink, "mine", o+"/victim")}}
		},
		"hard-link-by-dots": func(o string) [][]entry { return [][]entry{{link(tar.TypeLink, "mine", up+o+"/victim")}} },
		"hard-link-by-symlink": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeSymlink, "in", o), link(tar.TypeLink, "mine", "in/victim"), file("mine", "owned")}}
		},
		"mode-by-symlink": func(o string) [][]entry {
			link := link(tar.TypeSymlink, "in", o+"/victim")
			link.Mode, link.Uid, link.PAXRecords = 0o4777, 1000, map[string]string{"SCHILY.xattr.user.owned": "yes"}
			return [][]entry{{link}}
		},
		"whiteouts": func(o string) [][]entry {
			return [][]entry{
				{link(tar.TypeSymlink, "in", o)},
				{file("in/.wh.victim", ""), file("in/.wh..wh..opq", ""), file(up+o+"/.wh.victim", "")},
			}
		},
		"whiteouts-of-the-first-layer": func(o string) [][]entry {
			return [][]entry{{link(tar.TypeSymlink, "in", o), file("in/.wh.victim", ""), file("in/.wh..wh..opq", ""), file(up+o+"/.wh.victim", "")}}
		},
		"whiteouts-with-dots": func(string) [][]entry { return [][]entry{{file(".wh...", "")}} },
		"opaque-root":         func(string) [][]entry { return [][]entry{{file("a", "1")}, {file(".wh..wh..opq", "")}} },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			at := t.TempDir()
			outside, store := filepath.Join(at, "outside"), filepath.Join(at, "store")
			for _, d := range []string{outside, store} {
				if err := os.Mkdir(d, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(outside, "victim"), []byte("safe"), 0o600); err != nil {
				t.Fatal(err)
			}
			before := seen(t, outside)
			s := open(t, image.Config{Dir: store})
			var all []layer
			for _, entries := range layers(outside) {
				all = append(all, gzipLayer(t, entries...))
			}
			_, err := s.Import(t.Context(), "hostile", bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, all...))))
			if d := cmp.Diff(before, seen(t, outside)); d != "" {
				t.Errorf("outside of the store (-before +after):\n%s", d)
			}
			if entries, _ := os.ReadDir(at); len(entries) != 2 {
				t.Errorf("beside the store there is %v", entries)
			}
			if err != nil {
				t.Logf("refused: %v", err)
				wantNothingLeft(t, store)
				return
			}
			// What was taken holds no file of outside under another name either.
			for path, info := range seen(t, store) {
				if content, _ := os.ReadFile(path); string(content) == "safe" && !strings.HasPrefix(info, "L") {
					t.Errorf("%s has the content of a file outside", path)
				}
			}
		})
	}
}

// Special files are unpacked as they are. They are harmless while the store's directory keeps others out and sandboxes
// mount the layers with nodev and nosuid.
func TestSpecialFiles(t *testing.T) {
	at := t.TempDir()
	s := open(t, image.Config{Dir: filepath.Join(at, "store")})
	setuid := file("su", "#!")
	setuid.Mode = 0o4755
	root := importRoot(t, s, []entry{
		setuid,
		{tar.Header{Typeflag: tar.TypeBlock, Name: "disk", Mode: 0o666, Devmajor: 8}, ""},
		{tar.Header{Typeflag: tar.TypeChar, Name: "mem", Mode: 0o666, Devmajor: 1, Devminor: 1}, ""},
		{tar.Header{Typeflag: tar.TypeFifo, Name: "fifo", Mode: 0o666}, ""},
	})
	info, err := os.Stat(filepath.Join(at, "store"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the store's directory has mode %v: others can run its set-user-id files and open its devices", info.Mode())
	}
	top := mounted(t, root)
	for name, want := range map[string]fs.FileMode{"su": fs.ModeSetuid | 0o755, "fifo": fs.ModeNamedPipe | 0o666} {
		if info, err := os.Lstat(filepath.Join(top, name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want mode %v", name, info, err, want)
		}
	}
	for _, device := range []string{"disk", "mem"} {
		if f, err := os.Open(filepath.Join(top, device)); err == nil {
			f.Close()
			t.Errorf("%s can be opened", device)
		}
	}
}

// Overlayfs believes attributes of its own in a layer: with them an image could hide or redirect what is below.
func TestOverlayAttributesAreDropped(t *testing.T) {
	s := open(t, image.Config{})
	attributed := dir("d")
	attributed.PAXRecords = map[string]string{
		"SCHILY.xattr.trusted.overlay.opaque": "y", "SCHILY.xattr.trusted.overlay.redirect": "/etc", "SCHILY.xattr.trusted.overlay.metacopy": "",
		"SCHILY.xattr.user.overlay.opaque": "y", "SCHILY.xattr.trusted.overlay.overlay.opaque": "y",
		"SCHILY.xattr.user.kept": "yes",
	}
	root := importRoot(t, s, []entry{dir("d"), file("d/below", "1")}, []entry{attributed})
	names := make([]byte, 4096)
	n, err := unix.Llistxattr(filepath.Join(root.Layers[0], "d"), names)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(names[:n]), "user.kept\x00"; got != want {
		t.Errorf("attributes %q, want %q", got, want)
	}
	wantFiles(t, mounted(t, root), map[string]string{"d/below": "1"})
}
