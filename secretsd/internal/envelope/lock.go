package envelope

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// keyBytes is the length of a key that seals a safe.
const keyBytes = 32

// Scrypt is how a key came from a passphrase: scrypt's parameters and salt.
type Scrypt struct {
	LogN int    `json:"log_n"`
	R    int    `json:"r"`
	P    int    `json:"p"`
	Salt []byte `json:"salt"`
}

// scryptNow are the parameters of new keys: 2^17 rounds, 128 MiB and about half a second. Those that were stored are used
// for what was sealed with them, within bounds: the file is not to be a way to take all memory.
var scryptNow = Scrypt{LogN: 17, R: 8, P: 1}

const (
	minPassphrase = 12
	maxLogN       = 20
	maxR          = 16
	maxP          = 16
)

type passphraseLock struct {
	read func() ([]byte, error)
}

// PassphraseLock seals by a passphrase of at least 12 bytes, which read returns; white space around it does not count.
func PassphraseLock(read func() ([]byte, error)) Lock { return passphraseLock{read} }

func (passphraseLock) Name() string { return "passphrase" }

func (l passphraseLock) New(ctx context.Context) ([]byte, Kept, error) {
	params := scryptNow
	params.Salt = make([]byte, 16)
	_, _ = rand.Read(params.Salt) // never fails
	kept := Kept{Scrypt: &params}
	key, err := l.Open(ctx, kept)
	return key, kept, err
}

func (l passphraseLock) Open(_ context.Context, kept Kept) ([]byte, error) {
	s := kept.Scrypt
	if s == nil || s.LogN < 10 || s.LogN > maxLogN || s.R < 1 || s.R > maxR || s.P < 1 || s.P > maxP || len(s.Salt) < 16 {
		return nil, errors.New("the file has no scrypt parameters that make sense")
	}
	text, err := l.read()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	passphrase := trim(text)
	if len(passphrase) < minPassphrase {
		return nil, fmt.Errorf("the passphrase has %d characters, and %d is the least", len(passphrase), minPassphrase)
	}
	return scrypt.Key(passphrase, s.Salt, 1<<s.LogN, s.R, s.P, keyBytes)
}

type keyLock struct {
	read func() ([]byte, error)
}

// KeyLock seals by a key of 32 bytes, which read returns in base64.
func KeyLock(read func() ([]byte, error)) Lock { return keyLock{read} }

func (keyLock) Name() string { return SchemeEnv }

func (l keyLock) New(ctx context.Context) ([]byte, Kept, error) {
	key, err := l.Open(ctx, Kept{})
	return key, Kept{}, err
}

func (l keyLock) Open(context.Context, Kept) ([]byte, error) {
	text, err := l.read()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	key, err := base64.StdEncoding.DecodeString(string(trim(text)))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("the key must be %d bytes in base64: `openssl rand -base64 %d` makes one", keyBytes, keyBytes)
	}
	return key, nil
}

// Service is a key management service: it encrypts and decrypts small texts with a key that never leaves it.
type Service interface {
	Encrypt(ctx context.Context, plaintext []byte) ([]byte, error)
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

type serviceLock struct {
	name    string
	service Service
}

// ServiceLock seals by a random key, which a key management service wraps. The name says which kind of service it is.
func ServiceLock(name string, service Service) Lock { return serviceLock{name, service} }

func (l serviceLock) Name() string { return l.name }

func (l serviceLock) New(ctx context.Context) ([]byte, Kept, error) {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	wrapped, err := l.service.Encrypt(ctx, key)
	return key, Kept{WrappedKey: wrapped}, err
}

func (l serviceLock) Open(ctx context.Context, kept Kept) ([]byte, error) {
	key, err := l.service.Decrypt(ctx, kept.WrappedKey)
	if err == nil && len(key) != keyBytes {
		err = fmt.Errorf("the service returned a key of %d bytes", len(key))
	}
	return key, err
}

// trim cuts white space off both ends, in place.
func trim(text []byte) []byte { return bytes.TrimSpace(text) }
