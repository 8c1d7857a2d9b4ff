package envelope

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// KEK is the key-encryption key, held in a local file. Wrap, Unwrap and ID are all that the envelope asks of it, so a
// key management service can take its place.
type KEK struct {
	id   string
	aead tink.AEAD
}

// CreateKEK makes a new key-encryption key and writes it to a file that must not exist, with mode 0600: a tink keyset in
// JSON. The file and its directory are synced before it returns.
func CreateKEK(path string) (*KEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key-encryption key: %w", err)
	}
	var buf bytes.Buffer
	defer func() { clear(buf.Bytes()) }()
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&buf)); err != nil {
		return nil, fmt.Errorf("make a key-encryption key: %w", err)
	}
	if err := writeNew(path, buf.Bytes()); err != nil {
		return nil, fmt.Errorf("write the key-encryption key: %w", err)
	}
	return newKEK(handle)
}

// OpenKEK reads the key-encryption key. It refuses a file that others than its owner may read or write. A missing file
// is fs.ErrNotExist.
func OpenKEK(path string) (*KEK, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the key-encryption key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the key-encryption key: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %v: the key-encryption key must be a file that only its owner can read: chmod 600 %s",
			path, info.Mode(), path)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(f))
	if err != nil {
		// The cause stays out: a parse error may quote the file.
		return nil, fmt.Errorf("%s is not a tink keyset in JSON", path)
	}
	return newKEK(handle)
}

func newKEK(handle *keyset.Handle) (*KEK, error) {
	a, err := aead.New(handle)
	if err != nil {
		return nil, errors.New("the key-encryption key is not an AEAD keyset")
	}
	id := "local:" + strconv.FormatUint(uint64(handle.KeysetInfo().GetPrimaryKeyId()), 10)
	return &KEK{id: id, aead: a}, nil
}

// ID names the key that Wrap uses. It is stored with what was wrapped.
func (k *KEK) ID() string { return k.id }

// Wrap encrypts a key, bound to the associated data.
func (k *KEK) Wrap(_ context.Context, key, aad []byte) ([]byte, error) {
	return k.aead.Encrypt(key, aad)
}

// Unwrap decrypts a key that Wrap encrypted under the key of that id, with the same associated data.
func (k *KEK) Unwrap(_ context.Context, id string, wrapped, aad []byte) ([]byte, error) {
	key, err := k.aead.Decrypt(wrapped, aad)
	if err != nil {
		return nil, fmt.Errorf("unwrap with key %s (the primary key is %s): %w", id, k.id, err)
	}
	return key, nil
}

func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, fs.ErrInvalid) {
		err = nil // some file systems can't sync a directory
	}
	return errors.Join(err, d.Close())
}
