package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/casemate/casemate/pkg/archive"
	"github.com/casemate/casemate/pkg/errdefs"
)

func pack(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, strings.NewReader(strings.Repeat("x", int(h.Size))), h.Size); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestNamesAreCleaned(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "./a": "a", "a/b": "a/b", "a//b/./c": "a/b/c", "..a/b..": "..a/b..", "dir/": "dir", "./": ".", "./.": ".",
	} {
		e, err := archive.NewReader(bytes.NewReader(pack(t, &tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}))).Next()
		if err != nil || e.Name != want {
			t.Errorf("%q: %+v, %v, want %q", name, e, err, want)
		}
	}
	for _, name := range []string{"/a", "..", "../a", "a/..", "a/../../b", "./../a"} {
		_, err := archive.NewReader(bytes.NewReader(pack(t, &tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}))).Next()
		if e, ok := errdefs.As(err); !ok || e.Reason != "ARCHIVE_UNSAFE" || e.Metadata["entry"] != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTheReadersOwnErrorPasses(t *testing.T) {
	whole := pack(t, &tar.Header{Typeflag: tar.TypeReg, Name: "f", Size: 5000})
	broken := errors.New("the line is broken")
	r := archive.NewReader(io.MultiReader(bytes.NewReader(whole[:1024]), iotest.ErrReader(broken)))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, broken) {
		t.Errorf("within a file: %v", err)
	}
	if _, err := archive.NewReader(iotest.ErrReader(broken)).Next(); !errors.Is(err, broken) {
		t.Errorf("at the start: %v", err)
	}
}

// gnuSparse is the archive of a file of 4 GiB that is one hole, as GNU tar writes it: Go writes none.
func gnuSparse() []byte {
	const size = 4 << 30
	block := make([]byte, 512)
	copy(block, "hole")
	copy(block[100:], "0000644\x000000000\x000000000\x00")
	copy(block[124:], "00000000000\x0000000000000\x00")
	block[156] = tar.TypeGNUSparse
	copy(block[257:], "ustar  \x00")
	octal := func(at int, n int64) {
		for i := 10; i >= 0; i-- {
			block[at+i] = byte('0' + n&7)
			n >>= 3
		}
	}
	octal(386, size) // one fragment of no bytes at the end
	octal(398, 0)
	octal(483, size)
	copy(block[148:], "        ")
	sum := 0
	for _, b := range block {
		sum += int(b)
	}
	for i := 5; i >= 0; i-- {
		block[148+i] = byte('0' + sum&7)
		sum >>= 3
	}
	block[154], block[155] = 0, ' '
	return append(block, make([]byte, 1024)...)
}

func TestHolesAreRefused(t *testing.T) {
	r := archive.NewReader(bytes.NewReader(gnuSparse()))
	e, err := r.Next()
	if err != nil || e.Size != 4<<30 {
		t.Fatalf("the test's archive has no hole: %+v, %v", e, err)
	}
	n, err := io.Copy(io.Discard, r)
	if errdefs.ReasonOf(err) != "ARCHIVE_INVALID" || n > 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// FuzzReader: whatever the bytes are, names stay inside, and no more comes out than went in.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, &tar.Header{Typeflag: tar.TypeReg, Name: "f", Size: 5}, &tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "/x"}))
	f.Add(pack(f, &tar.Header{Typeflag: tar.TypeLink, Name: "a/b", Linkname: "f"}, &tar.Header{Typeflag: tar.TypeDir, Name: "../x"}))
	f.Add(gnuSparse())
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := archive.NewReader(bytes.NewReader(raw))
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				wantOurs(t, err)
				return
			}
			for _, name := range []string{e.Name, e.Link} {
				if e.Kind != archive.Symlink && (strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || strings.ContainsRune(name, 0)) {
					t.Fatalf("%+v", e)
				}
			}
			if n, err := io.Copy(io.Discard, r); n > int64(len(raw)) {
				t.Fatalf("%d bytes of %d", n, len(raw))
			} else if err != nil {
				wantOurs(t, err)
				return
			}
		}
	})
}

func wantOurs(t *testing.T, err error) {
	t.Helper()
	if r := errdefs.ReasonOf(err); r != "ARCHIVE_INVALID" && r != "ARCHIVE_UNSAFE" {
		t.Fatal(err)
	}
}
