package image_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// guarded makes a registry ask for a user name and a password. It still takes pushes from anybody.
func guarded(reg *server, user, password string) {
	reg.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if u, p, _ := r.BasicAuth(); u == user && p == password {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return true
	})
}

func writeCredentials(t testing.TB, path, host, user, password string) {
	t.Helper()
	auth := map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}
	if err := os.WriteFile(path, marshal(t, map[string]any{"auths": map[string]any{host: auth}}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCredentials(t *testing.T) {
	reg := plainRegistry(t)
	dir, credentials := t.TempDir(), filepath.Join(t.TempDir(), "config.json")
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}, CredentialsFile: credentials})
	name := reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "1")
	guarded(reg, "puller", "right")
	refused := "the registry " + reg.host() + " does not give it out: it has no such image, or this server's credentials don't suffice"

	// Each state of the file counts at the next pull.
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, refused) // there is no file
	writeCredentials(t, credentials, reg.host(), "puller", "wrong")
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, refused)
	writeCredentials(t, credentials, "elsewhere.example.com", "puller", "right")
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, refused)
	writeCredentials(t, credentials, reg.host(), "puller", "right")
	if _, _, err := s.Ensure(t.Context(), name); err != nil {
		t.Fatalf("with the right password: %v", err)
	}
}

func TestDamagedCredentialsFile(t *testing.T) {
	reg := plainRegistry(t)
	dir, credentials := t.TempDir(), filepath.Join(t.TempDir(), "config.json")
	s := open(t, image.Config{Dir: dir, InsecureRegistries: []string{reg.host()}, CredentialsFile: credentials})
	name := reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "1")
	guarded(reg, "puller", "right")
	if err := os.WriteFile(credentials, []byte(`{"auths": {`), 0o600); err != nil {
		t.Fatal(err)
	}
	wantPullError(t, s, dir, name, errdefs.FailedPrecondition, "this server's file of registry credentials can't be read")
}

// Most registries send their clients to a token server, which wants the credentials; the registry itself takes tokens.
func TestTokens(t *testing.T) {
	for what, c := range map[string]struct {
		auth map[string]string
		// admits tells whether a request to the token server has the credentials.
		admits func(*http.Request) bool
	}{
		"a-password": {
			map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte("puller:right"))},
			func(r *http.Request) bool { u, p, _ := r.BasicAuth(); return u == "puller" && p == "right" },
		},
		"an-identity-token": {
			map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte("puller:")), "identitytoken": "refresh"},
			func(r *http.Request) bool {
				return r.Method == http.MethodPost && r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == "refresh"
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			reg := plainRegistry(t)
			credentials := filepath.Join(t.TempDir(), "config.json")
			s := open(t, image.Config{InsecureRegistries: []string{reg.host()}, CredentialsFile: credentials})
			name := reg.push(build(t, recipe{}, gzipLayer(t, file("a", "1"))), "app", "1")
			reg.intercept(func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.URL.Path == "/token" && c.admits(r) && r.FormValue("scope") == "repository:app:pull":
					_, _ = w.Write([]byte(`{"token": "ticket", "access_token": "ticket"}`))
				case r.URL.Path == "/token":
					http.Error(w, "no", http.StatusUnauthorized)
				case r.Header.Get("Authorization") != "Bearer ticket":
					w.Header().Set("WWW-Authenticate", `Bearer realm="`+reg.URL+`/token",service="test",scope="repository:app:pull"`)
					http.Error(w, "a token, please", http.StatusUnauthorized)
				default:
					return false
				}
				return true
			})
			if _, _, err := s.Ensure(t.Context(), name); err == nil {
				t.Fatal("it was given out without credentials")
			}
			config := marshal(t, map[string]any{"auths": map[string]any{reg.host(): c.auth}})
			if err := os.WriteFile(credentials, config, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Ensure(t.Context(), name); err != nil {
				t.Error(err)
			}
		})
	}
}

// Registries send their clients elsewhere for layers. The credentials do not go there; another port of the same host is
// not elsewhere to Go's HTTP client.
func TestCredentialsStayWithTheirRegistry(t *testing.T) {
	reg := plainRegistry(t)
	credentials := filepath.Join(t.TempDir(), "config.json")
	s := open(t, image.Config{InsecureRegistries: []string{reg.host()}, CredentialsFile: credentials})
	b := build(t, recipe{}, gzipLayer(t, file("a", "1")))
	name := reg.push(b, "app", "1")
	writeCredentials(t, credentials, reg.host(), "puller", "right")
	at := b.layer(t, 0).Digest
	seen := make(chan string, 10)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Authorization")
		_, _ = w.Write(b.blobs[at])
	}))
	defer elsewhere.Close()
	guarded(reg, "puller", "right")
	guard := reg.before
	reg.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if guard(w, r) {
			return true
		}
		if strings.HasSuffix(r.URL.Path, at.String()) {
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+"/layer", http.StatusTemporaryRedirect)
			return true
		}
		return false
	})
	_, root, err := s.Ensure(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, root.Layers[0], map[string]string{"a": "1"})
	close(seen)
	for authorization := range seen {
		if authorization != "" {
			t.Errorf("the other host was sent %q", authorization)
		}
	}
}
