package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testSecrets(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	token := secret.Secret{
		UID: "u1", Team: "ml", Name: "HF_TOKEN", Description: "d", Labels: map[string]string{"a": "1", "b": "<&>"},
		CreateTime: epoch, UpdateTime: epoch, Revision: 1,
	}
	plain := secret.Secret{UID: "u2", Team: "ml", Name: "hf_token", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	other := secret.Secret{UID: "u3", Team: "ops", Name: "HF_TOKEN", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for _, x := range []secret.Secret{plain, token, other} {
			noError(t, w.CreateSecret(ctx, x))
		}
		return nil
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error {
		again := token
		again.UID = "u9"
		return w.CreateSecret(ctx, again)
	})
	wantReason(t, err, errdefs.AlreadyExists, "SECRET_EXISTS")

	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Secret(ctx, "ml", "HF_TOKEN")
		noError(t, err)
		equal(t, "secret", got, token)
		_, err = r.Secret(ctx, "ops", "hf_token")
		wantReason(t, err, errdefs.NotFound, "SECRET_NOT_FOUND")
		list, err := r.Secrets(ctx, "ml", "", 10)
		noError(t, err)
		equal(t, "by name", list, []secret.Secret{token, plain})
		list, err = r.Secrets(ctx, "ml", "HF_TOKEN", 10)
		noError(t, err)
		equal(t, "second page", list, []secret.Secret{plain})
		n, err := r.CountSecrets(ctx, "ml")
		equal(t, "count", n, 2)
		return err
	})

	token.Description, token.Labels, token.Revision, token.LatestVersion = "", nil, 2, 7
	token.UpdateTime = epoch.Add(time.Hour)
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.UpdateSecret(ctx, secret.Secret{UID: "nope"}), errdefs.NotFound, "SECRET_NOT_FOUND")
		wantReason(t, w.DeleteSecret(ctx, secret.Secret{UID: "nope"}), errdefs.NotFound, "SECRET_NOT_FOUND")
		noError(t, w.DeleteSecret(ctx, plain))
		return w.UpdateSecret(ctx, token)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		list, err := r.Secrets(ctx, "ml", "", 10)
		equal(t, "after the change", list, []secret.Secret{token})
		return err
	})
}

func testVersions(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	token := secret.Secret{UID: "u1", Team: "ml", Name: "HF_TOKEN", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	version := func(n int64) secret.Version {
		return secret.Version{Number: n, State: secret.Enabled, CreateTime: epoch, Creator: "ada", Size: 4}
	}
	v1, v2, v3 := version(1), version(2), version(3)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		_, ok, err := r.NewestVersion(ctx, token)
		equal(t, "newest of none", ok, false)
		return err
	})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.CreateSecret(ctx, token))
		for _, v := range []secret.Version{v1, v2, v3} {
			noError(t, w.CreateVersion(ctx, token, v, []byte{0, byte(v.Number)}))
		}
		return nil
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error {
		return w.CreateVersion(ctx, token, v1, []byte("again"))
	})
	if err == nil {
		t.Error("a version number was used twice")
	}

	v2.State = secret.Disabled
	v3.State, v3.DestroyTime, v3.Size = secret.Destroyed, epoch.Add(time.Hour), 0
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.UpdateVersion(ctx, token, version(9)), errdefs.NotFound, "VERSION_NOT_FOUND")
		noError(t, w.UpdateVersion(ctx, token, v2))
		return w.UpdateVersion(ctx, token, v3)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for _, want := range []secret.Version{v1, v2, v3} {
			got, err := r.Version(ctx, token, want.Number)
			noError(t, err)
			equal(t, "version", got, want)
		}
		_, err := r.Version(ctx, token, 9)
		wantReason(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")

		newest, ok, err := r.NewestVersion(ctx, token)
		noError(t, err)
		equal(t, "newest that is not destroyed", newest, v2)
		equal(t, "found", ok, true)
		list, err := r.Versions(ctx, token, 0, 2)
		noError(t, err)
		equal(t, "newest first", list, []secret.Version{v3, v2})
		list, err = r.Versions(ctx, token, 2, 2)
		noError(t, err)
		equal(t, "second page", list, []secret.Version{v1})
		n, err := r.CountVersions(ctx, token)
		noError(t, err)
		equal(t, "count", n, 2)

		sealed, err := r.Ciphertext(ctx, token, 2)
		noError(t, err)
		equal(t, "ciphertext", sealed, []byte{0, 2})
		_, err = r.Ciphertext(ctx, token, 3)
		wantReason(t, err, errdefs.NotFound, "VERSION_NOT_FOUND")
		return nil
	})

	change(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteSecret(ctx, token) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		list, err := r.Versions(ctx, token, 0, 10)
		equal(t, "versions of a deleted secret", len(list), 0)
		return err
	})
}
