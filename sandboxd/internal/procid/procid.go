// Package procid names processes of this machine so that a later process finds them, and no others, again.
package procid

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Process names a process for good; a pid alone does not. The zero Process is none.
type Process struct {
	Pid int `json:"pid,omitempty"`
	// StartTime is in clock ticks since the machine's start.
	StartTime uint64 `json:"start_time,omitempty"`
	// BootID is which start of the machine.
	BootID string `json:"boot_id,omitempty"`
}

// Of returns the name of a process. It fails for one that has ended, and one that nobody has reaped yet.
func Of(pid int) (Process, error) {
	start, err := startTime(pid)
	return Process{Pid: pid, StartTime: start, BootID: bootID()}, err
}

// Open returns a pidfd of the process, and an error when it has ended.
func (p Process) Open() (int, error) {
	if p.Pid == 0 || p.BootID != bootID() {
		return -1, errors.New("the record has no process since the machine's last start")
	}
	fd, err := unix.PidfdOpen(p.Pid, 0)
	if err != nil {
		return -1, err
	}
	// The number could have been another's before pidfd_open; from then on it is the descriptor's.
	if start, err := startTime(p.Pid); err != nil || start != p.StartTime {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("process %d is not the recorded one any more", p.Pid)
	}
	return fd, nil
}

// startTime returns field 22 of /proc/<pid>/stat; the second field may hold anything between its parentheses.
func startTime(pid int) (uint64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 20 {
		return 0, errors.New("unexpected form of /proc/<pid>/stat")
	}
	if state := fields[0][0]; state == 'Z' || state == 'X' {
		return 0, unix.ESRCH
	}
	return strconv.ParseUint(string(fields[19]), 10, 64)
}

var bootID = sync.OnceValue(func() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
})
