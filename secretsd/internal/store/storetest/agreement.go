package storetest

import (
	"context"
	"fmt"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Disagreements compares the audit log with the data, both ways: what the log says was made, changed and removed must be so,
// and what is there must be in the log. It verifies the chain too. It returns a sentence for each difference; none when
// all is well.
//
// It replays what changes teams, members, keys, trusts, secrets, versions and grants. Of a thing that the log does not say
// all about, such as whose a key is, it knows what may have become of it. An action that it has no word for is a difference.
func Disagreements(ctx context.Context, s store.Store) (found []string, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		found = nil // a store may run this again
		rep, err := audit.Verify(ctx, r)
		if err != nil {
			return err
		}
		if rep.Broken != 0 {
			found = append(found, rep.Detail)
		}
		log := &replay{there: map[string][]string{}}
		for after := int64(0); ; {
			page, err := r.AuditEntries(ctx, "", after, 1000)
			if err != nil {
				return err
			}
			for _, e := range page {
				if e.Decision == audit.Allowed && !log.apply(e) {
					found = append(found, fmt.Sprintf("entry %d is of %s, which the replay has no word for", e.Sequence, e.Action))
				}
				after = e.Sequence
			}
			if len(page) < 1000 {
				break
			}
		}
		data, err := stateOf(ctx, r)
		if err != nil {
			return err
		}
		found = append(found, log.compare(data)...)
		return nil
	})
	return found, err
}
