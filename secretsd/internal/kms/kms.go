// Package kms opens the key management services that can guard the key-encryption key: AWS KMS, Google Cloud KMS, Azure
// Key Vault, and the Transit engine of Vault and OpenBao. It is apart from package envelope because of what the
// services' libraries pull in.
package kms

import (
	"context"
	"fmt"

	"gocloud.dev/secrets"
	_ "gocloud.dev/secrets/awskms"        // awskms://
	_ "gocloud.dev/secrets/azurekeyvault" // azurekeyvault://
	_ "gocloud.dev/secrets/gcpkms"        // gcpkms://
	_ "gocloud.dev/secrets/hashivault"    // hashivault://

	"github.com/casemate/casemate/secretsd/internal/envelope"
)

// Open returns the service that a URL names; see gocloud.dev/secrets for what each scheme takes. It makes no call:
// whether the service answers shows when it is used. Credentials come from where the service's own tools take them.
func Open(url string) envelope.Service { return service{url: url} }

// service opens its keeper for each use: credentials that were changed after the start count where the library looks for
// them again, and there is one use at a start and two at a rotation.
type service struct{ url string }

// Encrypt implements envelope.Service.
func (s service) Encrypt(ctx context.Context, plaintext []byte) ([]byte, error) {
	return s.with(ctx, func(k *secrets.Keeper) ([]byte, error) { return k.Encrypt(ctx, plaintext) })
}

// Decrypt implements envelope.Service.
func (s service) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	return s.with(ctx, func(k *secrets.Keeper) ([]byte, error) { return k.Decrypt(ctx, ciphertext) })
}

// answer is what came of a call.
type answer struct {
	text []byte
	err  error
}

// with calls the service in a goroutine of its own: not every library heeds ctx, and some panic at an answer that they
// don't understand, neither of which is to be secretsd's end. A call that outlives ctx ends at the library's own timeout.
func (s service) with(ctx context.Context, call func(*secrets.Keeper) ([]byte, error)) ([]byte, error) {
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a = answer{err: fmt.Errorf("the key management service's answer made no sense: %v", p)}
			}
			done <- a
		}()
		k, err := secrets.OpenKeeper(ctx, s.url)
		if err != nil {
			a.err = fmt.Errorf("open the key management service: %w", err)
			return
		}
		a.text, a.err = call(k)
		if err := k.Close(); a.err == nil {
			a.err = err
		}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("the key management service does not answer: %w", ctx.Err())
	}
}
