package image_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// wantPullError pulls an image that can't be pulled and checks what the caller is told, and that nothing stays of it.
func wantPullError(t testing.TB, s *image.Store, dir, name string, kind errdefs.Kind, why string) {
	t.Helper()
	_, _, err := s.Ensure(t.Context(), name)
	wantError(t, err, kind, "IMAGE_PULL_FAILED", "the image "+name+" is not stored here and can't be pulled: "+why+
		"; an operator can store it with: casemate image import "+name+" ARCHIVE")
	wantNothingLeft(t, dir)
}

func TestNoSuchImage(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	reg.push(build(t, recipe{}), "there", "1")
	for _, name := range []string{
		reg.host() + "/none:1", reg.host() + "/there:2",
		reg.host() + "/there@sha256:0000000000000000000000000000000000000000000000000000000000000000",
	} {
		_, _, err := s.Ensure(t.Context(), name)
		wantError(t, err, errdefs.NotFound, "IMAGE_NOT_FOUND", "there is no image "+name+": none is stored here, and its registry "+
			reg.host()+" has none; an operator can store it with: casemate image import "+name+" ARCHIVE")
	}
	_, err := s.Get(t.Context(), "none")
	wantError(t, err, errdefs.NotFound, "IMAGE_NOT_FOUND", "no image is stored as none:latest")
	wantNothingLeft(t, dir)
}

func TestUnreachableRegistry(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	deaf := l.Addr().String()
	l.Close()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{deaf}})
	wantPullError(t, s, dir, deaf+"/app:1", errdefs.Unavailable, "the registry "+deaf+" can't be reached")
}

func TestRegistryWithoutTLS(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	name := reg.push(build(t, recipe{}), "app", "1")
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition,
		"the registry "+reg.host()+" speaks no TLS; insecure_registries in the server's configuration can allow that")
	if reg.fetched("1") != 0 {
		t.Error("it was asked all the same")
	}
}

func TestUntrustedCertificate(t *testing.T) {
	reg := tlsRegistry(t, false)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir})
	name := reg.push(build(t, recipe{}), "app", "1")
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, "the certificate of the registry "+reg.host()+" is not trusted by this host")
}

func TestRegistryThatFails(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")), gzipLayer(t, file("b", "2")))
	name := reg.push(b, "app", "1")
	fail := func(w http.ResponseWriter) { http.Error(w, "down", http.StatusInternalServerError) }
	for what, before := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"at once": func(w http.ResponseWriter, _ *http.Request) bool { fail(w); return true },
		"at the last layer": func(w http.ResponseWriter, r *http.Request) bool {
			if last := b.layer(t, 1).Digest.String(); r.URL.Path == "/v2/app/blobs/"+last {
				fail(w)
				return true
			}
			return false
		},
	} {
		t.Run(what, func(t *testing.T) {
			reg.intercept(before)
			wantPullError(t, s, dir, name, errdefs.Unavailable, "the registry "+reg.host()+" answered 500 Internal Server Error")
		})
	}
	reg.intercept(nil)
	if _, _, err := s.Ensure(t.Context(), name); err != nil {
		t.Errorf("once the registry is well again: %v", err)
	}
}

// TestRegistryWithWordsOfItsOwn: whoever may run sandboxes chooses the registry, and it what it says.
func TestRegistryWithWordsOfItsOwn(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	reg.intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return true
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "HTTP/1.1 500 \x1b[2J\xff"+strings.Repeat("x", 100_000)+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		if err != nil {
			t.Error(err)
		}
		return true
	})
	wantPullError(t, s, dir, reg.host()+"/app:1", errdefs.Unavailable, "the registry "+reg.host()+" answered 500 Internal Server Error")
}

func TestRegistryThatIsSlow(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}, PullTimeout: 300 * time.Millisecond})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")), gzipLayer(t, file("b", "2")))
	name := reg.push(b, "app", "1")
	ended := make(chan struct{})
	defer close(ended)
	hang := func(r *http.Request) bool {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
		return true
	}
	for what, before := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"at once": func(_ http.ResponseWriter, r *http.Request) bool { return hang(r) },
		"at the last layer": func(_ http.ResponseWriter, r *http.Request) bool {
			return r.URL.Path == "/v2/app/blobs/"+b.layer(t, 1).Digest.String() && hang(r)
		},
		"in the middle of the last layer": func(w http.ResponseWriter, r *http.Request) bool {
			l := b.layer(t, 1)
			if r.URL.Path != "/v2/app/blobs/"+l.Digest.String() {
				return false
			}
			_, _ = w.Write(b.blobs[l.Digest][:20])
			w.(http.Flusher).Flush()
			return hang(r)
		},
	} {
		t.Run(what, func(t *testing.T) {
			reg.intercept(before)
			wantPullError(t, s, dir, name, errdefs.Unavailable, "the registry "+reg.host()+" took too long")
		})
	}
}

// An image that turns out to be broken is refused at once, while its other layers are still on their way; these leave
// nothing either.
func TestBrokenLayerBesideASlowOne(t *testing.T) {
	t.Parallel()
	reg := plainRegistry(t)
	dir := t.TempDir()
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	broken := gzipLayer(t, file("a", "1"))
	broken.diffID = digest.FromString("another")
	slow := []layer{broken}
	for i := range 5 {
		slow = append(slow, gzipLayer(t, file("b", strings.Repeat(fmt.Sprint(i), 1000))))
	}
	name := reg.push(build(t, recipe{}, slow...), "app", "1")
	ended := make(chan struct{})
	defer close(ended)
	var asked sync.WaitGroup
	asked.Add(len(slow) - 1)
	reg.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		for _, l := range slow[1:] {
			if strings.HasSuffix(r.URL.Path, l.Digest.String()) {
				_, _ = w.Write(l.blob[:20])
				w.(http.Flusher).Flush()
				asked.Done()
				select {
				case <-r.Context().Done():
				case <-ended:
				}
				return true
			}
		}
		if strings.HasSuffix(r.URL.Path, broken.Digest.String()) {
			asked.Wait()
		}
		return false
	})
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, "what the registry "+reg.host()+" sent does not match its digest or is damaged")
}

// TestRegistriesThatMayBeUsed wants a registry that the operator has not named to hear nothing of a pull.
func TestRegistriesThatMayBeUsed(t *testing.T) {
	reg := plainRegistry(t)
	built := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	name := reg.push(built, "team/app", "1.0")
	reg.intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		t.Errorf("the registry is asked for %s", r.URL.Path)
		return false
	})
	denied := open(t, image.Config{Registries: []string{"registry.example.com"}, InsecureRegistries: []string{reg.host()}})
	_, _, err := denied.Ensure(t.Context(), name)
	wantError(t, err, errdefs.FailedPrecondition, "IMAGE_REGISTRY_DENIED", "the image "+name+" is not stored here, and the operator lets none "+
		"be pulled from "+reg.host()+"; an operator can store it with: casemate image import "+name+" ARCHIVE")
	reg.intercept(nil)
	allowed := open(t, image.Config{Registries: []string{reg.host()}, InsecureRegistries: []string{reg.host()}})
	if _, _, err := allowed.Ensure(t.Context(), name); err != nil {
		t.Error(err)
	}
}
