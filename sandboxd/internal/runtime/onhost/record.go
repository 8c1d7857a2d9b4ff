package onhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/procid"
)

// record is what is known of a sandbox on disk, such as
//
//	{"first_uid":1879048192,"pid":4711,"start_time":8316252,"boot_id":"5ad2…"}
//
// It is written twice: with the range of ids before anything is owned by it, and with the agent's process before that may
// go beyond its gate.
type record struct {
	FirstUID uint32 `json:"first_uid"`
	procid.Process
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
		fd, err := r.Open()
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
