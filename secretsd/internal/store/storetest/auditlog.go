package storetest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// signed returns the checkpoint of the store's head.
func signed(t *testing.T, s store.Store, prev *audit.Checkpoint) audit.Checkpoint {
	t.Helper()
	var c audit.Checkpoint
	view(t, s, func(ctx context.Context, r store.Reader) error {
		at, err := r.AuditPosition(ctx, "", 0)
		noError(t, err)
		newest, err := r.AuditEntries(ctx, "", at-1, 1)
		noError(t, err)
		head := audit.Head{Sequence: newest[0].Sequence, Hash: newest[0].Hash}
		c = auditlog.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), head, prev, epoch.Add(time.Duration(at)))
		return nil
	})
	return c
}

func testAuditCheckpoints(t *testing.T, s store.Store) {
	ctx := t.Context()
	appendEntries := func(n int) {
		for range n {
			noError(t, s.AppendAudit(ctx, []audit.Entry{entry("version.use")}))
		}
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		_, found, err := r.LastAuditCheckpoint(ctx)
		equal(t, "found in an empty log", found, false)
		return err
	})
	appendEntries(2)
	first := signed(t, s, nil)
	noError(t, s.AppendAuditCheckpoint(ctx, first))
	appendEntries(2)
	second := signed(t, s, &first)
	for name, change := range map[string]func(c *audit.Checkpoint){
		"of an entry that is not there": func(c *audit.Checkpoint) { c.Sequence = 5 },
		"of another hash":               func(c *audit.Checkpoint) { c.HeadHash[0]++ },
		"that does not link":            func(c *audit.Checkpoint) { c.PrevHash[0]++ },
		"that is no newer":              func(c *audit.Checkpoint) { *c = first; c.PrevHash = first.Hash() },
	} {
		wrong := second
		change(&wrong)
		if err := s.AppendAuditCheckpoint(ctx, wrong); err == nil {
			t.Errorf("a checkpoint %s is stored", name)
		}
	}
	noError(t, s.AppendAuditCheckpoint(ctx, second))
	view(t, s, func(ctx context.Context, r store.Reader) error {
		all, err := r.AuditCheckpoints(ctx, 0, 10)
		noError(t, err)
		equal(t, "checkpoints", all, []audit.Checkpoint{first, second})
		page, err := r.AuditCheckpoints(ctx, 2, 1)
		noError(t, err)
		equal(t, "page", page, []audit.Checkpoint{second})
		last, found, err := r.LastAuditCheckpoint(ctx)
		noError(t, err)
		equal(t, "last", last, second)
		equal(t, "found", found, true)
		return nil
	})
}

func testAuditPosition(t *testing.T, s store.Store) {
	position := func(team string, n int) (at int64) {
		view(t, s, func(ctx context.Context, r store.Reader) (err error) {
			at, err = r.AuditPosition(ctx, team, n)
			return err
		})
		return at
	}
	equal(t, "of an empty log", position("", 0), int64(0))
	for _, team := range []string{"ml", "ops", "ml", "ops", "ml"} {
		e := entry("version.use")
		e.Team = team
		noError(t, s.AppendAudit(t.Context(), []audit.Entry{e}))
	}
	equal(t, "newest", position("", 0), int64(5))
	equal(t, "newest, for a team", position("ops", 0), int64(5))
	equal(t, "last two", position("", 2), int64(3))
	equal(t, "more than there are", position("", 9), int64(0))
	equal(t, "last of a team", position("ops", 1), int64(2))
	equal(t, "all of a team", position("ops", 2), int64(0))
}

// testAuditRemoval removes the start of the log, and no more than a checkpoint covers.
func testAuditRemoval(t *testing.T, s store.Store) {
	ctx := t.Context()
	var prev *audit.Checkpoint
	for range 3 {
		noError(t, s.AppendAudit(ctx, []audit.Entry{entry("a"), entry("b"), entry("c")}))
		c := signed(t, s, prev)
		noError(t, s.AppendAuditCheckpoint(ctx, c))
		prev = &c
	}
	remove := func(checkpoint int64) error {
		return s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
			return []audit.Entry{entry("audit.remove")}, w.RemoveAuditBefore(ctx, checkpoint)
		})
	}
	// 4 is no checkpoint, 10 is no entry, and after 9 nothing would be left to link to.
	for _, at := range []int64{0, 4, 9, 10} {
		if remove(at) == nil {
			t.Errorf("the log is removed up to entry %d", at)
		}
	}
	boom := errors.New("boom")
	err := s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		noError(t, w.RemoveAuditBefore(ctx, 3))
		return []audit.Entry{entry("audit.remove")}, boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error = %v, want that of the change", err)
	}
	err = s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) { return []audit.Entry{{}}, w.RemoveAuditBefore(ctx, 3) })
	wantReason(t, err, errdefs.Unavailable, "AUDIT_UNAVAILABLE")
	contents := func() (entries, checkpoints []int64) {
		view(t, s, func(ctx context.Context, r store.Reader) error {
			all, err := r.AuditEntries(ctx, "", -1, 100)
			noError(t, err)
			for _, e := range all {
				entries = append(entries, e.Sequence)
			}
			signs, err := r.AuditCheckpoints(ctx, -1, 100)
			for _, c := range signs {
				checkpoints = append(checkpoints, c.Sequence)
			}
			return err
		})
		return entries, checkpoints
	}
	entries, checkpoints := contents()
	equal(t, "entries after failures", entries, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9})
	equal(t, "checkpoints after failures", checkpoints, []int64{3, 6, 9})

	noError(t, remove(6))
	entries, checkpoints = contents()
	equal(t, "entries", entries, []int64{7, 8, 9, 10})
	equal(t, "checkpoints", checkpoints, []int64{6, 9})
	if remove(6) == nil || remove(3) == nil {
		t.Error("what is removed can be removed again")
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		rep, err := audit.Verify(ctx, r)
		equal(t, "broken", rep.Broken, int64(0))
		equal(t, "start", rep.Start.Sequence, int64(6))
		return err
	})
}
