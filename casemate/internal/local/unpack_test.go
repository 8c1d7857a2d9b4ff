package local_test

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/casemate/internal/local"
)

func archiveOf(t testing.TB, headers ...tar.Header) io.Reader {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len("evil"))
		}
		if h.Mode == 0 {
			h.Mode = 0o777
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, "evil"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

func file(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }
func dir(name string) tar.Header  { return tar.Header{Typeflag: tar.TypeDir, Name: name + "/"} }
func symlink(name, to string) tar.Header {
	return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to}
}
func hard(name, to string) tar.Header {
	return tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: to}
}

// place is a directory to unpack to, with a neighbour that must stay as it is.
func place(t testing.TB) (u *local.Unpacker, into string, check func()) {
	t.Helper()
	top := t.TempDir()
	into = filepath.Join(top, "into")
	for _, d := range []string{into, filepath.Join(top, "outside/sub"), filepath.Join(into, "dir")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	safe := filepath.Join(top, "outside/safe")
	if err := os.WriteFile(safe, []byte("safe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../outside", filepath.Join(into, "mine")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(into)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return &local.Unpacker{Root: root, Warn: func(string) {}}, into, func() {
		t.Helper()
		var names []string
		_ = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
			if !strings.HasPrefix(p, into) {
				names = append(names, strings.TrimPrefix(p, top))
				return err
			}
			if strings.Contains(p, ".casemate") {
				t.Errorf("%s is left behind", p)
			}
			// A link of the archive's leads nowhere outside, whatever has been made of what it names.
			if d.Type() == fs.ModeSymlink && filepath.Base(p) != "mine" {
				if real, err := filepath.EvalSymlinks(p); err == nil && !strings.HasPrefix(real+"/", into+"/") {
					t.Errorf("%s leads to %s", p, real)
				}
			}
			if info, err := d.Info(); err == nil && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky|fs.ModeDevice|fs.ModeNamedPipe) != 0 {
				t.Errorf("%s is %v", p, info.Mode())
			}
			return err
		})
		if got := strings.Join(names, " "); got != " /outside /outside/safe /outside/sub" {
			t.Errorf("outside there is %s", got)
		}
		if got, err := os.ReadFile(safe); err != nil || string(got) != "safe" {
			t.Errorf("the neighbour's file: %q, %v", got, err)
		}
		if info, err := os.Stat(safe); err != nil || info.Mode() != 0o600 {
			t.Errorf("the neighbour's file: %v, %v", info.Mode(), err)
		}
	}
}

func TestHostileArchives(t *testing.T) {
	for name, c := range map[string]struct {
		refused bool
		entries []tar.Header
	}{
		"up":                       {true, []tar.Header{file("../outside/evil")}},
		"absolute":                 {true, []tar.Header{file("/tmp/evil")}},
		"through the user's link":  {true, []tar.Header{file("mine/evil")}},
		"through its own link":     {true, []tar.Header{symlink("l", "dir"), file("l/evil")}},
		"a directory by a link":    {true, []tar.Header{symlink("l", "dir"), dir("l")}},
		"a directory for a link":   {true, []tar.Header{dir("mine")}},
		"below its own link":       {true, []tar.Header{symlink("l", "dir"), dir("l/x")}},
		"a link out":               {false, []tar.Header{symlink("l", "../outside/safe")}},
		"a link far out":           {false, []tar.Header{symlink("dir/l", "../../outside/safe")}},
		"an absolute link":         {false, []tar.Header{symlink("l", "/etc/passwd")}},
		"two links that sum up":    {false, []tar.Header{dir("x/y"), symlink("x/y/s", "../.."), symlink("t", "x/y/s/../outside/safe")}},
		"the second link first":    {false, []tar.Header{symlink("t", "x/y/s/../outside/safe"), dir("x/y"), symlink("x/y/s", "../..")}},
		"a link by the user's":     {true, []tar.Header{hard("h", "mine/safe")}},
		"a hard link out":          {true, []tar.Header{hard("h", "../outside/safe")}},
		"a hard link by a link":    {true, []tar.Header{symlink("l", "dir"), file("dir/f"), hard("h", "l/f")}},
		"a link that is replaced":  {false, []tar.Header{symlink("f", "dir"), file("f")}},
		"over the user's link":     {false, []tar.Header{file("mine")}},
		"a hard link to a link":    {false, []tar.Header{symlink("dir/l", "../x"), hard("h", "dir/l"), file("h")}},
		"a device":                 {true, []tar.Header{{Typeflag: tar.TypeChar, Name: "null", Devmajor: 1, Devminor: 3}}},
		"a pipe":                   {true, []tar.Header{{Typeflag: tar.TypeFifo, Name: "pipe"}}},
		"set-user-id":              {false, []tar.Header{{Typeflag: tar.TypeReg, Name: "su", Mode: 0o7777}, {Typeflag: tar.TypeDir, Name: "sticky/", Mode: 0o7777}}},
		"a directory in the way":   {true, []tar.Header{file("dir")}},
		"a file in the way":        {true, []tar.Header{file("f"), file("f/x")}},
		"a directory shut at once": {false, []tar.Header{{Typeflag: tar.TypeDir, Name: "shut/", Mode: 0o100}, file("shut/in"), dir("shut/d")}},
	} {
		t.Run(name, func(t *testing.T) {
			u, _, check := place(t)
			_, err := u.Directory(archiveOf(t, c.entries...))
			if (err != nil) != c.refused {
				t.Errorf("refused: %v, want %v", err, c.refused)
			}
			check()
		})
	}
}

// A hard link to a symbolic link that lies deeper would, in its own place, lead further up than the archive's name for it.
func TestAHardLinkToALinkLeadsNowhereElse(t *testing.T) {
	u, into, check := place(t)
	_, err := u.Directory(archiveOf(t, symlink("dir/l", "../x"), hard("h", "dir/l")))
	check()
	if target, readErr := os.Readlink(filepath.Join(into, "h")); readErr == nil && strings.HasPrefix(target, "..") {
		t.Errorf("h leads to %s, %v", target, err)
	}
}

func TestOneFile(t *testing.T) {
	for name, c := range map[string]struct {
		refused bool
		entries []tar.Header
	}{
		"one":       {false, []tar.Header{file("whatever/it/is/called")}},
		"two":       {true, []tar.Header{file("a"), file("b")}},
		"none":      {true, nil},
		"a link":    {true, []tar.Header{symlink("a", "dir")}},
		"directory": {true, []tar.Header{dir("a")}},
	} {
		u, into, check := place(t)
		_, err := u.File(archiveOf(t, c.entries...), "name")
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(filepath.Join(into, "name")); (err != nil) != c.refused || !c.refused && string(got) != "evil" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		check()
	}
}

// FuzzUnpack: whatever order files and links come in, nothing outside changes and no link leads there.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("sabhcd"))
	f.Add([]byte{3, 0, 1, 2, 4, 5, 1, 1, 0, 2, 2, 9})
	names := []string{"a", "a/b", "a/b/c", "dir", "dir/l", "x/y/s", "mine", "mine/q"}
	targets := []string{"..", "../..", "../outside/safe", "a/..", "dir/../..", "x/y/s/..", "a/b/../../..", ".", "../dir/l/../x"}
	f.Fuzz(func(t *testing.T, moves []byte) {
		var entries []tar.Header
		for len(moves) >= 3 && len(entries) < 30 {
			name, target := names[int(moves[1])%len(names)], int(moves[2])
			switch moves[0] % 4 {
			case 0:
				entries = append(entries, file(name))
			case 1:
				entries = append(entries, dir(name))
			case 2:
				entries = append(entries, symlink(name, targets[target%len(targets)]))
			default:
				entries = append(entries, hard(name, names[target%len(names)]))
			}
			moves = moves[3:]
		}
		u, _, check := place(t)
		_, _ = u.Directory(archiveOf(t, entries...))
		check()
	})
}
