package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

// maxGroup bounds how many callers share a commit, so that the first of a group does not wait for too many others.
const maxGroup = 128

// writer commits in groups. A commit waits for the disk, and costs the same for many callers as for one: so whoever comes
// while one is under way waits for it to end, and then all who wait share the next, in the order in which they came. One of
// them leads: it runs the others' functions too, commits, tells them, and makes the first who has come meanwhile the next
// leader. Nobody waits for a timer, so a caller without company pays for its own commit only.
//
// Callers share the disk's work and nothing else. One whose function fails or panics is rolled back alone, to a
// savepoint; one whose context ends is out at its next statement; and when the transaction itself breaks before its commit
// (no space, say), each gets one of its own; but where all that they do is to append entries, their one statement is the
// commit. Nobody is told anything before the commit, failures included:
// they may come of what another of the group has done.
type writer struct {
	// conns has the one connection that writes.
	conns *pool

	mu sync.Mutex
	// queue are those who wait, in their order.
	queue []*unit
	// led says that somebody leads.
	led bool

	// head is the end of the audit log; nil when it must be read. It is the leader's.
	head *audit.Head

	// littered says that erased bytes are left in the write-ahead log.
	littered atomic.Bool

	// memo is what readers know of the last commit's state; nil while a change commits.
	memo atomic.Pointer[memo]
}

func newWriter(db *sql.DB) *writer {
	w := &writer{conns: newPool(db, 1, true)}
	w.memo.Store(newMemo())
	return w
}

// unit is one caller's part of a group.
type unit struct {
	ctx context.Context
	// change does what the caller wants; nil when the entries are all of it.
	change  func(*tx) ([]audit.Entry, error)
	entries []audit.Entry
	// oneStatement says that change runs no more than one, which SQLite itself undoes when it fails.
	oneStatement bool
	// unaudited says that the change is nobody's act, and needs no entry (store.KeyKeeper).
	unaudited bool

	// wake is closed when the result is there, or when the unit is to lead.
	wake  chan struct{}
	leads bool

	// failed says that err is the caller's own and that nothing of it is in the transaction; done that err is final.
	failed, done bool
	err          error
	panicked     *panicked
}

// panicked is what a caller's function panicked with, on its way to that caller.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	return fmt.Sprintf("%v\n\nin a change, which was rolled back:\n%s", p.value, p.stack)
}

// do returns when the unit is durable, or nothing of it is there.
func (w *writer) do(u *unit) error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	w.queue = append(w.queue, u)
	first := !w.led
	if first {
		w.led, u.leads = true, true
	} else {
		u.wake = make(chan struct{})
	}
	w.mu.Unlock()
	if !first && !w.wait(u) {
		return u.ctx.Err()
	}
	if u.leads {
		w.lead()
	}
	if u.panicked != nil {
		panic(u.panicked)
	}
	return u.err
}

// wait returns false when the unit's context ends before its group has begun. Once it has, the function may run, and the
// caller must not go on meanwhile.
func (w *writer) wait(u *unit) bool {
	select {
	case <-u.wake:
		return true
	case <-u.ctx.Done():
	}
	w.mu.Lock()
	i := slices.Index(w.queue, u)
	if i >= 0 && !u.leads {
		w.queue = slices.Delete(w.queue, i, i+1)
		w.mu.Unlock()
		return false
	}
	w.mu.Unlock()
	<-u.wake
	return true
}

// lead writes those who wait, the leader first, and hands over.
func (w *writer) lead() {
	// Whoever can run and is about to come is let in first: under load the groups are larger, and alone it costs nothing.
	runtime.Gosched()
	w.mu.Lock()
	n := min(len(w.queue), maxGroup)
	group := slices.Clone(w.queue[:n])
	w.queue = slices.Delete(w.queue, 0, n)
	w.mu.Unlock()
	defer w.handOver(group)
	w.write(group)
}

// handOver runs too when a function has ended the leader's goroutine.
func (w *writer) handOver(group []*unit) {
	w.mu.Lock()
	if w.led = len(w.queue) > 0; w.led {
		w.queue[0].leads = true
		close(w.queue[0].wake)
	}
	w.mu.Unlock()
	for _, u := range group {
		if !u.done {
			u.err = audit.Unavailable(errors.New("the write was given up"))
		}
		if !u.leads {
			close(u.wake)
		}
	}
}

// write gives every unit of a group its result.
func (w *writer) write(group []*unit) {
	asked, erased, err := w.commit(group)
	if err != nil && !asked && len(group) > 1 {
		for _, u := range group {
			if u.panicked == nil {
				u.failed = false
				w.write([]*unit{u})
			}
			u.done = true
		}
		return
	}
	for _, u := range group {
		if err != nil && (asked || !u.failed) {
			u.err = audit.Unavailable(err)
		}
		u.done = true
	}
	if err == nil && erased {
		// The changes are committed; if the log can't be emptied now, Tidy will do it.
		w.littered.Store(w.emptyWAL() != nil)
	}
}

// commit runs a group in one transaction. An error is of the transaction, asked says whether the commit was tried by then,
// and erased that ciphertext was destroyed. Where there is nothing to commit, it is rolled back.
func (w *writer) commit(group []*unit) (asked, erased bool, err error) {
	c, err := w.conns.get(context.Background())
	if err != nil {
		return false, false, err
	}
	defer w.conns.put(c)
	defer func() {
		if w.memo.Load() == nil {
			w.memo.Store(newMemo())
		}
	}()
	t := &tx{c: c}
	c.changed = false
	write, one := c.write, appendsOnce(group)
	if one {
		write = alone
	}
	err = write(func() (bool, error) {
		head, err := w.auditHead(t)
		if err != nil {
			return false, err
		}
		w.head = nil
		var entries []audit.Entry
		changed := false
		for _, u := range group {
			t.next = head.Sequence + int64(len(entries)) + 1
			if err := t.run(u, len(group) > 1); err != nil {
				return false, err
			}
			if !u.failed {
				entries, changed = append(entries, u.entries...), true
			}
		}
		if !changed {
			return false, nil
		}
		asked = one // to append is to commit
		if len(entries) > 0 {
			if head, err = t.appendAudit(head, entries); err != nil {
				return false, err
			}
		}
		if c.changed {
			w.memo.Store(nil)
		}
		asked = true
		w.head = &head
		return true, nil
	})
	if err != nil {
		w.head = nil
	}
	return asked, t.erased, err
}

// appendsOnce says whether all that a group does is to append entries that one statement takes.
func appendsOnce(group []*unit) bool {
	entries := 0
	for _, u := range group {
		if u.change != nil {
			return false
		}
		entries += len(u.entries)
	}
	return entries <= maxRows
}

// alone is conn.write for what is a single statement, which is a transaction of its own.
func alone(fn func() (commit bool, err error)) error {
	_, err := fn()
	return err
}

func (w *writer) auditHead(t *tx) (audit.Head, error) {
	if w.head != nil {
		return *w.head, nil
	}
	return t.auditHead()
}

// run runs one unit. With others it has a savepoint, to which it is rolled back alone. Its own failure is in the unit; the
// error is one that has broken the transaction.
func (t *tx) run(u *unit, withOthers bool) error {
	if u.err = u.ctx.Err(); u.err != nil {
		u.failed = true
		return nil
	}
	savepoint := withOthers && u.change != nil && !u.oneStatement
	if savepoint {
		if _, err := t.c.control("SAVEPOINT one"); err != nil {
			return fmt.Errorf("savepoint: %w", err)
		}
	}
	erased := t.erased
	u.call(t)
	if u.failed {
		t.erased = erased
	}
	if !savepoint {
		return nil
	}
	if u.failed {
		if _, err := t.c.control("ROLLBACK TO one"); err != nil {
			return fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	if _, err := t.c.control("RELEASE one"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

// call runs the unit's function, which may run again, and checks its entries.
func (u *unit) call(t *tx) {
	defer func() {
		if p := recover(); p != nil {
			u.failed, u.panicked = true, &panicked{p, debug.Stack()}
		}
	}()
	if u.change != nil {
		if u.entries, u.err = u.change(t); u.err != nil {
			u.failed = true
			return
		}
	}
	if u.unaudited {
		return
	}
	if err := checkEntries(u.entries); err != nil {
		u.failed, u.err = true, audit.Unavailable(err)
	}
}

// emptyWAL fails when somebody reads what is in the log for longer than a moment: it holds up all who write.
func (w *writer) emptyWAL() error {
	c, err := w.conns.get(context.Background())
	if err != nil {
		return err
	}
	defer w.conns.put(c)
	if _, err := c.control("PRAGMA busy_timeout(100)"); err != nil {
		return err
	}
	defer func() { _, _ = c.control(fmt.Sprintf("PRAGMA busy_timeout(%d)", busyTimeout)) }()
	s, err := c.stmt("PRAGMA wal_checkpoint(TRUNCATE)")
	if err != nil {
		return err
	}
	var busy, frames, done int
	if err := s.QueryRowContext(context.Background()).Scan(&busy, &frames, &done); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the write-ahead log can't be emptied: it is being read")
	}
	return nil
}
