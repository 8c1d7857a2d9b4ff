package runtimetest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// pack returns the archive of a path.
func (b *Box) pack(path string) []byte {
	b.t.Helper()
	var out bytes.Buffer
	if _, err := b.Pack(Context(b.t), path, func(p []byte) error { _, err := out.Write(p); return err }); err != nil {
		b.t.Errorf("pack %s: %v", path, err)
	}
	return out.Bytes()
}

func (b *Box) unpack(path string, archive []byte) {
	b.t.Helper()
	if _, err := b.Unpack(Context(b.t), path, false, bytes.NewReader(archive)); err != nil {
		b.t.Errorf("unpack to %s: %v", path, err)
	}
}

// entry is what a test says of an archive's entry.
type entry struct {
	tar.Header

	content string
}

func file(name, content string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, content}
}

func link(kind byte, name, target string) entry {
	return entry{tar.Header{Typeflag: kind, Name: name, Linkname: target, Mode: 0o777}, ""}
}

func archiveOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		e.Size = int64(len(e.content))
		mustDo(t, w.WriteHeader(&e.Header))
		_, err := io.WriteString(w, e.content)
		mustDo(t, err)
	}
	mustDo(t, w.Close())
	return out.Bytes()
}

const describe = `cd %; find . | sort | while read -r f; do stat -c '%n %F %a %u:%g %y' "$f"; done; readlink link dangling; cat file other; [ file -ef hard ] && echo same`

func testArchives(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh(`mkdir -p /src/sub/empty; cd /src; echo content >file; ln file hard; ln file sub/hard; printf other >other; ln -s file link; ln -s /nowhere dangling
		head -c 3000000 /dev/urandom >sub/big; : >"sub/$(printf 'a b\nc')"; chown -h ada:staff file link; chmod 4751 file; chmod 700 sub; chown ada sub; chmod 1777 sub/empty
		touch -d @1600000000 file; touch -d @1500000000 sub; touch -d @1400000000 .`)
	archive := b.pack("/src")
	b.unpack("/dst/made", archive)
	show := func(dir string) string { return b.Sh(strings.ReplaceAll(describe, "cd %", "cd "+dir)).Stdout }
	if diff := cmp.Diff(show("/src"), show("/dst/made")); diff != "" || !strings.HasSuffix(show("/src"), "same\n") {
		t.Errorf("what comes back (-sent +got):\n%s", diff)
	}
	wantResult(t, "the big one", b.Run("cmp", "/src/sub/big", "/dst/made/sub/big"), Result{})

	// Once more over it, by a link to the directory: nothing changes but the directory's own time, and nothing is left behind.
	b.Sh("ln -s /dst/made /to")
	b.unpack("/to", b.pack("/to"))
	b.Sh("touch -d @1400000000 /dst/made")
	if diff := cmp.Diff(show("/src"), show("/dst/made")); diff != "" {
		t.Errorf("over itself (-sent +got):\n%s", diff)
	}

	// One file, by its name; and whatever the archive says, for the sandbox's user.
	single := b.pack("/src/link")
	if h, err := tar.NewReader(bytes.NewReader(single)).Next(); err != nil || h.Name != "link" || h.Typeflag != tar.TypeReg || h.Size != 8 {
		t.Errorf("one file: %+v, %v", h, err)
	}
	ada := s.box(t).Configured(agent.Config{User: "ada"})
	entries, err := ada.Unpack(Context(t), "/home/ada/new", true, bytes.NewReader(archive))
	if err != nil || entries.Entries != 11 {
		t.Errorf("%+v, %v", entries, err)
	}
	wantResult(t, "owners", ada.Sh("find /home/ada/new ! -user ada -o ! -group ada; stat -c %a /home/ada/new/file"), Result{Stdout: "4751\n"})

	// A directory that was there keeps its mode, and so do those on the way.
	ada.unpack("/tmp", archiveOf(t, entry{tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o700}, ""}, file("./x/y/z", "deep")))
	wantResult(t, "a directory that was there", ada.Run("stat", "-c", "%a %U", "/tmp", "/tmp/x/y", "/tmp/x/y/z"), Result{Stdout: "777 root\n755 ada\n644 root\n"})

	for path, reason := range map[string]string{
		"/none": "FILE_NOT_FOUND", "/dev/null": "FILE_NOT_REGULAR", "/proc/self": "FILE_NOT_REGULAR", "/proc/meminfo": "FILE_NOT_REGULAR", "src": "INVALID_ARGUMENT",
	} {
		_, err := b.Pack(Context(t), path, func([]byte) error { return nil })
		wantReason(t, "pack "+path, err, reason)
	}
	gone := errors.New("enough")
	if _, err := b.Pack(Context(t), "/src", func([]byte) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("a receiver that gives up: %v", err)
	}
}

func testArchiveLeavesOut(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /src/d; mkfifo /src/fifo /src/d/fifo; echo x >/src/f; mkdir /deep; cd /deep; for i in $(seq 300); do mkdir x; cd x; done")
	skipped, err := b.Pack(Context(t), "/src", func([]byte) error { return nil })
	if err != nil || skipped.SkippedFiles != 2 {
		t.Errorf("left out: %+v, %v", skipped, err)
	}
	_, err = b.Pack(Context(t), "/deep", func([]byte) error { return nil })
	wantReason(t, "too deep", err, "FILE_TOO_DEEP")
	b.Sh("rm -rf /deep")
	// The whole sandbox: what the kernel shows in /proc and /sys is no data.
	names := map[string]bool{}
	r := tar.NewReader(bytes.NewReader(b.pack("/")))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		mustDo(t, err)
		names[h.Name] = true
		if strings.HasPrefix(h.Name, "proc/") && h.Name != "proc/" || strings.HasPrefix(h.Name, "sys/") && h.Name != "sys/" {
			t.Errorf("%s is in it", h.Name)
		}
	}
	if !names["./"] || !names["bin/busybox"] || !names["src/f"] || !names["proc/"] || names["src/fifo"] {
		t.Errorf("%d names", len(names))
	}
}

func testHostileArchives(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /dst/dir /outside/sub; echo safe >/outside/safe; ln -s /outside /dst/out; ln -s ../outside /dst/up; ln -s dir /dst/in; echo f >/dst/file; ln -s /proc/1 /dst/magic")
	dir := func(name string) entry {
		return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
	}
	owned := file("owned", "")
	owned.Uid = 100000
	for name, c := range map[string]struct {
		reason  string
		archive []byte
	}{
		"up":                     {"ARCHIVE_UNSAFE", archiveOf(t, file("../outside/evil", ""))},
		"up half-way":            {"ARCHIVE_UNSAFE", archiveOf(t, file("dir/../../outside/evil", ""))},
		"absolute":               {"ARCHIVE_UNSAFE", archiveOf(t, file("/outside/evil", ""))},
		"a directory above":      {"ARCHIVE_UNSAFE", archiveOf(t, dir("../outside/evil/"))},
		"through a link":         {"ARCHIVE_UNSAFE", archiveOf(t, file("out/evil", ""))},
		"through a link up":      {"ARCHIVE_UNSAFE", archiveOf(t, file("up/evil", ""))},
		"through its own link":   {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeSymlink, "l", "/outside"), file("l/evil", ""))},
		"through two of its own": {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeSymlink, "a", "."), link(tar.TypeSymlink, "a/b", ".."), file("b/outside/evil", ""))},
		"making a directory":     {"ARCHIVE_UNSAFE", archiveOf(t, dir("up/evil"))},
		"a directory for a link": {"ARCHIVE_UNSAFE", archiveOf(t, dir("out"))},
		"into /proc":             {"ARCHIVE_UNSAFE", archiveOf(t, file("magic/oom_score_adj", "-1000"))},
		"a hard link up":         {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeLink, "evil", "../outside/safe"))},
		"a hard link away":       {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeLink, "evil", "/outside/safe"))},
		"a hard link by a link":  {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeLink, "evil", "out/safe"))},
		"a hard link to nothing": {"FILE_NOT_FOUND", archiveOf(t, link(tar.TypeLink, "evil", "none"))},
		"a device":               {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeChar, "evil", ""))},
		"a block device":         {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeBlock, "evil", ""))},
		"a pipe":                 {"ARCHIVE_UNSAFE", archiveOf(t, link(tar.TypeFifo, "evil", ""))},
		"a file without a name":  {"ARCHIVE_UNSAFE", archiveOf(t, file(".", ""))},
		"a file for a directory": {"FILE_IS_DIRECTORY", archiveOf(t, file("dir", ""))},
		"a link for a directory": {"FILE_IS_DIRECTORY", archiveOf(t, link(tar.TypeSymlink, "dir", "/outside"))},
		"a directory for a file": {"FILE_NOT_DIRECTORY", archiveOf(t, dir("file"))},
		"below a file":           {"FILE_NOT_DIRECTORY", archiveOf(t, file("file/x", ""))},
		"a stranger's file":      {"ARCHIVE_INVALID", archiveOf(t, owned)},
		"cut short":              {"ARCHIVE_INVALID", archiveOf(t, file("half", strings.Repeat("x", 5000)))[:3000]},
		"noise":                  {"ARCHIVE_INVALID", bytes.Repeat([]byte("noise"), 1000)},
		"a long name":            {"INVALID_ARGUMENT", archiveOf(t, file(strings.Repeat("x", 300), ""))},
	} {
		_, err := b.Unpack(Context(t), "/dst", false, bytes.NewReader(c.archive))
		wantReason(t, name, err, c.reason)
	}
	wantResult(t, "what is outside", b.Sh("ls -A /outside /outside/sub; cat /outside/safe; stat -c %h /outside/safe; cat /proc/1/oom_score_adj >/dev/null"),
		Result{Stdout: "/outside:\nsafe\nsub\n\n/outside/sub:\nsafe\n1\n"})
	wantResult(t, "what is half done", b.Sh("ls -A /dst | grep casemate; ls -d /dst/half /dst/evil 2>/dev/null"), Result{Code: 1})
	// Links that stay inside are followed.
	b.unpack("/dst", archiveOf(t, dir("in/"), file("in/x", "inside")))
	b.wantFile("/dst/dir/x", "inside")
	wantResult(t, "the link", b.Run("readlink", "/dst/in"), Result{Stdout: "dir\n"})
	for path, reason := range map[string]string{
		"/dst/file": "FILE_NOT_DIRECTORY", "/dst/file/x": "FILE_NOT_FOUND", "/proc/1": "FILE_NOT_REGULAR", "/proc": "FILE_NOT_REGULAR", "dst": "INVALID_ARGUMENT",
	} {
		_, err := b.Unpack(Context(t), path, false, bytes.NewReader(archiveOf(t)))
		wantReason(t, "unpack to "+path, err, reason)
	}
	wantResult(t, "a command after all that", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
}

// testArchiveReplaces: who opens a file while it is unpacked over finds the old content or the new.
func testArchiveReplaces(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	const size = 200_000
	old, fresh := archiveOf(t, file("f", strings.Repeat("0", size))), archiveOf(t, file("f", strings.Repeat("1", size)))
	b.unpack("/d", old)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			b.unpack("/d", fresh)
			b.unpack("/d", old)
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		got, err := b.ReadFile(Context(t), "/d/f", 1<<20)
		if err != nil || len(got) != size || bytes.Count(got, got[:1]) != size {
			t.Fatalf("read %d bytes, %v; want %d of a kind", len(got), err, size)
		}
	}
	// A caller that hangs up half-way leaves the old file, and nothing besides.
	stuck, feed := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := b.Unpack(Context(t), "/d", false, stuck)
		ended <- err
	}()
	_, err := feed.Write(fresh[:100_000])
	mustDo(t, err)
	hungUp := errors.New("hung up")
	_ = feed.CloseWithError(hungUp)
	if err := <-ended; !errors.Is(err, hungUp) {
		t.Errorf("the caller's own error: %v", err)
	}
	wantResult(t, "what is left", b.Sh("for i in $(seq 2000); do [ $(ls -A /d | wc -l) = 1 ] && break; usleep 1000; done; ls -A /d; head -c 1 /d/f"), Result{Stdout: "f\n0"})
	// Old times and a time before 1970.
	past := file("past", "")
	past.ModTime, past.Format = time.Unix(-1, 0), tar.FormatPAX
	b.unpack("/d", archiveOf(t, past))
	wantResult(t, "a time before 1970", b.Run("stat", "-c", "%Y", "/d/past"), Result{Stdout: "-1\n"})
}

func testArchiveNoSpace(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	if s.differs(RoomyDev) {
		s.limitsOfDev(t)
		return
	}
	before := b.Run("ls", "-A", "/dev").Stdout
	// The file system of /dev is small.
	_, err := b.Unpack(Context(t), "/dev", false, bytes.NewReader(archiveOf(t, file("big", strings.Repeat("x", 4<<20)))))
	wantReason(t, "more than fits", err, "FILE_NO_SPACE")
	wantResult(t, "what is in /dev", b.Run("ls", "-A", "/dev"), Result{Stdout: before})
}
