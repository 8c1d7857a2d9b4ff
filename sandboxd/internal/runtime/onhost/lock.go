package onhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// lockPatience is for what a killed sandboxd was about to start: a fork that has not come to its exec holds the lock, and lets
// go only when it has ended and its namespaces are taken down.
const lockPatience = 3 * time.Second

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the runtime's directory: %w", err)
	}
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(deadline) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, errdefs.New(errdefs.FailedPrecondition, "STATE_DIR_IN_USE", "another process uses %s", dir).WithCause(err)
	}
	return f, nil
}
