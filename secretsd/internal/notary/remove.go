package notary

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/wholefile"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// maxSegment is about how many entries are removed in one transaction, which all writers wait for. One interval between two
// checkpoints is removed whole, however long it is.
const maxSegment = 2000

// Remove removes the entries that are older than the retention, in segments that end in a checkpoint. Each segment is
// verified first, and archived, where that is configured; its removal and an entry that says so are one transaction. It
// removes nothing while somebody reads the log from its start, and never the newest entry.
func (n *Notary) Remove(ctx context.Context) error {
	if n.cfg.Retention == 0 {
		return nil
	}
	for {
		removed, err := n.removeSegment(ctx, n.cfg.Now().Add(-n.cfg.Retention))
		if err != nil || !removed {
			return err
		}
	}
}

// segment is a part of the log: the entries after a checkpoint, or from the first on, to another checkpoint.
type segment struct {
	start int64
	end   audit.Checkpoint
}

func (n *Notary) removeSegment(ctx context.Context, before time.Time) (bool, error) {
	if !n.reading.TryLock() {
		return false, nil // the next run
	}
	defer n.reading.Unlock()
	s, found, err := n.oldest(ctx, before)
	if err != nil || !found {
		return false, err
	}
	if worth, err := n.verifySegment(ctx, s); err != nil || !worth {
		return false, err
	}
	if n.cfg.ArchiveDir != "" {
		if err := n.archive(ctx, s); err != nil {
			return false, fmt.Errorf("archive the audit log from entry %d to %d: %w", s.start+1, s.end.Sequence, err)
		}
	}
	err = n.cfg.Store.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{{
			Time: n.cfg.Now(), Action: auditlog.ActionRemove, Resource: auditlog.CheckpointName(s.end.Sequence), Decision: audit.Allowed,
		}}, w.RemoveAuditBefore(ctx, s.end.Sequence)
	})
	if err != nil {
		return false, fmt.Errorf("remove the audit log up to entry %d: %w", s.end.Sequence, err)
	}
	// What was removed is accounted for from now on only.
	_, err = n.Checkpoint(ctx)
	return err == nil, err
}

// oldest returns the segment that is to go first.
func (n *Notary) oldest(ctx context.Context, before time.Time) (s segment, found bool, err error) {
	head, err := n.log.head(ctx)
	if err != nil {
		return s, false, err
	}
	if s.start, err = n.log.start(ctx); err != nil {
		return s, false, err
	}
	archived, err := n.archived(s.start)
	if err != nil {
		return s, false, err
	}
	// Checkpoints with fewer entries than maxSegment between them are no more than these.
	list, err := n.log.AuditCheckpoints(ctx, s.start, maxSegment)
	for _, c := range list {
		if c.Time.After(before) || c.Sequence >= head.Sequence || archived == 0 && found && c.Sequence-s.start > maxSegment {
			break
		}
		// What a run before this one has archived goes as it was archived, or not yet.
		if archived == 0 || c.Sequence == archived {
			s.end, found = c, true
		}
	}
	return s, found, err
}

// records calls visit with the records of a segment: the checkpoint that it begins after, and all up to its last.
func (n *Notary) records(ctx context.Context, s segment, visit func(audit.Record) error) error {
	if s.start > 0 {
		c, err := n.log.checkpointAt(ctx, s.start)
		if err != nil {
			return err
		}
		if err := visit(audit.Record{Checkpoint: &c}); err != nil {
			return err
		}
	}
	var failed error
	err := auditlog.Walk(ctx, n.log, s.start, func(r audit.Record) bool {
		failed = visit(r)
		return failed == nil && (r.Checkpoint == nil || r.Checkpoint.Sequence < s.end.Sequence)
	})
	return errors.Join(err, failed)
}

// verifySegment verifies a segment, and says whether it is worth its removal: one that holds nothing but entries about
// removals is not, since its removal would leave the next of these.
func (n *Notary) verifySegment(ctx context.Context, s segment) (worth bool, err error) {
	v := auditlog.NewVerifier(auditlog.Options{Keys: n.keys})
	err = n.records(ctx, s, func(r audit.Record) error {
		v.Next(r)
		worth = worth || r.Entry != nil && r.Entry.Action != auditlog.ActionRemove
		return nil
	})
	if err != nil {
		return false, err
	}
	return worth, s.right(v.Report())
}

// right says whether what was verified is the whole segment.
func (s segment) right(rep audit.Report) error {
	if rep.Broken == 0 && (rep.Start.Sequence != s.start || rep.Signed == nil || rep.Signed.Hash() != s.end.Hash()) {
		rep.Broken, rep.Detail = s.start+1, "it is not the segment that it should be"
	}
	if rep.Broken != 0 {
		return fmt.Errorf("nothing is removed, since the audit log is broken at entry %d: %s", rep.Broken, rep.Detail)
	}
	return nil
}

// archive writes a segment to a file of its own as lines of JSON, makes it durable, and verifies what it has written.
func (n *Notary) archive(ctx context.Context, s segment) error {
	if err := os.MkdirAll(n.cfg.ArchiveDir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(n.cfg.ArchiveDir, archiveName(s.start, s.end.Sequence))
	f, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = n.writeSegment(ctx, f, s)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	return wholefile.Move(path+".new", path)
}

func (n *Notary) writeSegment(ctx context.Context, f *os.File, s segment) error {
	out := bufio.NewWriter(f)
	var line []byte
	err := n.records(ctx, s, func(r audit.Record) (err error) {
		if line, err = auditlog.AppendLine(line[:0], r); err == nil {
			_, err = out.Write(line)
		}
		return err
	})
	if err := errors.Join(err, out.Flush(), f.Sync()); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	v := auditlog.NewVerifier(auditlog.Options{Keys: n.keys})
	if err := auditlog.ReadLines(f, v.Next); err != nil {
		return err
	}
	return s.right(v.Report())
}

// archiveName is the file of the entries after start, to end. Names sort as their entries do.
func archiveName(start, end int64) string {
	return archivePrefix(start) + fmt.Sprintf("%012d.jsonl", end)
}

func archivePrefix(start int64) string { return fmt.Sprintf("audit-%012d-", start+1) }

// archived returns where the archive ends that begins after start; 0 when there is none. One is left by a run that ended
// between the archive and the removal: another one beside it, with other ends, would hold entries twice.
func (n *Notary) archived(start int64) (int64, error) {
	if n.cfg.ArchiveDir == "" {
		return 0, nil
	}
	files, err := os.ReadDir(n.cfg.ArchiveDir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	for _, f := range files {
		if rest, ok := strings.CutPrefix(f.Name(), archivePrefix(start)); ok && strings.HasSuffix(rest, ".jsonl") {
			return strconv.ParseInt(strings.TrimSuffix(rest, ".jsonl"), 10, 64)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("audit.archive_dir: %w", err)
	}
	return 0, nil
}
