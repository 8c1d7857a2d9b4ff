package onhost

import (
	"slices"
	"sync"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// rangeSize is how many user ids, and how many group ids, a sandbox has: all that an image can use.
	rangeSize        = 1 << 16
	defaultFirstUID  = 0x70000000
	defaultMaxRanges = 4094
)

// Ranges gives out ranges of ids, so that no sandbox's user is another's: even a process that got out would own nothing.
// Each range's owner is on disk, in its record; this is the sum of the records. A range is its sandbox's until nothing of
// that is left, and is freed by the sandbox's id: a record that can't be read any more does not keep it.
type Ranges struct {
	first uint32

	shared bool // every sandbox has the same one

	mu     sync.Mutex
	owners []string // a sandbox's id each; "" of a range that is free
	next   int      // where to look first, so that a range rests before it is given out again
}

// NewRanges divides the host's user and group ids from first on, 65536 to a sandbox, for at most n sandboxes. A first of 0 means
// 1879048192, the beginning of a range that systemd's registry of ids knows as unused; an n of 0 means 4094, which fills it.
func NewRanges(first uint32, n int) *Ranges {
	if first == 0 {
		first = defaultFirstUID
	}
	if n == 0 {
		n = defaultMaxRanges
	}
	return &Ranges{first: first, owners: make([]string, n)}
}

// NewSharedRange is one range for all sandboxes, of which there can be n: for a host that has no more than one.
func NewSharedRange(first uint32, n int) *Ranges {
	return &Ranges{first: first, shared: true, owners: make([]string, n)}
}

// take returns the first id of a range that nobody has, or that all have.
func (r *Ranges) take(id string) (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range r.owners {
		i := r.next
		r.next = (r.next + 1) % len(r.owners)
		if r.owners[i] == "" {
			r.owners[i] = id
			if r.shared {
				return r.first, nil
			}
			return r.first + uint32(i)*rangeSize, nil
		}
	}
	return 0, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SANDBOXES", "this host has as many sandboxes as it has ranges of user ids for, %d", len(r.owners))
}

// taken notes a range that an earlier process gave out. It ignores what is none of its ranges: a record from before the
// configuration was changed.
func (r *Ranges) taken(uid uint32, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shared {
		if i := slices.Index(r.owners, ""); i >= 0 && uid == r.first {
			r.owners[i] = id
		}
		return
	}
	if i := (uid - r.first) / rangeSize; uid >= r.first && (uid-r.first)%rangeSize == 0 && int(i) < len(r.owners) {
		r.owners[i] = id
	}
}

// free gives back what a sandbox has. Of one that has nothing it does nothing.
func (r *Ranges) free(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.owners, id); i >= 0 {
		r.owners[i] = ""
	}
}
