package daemon_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"hash"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

func TestFileTree(t *testing.T) {
	e := start(t)
	ctx, name := t.Context(), e.run(spec()).GetName()
	if _, err := e.api.MakeDirectory(ctx, &sandboxv1.MakeDirectoryRequest{Name: name, Path: "data/deep", Parents: true, Mode: 0o750}); err != nil {
		t.Fatal(err)
	}
	e.shell(name, "cd /srv/data; echo x >b; ln -s b a; : >\"$(printf 'bad\\377')\"; mkfifo p; chmod 4755 b")
	var got []string
	for token := ""; ; {
		resp, err := e.api.ListDirectory(ctx, &sandboxv1.ListDirectoryRequest{Name: name, Path: "data", PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range resp.GetFiles() {
			got = append(got, f.GetName()+" "+f.GetType().String()+" "+f.GetLinkTarget())
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	want := []string{"a FILE_TYPE_SYMLINK b", "b FILE_TYPE_REGULAR ", "bad� FILE_TYPE_REGULAR ", "deep FILE_TYPE_DIRECTORY ", "p FILE_TYPE_SPECIAL "}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	stat, err := e.api.StatFile(ctx, &sandboxv1.StatFileRequest{Name: name, Path: "data/a", FollowLink: true})
	if f := stat.GetFile(); err != nil || f.GetMode() != 0o4755 || f.GetSizeBytes() != 2 || f.GetType() != sandboxv1.FileType_FILE_TYPE_REGULAR || f.GetModifyTime().GetSeconds() < 1e9 {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := e.api.MoveFile(ctx, &sandboxv1.MoveFileRequest{Name: name, Path: "data/b", NewPath: "data/c"}); err != nil {
		t.Error(err)
	}
	_, err = e.api.MoveFile(ctx, &sandboxv1.MoveFileRequest{Name: name, Path: "data/c", NewPath: "data/p"})
	wantError(t, err, errdefs.AlreadyExists, "FILE_EXISTS")
	_, err = e.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: "data"})
	wantError(t, err, errdefs.FailedPrecondition, "DIRECTORY_NOT_EMPTY")
	if _, err := e.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: "data", Recursive: true}); err != nil {
		t.Error(err)
	}
	_, err = e.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: "data"})
	wantError(t, err, errdefs.NotFound, "FILE_NOT_FOUND")
	if _, err := e.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: "data", AllowMissing: true}); err != nil {
		t.Error(err)
	}
	_, err = e.api.ListDirectory(ctx, &sandboxv1.ListDirectoryRequest{Name: name, Path: "/", PageToken: "?"})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	_, err = e.api.MakeDirectory(ctx, &sandboxv1.MakeDirectoryRequest{Name: name, Path: "/x", Mode: 0o1777})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	e.stop(name)
	_, err = e.api.StatFile(ctx, &sandboxv1.StatFileRequest{Name: name, Path: "/"})
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
}

// download gives an archive to w, and checks its end against what came.
func (e *env) download(ctx context.Context, name, path string, w io.Writer) (*sandboxv1.DownloadArchiveEnd, error) {
	e.t.Helper()
	stream, err := e.api.DownloadArchive(ctx, &sandboxv1.DownloadArchiveRequest{Name: name, Path: path})
	if err != nil {
		return nil, err
	}
	sum, size := sha256.New(), int64(0)
	for {
		msg, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if end := msg.GetEnd(); end != nil {
			if !bytes.Equal(end.GetSha256(), sum.Sum(nil)) || end.GetSizeBytes() != size {
				e.t.Errorf("the end says %v, %d bytes came", end, size)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				e.t.Errorf("after the end: %v", err)
			}
			return end, nil
		}
		_, _ = sum.Write(msg.GetData())
		size += int64(len(msg.GetData()))
		if _, err := w.Write(msg.GetData()); err != nil {
			return nil, err
		}
	}
}

// upload is an upload under way.
type upload struct {
	stream sandboxv1.SandboxService_UploadArchiveClient
	sum    hash.Hash
}

func (e *env) upload(name, path string) *upload {
	e.t.Helper()
	stream, err := e.api.UploadArchive(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	u := &upload{stream, sha256.New()}
	u.send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{Start: &sandboxv1.UploadArchiveStart{Name: name, Path: path}}})
	return u
}

// send leaves errors to the answer, which has the reason.
func (u *upload) send(m *sandboxv1.UploadArchiveRequest) { _ = u.stream.Send(m) }

// Write implements io.Writer.
func (u *upload) Write(b []byte) (int, error) {
	_, _ = u.sum.Write(b)
	return len(b), u.stream.Send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Data{Data: b}})
}

func (u *upload) end(sum []byte) (*sandboxv1.UploadArchiveResponse, error) {
	u.send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_End{End: &sandboxv1.UploadArchiveEnd{Sha256: sum}}})
	return u.stream.CloseAndRecv()
}

func TestArchives(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "mkdir -p /src/d; cd /src; echo content >f; ln f hard; ln -s f link; mkfifo d/fifo; chown 7:8 f; chmod 640 f")
	var archive bytes.Buffer
	end, err := e.download(t.Context(), name, "/src", &archive)
	if err != nil || end.GetSkippedFiles() != 1 {
		t.Fatalf("%v, %v", end, err)
	}
	up := e.upload(name, "back")
	if _, err := up.Write(archive.Bytes()); err != nil {
		t.Fatal(err)
	}
	resp, err := up.end(up.sum.Sum(nil))
	if err != nil || resp.GetEntries() != 5 || resp.GetSizeBytes() != int64(archive.Len()) {
		t.Errorf("%v, %v", resp, err)
	}
	if got := e.shell(name, "cd /srv/back; cat link; stat -c '%a %u:%g %h' f; [ f -ef hard ] && echo same"); got != "content\n640 7:8 2\nsame" {
		t.Errorf("came back as %q", got)
	}

	_, err = e.download(t.Context(), name, "/none", io.Discard)
	wantError(t, err, errdefs.NotFound, "FILE_NOT_FOUND")
	for what, c := range map[string]struct {
		reason string
		send   func(*upload) error
	}{
		"another hash": {"ARCHIVE_CHECKSUM_MISMATCH", func(u *upload) error {
			_, _ = u.Write(archive.Bytes())
			_, err := u.end(make([]byte, 32))
			return err
		}},
		"no hash": {"INVALID_ARGUMENT", func(u *upload) error { _, err := u.end(nil); return err }},
		"no end": {"INVALID_ARGUMENT", func(u *upload) error {
			_, _ = u.Write(archive.Bytes())
			_, err := u.stream.CloseAndRecv()
			return err
		}},
		"a second start": {"INVALID_ARGUMENT", func(u *upload) error {
			u.send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{Start: &sandboxv1.UploadArchiveStart{Name: name, Path: "/x"}}})
			_, err := u.stream.CloseAndRecv()
			return err
		}},
		"a long message": {"INVALID_ARGUMENT", func(u *upload) error {
			_, _ = u.Write(make([]byte, 1<<20+1))
			_, err := u.stream.CloseAndRecv()
			return err
		}},
		"noise without an end": {"ARCHIVE_INVALID", func(u *upload) error {
			noise := bytes.Repeat([]byte("noise"), 1000)
			for {
				if _, err := u.Write(noise); err != nil { // the refusal does not wait for the end
					_, err := u.stream.CloseAndRecv()
					return err
				}
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			wantError(t, c.send(e.upload(name, "/x")), errdefs.InvalidArgument, c.reason)
		})
	}
	stream, err := e.api.UploadArchive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.CloseAndRecv()
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

// noise is the same endless bytes for the same seed, fast, and no two blocks alike.
type noise struct{ n uint64 }

// Read implements io.Reader.
func (r *noise) Read(b []byte) (int, error) {
	for i := range b {
		r.n = r.n*6364136223846793005 + 1442695040888963407
		b[i] = byte(r.n >> 56)
	}
	return len(b), nil
}

// archiveBytes is how long TestArchivesOfAnySize's file is: four times the sandbox's memory.
var archiveBytes = flag.Int64("archive-bytes", 1<<30, "bytes of the file that TestArchivesOfAnySize sends there and back")

// One file goes in and comes back, and nobody on the way keeps it: not sandboxd, not the agent, not the sandbox's memory.
func TestArchivesOfAnySize(t *testing.T) {
	size := *archiveBytes
	e := start(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	small := spec()
	small.Resources = &sandboxv1.Resources{MemoryBytes: 256 << 20}
	name := e.run(small).GetName()
	up := e.upload(name, "/data")
	w := tar.NewWriter(up)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "large", Size: size, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	sent := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w, sent), &noise{}, size); err != nil {
		_, err := up.stream.CloseAndRecv()
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if resp, err := up.end(up.sum.Sum(nil)); err != nil || resp.GetSizeBytes() < size {
		t.Fatalf("%v, %v", resp, err)
	}
	read, write := io.Pipe()
	go func() {
		_, err := e.download(t.Context(), name, "/data/large", write)
		_ = write.CloseWithError(err)
	}()
	r := tar.NewReader(read)
	if h, err := r.Next(); err != nil || h.Size != size {
		t.Fatalf("%+v, %v", h, err)
	}
	back := sha256.New()
	if _, err := io.Copy(back, r); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, read); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back.Sum(nil), sent.Sum(nil)) {
		t.Error("it came back changed")
	}
	runtime.ReadMemStats(&after) // HeapSys is the most that the heap ever was; both ends of the wire are this process
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	peak := strings.Fields(e.shell(name, "grep VmHWM /proc/1/status")) // the agent's
	if kib, err := strconv.Atoi(peak[1]); err != nil || kib > 48<<10 {
		t.Errorf("the agent's memory: %q", peak)
	}
	t.Logf("%d bytes: the heap is %d bytes larger, the agent's peak is %s KiB", size, int64(after.HeapSys)-int64(before.HeapSys), peak[1])
}
