package daemon_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// filesArchive is an archive of one file of n bytes.
func filesArchive(t *testing.T, name string, n int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: n, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, &noise{}, n); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// filesUntil waits in the sandbox until a directory has so many names, and returns them.
func (e *env) filesUntil(name, dir string, count int) string {
	e.t.Helper()
	return e.shell(name, "for i in $(seq 5000); do [ $(ls -A "+dir+" | wc -l) = "+string(rune('0'+count))+" ] && break; usleep 2000; done; ls -A "+dir)
}

// An upload that does not come to its right end leaves the old file, and nothing besides.
func TestUploadsThatBreakOff(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "mkdir /d; echo old >/d/f")
	whole := filesArchive(t, "f", 2<<20)
	for what, breakOff := range map[string]func(ctx context.Context, cancel func(), u *upload) error{
		"the client goes away half-way": func(_ context.Context, cancel func(), u *upload) error {
			_, err := u.Write(whole[:1<<20])
			e.filesUntil(name, "/d", 2) // what came is there, under a name of its own
			cancel()
			return err
		},
		"another hash at the end": func(_ context.Context, _ func(), u *upload) error {
			for part := range slices.Chunk(whole, 1<<20) {
				_, _ = u.Write(part)
			}
			_, err := u.end(make([]byte, sha256.Size))
			wantError(t, err, errdefs.InvalidArgument, "ARCHIVE_CHECKSUM_MISMATCH")
			return nil
		},
		"an end too early": func(_ context.Context, _ func(), u *upload) error {
			_, _ = u.Write(whole[:1<<20])
			_, err := u.end(u.sum.Sum(nil))
			wantError(t, err, errdefs.InvalidArgument, "ARCHIVE_INVALID")
			return nil
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := e.api.UploadArchive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		u := &upload{stream, sha256.New()}
		u.send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{Start: &sandboxv1.UploadArchiveStart{Name: name, Path: "/d"}}})
		if err := breakOff(ctx, cancel, u); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		cancel()
		if got := e.filesUntil(name, "/d", 1); got != "f" {
			t.Errorf("%s: left %q", what, got)
		}
		if got := e.shell(name, "cat /d/f"); got != "old" {
			t.Errorf("%s: the file is %.20q", what, got)
		}
	}
}

// A sandbox that ends while files come and go ends the calls, with the reason.
func TestFilesOfASandboxThatEnds(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "dd if=/dev/zero of=/huge bs=1M seek=1048576 count=0 2>/dev/null")
	down, err := e.api.DownloadArchive(t.Context(), &sandboxv1.DownloadArchiveRequest{Name: name, Path: "/huge"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := down.Recv(); err != nil {
		t.Fatal(err)
	}
	up := e.upload(name, "/d")
	if _, err := up.Write(filesArchive(t, "f", 1<<20)[:1<<20]); err != nil {
		t.Fatal(err)
	}
	e.filesUntil(name, "/d", 1)
	e.stop(name)
	for err == nil {
		_, err = down.Recv()
	}
	_, upErr := up.end(up.sum.Sum(nil))
	for what, err := range map[string]error{"download": err, "upload": upErr} {
		// The agent's connection ends a moment before sandboxd knows of the sandbox's end.
		if e, ok := errdefs.As(errgrpc.FromError(err)); !ok || e.Reason != "SANDBOX_NOT_RUNNING" && e.Reason != "SANDBOX_LOST" {
			t.Errorf("the %s: %v", what, err)
		}
	}
}

// Who stops reading a download holds up nobody, and nothing of it is left when the client goes.
func TestDownloadThatNobodyReads(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "dd if=/dev/zero of=/huge bs=1M seek=1048576 count=0 2>/dev/null")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var streams []sandboxv1.SandboxService_DownloadArchiveClient
	for range 8 {
		s, err := e.api.DownloadArchive(ctx, &sandboxv1.DownloadArchiveRequest{Name: name, Path: "/huge"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Recv(); err != nil {
			t.Fatal(err)
		}
		streams = append(streams, s)
	}
	if got := e.shell(name, "echo alive"); got != "alive" {
		t.Errorf("a command meanwhile: %q", got)
	}
	if n := e.filesHeld(name, "huge"); n != len(streams) {
		t.Errorf("the agent holds it open %d times", n)
	}
	cancel()
	for _, s := range streams {
		var err error
		for err == nil {
			_, err = s.Recv()
		}
		if status.Code(err) != codes.Canceled {
			t.Errorf("a download that was given up: %v", err)
		}
	}
	// The agent lets go of the file soon.
	for deadline := time.Now().Add(20 * time.Second); e.filesHeld(name, "huge") > 0; e.exec(name, "usleep", "2000") {
		if time.Now().After(deadline) {
			t.Fatalf("the agent holds it open %d times", e.filesHeld(name, "huge"))
		}
	}
}

// filesHeld is how often the sandbox's agent has a file open.
func (e *env) filesHeld(name, file string) int {
	e.t.Helper()
	n := 0
	for _, open := range e.AgentFiles(path.Base(name)) {
		if strings.HasSuffix(open, "/"+file) {
			n++
		}
	}
	return n
}

// A directory of 100,000 files is listed a page at a time, comes as an archive and goes, and the agent stays small.
func TestVeryManyFiles(t *testing.T) {
	const many = 100_000
	e := start(t)
	ctx, name := t.Context(), e.run(spec()).GetName()
	long := strings.Repeat("n", 255)
	e.shell(name, "mkdir /many; cd /many; seq 2 "+strconv.Itoa(many)+" | xargs touch; touch "+long)
	page, err := e.api.ListDirectory(ctx, &sandboxv1.ListDirectoryRequest{Name: name, Path: "/many", PageSize: 1000})
	if files := page.GetFiles(); err != nil || len(files) != 1000 || files[0].GetName() != "10" || page.GetNextPageToken() == "" {
		t.Errorf("the first page: %d files, %v", len(files), err)
	}
	count := 0
	pr, pw := io.Pipe()
	go func() {
		_, err := e.download(ctx, name, "/many", pw)
		_ = pw.CloseWithError(err)
	}()
	var longest string
	for r := tar.NewReader(pr); ; count++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Name) > len(longest) {
			longest = h.Name
		}
	}
	if _, err := io.Copy(io.Discard, pr); err != nil || count != many+1 || longest != long {
		t.Errorf("the archive has %d entries, the longest name %d bytes, %v", count, len(longest), err)
	}
	if _, err := e.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: "/many", Recursive: true}); err != nil {
		t.Error(err)
	}
	_, err = e.api.StatFile(ctx, &sandboxv1.StatFileRequest{Name: name, Path: "/many"})
	wantError(t, err, errdefs.NotFound, "FILE_NOT_FOUND")
	peak := strings.Fields(e.shell(name, "grep VmHWM /proc/1/status"))
	if kib, err := strconv.Atoi(peak[1]); err != nil || kib > 48<<10 {
		t.Errorf("the agent's memory: %q", peak)
	}
}

// Why a file can't be had, each with a reason of its own.
func TestReasonsOfFiles(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "mkdir /d; echo x >/d/f; mkfifo /pipe; dd if=/dev/zero of=/large bs=1M seek=40 count=0 2>/dev/null")
	read := func(path string) func() error {
		return func() error {
			_, err := e.api.ReadFile(t.Context(), &sandboxv1.ReadFileRequest{Name: name, Path: path})
			return err
		}
	}
	write := func(path string, size int) func() error {
		return func() error {
			_, err := e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: path, Content: make([]byte, size)})
			return err
		}
	}
	for _, c := range []struct {
		what   string
		kind   errdefs.Kind
		reason string
		do     func() error
	}{
		{"not there", errdefs.NotFound, "FILE_NOT_FOUND", read("/none")},
		{"a directory", errdefs.FailedPrecondition, "FILE_IS_DIRECTORY", read("/d")},
		{"a pipe", errdefs.FailedPrecondition, "FILE_NOT_REGULAR", read("/pipe")},
		{"too large to read", errdefs.OutOfRange, "FILE_TOO_LARGE", read("/large")},
		{"the host's", errdefs.PermissionDenied, "FILE_PERMISSION_DENIED", read("/proc/self/environ")},
		{"no space", errdefs.ResourceExhausted, "FILE_NO_SPACE", write("/dev/big", 8<<20)},
		{"read-only", errdefs.FailedPrecondition, "FILE_READ_ONLY", write("/sys/f", 1)},
		{"not empty", errdefs.FailedPrecondition, "DIRECTORY_NOT_EMPTY", func() error {
			_, err := e.api.RemoveFile(t.Context(), &sandboxv1.RemoveFileRequest{Name: name, Path: "/d"})
			return err
		}},
		{"another device", errdefs.FailedPrecondition, "FILE_CROSS_DEVICE", func() error {
			_, err := e.api.MoveFile(t.Context(), &sandboxv1.MoveFileRequest{Name: name, Path: "/d/f", NewPath: "/dev/f"})
			return err
		}},
		{"in the way", errdefs.AlreadyExists, "FILE_EXISTS", func() error {
			_, err := e.api.MakeDirectory(t.Context(), &sandboxv1.MakeDirectoryRequest{Name: name, Path: "/d"})
			return err
		}},
		{"no directory", errdefs.FailedPrecondition, "FILE_NOT_DIRECTORY", func() error {
			_, err := e.api.ListDirectory(t.Context(), &sandboxv1.ListDirectoryRequest{Name: name, Path: "/d/f"})
			return err
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := wantError(t, c.do(), c.kind, c.reason); got.Metadata["filepath"] == "" || !strings.Contains(got.Message, got.Metadata["filepath"]) {
				t.Errorf("it does not say which file: %+v", got)
			}
		})
	}
	if got := wantError(t, read("/large")(), errdefs.OutOfRange, "FILE_TOO_LARGE"); got.Metadata["size_bytes"] != "41943040" || got.Metadata["max_size_bytes"] != "33554432" {
		t.Errorf("%v", got.Metadata)
	}
}
