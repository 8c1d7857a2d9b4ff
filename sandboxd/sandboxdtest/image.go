package sandboxdtest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// The images that there are.
const (
	// BusyboxImage has busybox and its applets, a user app (1000:1000) and the variable FROM_IMAGE=yes. Its working
	// directory is /srv.
	BusyboxImage = "busybox:test"
	// PythonImage is there with WithPython.
	PythonImage = "python:3.11"
)

const pythonArchive = ".cache/images/python-3.11.tar"

func (s *Server) importImages() {
	s.t.Helper()
	s.ImportImage(BusyboxImage, bytes.NewReader(BusyboxArchive(s.t)))
	if s.python {
		archive, err := os.Open(filepath.Join(moduleRoot(s.t), pythonArchive))
		if err != nil {
			s.t.Fatalf("%v\nmake it with: scripts/image.sh", err)
		}
		defer archive.Close()
		s.ImportImage(PythonImage, archive)
	}
}

// ImportImage imports an OCI or docker archive through the API, as the operator.
func (s *Server) ImportImage(image string, archive io.Reader) *sandboxv1.Image {
	s.t.Helper()
	return ImportImage(s.t, s.Client(s.Secretsd.OperatorKey), image, archive)
}

// ImportImage imports an OCI or docker archive through a client, the operator's.
func ImportImage(t testing.TB, operator sandboxv1.SandboxServiceClient, image string, archive io.Reader) *sandboxv1.Image {
	t.Helper()
	stream, err := operator.ImportImage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	send := func(req *sandboxv1.ImportImageRequest) {
		// An io.EOF says that the server has given up; CloseAndRecv has its reason.
		if err := stream.Send(req); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Metadata{Metadata: &sandboxv1.ImportImageMetadata{Image: image}}})
	buf := make([]byte, 1<<20)
	for {
		n, err := archive.Read(buf)
		if n > 0 {
			send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Data{Data: buf[:n]}})
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	resp, err := stream.CloseAndRecv()
	if err != nil {
		t.Fatalf("importing %s: %v", image, err)
	}
	return resp.GetImage()
}

// BusyboxArchive makes a docker archive of BusyboxImage from the host's static busybox.
func BusyboxArchive(t testing.TB) []byte {
	t.Helper()
	const busybox = "/bin/busybox"
	binary, err := os.ReadFile(busybox)
	if err != nil {
		t.Fatalf("%v\ninstall it with: apt-get install busybox-static", err)
	}
	applets, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		t.Fatalf("listing busybox's applets: %v", err)
	}
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	add := func(h tar.Header, content string) {
		h.Size = int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	for dir, mode := range map[string]int64{"bin": 0o755, "etc": 0o755, "home": 0o755, "root": 0o700, "srv": 0o755, "tmp": 0o1777} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: mode}, "")
	}
	add(tar.Header{Typeflag: tar.TypeDir, Name: "home/app/", Mode: 0o755, Uid: 1000, Gid: 1000}, "")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd", Mode: 0o644}, "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/group", Mode: 0o644}, "root:x:0:\napp:x:1000:\n")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, string(binary))
	for _, applet := range strings.Fields(string(applets)) {
		if applet != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + applet, Linkname: "busybox", Mode: 0o777}, "")
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dockerArchive(t, layer.Bytes(), v1.Config{Env: []string{"PATH=/bin", "FROM_IMAGE=yes"}, WorkingDir: "/srv"})
}

func dockerArchive(t testing.TB, layerTar []byte, config v1.Config) []byte {
	t.Helper()
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layerTar)), nil })
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", runtime.GOARCH, config
	if img, err = mutate.ConfigFile(img, file); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := tarball.Write(name.MustParseReference("example.test/busybox"), img, &archive); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	return filepath.Dir(strings.TrimSpace(string(gomod)))
}
