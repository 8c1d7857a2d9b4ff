package native

import (
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// rangeSize is how many user ids, and how many group ids, a sandbox has: all that an image can use.
	rangeSize           = 1 << 16
	defaultFirstUID     = 0x70000000
	defaultMaxSandboxes = 4094
)

// ranges gives out ranges of ids, so that no sandbox's user is another's: even a process that got out would own nothing.
// Each range's owner is on disk, in its record; this is the sum of the records.
type ranges struct {
	first uint32

	mu   sync.Mutex
	used []bool
	next int // where to look first, so that a range rests before it is given out again
}

func newRanges(first uint32, n int) *ranges { return &ranges{first: first, used: make([]bool, n)} }

// take returns the first id of a range that nobody has.
func (r *ranges) take() (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range r.used {
		i := r.next
		r.next = (r.next + 1) % len(r.used)
		if !r.used[i] {
			r.used[i] = true
			return r.first + uint32(i)*rangeSize, nil
		}
	}
	return 0, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SANDBOXES", "this host has as many sandboxes as it has ranges of user ids for, %d", len(r.used))
}

func (r *ranges) taken(uid uint32) { r.set(uid, true) }
func (r *ranges) free(uid uint32)  { r.set(uid, false) }

// set ignores what is none of its ranges: a record from before the configuration was changed.
func (r *ranges) set(uid uint32, used bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := (uid - r.first) / rangeSize; uid >= r.first && (uid-r.first)%rangeSize == 0 && int(i) < len(r.used) {
		r.used[i] = used
	}
}
