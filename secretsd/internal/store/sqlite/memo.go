package sqlite

import (
	"context"
	"errors"
	"sync"
)

// memo holds rows that were read since the last change of the database: what most reads want again, without a query. A
// change takes the store's memo away before it commits, and an empty one takes its place afterwards, before anybody is
// told of the change: so nothing outlives what made it wrong, a revocation least of all.
//
// That is right for as long as this process alone writes the file, which Open's lock sees to.
type memo struct {
	mu   sync.RWMutex
	rows map[memoKey]any
	size int
}

// memoKey is a query with its arguments, which are strings and integers.
type memoKey struct {
	query string
	args  [maxKeptArgs]any
}

// maxKeptArgs is how many arguments a query may have to be kept.
const maxKeptArgs = 3

// maxMemo bounds what a memo holds, in bytes; it starts anew when it is full. perRow is what a row counts for besides its
// long columns.
const (
	maxMemo = 16 << 20
	perRow  = 1 << 10
)

func newMemo() *memo { return &memo{rows: map[memoKey]any{}} }

func (m *memo) get(k memoKey) (any, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.rows[k]
	return v, ok
}

func (m *memo) put(k memoKey, v any, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.size += perRow + size; m.size > maxMemo {
		clear(m.rows)
		m.size = perRow + size
	}
	m.rows[k] = v
}

// errStale ends a view that has rows of a memo and can't get the others any more: the database was changed since.
var errStale = errors.New("the database was changed meanwhile")

// row is what a query for one row returned.
type row[T any] struct {
	value T
	found bool
}

// keptOne is one for what only changes change (statements by exec): a reader finds it in the memo. Nobody may change what
// it returns, which others have too.
func keptOne[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, args ...any) (T, bool, error) {
	r, err := kept(ctx, t, query, args, func() (r row[T], err error) {
		r.value, r.found, err = one(ctx, t, scan, query, args...)
		return r, err
	})
	return r.value, r.found, err
}

// keptAll is all in the same way, for lists that are short.
func keptAll[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	return kept(ctx, t, query, args, func() ([]T, error) { return all(ctx, t, scan, query, args...) })
}

func kept[T any](ctx context.Context, t *tx, query string, args []any, read func() (T, error)) (T, error) {
	if t.memo == nil || len(args) > maxKeptArgs {
		return read()
	}
	if err := ctx.Err(); err != nil {
		var zero T
		return zero, err
	}
	k := memoKey{query: query}
	copy(k.args[:], args)
	if v, ok := t.memo.get(k); ok {
		t.remembered = true
		return v.(T), nil
	}
	v, err := read()
	if m := t.memo; err == nil && m != nil { // read may have found that the memo is not the snapshot's
		m.put(k, v, sizeOf(v))
	}
	return v, err
}

func sizeOf(v any) int {
	if r, ok := v.(row[[]byte]); ok {
		return len(r.value)
	}
	return 0
}
