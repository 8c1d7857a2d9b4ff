package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// testGroups has many callers at once, of whom most go wrong in a way of their own: each gets its own result, what was
// answered as done is there with its entries, and nothing else is.
func testGroups(t *testing.T, s store.Store) {
	const goroutines, each = 32, 14
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for n := range each {
				name := fmt.Sprintf("u-%d-%d", g, n)
				ctx, cancel := context.WithCancel(t.Context())
				err, panicked := catch(func() error {
					if n%7 == 0 {
						return s.AppendAudit(ctx, []audit.Entry{named("read", name), named("read", name)})
					}
					return s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
						if err := w.EnsureUser(ctx, secret.User{ID: name, CreateTime: epoch}); err != nil {
							return nil, err
						}
						switch n % 7 {
						case 1:
							return []audit.Entry{named("fails", name)}, boom
						case 2:
							panic(name)
						case 3:
							cancel()
							return []audit.Entry{named("canceled", name)}, w.EnsureUser(ctx, secret.User{ID: name + "-", CreateTime: epoch})
						case 4:
							return []audit.Entry{named("no decision", name), {}}, nil
						}
						return []audit.Entry{named("one", name), named("two", name)}, nil
					})
				})
				cancel()
				wrong := panicked != (n%7 == 2)
				switch n % 7 {
				case 1:
					wrong = wrong || !errors.Is(err, boom)
				case 2:
				case 3:
					wrong = wrong || !errors.Is(err, context.Canceled)
				case 4:
					wrong = wrong || errdefs.ReasonOf(err) != "AUDIT_UNAVAILABLE"
				default:
					wrong = wrong || err != nil
				}
				if wrong {
					t.Errorf("%s: error %v, panicked %v", name, err, panicked)
				}
			}
		})
	}
	wg.Wait()
	view(t, s, func(ctx context.Context, r store.Reader) error {
		entries, err := r.AuditEntries(ctx, "", 0, goroutines*each*2)
		noError(t, err)
		equal(t, "entries", len(entries), goroutines*each/7*3*2)
		for i := 0; i+1 < len(entries); i += 2 {
			first, second := entries[i], entries[i+1]
			if first.Resource != second.Resource || first.Action == "two" || first.Action == "one" && second.Action != "two" {
				t.Errorf("entries %d and %d are not one caller's: %s %s, %s %s", first.Sequence, second.Sequence,
					first.Action, first.Resource, second.Action, second.Resource)
			}
		}
		for g := range goroutines {
			for n := range each {
				_, found, err := r.User(ctx, fmt.Sprintf("u-%d-%d", g, n))
				noError(t, err)
				if want := n%7 > 4; found != want {
					t.Errorf("user %d of kind %d: stored is %v, want %v", g, n%7, found, want)
				}
			}
		}
		rep, err := audit.Verify(ctx, r)
		equal(t, "broken", rep.Broken, int64(0))
		return err
	})
}

// named is an entry that can be told from others.
func named(action, resource string) audit.Entry {
	e := entry(action)
	e.Resource = resource
	return e
}

func catch(fn func() error) (err error, panicked bool) {
	defer func() { panicked = recover() != nil }()
	return fn(), false
}
