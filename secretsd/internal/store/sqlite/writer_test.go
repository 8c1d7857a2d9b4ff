package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// caller is one of a group: what it gets comes from result.
type caller struct {
	name   string
	result chan error
}

// change stores a user of the caller's name, then does what `then` says.
func (c caller) change(ctx context.Context, s store.Store, then func() error) {
	defer func() {
		if p := recover(); p != nil {
			c.result <- fmt.Errorf("panic: %v", p)
		}
	}()
	c.result <- s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		if err := w.EnsureUser(ctx, secret.User{ID: c.name, CreateTime: time.Now()}); err != nil {
			return nil, err
		}
		return []audit.Entry{entryOf(c.name)}, then()
	})
}

func entryOf(action string) audit.Entry {
	return audit.Entry{Time: time.Now(), Action: action, Decision: audit.Allowed}
}

func fine() error { return nil }

// group runs callers so that they share a commit: they come, one after the other, while another's change is under way. With
// them is a read's entry, `read`, in the end. It returns what each got.
func group(t *testing.T, s store.Store, members map[string]func() error) map[string]error {
	t.Helper()
	hold := make(chan struct{})
	first := caller{"first", make(chan error, 1)}
	go first.change(t.Context(), s, func() error { <-hold; return nil })
	synctest.Wait()
	var callers []caller
	for name, then := range members {
		c := caller{name, make(chan error, 1)}
		callers = append(callers, c)
		go c.change(t.Context(), s, then)
		synctest.Wait()
	}
	read := caller{"read", make(chan error, 1)}
	go func() { read.result <- s.AppendAudit(t.Context(), []audit.Entry{entryOf("read")}) }()
	synctest.Wait()
	for _, c := range append(callers, first, read) {
		if len(c.result) != 0 {
			t.Fatalf("%s was answered before it was durable: %v", c.name, <-c.result)
		}
	}
	close(hold)
	got := map[string]error{}
	for _, c := range append(callers, first, read) {
		got[c.name] = <-c.result
	}
	return got
}

// actions are those of the log, sorted; the log must be whole, and each user there who has an entry, and nobody else.
func actions(t *testing.T, s store.Store, names ...string) (list []string) {
	t.Helper()
	noError(t, s.View(t.Context(), func(r store.Reader) error {
		entries, err := r.AuditEntries(t.Context(), "", 0, 1000)
		noError(t, err)
		for _, e := range entries {
			list = append(list, e.Action)
		}
		for _, name := range names {
			_, found, err := r.User(t.Context(), name)
			noError(t, err)
			if found != slices.Contains(list, name) {
				t.Errorf("%s is stored: %v; the log has %v", name, found, list)
			}
		}
		rep, err := audit.Verify(t.Context(), r)
		if rep.Broken != 0 {
			t.Errorf("the log is broken: %+v", rep)
		}
		return err
	}))
	slices.Sort(list)
	return list
}

func inBubble(t *testing.T, prepare []string, test func(t *testing.T, s store.Store)) {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	noError(t, s.Close())
	edit(t, dir, prepare)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		defer func() { noError(t, s.Close()) }()
		test(t, s)
	})
}

func TestGroupMembersFailAlone(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s store.Store) {
		boom := errors.New("boom")
		got := group(t, s, map[string]func() error{
			"a": fine, "b": func() error { return boom }, "c": func() error { panic("oh") }, "d": fine,
		})
		if got["first"] != nil || got["a"] != nil || got["d"] != nil || got["read"] != nil {
			t.Errorf("others' failures became theirs: %v", got)
		}
		if !errors.Is(got["b"], boom) || !strings.HasPrefix(fmt.Sprint(got["c"]), "panic: oh\n") {
			t.Errorf("results = %v", got)
		}
		want := []string{"a", "d", "first", "read"}
		if d := cmp.Diff(want, actions(t, s, "a", "b", "c", "d", "first")); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}

// spoilCommit makes the database refuse to commit what has an audit entry of the action "spoil".
var spoilCommit = []string{
	`CREATE TABLE spoiled (team TEXT REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TRIGGER spoil AFTER INSERT ON audit WHEN NEW.action = 'spoil' BEGIN INSERT INTO spoiled VALUES ('nowhere'); END`,
}

func TestFailedCommitFailsItsWholeGroupAndNoOther(t *testing.T) {
	inBubble(t, spoilCommit, func(t *testing.T, s store.Store) {
		got := group(t, s, map[string]func() error{
			"a": fine, "spoil": fine, "b": func() error { return errors.New("boom") },
		})
		if got["first"] != nil {
			t.Errorf("the group before failed too: %v", got["first"])
		}
		for _, name := range []string{"a", "spoil", "b", "read"} {
			if errdefs.KindOf(got[name]) != errdefs.Unavailable || errdefs.ReasonOf(got[name]) != "AUDIT_UNAVAILABLE" {
				t.Errorf("%s = %v, want AUDIT_UNAVAILABLE", name, got[name])
			}
		}
		noError(t, s.AppendAudit(t.Context(), []audit.Entry{entryOf("after")}))
		if d := cmp.Diff([]string{"after", "first"}, actions(t, s, "a", "b", "spoil", "first")); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}

// TestBrokenTransactionIsTheCulpritsOwn has a change in whose middle SQLite rolls back everything, as it does when there is
// no space.
func TestBrokenTransactionIsTheCulpritsOwn(t *testing.T) {
	breaks := []string{
		`CREATE TRIGGER breaks AFTER INSERT ON users WHEN NEW.id = 'full' BEGIN SELECT RAISE(ROLLBACK, 'no space'); END`,
	}
	inBubble(t, breaks, func(t *testing.T, s store.Store) {
		got := group(t, s, map[string]func() error{"a": fine, "full": fine, "z": fine})
		if err := got["full"]; err == nil || !strings.Contains(err.Error(), "no space") {
			t.Errorf("the culprit's error is %v", err)
		}
		delete(got, "full")
		for name, err := range got {
			if err != nil {
				t.Errorf("%s failed with it: %v", name, err)
			}
		}
		if d := cmp.Diff([]string{"a", "first", "read", "z"}, actions(t, s, "a", "full", "z", "first")); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}

func TestCanceledWhileWaiting(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s store.Store) {
		hold := make(chan struct{})
		first, second, third := caller{"first", make(chan error, 1)}, caller{"second", make(chan error, 1)}, caller{"third", make(chan error, 1)}
		go first.change(t.Context(), s, func() error { <-hold; return nil })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go second.change(ctx, s, func() error { t.Error("it ran after its caller was told that it did not"); return nil })
		synctest.Wait()
		go third.change(t.Context(), s, fine)
		synctest.Wait()
		cancel()
		if err := <-second.result; !errors.Is(err, context.Canceled) {
			t.Errorf("canceled = %v", err)
		}
		close(hold)
		noError(t, errors.Join(<-first.result, <-third.result))
		if d := cmp.Diff([]string{"first", "third"}, actions(t, s, "first", "second", "third")); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}

// TestGroupsAreInOrder has more callers than one group takes, reads and changes, and looks for who overtook whom.
func TestGroupsAreInOrder(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s store.Store) {
		hold := make(chan struct{})
		const many = 300
		results := make(chan error, many+1)
		go func() {
			results <- s.Change(t.Context(), func(store.Writer) ([]audit.Entry, error) {
				<-hold
				return []audit.Entry{entryOf("000")}, nil
			})
		}()
		synctest.Wait()
		want := []string{"000"}
		for n := range many {
			name := fmt.Sprintf("%03d", n+1)
			want = append(want, name)
			go func() {
				if n%3 > 0 {
					results <- s.AppendAudit(t.Context(), []audit.Entry{entryOf(name)})
					return
				}
				c := caller{name, results}
				c.change(t.Context(), s, fine)
			}()
			synctest.Wait()
		}
		close(hold)
		for range cap(results) {
			noError(t, <-results)
		}
		var got []string
		noError(t, s.View(t.Context(), func(r store.Reader) error {
			entries, err := r.AuditEntries(t.Context(), "", 0, 1000)
			for _, e := range entries {
				got = append(got, e.Action)
			}
			return err
		}))
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}

// TestOneOfAGroupGetsASandboxesValues has the values of one sandbox released twice in one commit, beside others.
func TestOneOfAGroupGetsASandboxesValues(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s store.Store) {
		hold := make(chan struct{})
		first, last := caller{"first", make(chan error, 1)}, caller{"last", make(chan error, 1)}
		go first.change(t.Context(), s, func() error { <-hold; return nil })
		synctest.Wait()
		results := make([]chan error, 4)
		for i, sandbox := range []string{"s", "s", "other", "spoiled"} {
			results[i] = make(chan error, 1)
			go func() {
				e := entryOf(fmt.Sprint("use ", i))
				e.SandboxID, e.Peer = sandbox, "spiffe://casemate.local/sandboxd"
				e.Receipt = &audit.Receipt{SecretUID: "u", Version: 1, Count: 1}
				if sandbox == "spoiled" {
					e.Decision = ""
				}
				results[i] <- s.AppendAudit(t.Context(), []audit.Entry{e})
			}()
			synctest.Wait()
		}
		go last.change(t.Context(), s, fine)
		synctest.Wait()
		close(hold)
		noError(t, errors.Join(<-first.result, <-results[0], <-results[2], <-last.result))
		if err := <-results[1]; errdefs.ReasonOf(err) != secret.ReasonResolved {
			t.Errorf("the second for the sandbox = %v, want %s", err, secret.ReasonResolved)
		}
		if err := <-results[3]; errdefs.ReasonOf(err) != "AUDIT_UNAVAILABLE" {
			t.Errorf("an entry that can't be stored = %v", err)
		}
		noError(t, s.View(t.Context(), func(r store.Reader) error {
			uses, _, err := r.Uses(t.Context(), secret.Secret{UID: "u"}, secret.UseFilter{Limit: 10})
			if len(uses) != 2 || uses[0].SandboxID != "other" || uses[1].SandboxID != "s" {
				t.Errorf("receipts = %+v", uses)
			}
			return err
		}))
		if d := cmp.Diff([]string{"first", "last", "use 0", "use 2"}, actions(t, s, "first", "last")); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}
