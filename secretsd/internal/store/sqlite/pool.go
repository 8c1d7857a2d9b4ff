package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// pool is a fixed number of connections, each with its prepared statements: preparing costs more than running here.
type pool struct {
	db    *sql.DB
	begin string
	// writes says that the connections write.
	writes bool
	// free holds the connections that nobody uses; a nil one is not open yet.
	free chan *conn
}

type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
	// writes says that no statement may be interrupted: SQLite would roll back the whole transaction, others' part of it too.
	writes bool
	// broken says that a transaction could not be ended, so that nothing can be done here any more.
	broken bool
}

func newPool(db *sql.DB, size int, begin string, writes bool) *pool {
	p := &pool{db: db, begin: begin, writes: writes, free: make(chan *conn, size)}
	for range size {
		p.free <- nil
	}
	return p
}

// with runs fn on a connection of the pool, waiting for one.
func (p *pool) with(ctx context.Context, fn func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *conn
	select {
	case c = <-p.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c == nil {
		raw, err := p.db.Conn(ctx)
		if err != nil {
			p.free <- nil
			return fmt.Errorf("connect to database: %w", err)
		}
		c = &conn{Conn: raw, prepared: map[string]*sql.Stmt{}, writes: p.writes}
	}
	defer func() {
		if c.broken {
			_ = c.close() // what it could not end ends with it
			c = nil
		}
		p.free <- c
	}()
	return fn(c)
}

// transact runs fn in a transaction: commits when fn returns true, rolls back when it does not, fails or panics.
func (p *pool) transact(ctx context.Context, fn func(*tx) (commit bool, err error)) error {
	return p.with(ctx, func(c *conn) (err error) {
		if _, err := c.control(p.begin); err != nil {
			return fmt.Errorf("begin transaction: %w", err)
		}
		ended := false
		defer func() {
			if ended {
				return
			}
			if _, rerr := c.control("ROLLBACK"); rerr != nil {
				c.broken = true
				err = errors.Join(err, fmt.Errorf("roll back: %w", rerr))
			}
		}()
		commit, err := fn(&tx{c: c})
		if err != nil {
			// The driver says "interrupted" of a query whose context ended; the caller wants to know why.
			return errors.Join(err, ctx.Err())
		}
		if !commit {
			return nil
		}
		if _, err := c.control("COMMIT"); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		ended = true
		return nil
	})
}

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	s, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	c.prepared[query] = s
	return s, nil
}

// exec runs a statement that changes something. It begins only when the caller's context has not ended, and is not
// interrupted afterwards.
func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.control(query, args...)
}

// control runs a statement of the store's own, whatever becomes of the caller.
func (c *conn) control(query string, args ...any) (sql.Result, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Close())...)
}

// close closes all connections; it waits for those in use.
func (p *pool) close() error {
	var errs []error
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}
