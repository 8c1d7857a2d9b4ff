package envelope_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func newDEK(t testing.TB, kek *envelope.KEK, team string) *envelope.DEK {
	t.Helper()
	wrapped, err := envelope.NewDEK(t.Context(), kek, team)
	if err != nil {
		t.Fatal(err)
	}
	dek, err := envelope.OpenDEK(t.Context(), kek, team, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return dek
}

func newKEK(t testing.TB) (*envelope.KEK, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kek.json")
	kek, err := envelope.CreateKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	return kek, path
}

func TestValueOpensAtItsPlaceOnly(t *testing.T) {
	kek, _ := newKEK(t)
	dek := newDEK(t, kek, "ml")
	value := redact.New([]byte("hunter2"))
	sealed, err := dek.Seal(value, "uid", 3)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Fatal("the ciphertext holds the value")
	}
	opened, err := dek.Open(sealed, "uid", 3)
	if err != nil || !opened.Equal(value) {
		t.Fatalf("Open = %v, %v", opened, err)
	}
	again, err := dek.Seal(value, "uid", 3)
	if err != nil || bytes.Equal(again, sealed) {
		t.Error("the same value sealed twice gives the same ciphertext")
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, open := range map[string]func() (redact.Bytes, error){
		"another version":        func() (redact.Bytes, error) { return dek.Open(sealed, "uid", 4) },
		"another secret":         func() (redact.Bytes, error) { return dek.Open(sealed, "uie", 3) },
		"a shifted border":       func() (redact.Bytes, error) { return dek.Open(sealed, "uid\x00", 3) },
		"a flipped bit":          func() (redact.Bytes, error) { return dek.Open(flipped, "uid", 3) },
		"a truncated ciphertext": func() (redact.Bytes, error) { return dek.Open(sealed[:len(sealed)-1], "uid", 3) },
		"nothing":                func() (redact.Bytes, error) { return dek.Open(nil, "uid", 3) },
		"another team's key":     func() (redact.Bytes, error) { return newDEK(t, kek, "ops").Open(sealed, "uid", 3) },
		"another key of a team":  func() (redact.Bytes, error) { return newDEK(t, kek, "ml").Open(sealed, "uid", 3) },
	} {
		if _, err := open(); err == nil {
			t.Errorf("a value opened with %s", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error holds the value", name)
		}
	}
}

func TestDEKIsBoundToItsTeam(t *testing.T) {
	kek, _ := newKEK(t)
	wrapped, err := envelope.NewDEK(t.Context(), kek, "ml")
	if err != nil {
		t.Fatal(err)
	}
	if wrapped.KEKID != kek.ID() {
		t.Errorf("KEK id %q, want %q", wrapped.KEKID, kek.ID())
	}
	if _, err := envelope.OpenDEK(t.Context(), kek, "ops", wrapped); err == nil {
		t.Error("one team's data key opened as another's")
	}
	other, _ := newKEK(t)
	if _, err := envelope.OpenDEK(t.Context(), other, "ml", wrapped); err == nil {
		t.Error("a data key opened with another key-encryption key")
	}
}

func TestKEKFile(t *testing.T) {
	kek, path := newKEK(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if _, err := envelope.CreateKEK(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("CreateKEK over a file = %v, want fs.ErrExist", err)
	}
	if again, err := envelope.OpenKEK(path); err != nil || again.ID() != kek.ID() {
		t.Errorf("OpenKEK = %v, %v; want the same key", again, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := envelope.OpenKEK(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("OpenKEK of a file with mode %v = %v, want a refusal that says what to do", mode, err)
		}
	}
	if _, err := envelope.OpenKEK(path + ".missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenKEK of no file = %v, want fs.ErrNotExist", err)
	}
	if err := os.WriteFile(path+".bad", []byte(`{"key":"hunter2"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.OpenKEK(path + ".bad"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("OpenKEK of a broken file = %v, want an error that does not quote it", err)
	}
}

// vector is testdata/vector.json: everything that is stored for one value, and the value. Its bytes are hex.
type vector struct {
	Team       string `json:"team"`
	SecretUID  string `json:"secret_uid"`
	Version    int64  `json:"version"`
	KEKID      string `json:"kek_id"`
	WrappedDEK string `json:"wrapped_dek"`
	Ciphertext string `json:"ciphertext"`
	Value      string `json:"value"`
}

var write = flag.Bool("write", false, "write new known-answer vectors to testdata")

// TestKnownAnswer holds the stored format still: what an older build wrote must open. testdata/kek.json is a key for
// this test only.
func TestKnownAnswer(t *testing.T) {
	if *write {
		writeVector(t)
	}
	kek := openTestKEK(t)
	text, err := os.ReadFile("testdata/vector.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	dek, err := envelope.OpenDEK(t.Context(), kek, v.Team,
		secret.WrappedDEK{KEKID: v.KEKID, Ciphertext: unhex(t, v.WrappedDEK)})
	if err != nil {
		t.Fatal(err)
	}
	value, err := dek.Open(unhex(t, v.Ciphertext), v.SecretUID, v.Version)
	if err != nil {
		t.Fatal(err)
	}
	if !value.Equal(redact.New(unhex(t, v.Value))) {
		t.Error("the value is another one")
	}
}

func openTestKEK(t *testing.T) *envelope.KEK {
	t.Helper()
	// A checkout gives the file the modes of the umask.
	text, err := os.ReadFile("testdata/kek.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kek.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	kek, err := envelope.OpenKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

func writeVector(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll("testdata/kek.json"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	kek, err := envelope.CreateKEK("testdata/kek.json")
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := envelope.NewDEK(t.Context(), kek, "ml")
	if err != nil {
		t.Fatal(err)
	}
	dek, err := envelope.OpenDEK(t.Context(), kek, "ml", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := dek.Seal(redact.New([]byte("correct horse battery staple")), "LPMMTSVUEVGY6MBJRZMWI2EC3H", 7)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(vector{
		Team: "ml", SecretUID: "LPMMTSVUEVGY6MBJRZMWI2EC3H", Version: 7, KEKID: wrapped.KEKID,
		WrappedDEK: hex.EncodeToString(wrapped.Ciphertext), Ciphertext: hex.EncodeToString(sealed),
		Value: hex.EncodeToString([]byte("correct horse battery staple")),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/vector.json", append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
