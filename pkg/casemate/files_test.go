package casemate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"google.golang.org/grpc/codes"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func TestFileTree(t *testing.T) {
	ctx := t.Context()
	s := start(t).run(t, casemate.RunOptions{})
	if err := s.MakeDirectory(ctx, "/data/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Output(ctx, "sh", "-c", "cd /data; for i in $(seq 1500); do : >f$i; done; ln -s sub link"); err != nil {
		t.Fatal(err)
	}
	count := 0
	for f, err := range s.ListDirectory(ctx, "/data") {
		if err != nil {
			t.Fatal(err)
		}
		if count++; f.GetName() == "link" && f.GetType() != sandboxv1.FileType_FILE_TYPE_SYMLINK {
			t.Errorf("%v", f)
		}
	}
	if count != 1502 {
		t.Errorf("%d files", count)
	}
	for range s.ListDirectory(ctx, "/data") {
		break // which asks for no more
	}
	for _, err := range s.ListDirectory(ctx, "/none") {
		wantError(t, err, codes.NotFound, "FILE_NOT_FOUND")
	}
	if f, err := s.StatFile(ctx, "/data/link", true); err != nil || f.GetType() != sandboxv1.FileType_FILE_TYPE_DIRECTORY || f.GetMode() != 0o700 {
		t.Errorf("%v, %v", f, err)
	}
	if err := s.MoveFile(ctx, "/data/f1", "/data/sub/f1"); err != nil {
		t.Error(err)
	}
	wantError(t, s.RemoveFile(ctx, "/data/sub"), codes.FailedPrecondition, "DIRECTORY_NOT_EMPTY")
	if err := s.RemoveFile(ctx, "/data/link"); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := s.RemoveAll(ctx, "/data"); err != nil {
			t.Error(err)
		}
	}
	_, err := s.StatFile(ctx, "/data", false)
	wantError(t, err, codes.NotFound, "FILE_NOT_FOUND")
}

func TestArchives(t *testing.T) {
	ctx := t.Context()
	s := start(t).run(t, casemate.RunOptions{User: "app"})
	if _, err := s.Output(ctx, "sh", "-c", "mkdir -p /home/app/src; cd /home/app/src; head -c 5000000 /dev/urandom >f; mkfifo p; ln f g"); err != nil {
		t.Fatal(err)
	}
	d, err := s.DownloadArchive(ctx, "/home/app/src")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	archive, err := io.ReadAll(d)
	if err != nil || d.Skipped() != 1 {
		t.Fatalf("%d bytes, %d left out, %v", len(archive), d.Skipped(), err)
	}
	for dir, o := range map[string]casemate.UploadOptions{"/home/app/kept": {}, "/home/app/mine": {IgnoreOwners: true}} {
		n, err := s.UploadArchive(ctx, dir, bytes.NewReader(archive), o)
		if err != nil || n.Entries != 3 {
			t.Errorf("%+v, %v", n, err)
		}
		if _, err := s.Output(ctx, "sh", "-c", "cmp "+dir+"/f /home/app/src/g && [ "+dir+"/f -ef "+dir+"/g ]"); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
	_, err = s.UploadArchive(ctx, "/x", strings.NewReader(strings.Repeat("noise", 1000)), casemate.UploadOptions{})
	wantError(t, err, codes.InvalidArgument, "ARCHIVE_INVALID")
	broken := errors.New("the disk is broken")
	_, err = s.UploadArchive(ctx, "/x", io.MultiReader(bytes.NewReader(archive[:4096]), iotest.ErrReader(broken)), casemate.UploadOptions{})
	if !errors.Is(err, broken) {
		t.Errorf("an archive that can't be read: %v", err)
	}
	missing, err := s.DownloadArchive(ctx, "/none")
	if err != nil {
		t.Fatal(err)
	}
	_, err = missing.Read(make([]byte, 1))
	wantError(t, err, codes.NotFound, "FILE_NOT_FOUND")
	left, err := s.DownloadArchive(ctx, "/home/app/src")
	if err != nil {
		t.Fatal(err)
	}
	_ = left.Close()
	if _, err := io.Copy(io.Discard, left); !errors.Is(err, context.Canceled) {
		t.Errorf("a download that was closed: %v", err)
	}
}
