package envelope_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// vector is one of testdata/vectors.json: everything that is stored for one value, what opens it, and the value. Bytes
// are hex. docs/storage-format.md explains each part.
type vector struct {
	Name string `json:"name"`
	// KEKFile is the file of the key-encryption key: a tink keyset, or one that is sealed.
	KEKFile json.RawMessage `json:"kek_file"`
	// Passphrase, Key and ServiceKey open a sealed file: a passphrase, a key in base64, and in base64 what the key
	// management service answers when it decrypts wrapped_key.
	Passphrase string `json:"passphrase,omitempty"`
	Key        string `json:"key,omitempty"`
	ServiceKey string `json:"service_key,omitempty"`

	Team       string `json:"team"`
	SecretUID  string `json:"secret_uid"`
	Version    int64  `json:"version"`
	KEKID      string `json:"kek_id"`
	DataKeyID  string `json:"data_key_id"`
	WrappedDEK string `json:"wrapped_dek"`
	Ciphertext string `json:"ciphertext"`
	Value      string `json:"value"`
}

var write = flag.Bool("write", false, "write new known-answer vectors to testdata")

func readVectors(t testing.TB) (list []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	must(t, err)
	must(t, json.Unmarshal(text, &list))
	if len(list) < 6 {
		t.Fatalf("%d vectors", len(list))
	}
	return list
}

// TestKnownAnswers holds the stored format still: what an older build wrote must open. The keys are for this test only.
func TestKnownAnswers(t *testing.T) {
	if *write {
		writeVectors(t)
	}
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kek.json")
			must(t, os.WriteFile(path, v.KEKFile, 0o600))
			ring := envelope.NewKeyRing(envelope.NewSafe(path, v.lock(t)), nil)
			must(t, ring.Unseal(t.Context(), false, nil))
			dek, err := ring.Open(v.Team, secret.WrappedDEK{KEKID: v.KEKID, Ciphertext: unhex(t, v.WrappedDEK)})
			must(t, err)
			value, err := dek.Open(unhex(t, v.Ciphertext), v.SecretUID, v.Version)
			must(t, err)
			if !value.Equal(redact.New(unhex(t, v.Value))) {
				t.Error("the value is another one")
			}
		})
	}
}

// TestAnotherImplementationOpensThem has a short Python program, which shares no code with us and does not know tink,
// open all vectors by docs/storage-format.md.
func TestAnotherImplementationOpensThem(t *testing.T) {
	python := "../../../.cache/crypto/bin/python"
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("Python's cryptography package is missing: run `scripts/crypto.sh` (%v)", err)
	}
	out, err := exec.CommandContext(t.Context(), python, "testdata/open.py", "testdata/vectors.json").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want bytes.Buffer
	for _, v := range readVectors(t) {
		want.WriteString(v.Name + ": " + string(unhex(t, v.Value)) + "\n")
	}
	if !bytes.Equal(out, want.Bytes()) {
		t.Errorf("it printed\n%swant\n%s", out, want.Bytes())
	}
}

// fixedService is a key management service that has decided what it answers.
type fixedService struct{ key []byte }

func (s fixedService) Encrypt(_ context.Context, key []byte) ([]byte, error) {
	copy(s.key, key)
	return []byte("opaque"), nil
}

func (s fixedService) Decrypt(context.Context, []byte) ([]byte, error) {
	return bytes.Clone(s.key), nil
}

func (v vector) lock(t testing.TB) envelope.Lock {
	t.Helper()
	switch {
	case v.Passphrase != "":
		return envelope.PassphraseLock(func() ([]byte, error) { return []byte(v.Passphrase), nil })
	case v.Key != "":
		return envelope.KeyLock(func() ([]byte, error) { return []byte(v.Key), nil })
	case v.ServiceKey != "":
		key, err := base64.StdEncoding.DecodeString(v.ServiceKey)
		must(t, err)
		return envelope.ServiceLock("awskms", fixedService{key})
	}
	return nil
}

// writeVectors writes one vector for each kind of lock, and one for each step of a rotation. The first one is kept: it
// is from before there were others.
func writeVectors(t *testing.T) {
	t.Helper()
	list := readVectors(t)[:1]
	locks := []vector{
		{Name: "passphrase", Passphrase: "correct horse battery staple"},
		{Name: "environment", Key: base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))},
		{Name: "service", ServiceKey: base64.StdEncoding.EncodeToString(make([]byte, 32))},
		{Name: "rotated"},
	}
	for _, v := range locks {
		v.Team, v.SecretUID, v.Version = "ml", "LPMMTSVUEVGY6MBJRZMWI2EC3H", 7
		path := filepath.Join(t.TempDir(), "kek.json")
		service := fixedService{make([]byte, 32)}
		lock := v.lock(t)
		if v.ServiceKey != "" {
			lock = envelope.ServiceLock("awskms", service)
		}
		ring := envelope.NewKeyRing(envelope.NewSafe(path, lock), nil)
		must(t, ring.Unseal(t.Context(), true, nil))
		if v.ServiceKey != "" {
			v.ServiceKey = base64.StdEncoding.EncodeToString(service.key)
		}
		wrapped, err := ring.NewDEK(v.Team)
		must(t, err)
		v.WrappedDEK, v.KEKID = hex.EncodeToString(wrapped.Ciphertext), wrapped.KEKID
		old := v.seal(t, ring, wrapped, "a value under "+v.Name)
		if v.Name == "rotated" {
			_, err = ring.RotateKEK(t.Context())
			must(t, err)
			wrapped, err = ring.RotateDEK(v.Team, wrapped)
			must(t, err)
			v.WrappedDEK, v.KEKID = hex.EncodeToString(wrapped.Ciphertext), wrapped.KEKID
			next := v.seal(t, ring, wrapped, "sealed by the new key")
			old.Name, next.Name = "rotated, all by the old keys", "rotated, all by the new keys"
			next.KEKFile = readKEK(t, path)
			list = append(list, next)
		}
		old.KEKFile = readKEK(t, path)
		list = append(list, old)
	}
	text, err := json.MarshalIndent(list, "", "  ")
	must(t, err)
	must(t, os.WriteFile("testdata/vectors.json", append(text, '\n'), 0o644))
}

func (v vector) seal(t *testing.T, ring *envelope.KeyRing, wrapped secret.WrappedDEK, value string) vector {
	t.Helper()
	dek, err := ring.Open(v.Team, wrapped)
	must(t, err)
	sealed, err := dek.Seal(redact.New([]byte(value)), v.SecretUID, v.Version)
	must(t, err)
	v.Ciphertext, v.DataKeyID, v.Value = hex.EncodeToString(sealed), dek.ID(), hex.EncodeToString([]byte(value))
	return v
}

func readKEK(t *testing.T, path string) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return text
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	must(t, err)
	return b
}
