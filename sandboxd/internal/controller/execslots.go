package controller

import (
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// execSlots bound the calls that are under way in each sandbox: each costs sandboxd a connection and its agent some memory of
// the sandbox's. The zero value is ready.
type execSlots struct {
	most int // 0: as many as the sandbox may have processes

	mu    sync.Mutex
	taken map[string]int // by sandbox id; none is 0
}

// take takes a slot of a sandbox until release is called, once. The error is ResourceExhausted (TOO_MANY_EXECS).
func (e *execSlots) take(sb sandbox.Sandbox) (release func(), err error) {
	most := e.most
	if most == 0 {
		most = int(sb.Spec.Resources.Pids)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken[sb.ID] >= most {
		return nil, tryAgain(errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_EXECS",
			"%d calls are under way in sandbox %s that run or follow a command, as many as may be", most, sb.ID))
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
	case "TOO_MANY_EXECS", "TOO_MANY_PROCESSES", "TOO_MANY_ATTACHED", "PROCESS_LIMIT", "FILE_LIMIT":
		again := *e
		again.RetryAfter = execBackoff
		return &again
	default:
		return err
	}
}
