package server

import (
	"os"
	"slices"
	"sync"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/runes"
)

// The bounds of what background processes can make the agent hold: 8 MiB of output, and the rest of a process is small.
const (
	maxProcesses  = 64
	processOutput = 128 << 10
	maxAttached   = 16
	maxShownArgv  = 4 << 10
)

// process is a background process: one that no connection carries.
type process struct {
	id      uint64
	started time.Time
	argv    []string // as it is shown
	argvCut bool

	child    *child   // nil when it could not be started
	terminal *os.File // nil: none
	output   *logRing

	in      *os.File      // its standard input; nil: none
	giving  chan struct{} // capacity 1: whoever has put something in there may write to in, and change inEnded
	inEnded bool

	ended chan struct{} // closed when it has exited and its output is in the ring
	// Set before the output's end.
	exit  *agentv1.Exit
	endAt time.Time

	attached int // guarded by processes
}

// processes are the background processes that run, and those that have ended and are not forgotten yet. The zero value has
// none.
type processes struct {
	mu       sync.Mutex
	all      []*process // in the order in which they were started
	starting int        // places that are kept for those that are being started
	last     uint64
}

// reserve keeps a place for a process that is about to be started. When all are taken it forgets what ended first.
func (ps *processes) reserve() error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(ps.all)+ps.starting >= maxProcesses {
		i := ps.endedFirst()
		if i < 0 {
			return errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_PROCESSES",
				"the sandbox runs %d background processes, as many as it may", maxProcesses)
		}
		ps.all = slices.Delete(ps.all, i, i+1)
	}
	ps.starting++
	return nil
}

// endedFirst is the index of the process that ended before all others; -1 when all run.
func (ps *processes) endedFirst() int {
	first := -1
	for i, p := range ps.all {
		if p.hasEnded() && (first < 0 || p.endAt.Before(ps.all[first].endAt)) {
			first = i
		}
	}
	return first
}

// settle gives p the place that was kept, and a number; nil gives the place back.
func (ps *processes) settle(p *process) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.starting--
	if p != nil {
		ps.last++
		p.id = ps.last
		ps.all = append(ps.all, p)
	}
}

func (ps *processes) find(id uint64) (*process, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.get(id)
}

// get is find for who holds ps.mu.
func (ps *processes) get(id uint64) (*process, error) {
	for _, p := range ps.all {
		if p.id == id {
			return p, nil
		}
	}
	if id != 0 && id <= ps.last {
		return nil, errdefs.New(errdefs.NotFound, "PROCESS_NOT_FOUND", "the process has ended and is forgotten, for newer ones")
	}
	return nil, errdefs.New(errdefs.NotFound, "PROCESS_NOT_FOUND", "the sandbox has no such background process")
}

// attach is find for who is going to follow the output; detach must follow.
func (ps *processes) attach(id uint64) (*process, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p, err := ps.get(id)
	if err != nil {
		return nil, err
	}
	if p.attached >= maxAttached {
		return nil, errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_ATTACHED", "%d are attached to the process, as many as may be", maxAttached)
	}
	p.attached++
	return p, nil
}

func (ps *processes) detach(p *process) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p.attached--
}

func (ps *processes) list() []*agentv1.ProcessInfo {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	infos := make([]*agentv1.ProcessInfo, len(ps.all))
	for i, p := range ps.all {
		infos[i] = p.info()
	}
	return infos
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) info() *agentv1.ProcessInfo {
	info := &agentv1.ProcessInfo{
		Id: p.id, Argv: p.argv, ArgvCut: p.argvCut, StartUnixNs: p.started.UnixNano(), Terminal: p.terminal != nil, OutputBytes: p.output.length(),
	}
	if p.child != nil {
		info.Pid = int32(p.child.pid)
	}
	if p.hasEnded() {
		info.EndUnixNs, info.Exit = p.endAt.UnixNano(), p.exit
	}
	return info
}

// shownArgv is the beginning of a command: what there is room for in a list.
func shownArgv(argv []string) (shown []string, cut bool) {
	room := maxShownArgv
	for _, a := range argv {
		if len(a) > room {
			return append(shown, a[:runes.Whole([]byte(a[:room]))]), true
		}
		room -= len(a) + 1 // so that a command of empty arguments ends too
		if room < 0 {
			return shown, true
		}
		shown = append(shown, a)
	}
	return shown, false
}

// length is how many bytes were appended.
func (l *logRing) length() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}
