package envelope

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/casemate/casemate/pkg/wholefile"
)

// kekName is what errors call the file.
const kekName = "key-encryption key"

// errEmpty says that a safe holds no key-encryption key yet.
var errEmpty = fmt.Errorf("the key-encryption key is missing: %w", fs.ErrNotExist)

// errOtherLock says that a safe was sealed by another kind of lock.
var errOtherLock = errors.New("set kek_previous to what the configuration said before, and the key is moved")

// Safe is the file that holds the key-encryption key: a tink keyset, in the clear in a file that only its owner reads, or
// sealed by a Lock.
type Safe struct {
	path string
	lock Lock // nil: in the clear
}

// Lock gives the key that seals a Safe. What must be kept to get the same key again stands beside what it seals.
type Lock interface {
	// Name says what it is, without anything secret.
	Name() string
	// New returns a new key of 32 bytes, and what Open needs to return it again.
	New(ctx context.Context) (key []byte, kept Kept, err error)
	// Open returns the key that New made.
	Open(ctx context.Context, kept Kept) (key []byte, err error)
}

// Kept is what a Lock keeps in the clear beside what it sealed.
type Kept struct {
	// Scrypt is how the key came from a passphrase.
	Scrypt *Scrypt `json:"scrypt,omitempty"`
	// WrappedKey is the key, encrypted by a key management service.
	WrappedKey []byte `json:"wrapped_key,omitempty"`
}

// sealedFile is a sealed keyset as it is stored, in JSON; bytes are in base64.
type sealedFile struct {
	Format string `json:"format"`
	Lock   string `json:"lock"`
	Kept
	// Ciphertext is IV, 12 bytes | AES-256-GCM ciphertext | tag, 16 bytes of the keyset's binary form.
	Ciphertext []byte `json:"ciphertext"`
}

// sealedFormat is the format's name, and what the ciphertext is bound to.
const sealedFormat = "casemate.kek.v1"

// NewSafe returns the safe at a path; lock is nil for a keyset in the clear.
func NewSafe(path string, lock Lock) *Safe { return &Safe{path: path, lock: lock} }

// Source says where the key-encryption key comes from.
func (s *Safe) Source() string {
	if s.lock == nil {
		return SchemeFile
	}
	return s.lock.Name()
}

// Create makes a new key-encryption key in a safe that must be empty; it is durable when Create returns.
func (s *Safe) Create(ctx context.Context) (*KEK, error) {
	kek, err := NewKEK()
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(s.path); err == nil {
		return nil, fmt.Errorf("make a key-encryption key: %s: %w", s.path, fs.ErrExist)
	}
	return kek, s.Store(ctx, kek)
}

// Store replaces what the safe holds. Whenever it is interrupted, the safe holds the old keyset or the new one, whole.
func (s *Safe) Store(ctx context.Context, kek *KEK) error {
	text, err := s.encode(ctx, kek)
	if err != nil {
		return fmt.Errorf("seal the key-encryption key: %w", err)
	}
	defer clear(text)
	if err := wholefile.Replace(s.path, text, 0o600); err != nil {
		return fmt.Errorf("write the key-encryption key: %w", err)
	}
	return nil
}

// Load opens the key-encryption key. It refuses a file that others than its owner may read or write. An empty safe is
// fs.ErrNotExist.
func (s *Safe) Load(ctx context.Context) (*KEK, error) {
	text, err := wholefile.ReadPrivate(s.path, kekName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errEmpty
	}
	if err != nil {
		return nil, err
	}
	defer clear(text)
	handle, err := s.decode(ctx, text)
	if err != nil {
		return nil, err
	}
	return newKEK(handle)
}

func (s *Safe) encode(ctx context.Context, kek *KEK) ([]byte, error) {
	if s.lock == nil {
		var buf bytes.Buffer
		err := insecurecleartextkeyset.Write(kek.handle, keyset.NewJSONWriter(&buf))
		return buf.Bytes(), err
	}
	key, kept, err := s.lock.New(ctx)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	box, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, err
	}
	raw, err := kek.serialize()
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	f := sealedFile{Format: sealedFormat, Lock: s.lock.Name(), Kept: kept}
	if f.Ciphertext, err = box.Encrypt(raw, appendString(nil, sealedFormat)); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(f, "", "  ")
	return append(text, '\n'), err
}

func (s *Safe) decode(ctx context.Context, text []byte) (*keyset.Handle, error) {
	if s.lock == nil {
		handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
		if err != nil {
			// The cause stays out: a parse error may quote the file.
			return nil, fmt.Errorf("%s is not a tink keyset in JSON", s.path)
		}
		return handle, nil
	}
	var f sealedFile
	if err := json.Unmarshal(text, &f); err != nil || f.Format != sealedFormat {
		return nil, fmt.Errorf("%s is not a sealed key-encryption key of the format %s", s.path, sealedFormat)
	}
	if f.Lock != s.lock.Name() {
		return nil, fmt.Errorf("%s was sealed by %s, and the configuration says %s: %w", s.path, f.Lock, s.lock.Name(), errOtherLock)
	}
	key, err := s.lock.Open(ctx, f.Kept)
	if err != nil {
		return nil, fmt.Errorf("open %s by %s: %w", s.path, f.Lock, err)
	}
	defer clear(key)
	box, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, err
	}
	raw, err := box.Decrypt(f.Ciphertext, appendString(nil, sealedFormat))
	if err != nil {
		return nil, fmt.Errorf("%s does not open with this %s: it is another one, or the file was changed", s.path, f.Lock)
	}
	defer clear(raw)
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a tink keyset", s.path)
	}
	return handle, nil
}
