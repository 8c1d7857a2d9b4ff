package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// spawner starts processes and reaps them.
//
// The limit on the number of processes must not hold for the agent itself: Go makes a thread when it wants one, and
// dies when it can't. So the agent lives outside of the cgroup that the limit is on; a thread that is about to fork
// enters it, its child is born there, and the thread leaves again. Cgroup v1's `tasks` and the threaded mode of v2 allow
// that for single threads, and check the permission of whoever opened the file: sandboxd. Where there are neither, see jail.
type spawner struct {
	enter, leave int
	jail         *jail // nil where threads enter and leave
	memory       int   // counts what the kernel killed for want of memory
	devNull      int
	// forking bounds the threads that are busy forking.
	forking chan struct{}
	// narrowed, unless it is nil, takes the forks: see narrow. It does not change after the sandbox is configured.
	narrowed chan<- func()
	// started tells the reaper, when it has no child to wait for, that there is one.
	started chan struct{}

	mu       sync.Mutex
	children map[int]*child // by pid, not yet reaped
	inFlight int            // forks that have not registered their child yet
	// early are the ends of processes that nobody had registered when they were reaped, while forks were in flight.
	early map[int]unix.WaitStatus
}

// child is a process that the agent started; it leads its own session and process group.
type child struct {
	pid    int
	done   chan struct{} // closed when it has been reaped
	status unix.WaitStatus
	sp     *spawner
	// killsBefore is the kernel's count, when it was started, of processes of the sandbox that it killed for want of memory.
	killsBefore int
}

func newSpawner(enter, leave, memory int) (*spawner, error) {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/null: %w", err)
	}
	jail, err := openJail(enter)
	if err != nil {
		return nil, err
	}
	sp := &spawner{
		enter: enter, leave: leave, jail: jail, memory: memory, devNull: null, forking: make(chan struct{}, 4), started: make(chan struct{}, 1),
		children: map[int]*child{}, early: map[int]unix.WaitStatus{},
	}
	if jail == nil {
		return sp, nil
	}
	return sp, sp.narrow(jailer)
}

// start forks and executes path. The error is an errdefs.Error for want of processes or memory, else execve's.
func (sp *spawner) start(path string, argv []string, attr *syscall.ProcAttr) (*child, error) {
	sp.forking <- struct{}{}
	defer func() { <-sp.forking }()
	sp.mu.Lock()
	sp.inFlight++
	sp.mu.Unlock()

	kills := sp.oomKills()
	pid, err := sp.fork(path, argv, attr)

	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.inFlight--
	var c *child
	if err == nil {
		c = &child{pid: pid, done: make(chan struct{}), sp: sp, killsBefore: kills}
		if status, ok := sp.early[pid]; ok {
			c.status = status
			close(c.done)
		} else {
			sp.children[pid] = c
		}
		select {
		case sp.started <- struct{}{}:
		default:
		}
	}
	if sp.inFlight == 0 {
		clear(sp.early)
	}
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOMEM) {
		return nil, errdefs.New(errdefs.ResourceExhausted, "PROCESS_LIMIT", "the sandbox has as many processes, or as much memory, as it may have")
	}
	if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) { // of what a fork takes for itself
		return nil, errdefs.New(errdefs.ResourceExhausted, "FILE_LIMIT", "the sandbox has no room for another command: %v", err)
	}
	return c, err
}

func (sp *spawner) fork(path string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	sp.onForkingThread(func() { pid, err = sp.forkHere(path, argv, attr) })
	return pid, err
}

func (sp *spawner) forkHere(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	if sp.jail != nil {
		return sp.jail.fork(path, argv, attr)
	}
	if _, err := unix.Write(sp.enter, []byte{'0'}); err != nil {
		return 0, fmt.Errorf("enter the sandbox's cgroup: %w", err)
	}
	defer unix.Write(sp.leave, []byte{'0'}) //nolint:errcheck // nothing to do; this thread would count as one of the sandbox's
	pid, err := syscall.ForkExec(path, argv, attr)
	// So that the kernel, when memory is short, takes what the user started before it takes the agent. At once: to leave the
	// cgroup can take the kernel longer than it takes the child to use up all memory.
	if err == nil {
		raiseOOMScore(pid)
	}
	return pid, err
}

func raiseOOMScore(pid int) {
	name := fmt.Sprintf("/proc/%d/oom_score_adj", pid)
	fd, err := unix.Open(name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	// For a moment of its execution a process is nobody's but the host's root's; a set-user-id program stays so.
	for range 10 {
		if err != unix.EACCES {
			break
		}
		_ = unix.Nanosleep(&unix.Timespec{Nsec: 50e3}, nil)
		fd, err = unix.Open(name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return // it is gone already, or out of reach
	}
	defer unix.Close(fd)
	_, _ = unix.Write(fd, []byte("500"))
}

// reap waits for every process that ends, whether the agent started it or it was orphaned.
func (sp *spawner) reap() {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch err {
		case nil:
			if !status.Stopped() { // as a traced one is at first
				sp.reaped(pid, status)
			}
		case unix.ECHILD:
			// An orphan comes only from a child, whose end would have been reaped first.
			<-sp.started
		}
	}
}

func (sp *spawner) reaped(pid int, status unix.WaitStatus) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	c, ok := sp.children[pid]
	switch {
	case ok:
		delete(sp.children, pid)
		c.status = status
		close(c.done)
	case sp.inFlight > 0:
		sp.early[pid] = status
	}
}

// signalGroup signals the child's process group; of a child that was reaped nobody, as its number may be another's by now.
func (c *child) signalGroup(sig int) {
	c.sp.mu.Lock()
	defer c.sp.mu.Unlock()
	if c.sp.children[c.pid] == c {
		_ = unix.Kill(-c.pid, unix.Signal(sig))
	}
}

// exitCode is the shell's: 128 + n for signal n. done must be closed.
func (c *child) exitCode() int {
	if c.status.Signaled() {
		return 128 + int(c.status.Signal())
	}
	return c.status.ExitStatus()
}

// oomKilled says whether the command ended by SIGKILL, or passed on such an end of a child as shells do, and the kernel killed
// something of the sandbox for want of memory while it ran. The kernel counts by cgroup, which is the whole sandbox's: whoever
// else sends a SIGKILL just then is taken for the kernel. done must be closed.
func (c *child) oomKilled() bool {
	return c.exitCode() == 128+int(unix.SIGKILL) && c.sp.oomKills() > c.killsBefore
}

// oomKills reads the kernel's count; 0 where there is none.
func (sp *spawner) oomKills() int {
	var buf [512]byte // both versions' files are shorter
	n, err := unix.Pread(sp.memory, buf[:], 0)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(buf[:n])) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			kills, _ := strconv.Atoi(strings.TrimSpace(count))
			return kills
		}
	}
	return 0
}
