package onhost

import "sync"

// nameLocks keeps two calls from working on one sandbox at a time.
type nameLocks struct {
	mu    sync.Mutex
	locks map[string]*nameLock
}

type nameLock struct {
	mu    sync.Mutex
	users int // who hold it or wait for it; guarded by nameLocks.mu
}

// lock waits for id's lock and returns what gives it back.
func (n *nameLocks) lock(id string) (unlock func()) {
	n.mu.Lock()
	l := n.locks[id]
	if l == nil {
		if n.locks == nil {
			n.locks = map[string]*nameLock{}
		}
		l = &nameLock{}
		n.locks[id] = l
	}
	l.users++
	n.mu.Unlock()

	l.mu.Lock()
	return func() {
		l.mu.Unlock()
		n.mu.Lock()
		defer n.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(n.locks, id)
		}
	}
}
