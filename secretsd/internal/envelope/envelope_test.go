package envelope_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newRing returns an open key ring, and the path of its key in the clear.
func newRing(t testing.TB) (*envelope.KeyRing, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kek.json")
	ring := envelope.NewKeyRing(envelope.NewSafe(path, nil), nil)
	must(t, ring.Unseal(t.Context(), true, nil))
	return ring, path
}

func newDEK(t testing.TB, ring *envelope.KeyRing, team string) (*envelope.DEK, secret.WrappedDEK) {
	t.Helper()
	wrapped, err := ring.NewDEK(team)
	must(t, err)
	dek, err := ring.Open(team, wrapped)
	must(t, err)
	return dek, wrapped
}

func TestValueOpensAtItsPlaceOnly(t *testing.T) {
	ring, _ := newRing(t)
	dek, wrapped := newDEK(t, ring, "ml")
	value := redact.New([]byte("hunter2"))
	sealed, err := dek.Seal(value, "uid", 3)
	must(t, err)
	again, err := dek.Seal(value, "uid", 3)
	if err != nil || bytes.Equal(again, sealed) {
		t.Error("the same value sealed twice gives the same ciphertext")
	}
	onlyAtItsPlace(t, ring, dek, sealed)

	// The same while the key is rotated, with what the old key sealed and with what the new one did, and afterwards.
	rotating, err := ring.RotateDEK("ml", wrapped)
	must(t, err)
	both, err := ring.Open("ml", rotating)
	must(t, err)
	if both.ID() == dek.ID() || len(both.RetiredIDs()) != 1 || both.RetiredIDs()[0] != dek.ID() {
		t.Fatalf("after %s the key in use is %s, retired %v", dek.ID(), both.ID(), both.RetiredIDs())
	}
	onlyAtItsPlace(t, ring, both, sealed)
	moved, err := both.Reseal(secret.SealedVersion{SecretUID: "uid", Number: 3, Ciphertext: sealed})
	must(t, err)
	onlyAtItsPlace(t, ring, both, moved.Ciphertext)
	if _, err := both.Reseal(secret.SealedVersion{SecretUID: "uid", Number: 4, Ciphertext: sealed}); err == nil {
		t.Error("a row that was moved is sealed anew at its new place")
	}
	final, err := ring.RetireDEK("ml", rotating)
	must(t, err)
	alone, err := ring.Open("ml", final)
	must(t, err)
	if alone.ID() != both.ID() || len(alone.RetiredIDs()) != 0 {
		t.Fatalf("the key in use is %s, retired %v", alone.ID(), alone.RetiredIDs())
	}
	onlyAtItsPlace(t, ring, alone, moved.Ciphertext)
	if _, err := alone.Open(sealed, "uid", 3); err == nil {
		t.Error("a key that was dropped opens what it sealed")
	}
}

// onlyAtItsPlace expects hunter2 at version 3 of the secret uid of team ml, and nothing elsewhere.
func onlyAtItsPlace(t *testing.T, ring *envelope.KeyRing, dek *envelope.DEK, sealed []byte) {
	t.Helper()
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Fatal("the ciphertext holds the value")
	}
	opened, err := dek.Open(sealed, "uid", 3)
	if err != nil || !opened.Equal(redact.New([]byte("hunter2"))) {
		t.Fatalf("Open = %v, %v", opened, err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	ops, _ := newDEK(t, ring, "ops")
	other, _ := newDEK(t, ring, "ml")
	for name, open := range map[string]func() (redact.Bytes, error){
		"another version":        func() (redact.Bytes, error) { return dek.Open(sealed, "uid", 4) },
		"another secret":         func() (redact.Bytes, error) { return dek.Open(sealed, "uie", 3) },
		"a shifted border":       func() (redact.Bytes, error) { return dek.Open(sealed, "uid\x00", 3) },
		"a flipped bit":          func() (redact.Bytes, error) { return dek.Open(flipped, "uid", 3) },
		"a truncated ciphertext": func() (redact.Bytes, error) { return dek.Open(sealed[:len(sealed)-1], "uid", 3) },
		"nothing":                func() (redact.Bytes, error) { return dek.Open(nil, "uid", 3) },
		"another team's key":     func() (redact.Bytes, error) { return ops.Open(sealed, "uid", 3) },
		"another key of a team":  func() (redact.Bytes, error) { return other.Open(sealed, "uid", 3) },
	} {
		if _, err := open(); err == nil {
			t.Errorf("a value opened with %s", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error holds the value", name)
		}
	}
}

func TestDEKIsBoundToItsTeam(t *testing.T) {
	ring, _ := newRing(t)
	_, wrapped := newDEK(t, ring, "ml")
	kek, err := ring.KEK()
	must(t, err)
	if wrapped.KEKID != kek.ID() {
		t.Errorf("KEK id %q, want %q", wrapped.KEKID, kek.ID())
	}
	if _, err := ring.Open("ops", wrapped); err == nil {
		t.Error("one team's data key opened as another's")
	}
	other, _ := newRing(t)
	if _, err := other.Open("ml", wrapped); err == nil {
		t.Error("a data key opened with another key-encryption key")
	}
}

func TestRotateKEK(t *testing.T) {
	ring, path := newRing(t)
	_, old := newDEK(t, ring, "ml")
	kek, err := ring.RotateKEK(t.Context())
	must(t, err)
	if kek.ID() == old.KEKID || len(kek.RetiredIDs()) != 1 || kek.RetiredIDs()[0] != old.KEKID {
		t.Fatalf("after %s the key in use is %s, retired %v", old.KEKID, kek.ID(), kek.RetiredIDs())
	}
	next, err := ring.Rewrap("ml", old)
	must(t, err)
	if next.KEKID != kek.ID() {
		t.Errorf("wrapped by %s, want %s", next.KEKID, kek.ID())
	}
	// Whoever starts now has both keys, from the file.
	again := envelope.NewKeyRing(envelope.NewSafe(path, nil), nil)
	must(t, again.Unseal(t.Context(), false, nil))
	for _, w := range []secret.WrappedDEK{old, next} {
		if _, err := again.Open("ml", w); err != nil {
			t.Error(err)
		}
	}
	_, err = ring.RetireKEK(t.Context())
	must(t, err)
	last := envelope.NewKeyRing(envelope.NewSafe(path, nil), nil)
	must(t, last.Unseal(t.Context(), false, nil))
	if _, err := last.Open("ml", next); err != nil {
		t.Error(err)
	}
	if _, err := last.Open("ml", old); err == nil {
		t.Error("a key that was dropped opens what it wrapped")
	}
}

// TestOpenKeysStayInMemory takes the key away from a ring that is open.
func TestOpenKeysStayInMemory(t *testing.T) {
	ring, path := newRing(t)
	dek, wrapped := newDEK(t, ring, "ml")
	must(t, os.Remove(path))
	again, err := ring.Open("ml", wrapped)
	if err != nil || again != dek {
		t.Errorf("Open = %p, %v; want the one from memory, %p", again, err, dek)
	}
	ring.Forget("ml")
	if again, err = ring.Open("ml", wrapped); err != nil || again == dek {
		t.Errorf("Open after Forget = %p, %v; want another one", again, err)
	}
}

func TestSealedRing(t *testing.T) {
	open, path := newRing(t)
	_, wrapped := newDEK(t, open, "ml")
	ring := envelope.NewKeyRing(envelope.NewSafe(path, nil), nil)
	for name, err := range map[string]error{
		"Open":      second(ring.Open("ml", wrapped)),
		"NewDEK":    second(ring.NewDEK("ml")),
		"Rewrap":    second(ring.Rewrap("ml", wrapped)),
		"RotateDEK": second(ring.RotateDEK("ml", wrapped)),
		"RotateKEK": second(ring.RotateKEK(t.Context())),
	} {
		e, ok := errdefs.As(err)
		if !ok || e.Kind != errdefs.Unavailable || e.Reason != "SEALED" || e.RetryAfter <= 0 {
			t.Errorf("%s = %v, want SEALED with a time to try again", name, err)
		}
	}
	bad := errors.New("wrong")
	if err := ring.Unseal(t.Context(), true, func(*envelope.KEK) error { return bad }); !errors.Is(err, bad) || !ring.Sealed() {
		t.Errorf("Unseal = %v, sealed %v; a key that fails the check must not be used", err, ring.Sealed())
	}
}

func second[T any](_ T, err error) error { return err }

func TestKEKFile(t *testing.T) {
	ring, path := newRing(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	safe := envelope.NewSafe(path, nil)
	if _, err := safe.Create(t.Context()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a file = %v, want fs.ErrExist", err)
	}
	kek, err := ring.KEK()
	must(t, err)
	if again, err := safe.Load(t.Context()); err != nil || again.ID() != kek.ID() {
		t.Errorf("Load = %v, %v; want the same key", again, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644} {
		must(t, os.Chmod(path, mode))
		if _, err := safe.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("Load of a file with mode %v = %v, want a refusal that says what to do", mode, err)
		}
	}
	if _, err := envelope.NewSafe(path+".missing", nil).Load(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load of no file = %v, want fs.ErrNotExist", err)
	}
	must(t, os.WriteFile(path+".bad", []byte(`{"key":"hunter2"`), 0o600))
	if _, err := envelope.NewSafe(path+".bad", nil).Load(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Load of a broken file = %v, want an error that does not quote it", err)
	}
}

// lockOf parses a source that needs no service.
func lockOf(t *testing.T, url string) envelope.Lock {
	t.Helper()
	source, err := envelope.ParseSource(url)
	must(t, err)
	return source.Lock(nil)
}

func TestSealedSafes(t *testing.T) {
	dir := t.TempDir()
	passphrase := filepath.Join(dir, "passphrase")
	must(t, os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600))
	t.Setenv("TEST_PASSPHRASE", "correct horse battery staple")
	t.Setenv("TEST_KEY", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	t.Setenv("TEST_OTHER_KEY", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{8}, 32)))
	t.Setenv("TEST_OTHER_PASSPHRASE", "correct horse battery stable")
	t.Setenv("TEST_SHORT", "hunter2hunt")
	for _, test := range []struct{ name, url, again, other, short string }{
		{"passphrase", "passphrase-file://" + passphrase, "passphrase-env:TEST_PASSPHRASE", "passphrase-env:TEST_OTHER_PASSPHRASE", "passphrase-env:TEST_SHORT"},
		{"key", "env:TEST_KEY", "env:TEST_KEY", "env:TEST_OTHER_KEY", "env:TEST_SHORT"},
	} {
		path := filepath.Join(dir, test.name+".json")
		kek, err := envelope.NewSafe(path, lockOf(t, test.url)).Create(t.Context())
		must(t, err)
		if again, err := envelope.NewSafe(path, lockOf(t, test.again)).Load(t.Context()); err != nil || again.ID() != kek.ID() {
			t.Errorf("%s: Load = %v, want the same key", test.name, err)
		}
		for url, words := range map[string]string{
			test.other: "does not open", test.short: "", test.url + "_MISSING": "", "env:NO_SUCH_VARIABLE": "",
		} {
			if _, err := envelope.NewSafe(path, lockOf(t, url)).Load(t.Context()); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: Load with %s = %v, want an error with %q", test.name, url, err, words)
			}
		}
		text, err := os.ReadFile(path)
		must(t, err)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", test.name, info.Mode(), err)
		}
		for what, bad := range map[string][]byte{
			"a changed format": bytes.Replace(text, []byte("casemate.kek.v1"), []byte("casemate.kek.v2"), 1),
			"all memory":       bytes.Replace(text, []byte(`"log_n": 17`), []byte(`"log_n": 40`), 1),
			"a cut file":       text[:len(text)/2],
		} {
			if bytes.Equal(bad, text) {
				continue // the lock has no such thing
			}
			must(t, os.WriteFile(path, bad, 0o600))
			if _, err := envelope.NewSafe(path, lockOf(t, test.url)).Load(t.Context()); err == nil {
				t.Errorf("%s: %s opens", test.name, what)
			}
		}
	}
}

// TestMoveKEK takes a key from a file in the clear to a passphrase, and from there to a key in the environment.
func TestMoveKEK(t *testing.T) {
	t.Setenv("TEST_PASSPHRASE", "correct horse battery staple")
	t.Setenv("TEST_KEY", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	ring, path := newRing(t)
	_, wrapped := newDEK(t, ring, "ml")
	sealed := filepath.Join(filepath.Dir(path), "kek.sealed.json")
	clear := envelope.NewSafe(path, nil)
	byPassphrase := envelope.NewSafe(sealed, lockOf(t, "passphrase-env:TEST_PASSPHRASE"))
	byKey := envelope.NewSafe(sealed, lockOf(t, "env:TEST_KEY"))
	ctx := context.Background()
	for _, step := range []struct{ to, from *envelope.Safe }{{byPassphrase, clear}, {byKey, byPassphrase}} {
		if err := envelope.NewKeyRing(step.to, nil).Unseal(ctx, false, nil); err == nil {
			t.Error("a key is where nobody moved it")
		}
		bad := errors.New("wrong")
		if err := envelope.NewKeyRing(step.to, step.from).Unseal(ctx, false, func(*envelope.KEK) error { return bad }); !errors.Is(err, bad) {
			t.Errorf("Unseal = %v: a key that fails the check is moved", err)
		}
		for _, from := range []*envelope.Safe{step.from, nil} { // moved, then at home
			moved := envelope.NewKeyRing(step.to, from)
			must(t, moved.Unseal(ctx, false, nil))
			if _, err := moved.Open("ml", wrapped); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestParseSource(t *testing.T) {
	for text, ok := range map[string]bool{
		"file:///etc/kek.json": true, "passphrase-file:///run/p": true, "passphrase-env:P": true, "env:KEY": true,
		"awskms://alias/x?region=eu-west-1": true, "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k": true,
		"azurekeyvault://v.vault.azure.net/keys/k": true, "hashivault://k": true,
		"": false, "kek.json": false, "/etc/kek.json": false, "file://etc/kek.json": false, "file:kek.json": false,
		"env:": false, "env://KEY": false, "https://example.org": false, "awskm://x": false, "passphrase-file:p": false,
	} {
		if _, err := envelope.ParseSource(text); (err == nil) != ok {
			t.Errorf("ParseSource(%q) = %v", text, err)
		}
	}
}

// TestLeftoverOfAnotherMode has a file lie where the next keyset is written, such as an operator's copy: others can read it.
func TestLeftoverOfAnotherMode(t *testing.T) {
	ring, path := newRing(t)
	must(t, os.WriteFile(path+".new", nil, 0o644))
	_, err := ring.RotateKEK(t.Context())
	must(t, err)
	_, err = envelope.NewSafe(path, nil).Load(t.Context())
	must(t, err)
}
