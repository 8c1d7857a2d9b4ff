package runtimetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

func testFileInfo(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("printf content >/f; chown ada:staff /f; chmod 4750 /f; touch -d @1700000000 /f; ln -s f /link; ln -s none /dangling; mkfifo /fifo; mkdir -m 1777 /d; ln -s /proc/1/exe /magic")
	for _, c := range []struct {
		path   string
		follow bool
		want   agent.FileInfo
	}{
		{"/f", false, agent.FileInfo{Name: "f", Mode: unix.S_IFREG | 0o4750, Size: 7, UID: 1000, GID: 50}},
		{"/link", true, agent.FileInfo{Name: "link", Mode: unix.S_IFREG | 0o4750, Size: 7, UID: 1000, GID: 50}},
		{"/link", false, agent.FileInfo{Name: "link", Mode: unix.S_IFLNK | 0o777, Size: 1, LinkTarget: "f"}},
		{"/dangling", false, agent.FileInfo{Name: "dangling", Mode: unix.S_IFLNK | 0o777, Size: 4, LinkTarget: "none"}},
		{"/fifo", true, agent.FileInfo{Name: "fifo", Mode: unix.S_IFIFO | 0o644}},
		{"/magic", false, agent.FileInfo{Name: "magic", Mode: unix.S_IFLNK | 0o777, Size: 11, LinkTarget: "/proc/1/exe"}},
	} {
		got, err := b.StatFile(Context(t), c.path, c.follow)
		if c.want.Name == "f" && got.ModTime.Unix() != 1700000000 {
			t.Errorf("%s: changed at %v", c.path, got.ModTime)
		}
		c.want.ModTime = got.ModTime
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.path, got, err, c.want)
		}
	}
	if got, err := b.StatFile(Context(t), "/d", false); err != nil || got.Mode != unix.S_IFDIR|0o1777 {
		t.Errorf("a directory: %+v, %v", got, err)
	}
	if got, err := b.StatFile(Context(t), "/", false); err != nil || got.Name != "/" || got.Mode&unix.S_IFMT != unix.S_IFDIR {
		t.Errorf("the root: %+v, %v", got, err)
	}
	for path, reason := range map[string]string{
		"/none": "FILE_NOT_FOUND", "/dangling": "FILE_NOT_FOUND", "/f/below": "FILE_NOT_FOUND", "/magic": "FILE_NOT_REGULAR",
		"/proc/self/environ": "FILE_NOT_REGULAR", "/proc": "FILE_NOT_REGULAR", "/proc/self/fd/3": "FILE_NOT_REGULAR", "f": "INVALID_ARGUMENT",
		"/a\x00b": "INVALID_ARGUMENT", "/" + strings.Repeat("x", 300): "INVALID_ARGUMENT",
	} {
		_, err := b.StatFile(Context(t), path, true)
		wantReason(t, fmt.Sprintf("stat %.40q", path), err, reason)
	}
}

func testDirectories(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{User: "ada"})
	b.RunRequest(agent.ExecRequest{User: "root", Argv: []string{"sh", "-c",
		"mkdir /many; cd /many; for i in $(seq 2500); do : >f$i; done; printf '' >\"$(printf 'not\\377utf8')\"; ln -s f1 zlink; echo x >/file"}})
	var names []string
	pages := 0
	for after := ""; ; {
		files, next, err := b.ListDirectory(Context(t), "/many", after, 1000)
		mustDo(t, err)
		pages++
		for _, f := range files {
			names = append(names, f.Name)
			if f.Name == "zlink" && f.LinkTarget != "f1" {
				t.Errorf("a link: %+v", f)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if len(names) != 2502 || !slices.IsSorted(names) || !slices.Contains(names, "not\xffutf8") || pages != 3 {
		t.Errorf("%d names on %d pages", len(names), pages)
	}
	if files, next, err := b.ListDirectory(Context(t), "/many", "f2500", 1); err != nil || len(files) != 1 || files[0].Name != "f251" || next != "f251" {
		t.Errorf("%v %q, %v", files, next, err)
	}
	// Links so long that a thousand of them are more than one message.
	b.RunRequest(agent.ExecRequest{User: "root", Argv: []string{"sh", "-c",
		"mkdir /links; cd /links; t=$(head -c 4000 /dev/zero | tr '\\0' x); for i in $(seq 300); do ln -s $t l$i; done"}})
	count := 0
	for after := ""; ; {
		files, next, err := b.ListDirectory(Context(t), "/links", after, 1000)
		mustDo(t, err)
		count += len(files)
		if after = next; next == "" {
			break
		}
	}
	if count != 300 {
		t.Errorf("%d links", count)
	}
	for path, reason := range map[string]string{
		"/none": "FILE_NOT_FOUND", "/file": "FILE_NOT_DIRECTORY", "/file/x": "FILE_NOT_FOUND", "/proc": "FILE_NOT_REGULAR", "/proc/1/fd": "FILE_NOT_REGULAR", "many": "INVALID_ARGUMENT",
	} {
		_, _, err := b.ListDirectory(Context(t), path, "", 10)
		wantReason(t, "list "+path, err, reason)
	}

	mustDo(t, b.MakeDirectory(Context(t), "/a/b/c", 0o700, true))
	mustDo(t, b.MakeDirectory(Context(t), "/a/b/c", 0, true))
	mustDo(t, b.MakeDirectory(Context(t), "/a/plain/", 0, false))
	wantResult(t, "what was made", b.Run("stat", "-c", "%a %U %n", "/a", "/a/b", "/a/b/c", "/a/plain"),
		Result{Stdout: "755 ada /a\n755 ada /a/b\n700 ada /a/b/c\n755 ada /a/plain\n"})
	for _, c := range []struct {
		path    string
		parents bool
		reason  string
	}{
		{"/a", false, "FILE_EXISTS"},
		{"/file", false, "FILE_EXISTS"},
		{"/file", true, "FILE_EXISTS"},
		{"/x/y", false, "FILE_NOT_FOUND"},
		{"/file/y", false, "FILE_NOT_DIRECTORY"},
		{"/file/y/z", true, "FILE_NOT_DIRECTORY"},
		{"/", false, "INVALID_ARGUMENT"},
		{"/proc/x", false, "FILE_NOT_REGULAR"},
		{"/sys/x", false, "FILE_READ_ONLY"},
	} {
		wantReason(t, "make "+c.path, b.MakeDirectory(Context(t), c.path, 0, c.parents), c.reason)
	}
	wantReason(t, "a mode with more than permissions", b.MakeDirectory(Context(t), "/m", 0o1777, false), "INVALID_ARGUMENT")
}

func testRemoveFiles(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /d/deep/er /outside /empty; echo x >/f; echo keep >/outside/keep; ln -s /outside /d/link; ln -s /outside /link; for i in $(seq 700); do : >/d/deep/$i; done")
	for path, reason := range map[string]string{
		"/d": "DIRECTORY_NOT_EMPTY", "/none": "FILE_NOT_FOUND", "/": "INVALID_ARGUMENT", "/d/..": "INVALID_ARGUMENT", "/proc/1/exe": "FILE_NOT_REGULAR",
	} {
		wantReason(t, "remove "+path, b.RemoveFile(Context(t), path, false), reason)
	}
	wantReason(t, "remove all", b.RemoveFile(Context(t), "/", true), "INVALID_ARGUMENT")
	for _, path := range []string{"/f", "/empty", "/link"} {
		mustDo(t, b.RemoveFile(Context(t), path, false))
	}
	mustDo(t, b.RemoveFile(Context(t), "/d", true))
	wantResult(t, "what is left", b.Sh("ls -d /f /empty /link /d 2>/dev/null; cat /outside/keep"), Result{Stdout: "keep\n"})
	mustDo(t, b.RemoveFile(Context(t), "/outside", true))
	// What is of the image goes too.
	mustDo(t, b.RemoveFile(Context(t), "/home", true))
	wantReason(t, "what is removed", b.RemoveFile(Context(t), "/home", true), "FILE_NOT_FOUND")
	wantReason(t, "what is mounted", b.RemoveFile(Context(t), "/proc", true), "FILE_NOT_REGULAR")
	b.Sh("d=/deep; mkdir $d; cd $d; for i in $(seq 300); do mkdir x; cd x; done")
	wantReason(t, "too deep", b.RemoveFile(Context(t), "/deep", true), "FILE_TOO_DEEP")

	// Somebody adds to it all the while: it ends, one way or the other, and nothing else is touched.
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "mkdir /busy; echo; i=0; while [ -d /busy ] && [ $i -lt 20000 ]; do i=$((i+1)); mkdir -p /busy/d$i/e 2>/dev/null; done"}})
	mustDo(t, err)
	defer p.Close()
	_, err = p.Recv()
	mustDo(t, err)
	for begun := time.Now(); time.Since(begun) < 3*time.Second; {
		if err := b.RemoveFile(Context(t), "/busy", true); err == nil {
			break
		} else if r := errdefs.ReasonOf(err); r != "DIRECTORY_NOT_EMPTY" && r != "FILE_NOT_FOUND" {
			t.Fatalf("a busy directory: %v", err)
		}
	}
	wantResult(t, "a command after all that", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
}

func testMoveFiles(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("echo 1 >/one; echo 2 >/two; mkdir -p /d/in /full /bare; echo x >/full/x; ln -s one /link")
	mustDo(t, b.MoveFile(Context(t), "/one", "/d/uno", false))
	mustDo(t, b.MoveFile(Context(t), "/link", "/d/link", false))
	mustDo(t, b.MoveFile(Context(t), "/d/in", "/bare", true))
	b.wantFile("/d/uno", "1\n")
	for _, c := range []struct {
		from, to  string
		overwrite bool
		reason    string
	}{
		{"/two", "/d/uno", false, "FILE_EXISTS"},
		{"/none", "/x", false, "FILE_NOT_FOUND"},
		{"/two", "/none/x", false, "FILE_NOT_FOUND"},
		{"/d", "/full", true, "DIRECTORY_NOT_EMPTY"},
		{"/two", "/d", true, "FILE_IS_DIRECTORY"},
		{"/d", "/two", true, "FILE_NOT_DIRECTORY"},
		{"/d", "/d/below", false, "INVALID_ARGUMENT"},
		{"/two", "/dev/two", false, "FILE_CROSS_DEVICE"},
		{"/two", "/proc/two", false, "FILE_NOT_REGULAR"},
		{"/", "/x", false, "INVALID_ARGUMENT"},
		{"two", "/x", false, "INVALID_ARGUMENT"},
		{"/two", "x", false, "INVALID_ARGUMENT"},
	} {
		wantReason(t, fmt.Sprintf("%s to %s", c.from, c.to), b.MoveFile(Context(t), c.from, c.to, c.overwrite), c.reason)
	}
	mustDo(t, b.MoveFile(Context(t), "/two", "/d/uno", true))
	b.wantFile("/d/uno", "2\n")
	wantResult(t, "what is where", b.Sh("readlink /d/link; ls -d /one /two /d/in /bare 2>/dev/null"), Result{Stdout: "one\n/bare\n", Code: 1})
}
