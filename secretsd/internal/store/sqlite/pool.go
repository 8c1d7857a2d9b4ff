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
	// free holds the connections that nobody uses; a nil one is not open yet.
	free chan *conn
}

type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
}

func newPool(db *sql.DB, size int, begin string) *pool {
	p := &pool{db: db, begin: begin, free: make(chan *conn, size)}
	for range size {
		p.free <- nil
	}
	return p
}

// with runs fn on a connection of the pool, waiting for one.
func (p *pool) with(ctx context.Context, fn func(*conn) error) error {
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
		c = &conn{Conn: raw, prepared: map[string]*sql.Stmt{}}
	}
	defer func() { p.free <- c }()
	return fn(c)
}

// transact runs fn in a transaction: commits when fn returns nil, rolls back when it fails or panics.
func (p *pool) transact(ctx context.Context, fn func(*tx) error) error {
	return p.with(ctx, func(c *conn) (err error) {
		if _, err := c.exec(ctx, p.begin); err != nil {
			return fmt.Errorf("begin transaction: %w", err)
		}
		committed := false
		defer func() {
			if committed {
				return
			}
			// The call's context may have ended; the transaction must end all the same.
			if _, rerr := c.exec(context.WithoutCancel(ctx), "ROLLBACK"); rerr != nil {
				err = errors.Join(err, fmt.Errorf("roll back: %w", rerr))
			}
		}()
		if err := fn(&tx{c: c}); err != nil {
			// The driver says "interrupted" of a query whose context ended; the caller wants to know why.
			return errors.Join(err, ctx.Err())
		}
		// Not cancellable: a commit that is interrupted has an unknown outcome.
		if _, err := c.exec(context.WithoutCancel(ctx), "COMMIT"); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		committed = true
		return nil
	})
}

func (c *conn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.prepared[query] = s
	return s, nil
}

func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// close closes all connections; it waits for those in use.
func (p *pool) close() error {
	var errs []error
	for range cap(p.free) {
		c := <-p.free
		if c == nil {
			continue
		}
		for _, s := range c.prepared {
			errs = append(errs, s.Close())
		}
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
