package controller

import (
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// maxForwards is the most connections to ports in one sandbox: each takes its agent 128 KiB at most.
const maxForwards = 128

// execSlots bound the calls of one kind that are under way in each sandbox: each costs sandboxd a connection and its agent some
// memory of the sandbox's.
type execSlots struct {
	reason, what string // for who finds none left
	most         int    // 0: as many as the sandbox may have processes

	mu    sync.Mutex
	taken map[string]int // by sandbox id; none is 0
}

// take takes a slot of a sandbox until release is called, once. The error is ResourceExhausted, with e.reason.
func (e *execSlots) take(sb sandbox.Sandbox) (release func(), err error) {
	most := e.most
	if most == 0 {
		most = int(sb.Spec.Resources.Pids)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken[sb.ID] >= most {
		return nil, tryAgain(errdefs.New(errdefs.ResourceExhausted, e.reason,
			"%d calls are under way in sandbox %s that %s, as many as may be", most, sb.ID, e.what))
	}
	if e.taken == nil {
		e.taken = map[string]int{}
	}
	e.taken[sb.ID]++
	return func() { e.release(sb.ID) }, nil
}

func (e *execSlots) release(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken[id]--; e.taken[id] == 0 {
		delete(e.taken, id)
	}
}

// execBackoff is when a sandbox that had too much to do may be asked again.
const execBackoff = time.Second

// tryAgain adds to the want of something that a sandbox frees when a command ends, when to ask for it again.
func tryAgain(err error) error {
	e, ok := errdefs.As(err)
	if !ok {
		return err
	}
	switch e.Reason {
	case "TOO_MANY_EXECS", "TOO_MANY_PROCESSES", "TOO_MANY_ATTACHED", "PROCESS_LIMIT", "FILE_LIMIT", "TOO_MANY_FORWARDS", "PORT_BUSY":
		again := *e
		again.RetryAfter = execBackoff
		return &again
	default:
		return err
	}
}
