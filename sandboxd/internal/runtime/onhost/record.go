package onhost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// record is what is known of a sandbox on disk, such as
//
//	{"first_uid":1879048192,"pid":4711,"start_time":8316252,"boot_id":"5ad2…"}
//
// It is written twice: with the range of ids before anything is owned by it, and with the agent's process before that may
// go beyond its gate.
type record struct {
	FirstUID uint32 `json:"first_uid"`
	// Pid, StartTime (in clock ticks since the machine's start) and BootID name a process for good; a pid alone does not.
	Pid       int    `json:"pid,omitempty"`
	StartTime uint64 `json:"start_time,omitempty"`
	BootID    string `json:"boot_id,omitempty"`
}

const recordName = "record.json"

func readRecord(dir string) (record, error) {
	var r record
	b, err := os.ReadFile(filepath.Join(dir, recordName))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

// write replaces the record. It need not survive the machine's end, as no sandbox does.
func (r record) write(dir string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, recordName)
	if err := os.WriteFile(name+".new", b, 0o600); err != nil {
		return fmt.Errorf("write the sandbox's record: %w", err)
	}
	return os.Rename(name+".new", name)
}

// open returns a pidfd of the recorded process, and an error when it has ended.
func (r record) open() (int, error) {
	if r.Pid == 0 || r.BootID != bootID() {
		return -1, errors.New("the record has no process since the machine's last start")
	}
	fd, err := unix.PidfdOpen(r.Pid, 0)
	if err != nil {
		return -1, err
	}
	// The number could have been another's before pidfd_open; from then on it is the descriptor's.
	if start, err := startTime(r.Pid); err != nil || start != r.StartTime {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("process %d is not the recorded one any more", r.Pid)
	}
	return fd, nil
}

// KillRecorded kills the agents that records below stateDir name, and with each its sandbox, whatever the runtime. It is for a process that
// may do that, but is not to be their sandboxd; the next one finds them ended.
func KillRecorded(stateDir string) error {
	records, err := filepath.Glob(filepath.Join(stateDir, "*", "*", recordName))
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range records {
		r, err := readRecord(filepath.Dir(file))
		if err != nil {
			continue // one that was never whole
		}
		fd, err := r.open()
		if err != nil {
			continue // it has ended
		}
		if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
			errs = append(errs, fmt.Errorf("end sandbox %s: %w", filepath.Base(filepath.Dir(file)), err))
		}
		_ = unix.Close(fd)
	}
	return errors.Join(errs...)
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
