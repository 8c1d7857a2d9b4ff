package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
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

// otherArchive is an archive of some image that shares nothing with any other.
func otherArchive(t *testing.T) io.Reader {
	t.Helper()
	img, err := random.Image(1<<10, 1)
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	if img, err = mutate.ConfigFile(img, file); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := tarball.Write(name.MustParseReference("example.test/other"), img, &archive); err != nil {
		t.Fatal(err)
	}
	return &archive
}

// waitForLayers waits until the image store has that many directories of layers; each image has one more than layers.
func (e *env) waitForLayers(want int) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 10*time.Second)
	defer cancel()
	for {
		dirs, err := filepath.Glob(filepath.Join(e.StateDir, "images/overlay/snapshots/*"))
		if err != nil {
			e.t.Fatal(err)
		}
		if len(dirs) == want {
			return
		}
		if ctx.Err() != nil {
			e.t.Fatalf("there are %d directories of layers, want %d: %v", len(dirs), want, dirs)
		}
	}
}

// A sandbox keeps the image that it was made of when its name is given to another; images that nothing is made of go
// while sandboxd runs.
func TestReplacedImages(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.RetainEnded = 50 * time.Millisecond }))
	sb := e.run(spec())
	e.ImportImage(sandboxdtest.BusyboxImage, otherArchive(t))
	e.ImportImage("unused:1", otherArchive(t))
	e.ImportImage("unused:1", otherArchive(t))
	e.waitForLayers(3 * 2) // the unused one has gone, the sandbox's and two with a name are there
	if got := e.shell(sb.GetName(), "cat /etc/group && ls /bin/busybox"); got != "root:x:0:\napp:x:1000:\n/bin/busybox" {
		t.Errorf("in the sandbox there is %q", got)
	}
	e.stop(sb.GetName())
	e.waitForLayers(2 * 2)
}
