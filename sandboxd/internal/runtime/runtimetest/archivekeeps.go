package runtimetest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

func testArchiveAttributes(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const record = "SCHILY.xattr."
	f := file("f", "content")
	f.PAXRecords = map[string]string{record + "user.origin": "a\x00b\xff", record + "user.empty": "", record + "system.posix_acl_access": "x", record + "user.long": strings.Repeat("x", 70_000)}
	d := entry{tar.Header{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755, PAXRecords: map[string]string{record + "user.of": "a directory"}}, ""}
	n, err := b.Unpack(Context(t), "/in", false, bytes.NewReader(archiveOf(t, f, d)))
	if err != nil || n != (agent.ArchiveCount{Entries: 2, SkippedAttributes: 2}) {
		t.Errorf("%+v, %v", n, err)
	}
	wantResult(t, "attributes inside", b.Sh("probe getxattr /in/f user.origin; probe getxattr /in/f user.empty; probe getxattr /in/d user.of"),
		Result{Stdout: `"a\x00b\xff"` + "\n\"\"\n" + `"a directory"` + "\n"})

	// What an archive has no name for is told of, and the rest comes.
	wantResult(t, "another attribute", b.Run("probe", "setxattr", "/in/f", "user.a=b", "x"), Result{Stdout: "ok\n"})
	var out bytes.Buffer
	n, err = b.Pack(Context(t), "/in", func(p []byte) error { _, err := out.Write(p); return err })
	if err != nil || n != (agent.ArchiveCount{SkippedAttributes: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	got, r := map[string]string{}, tar.NewReader(&out)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		mustDo(t, err)
		for k, v := range h.PAXRecords {
			if strings.HasPrefix(k, record) {
				got[h.Name+" "+k] = v
			}
		}
	}
	want := map[string]string{"f " + record + "user.origin": "a\x00b\xff", "f " + record + "user.empty": "", "d/ " + record + "user.of": "a directory"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the archive (-want +got):\n%s", diff)
	}
}

// testArchiveHoles: a sparse file is sparse again, and has every byte in its place.
func testArchiveHoles(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir /src; truncate -s 16M /src/sparse; printf middle | dd of=/src/sparse bs=1 seek=7000001 conv=notrunc 2>/dev/null; truncate -s 5000 /src/all; printf end >>/src/all; : >/src/none")
	b.unpack("/dst", b.pack("/src"))
	for _, name := range []string{"sparse", "all", "none"} {
		wantResult(t, name, b.Run("cmp", "/src/"+name, "/dst/"+name), Result{})
	}
	if s.differs(NoHoles) {
		wantResult(t, "the size", b.Run("stat", "-c", "%s", "/dst/sparse"), Result{Stdout: "16777216\n"})
		return
	}
	wantResult(t, "the place it takes", b.Sh("stat -c %s /dst/sparse; [ $(stat -c %b /dst/sparse) -lt 200 ] && echo little"), Result{Stdout: "16777216\nlittle\n"})
}

// testArchiveNames: any bytes are a name but `/` and NUL.
func testArchiveNames(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	names := []string{"new\nline", "not \xff\xfe utf-8", "-rf", " ", "a\\b", "*", "\x01\x1b[2J", "字", strings.Repeat("n", 255), "d\xff/in it"}
	entries := make([]entry, len(names))
	for i, name := range names {
		entries[i] = file(name, "of "+name)
		entries[i].Format = tar.FormatPAX
	}
	b.unpack("/src", archiveOf(t, entries...))
	b.unpack("/dst", b.pack("/src"))
	got, r := map[string]string{}, tar.NewReader(bytes.NewReader(b.pack("/dst")))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		mustDo(t, err)
		content, err := io.ReadAll(r)
		mustDo(t, err)
		if h.Typeflag == tar.TypeReg {
			got[h.Name] = string(content)
		}
	}
	if len(got) != len(names) {
		t.Errorf("%d names came back of %d", len(got), len(names))
	}
	for _, name := range names {
		if got[name] != "of "+name {
			t.Errorf("%q: %q", name, got[name])
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// testArchiveLast: the last file takes its place only when whoever sends the archive says that all of it came unharmed.
func testArchiveLast(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.unpack("/d", archiveOf(t, file("f", "old")))
	damaged := errors.New("damaged")
	whole := archiveOf(t, file("first", "first"), file("f", strings.Repeat("new", 100_000)))
	// The sender breaks off when the last file has begun: before, there would be nothing to take away.
	const await = "for i in $(seq 2000); do [ $(ls -A /d | wc -l) = $n ] && break; usleep 1000; done; cd /d; "
	breaksOff := readerFunc(func([]byte) (int, error) {
		wantResult(t, "names when the last file has begun", b.Sh("n=3; "+await+"ls -A | wc -l"), Result{Stdout: "3\n"})
		return 0, damaged
	})
	if _, err := b.Unpack(Context(t), "/d", false, io.MultiReader(bytes.NewReader(whole), breaksOff)); !errors.Is(err, damaged) {
		t.Errorf("the sender's own error: %v", err)
	}
	wantResult(t, "what is there", b.Sh("n=2; "+await+"ls -A; cat f first"),
		Result{Stdout: "f\nfirst\noldfirst"})
}

// testArchiveChanges: a file that is changed while it is packed.
func testArchiveChanges(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	// Of 4 MiB most is not read yet when the first piece is here: the agent waits for who reads.
	const size = 4 << 20
	during := func(change string) (*bytes.Buffer, error) {
		b.Sh("rm -rf /src; mkdir -p /src/sub; truncate -s 4M /src/sub/f")
		var out bytes.Buffer
		_, err := b.Pack(Context(t), "/src", func(p []byte) error {
			if out.Len() == 0 {
				b.Sh(change)
			}
			_, err := out.Write(p)
			return err
		})
		return &out, err
	}
	_, err := during("truncate -s 1000 /src/sub/f")
	wantReason(t, "a file that shrinks", err, "FILE_CHANGED")
	if e, ok := errdefs.As(err); !ok || e.Metadata["filepath"] != "/src/sub/f" {
		t.Errorf("which file: %v", err)
	}
	for what, change := range map[string]string{"grows": "echo more >>/src/sub/f", "goes": "rm /src/sub/f", "is replaced": "echo x >/src/new; mv /src/new /src/sub/f"} {
		out, err := during(change)
		if err != nil {
			t.Errorf("a file that %s: %v", what, err)
			continue
		}
		r := tar.NewReader(out)
		for {
			h, err := r.Next()
			mustDo(t, err)
			if h.Name == "sub/f" {
				if h.Size != size {
					t.Errorf("a file that %s: %d bytes", what, h.Size)
				}
				break
			}
		}
	}
}
