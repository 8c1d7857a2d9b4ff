package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// pool is a fixed number of connections, each with its prepared statements: preparing costs more than running here.
type pool struct {
	db *sql.DB
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
	// changed says that exec ran since it was set to false.
	changed bool
	// broken says that a transaction could not be ended, so that nothing can be done here any more.
	broken bool
}

func newPool(db *sql.DB, size int, writes bool) *pool {
	p := &pool{db: db, writes: writes, free: make(chan *conn, size)}
	for range size {
		p.free <- nil
	}
	return p
}

// get takes a connection out of the pool, waiting for one. It must be put back.
func (p *pool) get(ctx context.Context) (*conn, error) {
	var c *conn
	select {
	case c = <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c != nil {
		return c, nil
	}
	raw, err := p.db.Conn(ctx)
	if err != nil {
		p.free <- nil
		return nil, fmt.Errorf("connect to database: %w", err)
	}
	return &conn{Conn: raw, prepared: map[string]*sql.Stmt{}, writes: p.writes}, nil
}

func (p *pool) put(c *conn) {
	if c.broken {
		_ = c.close() // what it could not end ends with it
		c = nil
	}
	p.free <- c
}

// snapshot begins a transaction that reads what is committed now.
func (p *pool) snapshot(ctx context.Context) (*conn, error) {
	c, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = c.control("BEGIN"); err == nil {
		// A transaction begins with its first read.
		if _, err = c.control("SELECT 1 FROM sqlite_schema LIMIT 1"); err == nil {
			return c, nil
		}
	}
	c.broken = true
	p.put(c)
	return nil, fmt.Errorf("begin to read: %w", err)
}

// done ends what snapshot began.
func (p *pool) done(c *conn) error {
	_, err := c.control("COMMIT")
	c.broken = err != nil
	p.put(c)
	if err != nil {
		return fmt.Errorf("end reading: %w", err)
	}
	return nil
}

// write runs fn in a transaction: commits when fn returns true, rolls back when it does not, fails or panics.
func (c *conn) write(fn func() (commit bool, err error)) (err error) {
	if _, err := c.control("BEGIN IMMEDIATE"); err != nil {
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
	if commit, err := fn(); err != nil || !commit {
		return err
	}
	if _, err := c.control("COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	ended = true
	return nil
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

// exec runs a statement that changes something, which makes the memo invalid. It begins only when the caller's context has
// not ended, and is not interrupted afterwards.
func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.changed = true
	return c.control(query, args...)
}

// control runs a statement that leaves all as it is that the memo may hold, and does so whatever becomes of the caller.
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
