package runtimetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// wantFile checks what ReadFile says is in a file.
func (b *Box) wantFile(path, content string) {
	b.t.Helper()
	got, err := b.ReadFile(Context(b.t), path, 1<<20)
	if err != nil || string(got) != content {
		b.t.Errorf("%s: %d bytes %.60q, %v; want %d bytes %.60q", path, len(got), got, err, len(content), content)
	}
}

func (b *Box) writeFile(path string, mode uint32, content string) {
	b.t.Helper()
	if err := b.WriteFile(Context(b.t), path, mode, []byte(content)); err != nil {
		b.t.Errorf("write %s: %v", path, err)
	}
}

func testFiles(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	for _, size := range []int{0, 1, frame.MaxChunk, 8*frame.MaxChunk + 1, 1 << 20} {
		content := strings.Repeat("x", size)
		b.writeFile("/sized", 0, content)
		b.wantFile("/sized", content)
		if got, err := b.ReadFile(Context(t), "/sized", int64(size)); err != nil || len(got) != size {
			t.Errorf("exactly the limit of %d: %d bytes, %v", size, len(got), err)
		}
		if size > 0 {
			_, err := b.ReadFile(Context(t), "/sized", int64(size)-1)
			wantReason(t, "one byte less than the file has", err, "FILE_TOO_LARGE")
		}
	}
	// A file of the kernel's that has not the length that it says.
	const possible = "/sys/devices/system/cpu/possible"
	b.wantFile(possible, b.Run("cat", possible).Stdout)

	// Modes, whatever the umask is, and owners.
	b.writeFile("/a/b/c/new", 0, "")
	b.writeFile("/a/b/exact", 0o4777, "")
	b.Sh("echo old >/mine; chown ada:staff /mine; chmod 750 /mine")
	b.writeFile("/mine", 0, "new")
	wantResult(t, "modes and owners", b.Run("stat", "-c", "%a %U:%G %n", "/a", "/a/b", "/a/b/c/new", "/a/b/exact", "/mine"),
		Result{Stdout: "755 root:root /a\n755 root:root /a/b\n644 root:root /a/b/c/new\n4777 root:root /a/b/exact\n750 ada:staff /mine\n"})
	b.writeFile("/mine", 0o600, "newer")
	wantResult(t, "a mode for an old file", b.Run("stat", "-c", "%a %U", "/mine"), Result{Stdout: "600 ada\n"})
	b.wantFile("/mine", "newer")

	// A program that runs is replaced, and runs on.
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c", "cp /bin/busybox /busy; exec -a sleep /busy 1000"}})
	mustDo(t, err)
	defer p.Close()
	wantResult(t, "it runs", b.Sh("for i in $(seq 1000); do pidof sleep >/dev/null && break; usleep 1000; done; pidof sleep | wc -w"), Result{Stdout: "1\n"})
	b.writeFile("/busy", 0, "#!/bin/sh\necho replaced\n")
	wantResult(t, "its replacement", b.Run("/busy"), Result{Stdout: "replaced\n"})
	mustDo(t, p.Signal(15))
	wantResult(t, "the program", Collect(t, p), Result{Code: 128 + 15})
}

func testFileErrors(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir /dir; echo text >/plain; mkfifo /fifo; ln -s loop2 /loop; ln -s loop /loop2; ln -s /fifo /to-fifo; probe socket /socket")
	long := "/" + strings.Repeat("n", 300)
	environ := "FILE_PERMISSION_DENIED"
	if s.differs(OwnFilesInProc) {
		environ = "FILE_NOT_REGULAR"
	}
	for _, c := range []struct{ path, read, write string }{
		{"/missing", "FILE_NOT_FOUND", ""},
		{"/plain/below", "FILE_NOT_FOUND", "FILE_NOT_FOUND"},
		{"/dir", "FILE_IS_DIRECTORY", "FILE_IS_DIRECTORY"},
		{"/", "FILE_IS_DIRECTORY", "FILE_IS_DIRECTORY"},
		{"/dir/", "FILE_IS_DIRECTORY", "FILE_IS_DIRECTORY"},
		{"/dir/..", "FILE_IS_DIRECTORY", "FILE_IS_DIRECTORY"},
		{"/fifo", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/to-fifo", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/socket", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/loop", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/dev/zero", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/dev/tty", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/dev/pts/ptmx", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/dev/stdin", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		// In /proc a path can mean the agent's own things.
		{"/proc/meminfo", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/proc/self/environ", environ, "FILE_NOT_REGULAR"},
		{"/proc/self/exe", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/proc/1/cwd/plain", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/proc/self/fd/5", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/proc/sys/kernel/hostname", "FILE_NOT_REGULAR", "FILE_NOT_REGULAR"},
		{"/sys/new", "FILE_NOT_FOUND", "FILE_READ_ONLY"},
		{"plain", "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
		{"", "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
		{"../plain", "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
		{"/pl\x00ain", "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
		{"/pl\xffain", "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
		{long, "INVALID_ARGUMENT", "INVALID_ARGUMENT"},
	} {
		_, err := b.ReadFile(Context(t), c.path, 1<<20)
		wantReason(t, fmt.Sprintf("read %.60q", c.path), err, c.read)
		err = b.WriteFile(Context(t), c.path, 0, []byte("text"))
		wantReason(t, fmt.Sprintf("write %.60q", c.path), err, c.write)
	}
	wantReason(t, "a mode with more than permissions", b.WriteFile(Context(t), "/x", 0o10000, nil), "INVALID_ARGUMENT")

	if s.differs(RoomyDev) {
		s.limitsOfDev(t)
		return
	}
	// The file system of /dev is small. What does not fit leaves the old file, and nothing besides.
	before := b.Run("ls", "-A", "/dev").Stdout
	b.writeFile("/dev/shm/../small", 0, "old")
	wantReason(t, "more than fits", b.WriteFile(Context(t), "/dev/small", 0, make([]byte, 2<<20)), "FILE_NO_SPACE")
	b.wantFile("/dev/small", "old")
	wantResult(t, "what is in /dev", b.Sh("rm /dev/small; ls -A /dev"), Result{Stdout: before})
	wantResult(t, "a command after all that", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
}

// limitsOfDev: where /dev is as large as half of the memory, what is larger than that does not fit.
func (s *suite) limitsOfDev(t *testing.T) {
	limits := Limits
	limits.MemoryBytes = 64 << 20
	b := NewBox(t, s.runtime(t), limits, s.root).Configured(agent.Config{})
	before := b.Run("ls", "-A", "/dev").Stdout
	b.writeFile("/dev/small", 0, "old")
	mustDo(t, b.WriteFile(Context(t), "/dev/big", 0, make([]byte, 24<<20)))
	wantReason(t, "more than fits", b.WriteFile(Context(t), "/dev/small", 0, make([]byte, 16<<20)), "FILE_NO_SPACE")
	b.wantFile("/dev/small", "old")
	_, err := b.Unpack(Context(t), "/dev", false, bytes.NewReader(archiveOf(t, file("new", strings.Repeat("x", 16<<20)))))
	wantReason(t, "an archive of more than fits", err, "FILE_NO_SPACE")
	wantResult(t, "what is in /dev", b.Sh("rm /dev/small /dev/big; ls -A /dev"), Result{Stdout: before})
}

func testFilePaths(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /x/y; ln -s x/y /rel; ln -s /x/y /abs; ln -s ../there /x/y/up; ln -s hop1 /hop; ln -s /abs/../hop2 /hop1; ln -s nowhere/f /dangling")
	for _, c := range []struct{ path, is string }{
		{"/rel/f", "/x/y/f"},
		{"/abs/../g", "/x/g"}, // where the link leads, not what the text says
		{"/abs/new/deep/h", "/x/y/new/deep/h"},
		{"/abs/../new/h", "/x/new/h"},
		{"/rel/up", "/x/there"}, // the link stays, what it points to is written
		{"/hop", "/x/hop2"},
		{"/../../f", "/f"},
		{"/made/../beside", "/beside"},
		{"//x///y/./slashes", "/x/y/slashes"},
		{"/x/y/name with\nnew line 字", "/x/y/name with\nnew line 字"},
	} {
		b.writeFile(c.path, 0, "written to "+c.path)
		b.wantFile(c.path, "written to "+c.path)
		b.wantFile(c.is, "written to "+c.path)
	}
	wantResult(t, "links are still links", b.Sh("readlink /x/y/up; readlink /hop; readlink /hop1"), Result{Stdout: "../there\nhop1\n/abs/../hop2\n"})
	wantReason(t, "a link to a directory that is not there", b.WriteFile(Context(t), "/dangling", 0, nil), "FILE_NOT_FOUND")
	// Who has the old file under another name, keeps it.
	b.Sh("echo old >/name; ln /name /other-name")
	b.writeFile("/name", 0, "new")
	b.wantFile("/other-name", "old\n")
}

func testFilesWhole(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.writeFile("/d/f", 0, "old")
	// Half of a write, after which the caller hangs up.
	conn, err := b.Dial(Context(t))
	mustDo(t, err)
	defer conn.Close()
	mustDo(t, frame.WriteMessage(conn, frame.Request, &agentv1.Request{Call: &agentv1.Request_WriteFile{WriteFile: &agentv1.WriteFile{Path: "/d/f"}}}))
	mustDo(t, frame.Write(conn, frame.Data, []byte("half of the new")))
	const until = "for i in $(seq 2000); do [ $(ls -A /d | wc -l) = %d ] && break; usleep 1000; done; ls -A /d | wc -l"
	wantResult(t, "the half has arrived", b.Sh(fmt.Sprintf(until, 2)), Result{Stdout: "2\n"})
	b.wantFile("/d/f", "old")
	_ = conn.Close()
	wantResult(t, "the half is gone", b.Sh(fmt.Sprintf(until, 1)), Result{Stdout: "1\n"})
	b.wantFile("/d/f", "old")

	// Readers and writers at once: every reader finds one writer's content, whole.
	const size, writers = 300_000, 4
	b.writeFile("/d/f", 0, strings.Repeat("0", size))
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for range 10 {
				b.writeFile("/d/f", 0, strings.Repeat(string(rune('1'+w)), size))
			}
		})
	}
	for range writers {
		reading.Go(func() {
			for {
				got, err := b.ReadFile(Context(t), "/d/f", 1<<20)
				if err != nil || len(got) != size || bytes.Count(got, got[:1]) != size {
					t.Errorf("read %d bytes, %v; want %d of a kind", len(got), err, size)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	wantResult(t, "what is left", b.Run("ls", "-A", "/d"), Result{Stdout: "f\n"})
}

// testFileGrows reads a file that something else makes longer and shorter all the while.
func testFileGrows(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"sh", "-c",
		"while :; do : >/f; for i in $(seq 40); do head -c 20000 /bin/busybox >>/f; done; echo; done"}})
	mustDo(t, err)
	defer p.Close()
	_, err = p.Recv() // the file is there
	mustDo(t, err)
	const limit = 400_000
	read, refused := 0, 0
	for i := 0; i < 20_000 && (read < 20 || refused < 20); i++ {
		switch got, err := b.ReadFile(Context(t), "/f", limit); {
		case err != nil:
			wantReason(t, "a file that grows", err, "FILE_TOO_LARGE")
			refused++
		case len(got) > limit:
			t.Fatalf("read %d bytes, more than the limit of %d", len(got), limit)
		default:
			read++
		}
	}
	if read < 20 || refused < 20 {
		t.Errorf("read %d times, refused %d times", read, refused)
	}
}
