package runtimetest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// background starts a command that goes on until the test ends, and waits for its first line, which must be line.
func (b *Box) background(line string, argv ...string) {
	b.t.Helper()
	p, err := b.Exec(Context(b.t), agent.ExecRequest{Argv: argv})
	mustDo(b.t, err)
	b.t.Cleanup(func() { _ = p.Close() })
	ev, err := p.Recv()
	if err != nil || string(ev.Data) != line+"\n" {
		b.t.Fatalf("%v: %q, %v", argv, ev.Data, err)
	}
}

// agentPeak is the most memory that the agent ever had, in bytes.
func (s *suite) agentPeak(b *Box) int64 {
	b.t.Helper()
	which := "VmHWM"
	if s.differs(ShortStatus) { // what it has now, then
		which = "VmRSS"
	}
	fields := strings.Fields(b.Run("grep", which, "/proc/1/status").Stdout)
	if len(fields) != 3 || fields[2] != "kB" {
		b.t.Fatalf("/proc/1/status: %q", fields)
	}
	n, err := strconv.ParseInt(fields[1], 10, 64)
	mustDo(b.t, err)
	return n << 10
}

// maxAgent is more than the agent takes, however large what goes through it is.
const maxAgent = 48 << 20

// testFileSwaps: a directory that becomes a link and a directory again, all the while. Whatever is said, nothing of the
// archive is written where the link leads, nothing there is removed, and nothing of it gets into an archive.
func testFileSwaps(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /outside /d/sub/x; echo secret >/outside/secret; ln -s /outside /d/link; echo of sub >/d/sub/f")
	b.background("swapping", "probe", "swap", "/d/sub", "/d/link")
	in := archiveOf(t, entry{tar.Header{Typeflag: tar.TypeDir, Name: "sub", Mode: 0o755}, ""}, file("sub/evil", "evil"), file("sub/x/evil", "evil"))
	const enough = 5
	done, refused := 0, 0
	for i := 0; i < 2000 && (done < enough || refused < enough); i++ {
		switch _, err := b.Unpack(Context(t), "/d", false, bytes.NewReader(in)); errdefs.ReasonOf(err) {
		case "":
			mustDo(t, err)
			done++
		case "ARCHIVE_UNSAFE", "FILE_NOT_DIRECTORY", "FILE_NOT_FOUND":
			refused++
		default:
			t.Fatalf("unpack: %v", err)
		}
		var out bytes.Buffer
		if _, err := b.Pack(Context(t), "/d", func(p []byte) error { _, err := out.Write(p); return err }); err != nil {
			t.Fatalf("pack: %v", err)
		}
		if _, _, err := b.ListDirectory(Context(t), "/d", "", 10); err != nil {
			t.Fatalf("list: %v", err)
		}
		if bytes.Contains(out.Bytes(), []byte("secret")) {
			t.Fatal("what lies outside is in the archive")
		}
	}
	if done < enough || refused < enough {
		t.Errorf("unpacked %d times, refused %d times: the test did not hit both", done, refused)
	}
	for range 200 {
		if err := b.RemoveFile(Context(t), "/d", true); err == nil {
			break
		} else if r := errdefs.ReasonOf(err); r != "DIRECTORY_NOT_EMPTY" && r != "FILE_NOT_FOUND" && r != "FILE_NOT_REGULAR" {
			t.Fatalf("remove: %v", err)
		}
	}
	wantResult(t, "what is outside", b.Sh("ls -A /outside; cat /outside/secret"), Result{Stdout: "secret\nsecret\n"})
}

// testFileEndless: files of any length and of none.
func testFileEndless(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("dd if=/dev/zero of=/huge bs=1M seek=1048576 count=0 2>/dev/null")
	_, err := b.ReadFile(Context(t), "/huge", 1<<20)
	wantReason(t, "a huge file", err, "FILE_TOO_LARGE")
	if info, err := b.StatFile(Context(t), "/huge", false); err != nil || info.Size != 1<<40 {
		t.Errorf("%+v, %v", info, err)
	}
	// Who has had enough of it ends it.
	ctx, cancel := context.WithCancel(Context(t))
	defer cancel()
	n := 0
	_, err = b.Pack(ctx, "/huge", func(p []byte) error {
		if n += len(p); n > 64<<20 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an archive without an end: %v", err)
	}
	// And who stops reading holds up nobody else.
	read, write := io.Pipe()
	go func() {
		_, err := b.Pack(Context(t), "/huge", func(p []byte) error { _, err := write.Write(p); return err })
		_ = write.CloseWithError(err)
	}()
	_, err = read.Read(make([]byte, 1))
	mustDo(t, err)
	wantResult(t, "a command meanwhile", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
	_ = read.CloseWithError(errors.New("enough"))
	for _, path := range []string{"/dev/zero", "/dev/full", "/dev/random"} {
		_, err := b.Pack(Context(t), path, func([]byte) error { return nil })
		wantReason(t, "pack "+path, err, "FILE_NOT_REGULAR")
	}
	if peak := s.agentPeak(b); peak > maxAgent {
		t.Errorf("the agent had %d bytes", peak)
	}
}

// testFileHeld: no call waits for who holds a file, here with a lease or as a pipe, and is stopped.
func testFileHeld(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir /dev/d; echo old >/dev/d/leased; mkfifo /dev/d/pipe")
	if s.differs(NoLeases) {
		wantResult(t, "a lease", b.Run("probe", "lease", "/dev/d/leased"), Result{Stdout: "EINVAL\n"})
	} else {
		b.background("held", "probe", "lease", "/dev/d/leased")
	}
	b.background("open", "sh", "-c", "exec 3<>/dev/d/pipe; echo open; kill -STOP $$; sleep 1000")
	began := time.Now()
	if !s.differs(NoLeases) {
		_, err := b.ReadFile(Context(t), "/dev/d/leased", 100)
		wantReason(t, "read a leased file", err, "FILE_IO_FAILED")
		_, err = b.Pack(Context(t), "/dev/d/leased", func([]byte) error { return nil })
		wantReason(t, "pack a leased file", err, "FILE_IO_FAILED")
		_, err = b.Pack(Context(t), "/dev/d", func([]byte) error { return nil })
		wantReason(t, "pack a directory with a leased file", err, "FILE_IO_FAILED")
	}
	if info, err := b.StatFile(Context(t), "/dev/d/leased", true); err != nil || info.Size != 4 {
		t.Errorf("stat: %+v, %v", info, err)
	}
	if files, _, err := b.ListDirectory(Context(t), "/dev/d", "", 10); err != nil || len(files) != 2 {
		t.Errorf("list: %v, %v", files, err)
	}
	_, err := b.ReadFile(Context(t), "/dev/d/pipe", 100)
	wantReason(t, "read a pipe", err, "FILE_NOT_REGULAR")
	wantReason(t, "write a pipe", b.WriteFile(Context(t), "/dev/d/pipe", 0, []byte("x")), "FILE_NOT_REGULAR")
	mustDo(t, b.WriteFile(Context(t), "/dev/d/leased", 0, []byte("new")))
	b.wantFile("/dev/d/leased", "new")
	b.unpack("/dev/d", archiveOf(t, file("pipe", "a file now")))
	b.wantFile("/dev/d/pipe", "a file now")
	mustDo(t, b.RemoveFile(Context(t), "/dev/d", true))
	if took := time.Since(began); took > 20*time.Second { // the kernel breaks a lease after 45
		t.Errorf("it took %v", took)
	}
}

// testFilesDeep: directories a thousand deep in one another. A walk refuses them, and a path leads there still.
func testFilesDeep(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	deep := "/deep" + strings.Repeat("/d", 1000)
	mustDo(t, b.MakeDirectory(Context(t), deep, 0, true))
	b.writeFile(deep+"/f", 0, "deep down")
	b.wantFile(deep+"/f", "deep down")
	if files, _, err := b.ListDirectory(Context(t), deep, "", 10); err != nil || len(files) != 1 || files[0].Name != "f" {
		t.Errorf("%v, %v", files, err)
	}
	_, err := b.Pack(Context(t), "/deep", func([]byte) error { return nil })
	wantReason(t, "pack", err, "FILE_TOO_DEEP")
	wantReason(t, "remove", b.RemoveFile(Context(t), "/deep", true), "FILE_TOO_DEEP")
	b.unpack("/deeper", archiveOf(t, file(strings.Repeat("d/", 1000)+"f", "deep down")))
	b.wantFile("/deeper"+strings.Repeat("/d", 1000)+"/f", "deep down")
	_, err = b.Unpack(Context(t), "/deepest", false, bytes.NewReader(archiveOf(t, file(strings.Repeat("d/", 5000)+"f", ""))))
	wantReason(t, "a path longer than there is", err, "INVALID_ARGUMENT")
	mustDo(t, b.RemoveFile(Context(t), deep+"/f", false))
	wantResult(t, "a command after all that", b.Run("echo", "alive"), Result{Stdout: "alive\n"})
}
