package image_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
)

// server is a registry on the loopback interface, in this process.
type server struct {
	*httptest.Server
	t testing.TB

	mu sync.Mutex
	// before, when not nil, sees each request first, and answers it by returning true.
	before func(http.ResponseWriter, *http.Request) bool
	// gets counts the GET requests by the last part of their path: a tag or a digest.
	gets map[string]int
}

// plainRegistry speaks no TLS.
func plainRegistry(t testing.TB) *server {
	t.Helper()
	r := newServer(t)
	r.Start()
	return r
}

// tlsRegistry has a certificate of an authority that this process trusts, or of one that nobody knows.
func tlsRegistry(t testing.TB, trusted bool) *server {
	t.Helper()
	r := newServer(t)
	if trusted {
		cert, err := tls.LoadX509KeyPair(hostTrusts.Cert, hostTrusts.Key)
		if err != nil {
			t.Fatal(err)
		}
		r.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	r.StartTLS()
	return r
}

func newServer(t testing.TB) *server {
	t.Helper()
	r := &server{t: t, gets: map[string]int{}}
	silent := log.New(io.Discard, "", 0)
	behind := registry.New(registry.Logger(silent))
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		before := r.before
		if req.Method == http.MethodGet {
			r.gets[req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]]++
		}
		r.mu.Unlock()
		if before == nil || !before(w, req) {
			behind.ServeHTTP(w, req)
		}
	}))
	r.Config.ErrorLog = silent
	t.Cleanup(func() { r.CloseClientConnections(); r.Close() })
	return r
}

// host is what names of images in this registry begin with.
func (r *server) host() string {
	u, err := url.Parse(r.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Host
}

// intercept makes all requests go to before first, nil to none.
func (r *server) intercept(before func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = before
}

// fetched says how often a tag or digest was asked for by GET.
func (r *server) fetched(object string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gets[object]
}

// push puts an image under a tag, and returns its full name. Parts that do not match their digest are served as they are.
func (r *server) push(b *built, repository, tag string) (name string) {
	r.t.Helper()
	wrong := map[string][]byte{}
	for d, blob := range b.blobs {
		switch {
		case b.manifests[d] != "":
		case digest.FromBytes(blob) != d:
			wrong[d.String()] = blob
		default:
			r.send(http.MethodPost, "/v2/"+repository+"/blobs/uploads/?digest="+d.String(), "application/octet-stream", blob)
		}
	}
	for d, mediaType := range b.manifests {
		if d != b.Digest {
			r.send(http.MethodPut, "/v2/"+repository+"/manifests/"+d.String(), mediaType, b.blobs[d])
		}
	}
	r.send(http.MethodPut, "/v2/"+repository+"/manifests/"+tag, b.MediaType, b.blobs[b.Digest])
	if len(wrong) > 0 {
		r.intercept(func(w http.ResponseWriter, req *http.Request) bool {
			blob, ok := wrong[req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]]
			if ok {
				_, _ = w.Write(blob)
			}
			return ok
		})
	}
	return r.host() + "/" + repository + ":" + tag
}

func (r *server) send(method, path, mediaType string, body []byte) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", mediaType)
	resp, err := r.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(resp.Body)
		r.t.Fatalf("%s %s: %s\n%s", method, path, resp.Status, text)
	}
}
