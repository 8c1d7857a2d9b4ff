package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testLifecycle(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	at := func(hours int) time.Time { return epoch.Add(time.Duration(hours) * time.Hour) }
	token := secret.Secret{
		UID: "u1", Team: "ml", Name: "HF_TOKEN", CreateTime: epoch, UpdateTime: epoch, Revision: 1,
		Aliases: map[string]int64{"stable": 2, "next": 3}, VersionDestroyTTL: 36 * time.Hour, ExpireTime: at(5),
	}
	other := secret.Secret{UID: "u2", Team: "ops", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: 1, ExpireTime: at(3)}
	forever := secret.Secret{UID: "u3", Team: "ops", Name: "B", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	version := func(n int64, scheduled time.Time) secret.Version {
		return secret.Version{Number: n, State: secret.Disabled, CreateTime: epoch, Creator: "ada", Size: 4, Revision: 2, ScheduledDestroyTime: scheduled}
	}
	early, late, never := version(1, at(2)), version(2, at(4)), version(3, time.Time{})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for _, x := range []secret.Secret{token, other, forever} {
			noError(t, w.CreateSecret(ctx, x))
		}
		for _, v := range []secret.Version{late, early, never} {
			noError(t, w.CreateVersion(ctx, token, v, []byte("sealed")))
		}
		return w.CreateVersion(ctx, other, version(1, at(3)), []byte("sealed"))
	})
	due := func(want ...store.DueVersion) func(int, int) {
		return func(hours, limit int) {
			t.Helper()
			view(t, s, func(ctx context.Context, r store.Reader) error {
				got, err := r.DueVersions(ctx, at(hours), limit)
				noError(t, err)
				if len(got) != len(want) {
					t.Fatalf("%d versions due, want %d", len(got), len(want))
				}
				for i := range want {
					equal(t, "due", got[i], want[i])
				}
				return nil
			})
		}
	}
	first, second := store.DueVersion{Secret: token, Version: early}, store.DueVersion{Secret: other, Version: version(1, at(3))}
	due()(1, 10)
	due(first)(2, 10)
	due(first, second)(4, 2)
	due(first, second, store.DueVersion{Secret: token, Version: late})(4, 10)

	expired := func(hours, limit int, want ...secret.Secret) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.ExpiredSecrets(ctx, at(hours), limit)
			equal(t, "expired", got, want)
			return err
		})
	}
	purgeable := func(hours, limit int, want ...secret.Secret) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.PurgeableSecrets(ctx, at(hours), limit)
			equal(t, "purgeable", got, want)
			return err
		})
	}
	expired(2, 10)
	expired(3, 10, other)
	expired(5, 1, other)
	expired(5, 10, other, token)
	purgeable(99, 10)

	// A deleted secret expires no more, and is kept until its purge time.
	token.DeleteTime, token.PurgeTime, token.Aliases, token.VersionDestroyTTL = at(1), at(8), nil, 0
	early.State, early.DestroyTime, early.ScheduledDestroyTime, early.Size, early.Revision = secret.Destroyed, at(6), time.Time{}, 0, 3
	late.State, late.ScheduledDestroyTime, late.Revision = secret.Enabled, time.Time{}, 3
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.UpdateSecret(ctx, token))
		noError(t, w.UpdateVersion(ctx, token, early))
		return w.UpdateVersion(ctx, token, late)
	})
	expired(9, 10, other)
	purgeable(7, 10)
	purgeable(8, 10, token)
	due(second)(99, 10)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Secret(ctx, "ml", "HF_TOKEN")
		noError(t, err)
		equal(t, "the deleted secret", got, token)
		list, err := r.Versions(ctx, token, 0, 10)
		equal(t, "its versions", list, []secret.Version{never, late, early})
		return err
	})
	token.DeleteTime, token.PurgeTime, token.ExpireTime = time.Time{}, time.Time{}, time.Time{}
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.UpdateSecret(ctx, token) })
	purgeable(99, 10)
	expired(99, 10, other)
}

func testRequests(t *testing.T, s store.Store) {
	request := func(user, method, id string, at time.Time) secret.Request {
		return secret.Request{
			UserID: user, Method: method, ID: id, Team: "ml", Digest: [32]byte{1, 2, 31: 3}, Secret: "A", SecretUID: "u1",
			Version: 7, Unchanged: true, CreateTime: at,
		}
	}
	first := request("ada", "secret.create", "r1", epoch)
	rest := []secret.Request{
		request("bob", "secret.create", "r1", epoch.Add(1)), request("ada", "version.add", "r1", epoch.Add(2)),
		request("ada", "secret.create", "r2", epoch.Add(3)),
	}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		for _, r := range append(rest, first) {
			noError(t, w.PutRequest(ctx, r))
		}
		return nil
	})
	find := func(want secret.Request, since time.Time, found bool) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, ok, err := r.Request(ctx, want.UserID, want.Method, want.ID, since)
			equal(t, "found", ok, found)
			if found {
				equal(t, "request", got, want)
			}
			return err
		})
	}
	for _, r := range append(rest, first) {
		find(r, r.CreateTime, true)
		find(r, r.CreateTime.Add(1), false)
	}
	again := first
	again.CreateTime, again.Version, again.Unchanged = epoch.Add(time.Hour), 0, false
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.PutRequest(ctx, again) })
	find(again, epoch, true)

	left := func(before time.Time, want bool) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.HasRequestsBefore(ctx, before)
			equal(t, "left", got, want)
			return err
		})
	}
	left(epoch.Add(1), false)
	left(epoch.Add(2), true)
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteRequests(ctx, epoch.Add(3), 1) })
	find(rest[0], epoch, false)
	find(rest[1], epoch, true)
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteRequests(ctx, epoch.Add(3), 10) })
	find(rest[1], epoch, false)
	find(rest[2], epoch, true)
	find(again, epoch, true)
}
