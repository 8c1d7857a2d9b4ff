package daemon

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// shortestSlice is the least that Linux takes.
const shortestSlice = 100 * time.Microsecond

// shortenSlices gives every thread of this process the shortest time slice, and so all that they start: sandboxes, whatever their runtime.
// Where there is more work than processors, what wakes up, be it sandboxd or a neighbour's command, then need not wait until a thread
// that computes without end has used up its slice, some milliseconds of it for each time that it wakes up. A program that takes itself a
// longer slice only makes way the sooner. It changes nobody's share of a processor.
//
// Source: sched(7), and sched_setattr(2)'s sched_runtime for SCHED_OTHER, from Linux 6.12 on; earlier ones ignore it.
func shortenSlices() error {
	done := map[int]bool{}
	for more := true; more; {
		more = false // a thread that begins meanwhile has the slice of the one that it comes from, which may not have had its turn
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, entry := range threads {
			tid, err := strconv.Atoi(entry.Name())
			if err != nil || done[tid] {
				continue
			}
			if err := shortenSlice(tid); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("thread %d: %w", tid, err)
			}
			done[tid], more = true, true
		}
	}
	return nil
}

func shortenSlice(tid int) error {
	attr, err := unix.SchedGetAttr(tid, 0)
	if err != nil {
		return err
	}
	if attr.Policy != unix.SCHED_NORMAL && attr.Policy != unix.SCHED_BATCH {
		return nil // the operator's choice
	}
	attr.Runtime = uint64(shortestSlice)
	return unix.SchedSetAttr(tid, attr, 0)
}
