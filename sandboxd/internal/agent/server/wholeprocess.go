package server

import (
	"bytes"
	"fmt"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// jail is the limited cgroup where the kernel moves processes only, no single threads. The agent, which has threads outside,
// can't go in to fork: a child goes in before its first instruction, and ends there where the limit is reached. To move one
// in is not to make one, so the kernel does not look at the limit.
type jail struct {
	procs, current int // files of the cgroup
	max            int64
}

// jailer is what the agent has and no other process of the sandbox: to trace what is no more dumpable than itself, as a child is
// until it executes something.
const jailer = 1 << unix.CAP_SYS_PTRACE

// openJail opens the directory of a cgroup of version 2; nil when fd is no directory, but the file that moves threads.
func openJail(fd int) (*jail, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("look at the sandbox's cgroup: %w", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil, nil
	}
	var j jail
	var limit int
	for name, file := range map[string]*int{"cgroup.procs": &j.procs, "pids.current": &j.current, "pids.max": &limit} {
		flags := unix.O_RDONLY | unix.O_CLOEXEC
		if name == "cgroup.procs" {
			flags = unix.O_WRONLY | unix.O_CLOEXEC
		}
		var err error
		if *file, err = unix.Openat(fd, name, flags, 0); err != nil {
			return nil, fmt.Errorf("open %s of the sandbox's cgroup: %w", name, err)
		}
	}
	defer unix.Close(limit)
	var err error
	j.max, err = readNumber(limit)
	return &j, err
}

// fork starts a process that is in the jail when it runs: it begins as one that is traced, and so stopped.
func (j *jail) fork(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	sys := *attr.Sys
	sys.Ptrace = true
	traced := *attr
	traced.Sys = &sys
	pid, err := syscall.ForkExec(path, argv, &traced)
	if err != nil {
		return 0, err
	}
	if err := j.take(pid); err != nil {
		_ = unix.Kill(pid, unix.SIGKILL) // the reaper does the rest
		return 0, err
	}
	// Its execution has begun, and ends with the stop. One that was killed stops no more: it is gone once it was reaped.
	for unix.PtraceDetach(pid) == unix.ESRCH && unix.Kill(pid, 0) != unix.ESRCH {
		_ = unix.Nanosleep(&unix.Timespec{Nsec: 20e3}, nil)
	}
	return pid, nil
}

// take moves a process in; EAGAIN when there is no room for it.
func (j *jail) take(pid int) error {
	switch _, err := unix.Write(j.procs, strconv.AppendInt(nil, int64(pid), 10)); err {
	case nil:
	case unix.ESRCH: // killed, and reaped
		return nil
	default:
		return fmt.Errorf("move a process into the sandbox's cgroup: %w", err)
	}
	current, err := readNumber(j.current)
	if err == nil && current > j.max {
		err = unix.EAGAIN
	}
	return err
}

// readNumber reads a cgroup's file that holds one number.
func readNumber(fd int) (int64, error) {
	var buf [32]byte
	n, err := unix.Pread(fd, buf[:], 0)
	if err != nil {
		return 0, fmt.Errorf("read the sandbox's cgroup: %w", err)
	}
	return strconv.ParseInt(string(bytes.TrimSpace(buf[:n])), 10, 64)
}
