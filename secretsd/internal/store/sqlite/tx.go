package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/casemate/casemate/secretsd/internal/store"
)

// tx is one transaction; it implements store.Writer.
type tx struct {
	// c is nil in a reader that has found all in the memo so far.
	c *conn
	// begin gives a reader its connection, with a snapshot.
	begin func(context.Context) (*conn, error)
	// memo is what is known of the snapshot; nil: nothing, or that of a writer, who changes it.
	memo *memo
	// remembered says that something came from the memo.
	remembered bool
	// erased says that ciphertext was destroyed.
	erased bool
	// next is the sequence that the first audit entry of a writer's change will have.
	next int64
}

var _ store.Writer = (*tx)(nil)

// ready says whether a query may begin, and gives a reader its snapshot before the first.
func (t *tx) ready(ctx context.Context) (err error) {
	if err := ctx.Err(); err != nil || t.c != nil {
		return err
	}
	t.c, err = t.begin(ctx)
	return err
}

// scanner is what sql.Row and sql.Rows have in common.
type scanner interface{ Scan(dest ...any) error }

// one returns the row of a query and whether there is one. It is too short to be interrupted, which costs more.
func one[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, args ...any) (T, bool, error) {
	var zero T
	if err := t.ready(ctx); err != nil {
		return zero, false, err
	}
	s, err := t.c.stmt(query)
	if err != nil {
		return zero, false, err
	}
	v, err := scan(s.QueryRowContext(context.Background(), args...))
	if errors.Is(err, sql.ErrNoRows) {
		return zero, false, nil
	}
	if err != nil {
		return zero, false, fmt.Errorf("query: %w", err)
	}
	return v, true, nil
}

// all returns the rows of a query. Where nothing is written, it is interrupted when the caller's context ends.
func all[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, args ...any) (_ []T, err error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	s, err := t.c.stmt(query)
	if err != nil {
		return nil, err
	}
	if t.c.writes {
		ctx = context.WithoutCancel(ctx)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func count(ctx context.Context, t *tx, query string, args ...any) (int, error) {
	n, _, err := one(ctx, t, func(row scanner) (n int, err error) { return n, row.Scan(&n) }, query, args...)
	return n, err
}

// insert adds a row; when its key is taken it returns exists.
func (t *tx) insert(ctx context.Context, exists error, query string, args ...any) error {
	_, err := t.c.exec(ctx, query, args...)
	if taken(err) {
		return exists
	}
	if err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	return nil
}

// taken says whether an insert failed since there is a row of that key.
func taken(err error) bool {
	var serr *sqlite.Error
	return errors.As(err, &serr) &&
		(serr.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || serr.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}

// update changes one row; when there is none it returns missing.
func (t *tx) update(ctx context.Context, missing error, query string, args ...any) error {
	res, err := t.c.exec(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if n == 0 {
		return missing
	}
	return nil
}

// nanos returns a time as it is stored.
func nanos(t time.Time) int64 { return t.UnixNano() }

// nullNanos returns a time as it is stored where it may be missing.
func nullNanos(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixNano(), Valid: !t.IsZero()}
}

func fromNanos(n int64) time.Time { return time.Unix(0, n).UTC() }

func fromNullNanos(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return fromNanos(n.Int64)
}
