package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testIsolation(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		before, err := r.Teams(ctx, "", 10)
		noError(t, err)
		makeTeam(t, s, "ops") // while the snapshot is open
		after, err := r.Teams(ctx, "", 10)
		equal(t, "the same snapshot", after, before)
		return err
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		teams, err := r.Teams(ctx, "", 10)
		equal(t, "teams in a new snapshot", len(teams), 2)
		return err
	})
}

func testChangeAndEntryTogether(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	create := func(w store.Writer, name string) error {
		return w.CreateSecret(t.Context(), secret.Secret{UID: name, Team: "ml", Name: name, CreateTime: epoch, UpdateTime: epoch})
	}
	// The change fails after it wrote: neither it nor its entry is there.
	boom := errors.New("boom")
	err := s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		noError(t, create(w, "half"))
		return []audit.Entry{entry("secret.manage")}, boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error = %v, want that of the change", err)
	}
	// One of the entries can't be stored: the change is not there either.
	err = s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		noError(t, create(w, "unaudited"))
		return []audit.Entry{entry("first"), {}}, nil
	})
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	// There is no entry.
	err = s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		return nil, create(w, "unaudited")
	})
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	// A panic ends the transaction too, and the store still works.
	func() {
		defer func() { _ = recover() }()
		_ = s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
			noError(t, create(w, "panic"))
			panic("boom")
		})
	}()
	change(t, s, func(_ context.Context, w store.Writer) error { return create(w, "whole") })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		list, err := r.Secrets(ctx, "ml", "", 10)
		noError(t, err)
		if len(list) != 1 || list[0].Name != "whole" {
			t.Errorf("secrets = %v, want the whole one only", list)
		}
		entries, err := r.AuditEntries(ctx, "", 0, 10)
		equal(t, "entries", len(entries), 2)
		return err
	})
}

func testAuditChain(t *testing.T, s store.Store) {
	denied := entry("version.use")
	denied.Decision, denied.Team = audit.Denied, "ops"
	noError(t, s.AppendAudit(t.Context(), []audit.Entry{entry("version.access"), denied}))
	makeTeam(t, s, "ml")
	err := s.AppendAudit(t.Context(), []audit.Entry{entry("version.use"), {}})
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	noError(t, s.AppendAudit(t.Context(), []audit.Entry{entry("version.use")}))

	view(t, s, func(ctx context.Context, r store.Reader) error {
		all, err := r.AuditEntries(ctx, "", 0, 10)
		noError(t, err)
		var head audit.Head
		var want []audit.Entry
		for _, e := range []audit.Entry{entry("version.access"), denied, entry("test.change"), entry("version.use")} {
			e, head = audit.Link(head, e)
			want = append(want, e)
		}
		equal(t, "log", all, want)
		page, err := r.AuditEntries(ctx, "", 1, 2)
		noError(t, err)
		equal(t, "page", page, want[1:3])
		ops, err := r.AuditEntries(ctx, "ops", 0, 10)
		noError(t, err)
		equal(t, "of one team", ops, want[1:2])
		rep, err := audit.Verify(ctx, r)
		equal(t, "report", rep, audit.Report{Entries: 4, Head: head})
		return err
	})
}

func testAuditConcurrent(t *testing.T, s store.Store) {
	const goroutines, each = 8, 10
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for n := range each {
				var err error
				if n%2 == 0 {
					err = s.AppendAudit(t.Context(), []audit.Entry{entry("version.use"), entry("version.use")})
				} else {
					err = s.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
						return []audit.Entry{entry("secret.manage")}, w.EnsureUser(t.Context(), secret.User{ID: fmt.Sprint(i, n), CreateTime: epoch})
					})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	view(t, s, func(ctx context.Context, r store.Reader) error {
		rep, err := audit.Verify(ctx, r)
		equal(t, "entries", rep.Entries, int64(goroutines*each*3/2))
		equal(t, "broken", rep.Broken, int64(0))
		return err
	})
}

func testCanceledContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.View(ctx, func(store.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View = %v, want canceled", err)
	}
	if err := s.AppendAudit(ctx, []audit.Entry{entry("version.use")}); err == nil {
		t.Error("AppendAudit succeeded on a context that had ended")
	}
	// Canceled in the middle: nothing is stored, and the store still works.
	ctx, cancel = context.WithCancel(t.Context())
	err := s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		noError(t, w.EnsureUser(ctx, secret.User{ID: "eve", CreateTime: epoch}))
		cancel()
		return []audit.Entry{entry("member.manage")}, w.EnsureUser(ctx, secret.User{ID: "mallory", CreateTime: epoch})
	})
	if err == nil {
		t.Error("Change succeeded on a context that had ended")
	}
	makeTeam(t, s, "ml")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		_, found, err := r.User(ctx, "eve")
		equal(t, "user of a canceled change", found, false)
		return err
	})
}

func testReopen(t *testing.T, open Opener) {
	dir := t.TempDir()
	s := open(t, dir)
	makeTeam(t, s, "ml")
	noError(t, s.Close())
	s = open(t, dir)
	makeTeam(t, s, "ops")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		teams, err := r.Teams(ctx, "", 10)
		noError(t, err)
		equal(t, "teams", len(teams), 2)
		rep, err := audit.Verify(ctx, r)
		equal(t, "entries", rep.Entries, int64(2))
		equal(t, "broken", rep.Broken, int64(0))
		return err
	})
	noError(t, s.Close())
}
