// Package sqlite keeps secretsd's records in one SQLite file, by a driver without cgo.
//
// One connection writes and a few read, in WAL mode: readers never wait for the writer nor it for them. synchronous=FULL
// makes every commit durable before it returns; callers who wait at the same time share one. What is read again and again is
// kept in memory until the next change, so a read of a value costs no query, only its audit entry's part of a commit. secure_delete overwrites what is deleted, and a commit that destroys
// ciphertext is followed by a checkpoint that empties the write-ahead log, so that the erased bytes leave that too.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// readers is how many connections read. Reads are short and CPU-bound.
const readers = 4

//go:embed migrations/*.sql
var migrations embed.FS

// Store implements store.Store.
type Store struct {
	lock            *os.File
	writeDB, readDB *sql.DB
	writer          *writer
	readers         *pool
}

var _ store.Store = (*Store)(nil)

// Open opens the database file, makes it with mode 0600 when it is missing, and brings its schema up to date. It fails when
// another Store has the file open, of whatever process.
func Open(ctx context.Context, path string) (*Store, error) {
	// A commit is as durable with fdatasync, which leaves out the file's times, as with fsync, and takes half the time where
	// those go through a journal. Where there is none, it stays as it was.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, fmt.Errorf("choose fdatasync: %w", err)
	}
	s := &Store{}
	var err error
	if s.lock, err = lock(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	if err := f.Close(); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	if s.writeDB, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)")); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), s.Close())
	}
	if err := migrate(ctx, s.writeDB); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate database %s: %w", path, err), s.Close())
	}
	if s.readDB, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), s.Close())
	}
	s.writer = newWriter(s.writeDB)
	s.readers = newPool(s.readDB, readers, false)
	return s, nil
}

// busyTimeout is how long a connection waits for another, in milliseconds.
const busyTimeout = 5000

func dsn(path, pragma string) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout), "foreign_keys(1)", "synchronous(FULL)", "secure_delete(1)", pragma,
	}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	stale, err := s.view(ctx, s.writer.memo.Load(), fn)
	if stale {
		_, err = s.view(ctx, nil, fn)
	}
	return err
}

// view runs fn on what the memo holds and, from the first query that it does not know, on a snapshot. When that is not the
// memo's any more and fn has rows of the memo already, it is stale.
func (s *Store) view(ctx context.Context, known *memo, fn func(store.Reader) error) (stale bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	t := &tx{memo: known}
	t.begin = func(ctx context.Context) (*conn, error) {
		c, err := s.readers.snapshot(ctx)
		if err != nil || t.memo == nil || s.writer.memo.Load() == t.memo {
			return c, err
		}
		t.memo = nil
		if stale = t.remembered; stale {
			return nil, errors.Join(errStale, s.readers.done(c))
		}
		return c, nil
	}
	defer func() {
		if t.c != nil {
			err = errors.Join(err, s.readers.done(t.c))
		}
	}()
	if err := fn(t); err != nil {
		// The driver says "interrupted" of a query whose context ended; the caller wants to know why.
		return stale, errors.Join(err, ctx.Err())
	}
	return stale, nil
}

// Change implements store.Store.
func (s *Store) Change(ctx context.Context, fn func(store.Writer) ([]audit.Entry, error)) error {
	return s.writer.do(&unit{ctx: ctx, change: func(t *tx) ([]audit.Entry, error) { return fn(t) }})
}

// AppendAudit implements store.Store.
func (s *Store) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	if err := checkEntries(entries); err != nil { // before its receipts are among others'
		return audit.Unavailable(err)
	}
	u := &unit{ctx: ctx, entries: entries}
	if slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Receipt != nil }) {
		u.change = func(t *tx) ([]audit.Entry, error) { return entries, t.insertReceipts(entries) }
		r := entries[0].Receipt
		u.oneStatement = r != nil && r.Count == len(entries)
	}
	return s.writer.do(u)
}

// Tidy implements store.Store: it empties the write-ahead log where a change that destroyed ciphertext could not.
func (s *Store) Tidy(context.Context) error {
	if !s.writer.littered.Load() {
		return nil
	}
	err := s.writer.emptyWAL()
	s.writer.littered.Store(err != nil)
	return err
}

// Close implements store.Store.
func (s *Store) Close() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.close(), s.writer.conns.close())
	}
	for _, db := range []*sql.DB{s.readDB, s.writeDB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}
