package image_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// gate holds up everything that is asked of a registry. It closes asked when something is, and lets all through when open
// is closed.
func gate(reg *server) (asked <-chan struct{}, open chan<- struct{}) {
	a, o := make(chan struct{}), make(chan struct{})
	var once sync.Once
	reg.intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		once.Do(func() { close(a) })
		select {
		case <-o:
			return false
		case <-r.Context().Done():
			return true
		}
	})
	return a, o
}

func TestConcurrentCallersShareOnePull(t *testing.T) {
	reg := plainRegistry(t)
	s := open(t, image.Config{InsecureRegistries: []string{reg.host()}})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	name := reg.push(b, "app", "latest")
	asked, admit := gate(reg)
	const callers = 20
	results := make(chan error, callers)
	for i := range callers {
		go func() {
			spelling := name
			if i%2 == 0 {
				spelling = reg.host() + "/app"
			}
			img, _, err := s.Ensure(t.Context(), spelling)
			if err == nil && img.Digest != b.Digest.String() {
				err = errors.New("it is " + img.Digest)
			}
			results <- err
		}()
	}
	<-asked
	close(admit)
	for range callers {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	for _, d := range []string{b.Digest.String(), b.layer(t, 0).Digest.String()} {
		if n := reg.fetched(d); n != 1 {
			t.Errorf("%s was fetched %d times", d, n)
		}
	}
}

func TestPullGoesOnWhenItsCallerLeaves(t *testing.T) {
	reg := plainRegistry(t)
	s := open(t, image.Config{InsecureRegistries: []string{reg.host()}})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	name := reg.push(b, "app", "1")
	asked, admit := gate(reg)
	ctx, leave := context.WithCancel(t.Context())
	left, stayed := make(chan error), make(chan error)
	go func() { _, _, err := s.Ensure(ctx, name); left <- err }()
	<-asked
	go func() { _, _, err := s.Ensure(t.Context(), name); stayed <- err }()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that left got %v", err)
	}
	close(admit)
	if err := <-stayed; err != nil {
		t.Errorf("the caller that stayed got %v", err)
	}
	if n := reg.fetched(b.Digest.String()); n != 1 {
		t.Errorf("the manifest was fetched %d times", n)
	}
}

func TestCloseEndsPulls(t *testing.T) {
	reg := plainRegistry(t)
	dir := t.TempDir()
	s, err := image.Open(image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}})
	if err != nil {
		t.Fatal(err)
	}
	name := reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "1")
	asked, _ := gate(reg)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, _, err := s.Ensure(ctx, name); left <- err }()
	<-asked
	leave()
	<-left
	if err := s.Close(); err != nil {
		t.Errorf("closing while nobody waits for a pull any more: %v", err)
	}
	wantNothingLeft(t, dir)
}

// A registry that claims to have a layer of somebody else's image, sends something and then nothing more, neither holds
// up nor spoils the pull of that image.
func TestPullBesideOneThatHangs(t *testing.T) {
	evil, good := plainRegistry(t), plainRegistry(t)
	s := open(t, image.Config{InsecureRegistries: []string{evil.host(), good.host()}})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	evilName, goodName := evil.push(b, "app", "1"), good.push(b, "app", "1")
	asked, ended := make(chan struct{}), make(chan struct{})
	evil.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, b.layer(t, 0).Digest.String()) {
			return false
		}
		_, _ = w.Write([]byte("something else"))
		w.(http.Flusher).Flush()
		close(asked)
		<-ended
		return true
	})
	hanging := make(chan error)
	go func() { _, _, err := s.Ensure(t.Context(), evilName); hanging <- err }()
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, _, err := s.Ensure(ctx, goodName); err != nil {
		t.Errorf("beside a pull that hangs: %v", err)
	}
	close(ended)
	if err := <-hanging; errdefs.ReasonOf(err) != "IMAGE_PULL_FAILED" {
		t.Errorf("the one that hung ended with %v", err)
	}
}
