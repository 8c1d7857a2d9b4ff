package image_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
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
