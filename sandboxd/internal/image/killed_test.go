package image_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/image"
)

// startChild starts a process that works on the store in dir, as TestMain's child does. It is killed with the test at
// the latest; kill does so before, and waits until it is gone.
func startChild(t testing.TB, dir string, input io.Reader, args ...string) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	var said bytes.Buffer
	c.Env, c.Stdin, c.Stderr = append(os.Environ(), childVar+"="+dir), input, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = c.Process.Kill()
		if err := c.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("the child ended with %v before it was killed", err)
		}
		if said.Len() > 0 {
			t.Errorf("the child was to log nothing, and wrote\n%s", &said)
		}
	}
}

// wantUnfinished checks that a killed process has left something to clear.
func wantUnfinished(t testing.TB, dir, pattern string) {
	t.Helper()
	if found, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(found) == 0 {
		t.Fatalf("the killed process has left no %s: %v", pattern, err)
	}
}

func TestKilledInAnImport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := image.Open(image.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "there", bytes.NewReader(ociArchive(t, nil, build(t, recipe{}, gzipLayer(t, file("a", "1")))))); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kill := startChild(t, dir, r, "import", "app")
	r.Close()
	// Far more than the pipe and a buffer hold: once it is written, the child has been storing it.
	archive := tarOf(t, file("first", strings.Repeat("a", 1000)), file("second", strings.Repeat("b", 2<<20)))
	if _, err := w.Write(archive[:len(archive)/2]); err != nil {
		t.Fatal(err)
	}
	kill()
	w.Close()
	wantUnfinished(t, dir, "content/ingest/*/data")

	s = open(t, image.Config{Dir: dir})
	wantStored(t, dir, 2, 2)
	if all, err := s.List(t.Context()); err != nil || len(all) != 1 || all[0].Name != "there:latest" {
		t.Errorf("the store lists %v, %v", all, err)
	}
}

func TestKilledInAPull(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	dir := t.TempDir()
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")), gzipLayer(t, file("b", strings.Repeat("2", 1000))))
	name := reg.push(b, "app", "1")
	asked, ended := make(chan struct{}), make(chan struct{})
	defer close(ended)
	second := b.layer(t, 1).Digest
	reg.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, second.String()) {
			return false
		}
		_, _ = w.Write(b.blobs[second][:20])
		w.(http.Flusher).Flush()
		close(asked)
		<-ended
		return true
	})
	kill := startChild(t, dir, nil, "pull", name, reg.host())
	<-asked
	kill()
	wantUnfinished(t, dir, "content/blobs/*/*")
	wantUnfinished(t, dir, "overlay/snapshots/*")

	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	wantNothingLeft(t, dir)
	reg.intercept(nil)
	if _, _, err := s.Ensure(t.Context(), name); err != nil {
		t.Errorf("pulling it again: %v", err)
	}
}

// What lies in the directories and nowhere in the database goes too: a process can be killed between the two.
func TestStrayDirectories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := image.Open(image.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, stray := range []string{
		"content/ingest/what/data", "content/blobs/sha256/" + someDigest[len("sha256:"):], "overlay/snapshots/77/fs/file", "overlay/snapshots/new-1/fs/file",
	} {
		path := filepath.Join(dir, stray)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, image.Config{Dir: dir})
	wantNothingLeft(t, dir)
}
