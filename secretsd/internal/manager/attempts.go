package manager

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// maxAttempted is how many different things failed attempts are counted for; the rest counts as unknown keys.
const maxAttempted = 256

const (
	actionAuthenticate = "key.authenticate"
	actionExchange     = "key.exchange"
)

// unknownKeys is the resource of attempts with keys that do not exist.
var unknownKeys = secret.KeyName("", "-")

// attempted is what failed attempts were made at, and by whom.
type attempted struct{ peer, team, action, resource, reason string }

// attempts counts failed attempts to authenticate, for the audit log: an entry for each would be a durable write that anybody
// can cause. The zero value has none.
type attempts struct {
	mu     sync.Mutex
	counts map[attempted]int
}

// add counts an attempt with a key. Of a key that does not exist the record is zero.
func (a *attempts) add(peer string, record secret.APIKey) {
	on := attempted{peer: peer, action: actionAuthenticate, resource: unknownKeys, reason: reasonInvalidKey}
	if record.ID != "" {
		on.team, on.resource = record.Team, secret.KeyName(record.Team, record.ID)
	}
	a.count(on, 1)
}

func (a *attempts) count(on attempted, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts == nil {
		a.counts = map[attempted]int{}
	}
	if _, known := a.counts[on]; !known && len(a.counts) >= maxAttempted {
		on = attempted{action: actionAuthenticate, resource: unknownKeys, reason: reasonInvalidKey}
	}
	a.counts[on] += n
}

func (a *attempts) take() map[attempted]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := a.counts
	a.counts = nil
	return taken
}

// MissingKey counts a call of an rpc without a key by a peer that showed a certificate: a workload that tries what it has no key
// for is worth knowing of. Who shows none is nobody, and guesses nothing.
func (m *Manager) MissingKey(peer, fullMethod string, err error) {
	if peer != "" {
		resource := strings.TrimPrefix(fullMethod, "/")
		m.attempts.count(attempted{peer: peer, action: actionAuthenticate, resource: resource, reason: errdefs.ReasonOf(err)}, 1)
	}
}

// RefusedAttempt counts an attempt that was refused without a look, since there were too many from where it came.
func (m *Manager) RefusedAttempt(peer string) {
	m.attempts.count(attempted{peer: peer, action: actionAuthenticate, resource: unknownKeys, reason: throttle.Reason}, 1)
}

// FlushAttempts writes the failed attempts since the last time into the audit log: one entry for each key, trust or
// rpc, whose resource ends in their number. What it could not write it keeps for the next time.
func (m *Manager) FlushAttempts(ctx context.Context) error {
	taken := m.attempts.take()
	if len(taken) == 0 {
		return nil
	}
	var entries []audit.Entry
	for on, n := range taken {
		entries = append(entries, audit.Entry{
			Time: m.Now(), Team: on.team, Peer: on.peer, Action: on.action, Decision: audit.Denied, Reason: on.reason,
			Resource: fmt.Sprintf("%s#attempts=%d", on.resource, n),
		})
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Reason, b.Reason))
	})
	err := m.log.Append(ctx, entries...)
	if err != nil {
		for on, n := range taken {
			m.attempts.count(on, n)
		}
	}
	return err
}
