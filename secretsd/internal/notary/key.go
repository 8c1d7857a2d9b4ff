package notary

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/wholefile"
)

// privateType is the PEM type of a private key in PKCS #8, as `openssl genpkey -algorithm ed25519` writes it.
const privateType = "PRIVATE KEY"

// OpenKey reads the key that checkpoints are signed with. It refuses a file that others than its owner may read or write. A
// missing file is fs.ErrNotExist.
func OpenKey(path string) (ed25519.PrivateKey, error) {
	text, err := wholefile.ReadPrivate(path, "checkpoint key")
	if err != nil {
		return nil, err
	}
	defer clear(text)
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateType {
		return nil, fmt.Errorf("%s is no PEM file with a %s", path, privateType)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// The cause stays out: a parse error may quote the file.
		return nil, fmt.Errorf("%s holds no private key in PKCS #8", path)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key that is not Ed25519", path)
	}
	return key, nil
}

// CreateKey makes a new key and writes it to a file, with mode 0600, in a directory that it makes with mode 0700 when it is
// missing. Both are synced before it returns.
func CreateKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make a checkpoint key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a checkpoint key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: privateType, Bytes: der})
	defer clear(text)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("write the checkpoint key: %w", err)
	}
	if err := wholefile.Replace(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("write the checkpoint key: %w", err)
	}
	return key, nil
}

// PublicFile is where the public key of a key file is.
func PublicFile(path string) string { return path + ".pub" }

// WritePublic writes the public key beside its key file, for those who verify.
func WritePublic(path string, key ed25519.PrivateKey) error {
	text, err := auditlog.EncodePublicKey(key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(PublicFile(path)); err == nil && string(old) == string(text) {
		return nil // the directory may be read-only
	}
	if err := wholefile.Replace(PublicFile(path), text, 0o644); err != nil {
		return fmt.Errorf("write the public checkpoint key: %w", err)
	}
	return nil
}

// ReadPublic reads the public keys of PEM files.
func ReadPublic(paths []string) (keys []ed25519.PublicKey, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		more, err := auditlog.DecodePublicKeys(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		keys = append(keys, more...)
	}
	return keys, nil
}
