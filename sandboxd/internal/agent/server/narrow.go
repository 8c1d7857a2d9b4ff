package server

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// narrowThreads is how many threads fork in a sandbox whose processes have less than the agent: as many as it uses.
const narrowThreads = 2

// narrow makes every process that is started from here on have none of the dropped capabilities, bit n the one of number n.
//
// The agent itself keeps them, or it could neither change to a user nor end what belongs to one. A bounding set is a thread's
// own, and can't grow again: so threads give up what is dropped, only they fork, and what they start can't get it.
func (sp *spawner) narrow(dropped uint64) error {
	if sp.jail != nil {
		dropped |= jailer
	}
	forks, ready := make(chan func()), make(chan error)
	for range narrowThreads {
		go func() {
			runtime.LockOSThread() // for ever
			err := dropBounding(dropped)
			ready <- err
			if err != nil {
				return
			}
			for fork := range forks {
				fork()
			}
		}()
	}
	for range narrowThreads {
		if err := <-ready; err != nil {
			return err
		}
	}
	sp.narrowed = forks
	return nil
}

func dropBounding(dropped uint64) error {
	for c := range uintptr(64) {
		if dropped&(1<<c) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	return nil
}

// onForkingThread runs f where a process may be forked.
func (sp *spawner) onForkingThread(f func()) {
	if sp.narrowed == nil {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		f()
		return
	}
	done := make(chan struct{})
	sp.narrowed <- func() {
		defer close(done)
		f()
	}
	<-done
}
