// Package auditdb reads the audit log out of secretsd's SQLite database, or a copy of it: how its rows are stored, and a
// reader of a file that changes nothing in it.
package auditdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // registers the driver

	"github.com/casemate/casemate/pkg/auditlog"
)

// The columns of the tables audit and audit_checkpoints, in the order of the scans. Times are Unix nanoseconds.
const (
	EntryColumns = `sequence, time, team, user_id, api_key_id, peer, action, resource, decision, reason,
	sandbox_id, request_id, prev_hash, hash`
	CheckpointColumns = `sequence, time, head_hash, prev_hash, key_id, signature`
)

// Scanner is what sql.Row and sql.Rows have in common.
type Scanner interface{ Scan(dest ...any) error }

// ScanEntry reads a row of EntryColumns.
func ScanEntry(row Scanner) (e auditlog.Entry, err error) {
	var (
		at         int64
		prev, hash []byte
	)
	err = row.Scan(&e.Sequence, &at, &e.Team, &e.UserID, &e.APIKeyID, &e.Peer, &e.Action, &e.Resource, &e.Decision,
		&e.Reason, &e.SandboxID, &e.RequestID, &prev, &hash)
	e.Time = time.Unix(0, at).UTC()
	copy(e.PrevHash[:], prev)
	copy(e.Hash[:], hash)
	return e, err
}

// ScanCheckpoint reads a row of CheckpointColumns.
func ScanCheckpoint(row Scanner) (c auditlog.Checkpoint, err error) {
	var (
		at                    int64
		head, prev, signature []byte
	)
	err = row.Scan(&c.Sequence, &at, &head, &prev, &c.KeyID, &signature)
	c.Time = time.Unix(0, at).UTC()
	copy(c.HeadHash[:], head)
	copy(c.PrevHash[:], prev)
	copy(c.Signature[:], signature)
	return c, err
}

// magic begins every SQLite file.
const magic = "SQLite format 3\x00"

// Is says whether a file is a SQLite database.
func Is(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return string(head) == magic, nil
}

// File is the log in a database file. It implements auditlog.Reader.
type File struct{ db *sql.DB }

// Open opens a database file that nothing writes meanwhile, such as a backup, without changing it. With a write-ahead log
// beside it (FILE-wal), what is in that counts too, and SQLite makes FILE-shm for it.
func Open(path string) (*File, error) {
	q := url.Values{"mode": {"ro"}, "_pragma": {"query_only(1)"}}
	if wal, err := os.Stat(path + "-wal"); err != nil || wal.Size() == 0 {
		q.Set("immutable", "1")
	}
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &File{db}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.db.Close() }

// AuditEntries implements auditlog.Reader. It reads all teams' entries only.
func (f *File) AuditEntries(ctx context.Context, team string, after int64, limit int) ([]auditlog.Entry, error) {
	if team != "" {
		return nil, errors.New("a file is read whole, not by team")
	}
	return list(ctx, f.db, ScanEntry, `SELECT `+EntryColumns+` FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`, after, limit)
}

// AuditCheckpoints implements auditlog.Reader.
func (f *File) AuditCheckpoints(ctx context.Context, after int64, limit int) ([]auditlog.Checkpoint, error) {
	return list(ctx, f.db, ScanCheckpoint,
		`SELECT `+CheckpointColumns+` FROM audit_checkpoints WHERE sequence > ? ORDER BY sequence LIMIT ?`, after, limit)
}

// LastAuditCheckpoint implements auditlog.Reader.
func (f *File) LastAuditCheckpoint(ctx context.Context) (auditlog.Checkpoint, bool, error) {
	last, err := list(ctx, f.db, ScanCheckpoint, `SELECT `+CheckpointColumns+` FROM audit_checkpoints ORDER BY sequence DESC LIMIT 1`)
	if err != nil || len(last) == 0 {
		return auditlog.Checkpoint{}, false, err
	}
	return last[0], true, nil
}

func list[T any](ctx context.Context, db *sql.DB, scan func(Scanner) (T, error), query string, args ...any) (_ []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
