package manager

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

// keyUses are the uses of keys that are not stored yet. The zero value has none.
type keyUses struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// add takes up that a key was used. It is on the way of every call: no store, no wait.
func (u *keyUses) add(id string, at time.Time) {
	at = at.Truncate(time.Minute)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[string]time.Time{}
	}
	if at.After(u.last[id]) {
		u.last[id] = at
	}
}

// take returns all uses, and keeps none.
func (u *keyUses) take() map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.last
	u.last = nil
	return taken
}

// overlay gives records the uses that are not stored yet.
func (u *keyUses) overlay(records ...*secret.APIKey) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, k := range records {
		if at := u.last[k.ID]; at.After(k.LastUseTime) {
			k.LastUseTime = at
		}
	}
}

// FlushKeyUses stores when keys were used last, in one transaction, and none when there is nothing new. What it could not store
// it keeps for the next time.
func (m *Manager) FlushKeyUses(ctx context.Context) error {
	taken := m.uses.take()
	uses := make([]secret.KeyUse, 0, len(taken))
	for id, at := range maps.All(taken) {
		uses = append(uses, secret.KeyUse{ID: id, Time: at})
	}
	err := m.Store.RecordKeyUses(ctx, uses)
	if err != nil {
		for id, at := range taken {
			m.uses.add(id, at)
		}
	}
	return err
}
