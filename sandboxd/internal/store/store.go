// Package store keeps the records of sandboxes in SQLite: what was asked for, in which state it is, how it ended. It never
// sees a secret's value or a file's content. A change is on disk before its method returns.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"sync"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called concurrently.
type Store struct {
	db *sql.DB
	// writing lets writers queue here, in order, and not in SQLite, which polls.
	writing sync.Mutex
}

// Open opens the database at path, made where there is none, and brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	pragmas := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(5000)"},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("bringing the schema of %s up to date: %w", path, err), db.Close())
	}
	return &Store{db: db}, nil
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

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Create records a new sandbox. When sb has a RequestID that its creator used in its team before, nothing is recorded and
// that sandbox is returned with created false; when digest, the SHA-256 of the request, differs from the one recorded
// then, the error is AlreadyExists (REQUEST_ID_CONFLICT). The events are recorded with it.
func (s *Store) Create(ctx context.Context, sb sandbox.Sandbox, digest [32]byte, events ...sandbox.Event) (_ sandbox.Sandbox, created bool, _ error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return sandbox.Sandbox{}, false, fmt.Errorf("recording sandbox: %w", err)
	}
	defer func() { _ = tx.Rollback() }()

	if sb.RequestID != "" {
		before, err := findRequest(ctx, tx, sb, digest)
		if before != nil || err != nil {
			return deref(before), false, err
		}
	}
	if err := insert(ctx, tx, sb); err != nil {
		return sandbox.Sandbox{}, false, fmt.Errorf("recording sandbox: %w", err)
	}
	if sb.RequestID != "" {
		_, err := tx.ExecContext(ctx, `INSERT INTO requests (user_id, team, request_id, sandbox_id, digest) VALUES (?, ?, ?, ?, ?)`,
			sb.Creator, sb.Team, sb.RequestID, sb.ID, digest[:])
		if err != nil {
			return sandbox.Sandbox{}, false, fmt.Errorf("recording request id: %w", err)
		}
	}
	if err := appendEvents(ctx, tx, sb, events); err != nil {
		return sandbox.Sandbox{}, false, err
	}
	if err := tx.Commit(); err != nil {
		return sandbox.Sandbox{}, false, fmt.Errorf("recording sandbox: %w", err)
	}
	return sb, true, nil
}

// findRequest returns the sandbox that sb's request id made before, nil where there is none.
func findRequest(ctx context.Context, tx *sql.Tx, sb sandbox.Sandbox, digest [32]byte) (*sandbox.Sandbox, error) {
	var id string
	var before []byte
	err := tx.QueryRowContext(ctx, `SELECT sandbox_id, digest FROM requests WHERE user_id = ? AND team = ? AND request_id = ?`,
		sb.Creator, sb.Team, sb.RequestID).Scan(&id, &before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking up request id: %w", err)
	case string(before) != string(digest[:]):
		return nil, errdefs.New(errdefs.AlreadyExists, "REQUEST_ID_CONFLICT",
			"request_id %q was used before, with another request, for sandbox %s", sb.RequestID, id)
	}
	found, err := get(ctx, tx, id)
	return &found, err
}

func deref(sb *sandbox.Sandbox) sandbox.Sandbox {
	if sb == nil {
		return sandbox.Sandbox{}
	}
	return *sb
}

// Update writes what changes in a sandbox's life: the spec, where the image fills in what it left open, state, reason,
// exit code, times, image digest, secret versions and whom it is private to. A move that the table of states does not have is
// refused with an error, and nothing is written. The events are recorded with it.
func (s *Store) Update(ctx context.Context, sb sandbox.Sandbox, events ...sandbox.Event) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := update(ctx, tx, sb); err != nil {
			return err
		}
		return appendEvents(ctx, tx, sb, events)
	})
}

// Get returns a sandbox. The error is NotFound (SANDBOX_NOT_FOUND) where there is no record.
func (s *Store) Get(ctx context.Context, id string) (sandbox.Sandbox, error) {
	return get(ctx, s.db, id)
}

// Active returns all sandboxes that have not ended, the oldest first.
func (s *Store) Active(ctx context.Context) ([]sandbox.Sandbox, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+columns+` FROM sandboxes WHERE end_time IS NULL ORDER BY seq`)
	if err != nil {
		return nil, fmt.Errorf("listing active sandboxes: %w", err)
	}
	return scanAll(rows)
}

// Delete removes a sandbox's record and its events. One that is not there is no error.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{`DELETE FROM sandboxes WHERE id = ?`, `DELETE FROM sandbox_events WHERE sandbox_id = ?`} {
			if _, err := tx.ExecContext(ctx, query, id); err != nil {
				return fmt.Errorf("deleting record: %w", err)
			}
		}
		return nil
	})
}
