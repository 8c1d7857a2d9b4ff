package rootless

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/wholefile"
	"github.com/casemate/casemate/sandboxd/internal/procid"
)

// A process is written to a file as what procid has of it: its pid, its start and the machine's boot id.

func writeProcess(file string, pid int) error {
	text, err := describe(pid)
	if err != nil {
		return err
	}
	return wholefile.Replace(file, []byte(text), 0o600)
}

// readProcess returns the process that a file names; 0 when it does not run any more, or there is no file.
func readProcess(file string) (pid int, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), " ")
	if pid, err = strconv.Atoi(first); err != nil || pid <= 1 {
		return 0, fmt.Errorf("%s does not name a process: %q", file, text)
	}
	if now, err := describe(pid); err != nil || now != string(text) {
		return 0, nil //nolint:nilerr // it has ended
	}
	return pid, nil
}

// end kills the process that a file names, and removes the file.
func end(file string) error {
	pid, err := readProcess(file)
	if err != nil {
		return err
	}
	if pid != 0 {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("end process %d: %w", pid, err)
		}
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// describe fails for a process that has ended, and one that nobody has reaped yet.
func describe(pid int) (string, error) {
	p, err := procid.Of(pid)
	return fmt.Sprintf("%d %d %s", p.Pid, p.StartTime, p.BootID), err
}
