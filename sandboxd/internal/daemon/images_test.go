package daemon_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestImages(t *testing.T) {
	e := start(t)
	again := e.ImportImage("other:1", bytes.NewReader(sandboxdtest.BusyboxArchive(t)))
	if again.GetName() != "other:1" || again.GetDigest() == "" || again.GetSizeBytes() == 0 || again.GetUpdateTime() == nil {
		t.Errorf("imported %v", again)
	}
	var names []string
	req := &sandboxv1.ListImagesRequest{PageSize: 1}
	for {
		resp, err := e.api.ListImages(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range resp.GetImages() {
			names = append(names, i.GetName())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if len(names) != 2 || names[0] != sandboxdtest.BusyboxImage || names[1] != "other:1" {
		t.Errorf("listed %v", names)
	}
	_, err := e.api.ListImages(t.Context(), &sandboxv1.ListImagesRequest{PageToken: "nonsense!"})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")

	s := spec()
	s.Image = "other:1"
	e.stop(e.run(s).GetName())
}

func TestImportErrors(t *testing.T) {
	e := start(t)
	upload := func(t *testing.T, key string, reqs ...*sandboxv1.ImportImageRequest) error {
		t.Helper()
		stream, err := e.Client(key).ImportImage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reqs {
			if err := stream.Send(r); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		_, err = stream.CloseAndRecv()
		return err
	}
	metadata := func(image string) *sandboxv1.ImportImageRequest {
		return &sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Metadata{Metadata: &sandboxv1.ImportImageMetadata{Image: image}}}
	}
	data := &sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Data{Data: []byte("not an archive")}}
	operator := e.Secretsd.OperatorKey

	wantError(t, upload(t, e.key, metadata("x:1"), data), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantError(t, upload(t, operator, metadata("x:1"), data), errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID")
	wantError(t, upload(t, operator, data), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, upload(t, operator), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, upload(t, operator, metadata("x:1"), metadata("y:1")), errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func TestImageThatCannotBeHad(t *testing.T) {
	e := start(t)
	s := spec()
	s.Image = "127.0.0.1:1/none:1"
	if _, err := e.tryRun(s); err == nil {
		t.Error("it ran")
	}
	s.Image = "Not A Name"
	_, err := e.tryRun(s)
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	e.nothingLeft()
}
