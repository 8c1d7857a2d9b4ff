package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// crowd is what a full sandboxd has beside what is measured.
type crowd struct{ records, live int }

// crowded measures the same calls on two sandboxds of one host, in turn: an empty one, which is the floor, and one with a
// crowd.
func crowded(ctx context.Context, empty, full *bench, c crowd) []*series {
	kinds := []struct {
		name string
		call func(*bench) func() error
		per  int
	}{
		{"RunSandbox, an exec, DeleteSandbox", func(b *bench) func() error { return func() error { return b.life(ctx) } }, 1},
		{"GetSandbox", func(b *bench) func() error { return func() error { return b.get(ctx) } }, 20},
		{"ListSandboxes, one that runs", func(b *bench) func() error { return func() error { return b.list(ctx) } }, 20},
		{"Exec /bin/true", func(b *bench) func() error { return func() error { return b.exec(ctx) } }, 10},
	}
	var all []*series
	for _, k := range kinds {
		floor := &series{name: k.name + ", empty", call: k.call(empty), per: k.per}
		all = append(all, floor, &series{
			name: fmt.Sprintf("%s, %d ended and %d live", k.name, c.records, c.live), call: k.call(full), floor: floor, per: k.per,
		})
	}
	return all
}

// startFull starts a second pair of daemons, beside the first on this host, and fills it.
func startFull(ctx context.Context, dir, bin, image string, c crowd) (_ *stack.Stack, _ *bench, err error) {
	// Ids of users that the first sandboxd has not; each takes 65,536.
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, LogLevel: "warn", SandboxdExtra: "uid_base: 2147483648\nuid_count: 65536000\n"})
	if err != nil {
		return nil, nil, err
	}
	b, err := prepare(ctx, st, image)
	if err != nil {
		st.Close()
		return nil, nil, err
	}
	if err = b.fill(ctx, filepath.Join(st.SandboxdDir, "sandboxd.db"), c); err != nil {
		err = errors.Join(err, b.close(ctx))
		st.Close()
		return nil, nil, err
	}
	return st, b, nil
}

// fill makes sandboxes that run, and records of ones that have ended: copies of one that has, as making so many would take
// as long as everything else.
func (b *bench) fill(ctx context.Context, database string, c crowd) error {
	for range c.live {
		resp, err := b.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
			Image: "python:3.11", Resources: &sandboxv1.Resources{MemoryBytes: 64 << 20}, Tags: []string{"crowd"},
		}})
		if err != nil {
			return err
		}
		b.crowd = append(b.crowd, resp.GetSandbox().GetName())
	}
	resp, err := b.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: b.spec})
	if err != nil {
		return err
	}
	if _, err := b.sandboxes.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: resp.GetSandbox().GetName()}); err != nil {
		return err
	}
	_, id, _ := strings.Cut(resp.GetSandbox().GetName(), "/sandboxes/")
	return copyRecord(ctx, database, id, c.records-1)
}

func copyRecord(ctx context.Context, database, id string, n int) error {
	db, err := sql.Open("sqlite", "file:"+database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	var columns string
	err = db.QueryRowContext(ctx, `SELECT group_concat(name, ', ') FROM pragma_table_info('sandboxes') WHERE name NOT IN ('seq', 'id')`).Scan(&columns)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
		INSERT INTO sandboxes (id, `+columns+`) SELECT ?2 || '-' || n, `+columns+` FROM sandboxes, numbers WHERE id = ?2`, n, id)
	return err
}

func (b *bench) life(ctx context.Context) error {
	if err := b.coldStart(ctx, ""); err != nil {
		return err
	}
	return b.deleteStarted(ctx)
}

func (b *bench) get(ctx context.Context) error {
	_, err := b.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: b.warm})
	return err
}

// list finds the one sandbox that is not of the crowd, among all.
func (b *bench) list(ctx context.Context) error {
	resp, err := b.sandboxes.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{Parent: "teams/" + team, Tags: []string{warmTag}})
	if err == nil && len(resp.GetSandboxes()) != 1 {
		err = fmt.Errorf("%d sandboxes are listed, not 1", len(resp.GetSandboxes()))
	}
	return err
}
