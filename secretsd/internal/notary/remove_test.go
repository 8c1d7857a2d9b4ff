package notary_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// retaining is a fixture that keeps entries for a day and archives them, with two days' segments: 4, 4 and 3 entries, the last
// of them a minute old.
func retaining(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	f.cfg.Retention, f.cfg.ArchiveDir = 24*time.Hour, filepath.Join(f.dir, "archive")
	must(t, f.restart("", nothing))
	f.add(4)
	f.add(4)
	f.now = f.now.Add(25 * time.Hour)
	f.add(3)
	f.now = f.now.Add(time.Minute)
	return f
}

// entries returns the sequences that are kept.
func (f *fixture) entries() (list []audit.Entry) {
	f.t.Helper()
	must(f.t, f.store.View(f.t.Context(), func(r store.Reader) (err error) {
		list, err = r.AuditEntries(f.t.Context(), "", -1, 10000)
		return err
	}))
	return list
}

// archives returns the names of the archived files, and verifies that they follow one another.
func (f *fixture) archives() (names []string) {
	f.t.Helper()
	files, err := os.ReadDir(f.cfg.ArchiveDir)
	must(f.t, err)
	var end audit.Head
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(f.cfg.ArchiveDir, file.Name()))
		must(f.t, err)
		v := auditlog.NewVerifier(auditlog.Options{Keys: auditlog.NewKeyring(f.PublicKey())})
		must(f.t, auditlog.ReadLines(bytes.NewReader(text), v.Next))
		rep := v.Report()
		if rep.Broken != 0 || rep.Start != end || !rep.UnsignedSince.IsZero() {
			f.t.Errorf("%s: %+v", file.Name(), rep)
		}
		end = rep.Head
		names = append(names, file.Name())
	}
	return names
}

func (f *fixture) whole() audit.Report {
	f.t.Helper()
	rep, err := f.Verify(f.t.Context())
	must(f.t, err)
	if rep.Broken != 0 {
		f.t.Errorf("broken at %d: %s", rep.Broken, rep.Detail)
	}
	return rep
}

func TestRetention(t *testing.T) {
	f := retaining(t)
	must(t, f.Remove(t.Context()))
	list := f.entries()
	if len(list) != 4 || list[0].Sequence != 9 || list[3].Action != "audit.remove" || list[3].Resource != "auditCheckpoints/8" ||
		list[3].UserID != "" || list[3].Sequence != 12 {
		t.Errorf("kept %+v", list)
	}
	if rep := f.whole(); rep.Start.Sequence != 8 || rep.Entries != 4 || rep.Signed.Sequence != 12 {
		t.Errorf("report %+v", rep)
	}
	if names := f.archives(); len(names) != 1 || names[0] != "audit-000000000001-000000000008.jsonl" {
		t.Errorf("archives %v", names)
	}
	must(t, f.Remove(t.Context()))
	if again := f.entries(); len(again) != 4 {
		t.Errorf("the second run changed the log: %+v", again)
	}
	must(t, f.restart("", nothing))
	// A day later all but the newest entry may go; a file follows on the one before.
	f.now = f.now.Add(25 * time.Hour)
	must(t, f.Remove(t.Context()))
	if rep := f.whole(); rep.Start.Sequence != 11 || rep.Entries != 2 {
		t.Errorf("report %+v", rep)
	}
	if names := f.archives(); len(names) != 2 {
		t.Errorf("archives %v", names)
	}
	must(t, f.restart("", nothing))
}

func TestRetentionWithoutAnArchive(t *testing.T) {
	f := retaining(t)
	f.cfg.ArchiveDir = ""
	must(t, f.restart("", nothing))
	must(t, f.Remove(t.Context()))
	if rep := f.whole(); rep.Start.Sequence != 8 {
		t.Errorf("report %+v", rep)
	}
	f.cfg.Retention = 0
	must(t, f.restart("", nothing))
	f.now = f.now.Add(1000 * time.Hour)
	must(t, f.Remove(t.Context()))
	if rep := f.whole(); rep.Start.Sequence != 8 {
		t.Errorf("without a retention the log was removed: %+v", rep)
	}
}

// TestNothingIsRemovedThatIsNotArchived has the archive fail, then the removal after it.
func TestNothingIsRemovedThatIsNotArchived(t *testing.T) {
	f := retaining(t)
	must(t, os.WriteFile(f.cfg.ArchiveDir, nil, 0o600)) // where the directory is to be
	if err := f.Remove(t.Context()); err == nil || !strings.Contains(err.Error(), "audit.archive_dir") {
		t.Errorf("without an archive: %v", err)
	}
	if list := f.entries(); len(list) != 11 {
		t.Errorf("kept %d entries", len(list))
	}
	must(t, os.Remove(f.cfg.ArchiveDir))

	failing := &failing{Store: f.store}
	cfg := f.cfg
	cfg.Store = failing
	if err := notary.New(cfg).Remove(t.Context()); !errors.Is(err, errRemoval) {
		t.Errorf("a removal that fails: %v", err)
	}
	if list := f.entries(); len(list) != 11 {
		t.Errorf("kept %d entries", len(list))
	}
	// More may go by the next run, and what was archived goes as it was.
	f.now = f.now.Add(48 * time.Hour)
	must(t, f.Remove(t.Context()))
	if names := f.archives(); len(names) != 2 || names[0] != "audit-000000000001-000000000008.jsonl" {
		t.Errorf("archives %v", names)
	}
	f.whole()
}

var errRemoval = errors.New("disk full")

// failing is the real store, whose changes fail.
type failing struct{ store.Store }

func (*failing) Change(context.Context, func(store.Writer) ([]audit.Entry, error)) error {
	return errRemoval
}

// TestNothingBrokenIsRemoved keeps the evidence.
func TestNothingBrokenIsRemoved(t *testing.T) {
	f := retaining(t)
	must(t, f.restart("", f.sql(`UPDATE audit SET user_id = 'eve' WHERE sequence = 3`)))
	if err := f.Remove(t.Context()); err == nil || !strings.Contains(err.Error(), "broken at entry 3") {
		t.Errorf("Remove = %v", err)
	}
	if list := f.entries(); len(list) != 11 {
		t.Errorf("kept %d entries", len(list))
	}
}

// TestWhatIsPutInBeforeTheStartIsFound adds entries where the log was removed.
func TestWhatIsPutInBeforeTheStartIsFound(t *testing.T) {
	f := retaining(t)
	must(t, f.Remove(t.Context()))
	must(t, f.restart("", f.sql(`INSERT INTO audit SELECT 5, time, team, 'eve', api_key_id, peer, action, resource, decision, reason, sandbox_id,
		request_id, prev_hash, hash FROM audit WHERE sequence = 9`)))
	rep, err := f.Verify(t.Context())
	must(t, err)
	if rep.Broken != 1 || !strings.Contains(rep.Detail, "entry 5 follows entry 0") {
		t.Errorf("report %+v", rep)
	}
}

// TestLargeSegments removes more than what goes in one transaction.
func TestLargeSegments(t *testing.T) {
	f := newFixture(t)
	f.cfg.Retention, f.cfg.ArchiveDir = time.Hour, filepath.Join(f.dir, "archive")
	must(t, f.restart("", nothing))
	var batch []audit.Entry
	for range 300 {
		batch = append(batch, audit.Entry{Time: f.now, Action: "a", Decision: audit.Allowed})
	}
	for range 20 {
		must(t, f.store.AppendAudit(t.Context(), batch))
		f.sign()
	}
	f.now = f.now.Add(2 * time.Hour)
	f.add(1)
	must(t, f.Remove(t.Context()))
	if names := f.archives(); len(names) != 4 || names[0] != "audit-000000000001-000000001800.jsonl" {
		t.Errorf("archives %v", names)
	}
	if rep := f.whole(); rep.Start.Sequence != 6000 || rep.Entries != 5 {
		t.Errorf("report %+v", rep)
	}
}

func TestExport(t *testing.T) {
	f := retaining(t)
	f.addUnsigned(2)
	export := func(after int64) (list []audit.Record, err error) {
		err = f.Export(t.Context(), after, func(r audit.Record) error { list = append(list, r); return nil })
		return list, err
	}
	verify := func(list []audit.Record, start, entries int64) {
		t.Helper()
		v := auditlog.NewVerifier(auditlog.Options{Keys: auditlog.NewKeyring(f.PublicKey())})
		for _, r := range list {
			v.Next(r)
		}
		if rep := v.Report(); rep.Broken != 0 || rep.Start.Sequence != start || rep.Entries != entries || !rep.UnsignedSince.IsZero() {
			t.Errorf("export: %+v", rep)
		}
		if list[len(list)-1].Checkpoint == nil {
			t.Error("the export ends unsigned")
		}
	}
	list, err := export(0)
	must(t, err)
	verify(list, 0, 13)
	list, err = export(8)
	must(t, err)
	verify(list, 8, 5)
	if _, err := export(7); errdefs.ReasonOf(err) != "CHECKPOINT_NOT_FOUND" || errdefs.KindOf(err) != errdefs.NotFound {
		t.Errorf("export after an entry without a checkpoint: %v", err)
	}
	list, err = export(13)
	must(t, err)
	if len(list) != 1 {
		t.Errorf("nothing new is %d records", len(list))
	}
	boom := errors.New("boom")
	if err := f.Export(t.Context(), 0, func(audit.Record) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("export = %v, want the receiver's error", err)
	}
	// Nothing is removed while somebody reads, and afterwards it is.
	err = f.Export(t.Context(), 0, func(audit.Record) error { return f.Remove(t.Context()) })
	must(t, err)
	if got := f.entries(); got[0].Sequence != 1 {
		t.Errorf("the log was removed up to %d under an export", got[0].Sequence)
	}
	must(t, f.Remove(t.Context()))
	list, err = export(0)
	must(t, err)
	verify(list, 8, 6)
}
