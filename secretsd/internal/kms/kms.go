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

// service opens its keeper for each use: credentials that were made or changed after the start count, and there is one
// use at a start and one at a rotation.
type service struct{ url string }

// Encrypt implements envelope.Service.
func (s service) Encrypt(ctx context.Context, plaintext []byte) (out []byte, err error) {
	err = s.with(ctx, func(k *secrets.Keeper) (err error) {
		out, err = k.Encrypt(ctx, plaintext)
		return err
	})
	return out, err
}

// Decrypt implements envelope.Service.
func (s service) Decrypt(ctx context.Context, ciphertext []byte) (out []byte, err error) {
	err = s.with(ctx, func(k *secrets.Keeper) (err error) {
		out, err = k.Decrypt(ctx, ciphertext)
		return err
	})
	return out, err
}

func (s service) with(ctx context.Context, fn func(*secrets.Keeper) error) error {
	k, err := secrets.OpenKeeper(ctx, s.url)
	if err != nil {
		return fmt.Errorf("open the key management service: %w", err)
	}
	if err := fn(k); err != nil {
		_ = k.Close()
		return err
	}
	return k.Close()
}
