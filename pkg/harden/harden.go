// Package harden keeps a daemon's memory, which holds secrets, away from what would copy it: core dumps, other
// processes of the same user, swap.
package harden

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// What memory_lock can be.
const (
	// LockAuto locks where the limits allow it.
	LockAuto = "auto"
	// LockRequire refuses to start where they don't.
	LockRequire = "require"
	// LockOff does not lock.
	LockOff = "off"
)

// CheckLock says whether text is one of the three.
func CheckLock(text string) error {
	if text != LockAuto && text != LockRequire && text != LockOff {
		return fmt.Errorf("%q is none of %s, %s and %s", text, LockAuto, LockRequire, LockOff)
	}
	return nil
}

// Start is Process, with what came of it in the log.
func Start(lock string, logger *zap.Logger) error {
	locked, why, err := Process(lock)
	if err != nil {
		return err
	}
	if why != nil {
		logger.Warn("memory is not locked: secrets can get into swap", zap.Error(why))
	}
	logger.Debug("the process leaves no core dump, and is traced by root only", zap.Bool("memory_locked", locked))
	return nil
}

// Process hardens the process that calls it, for good: it leaves no core dump, and nobody but root may trace it or read
// its memory; its memory is locked as lock says, one of the constants. It returns whether memory is locked, and, where it
// is not though it was to be, why. Programs that the process starts are as ever, but for a soft limit of 0 on core dumps.
func Process(lock string) (locked bool, why error, err error) {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return false, nil, fmt.Errorf("turn core dumps off: %w", err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return false, nil, fmt.Errorf("read the limit of core dumps: %w", err)
	}
	limit.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return false, nil, fmt.Errorf("set the limit of core dumps: %w", err)
	}
	if lock == LockOff {
		return false, nil, nil
	}
	why = lockMemory()
	if why != nil && lock == LockRequire {
		return false, nil, fmt.Errorf("memory_lock is require, and memory can't be locked: %w", why)
	}
	return why == nil, why, nil
}

// lockMemory locks all pages that are or will be touched. It does so only where no limit counts: a Go program reserves
// far more addresses than it uses, all of which count, and a limit that is reached later would end the process in the
// middle of its work.
func lockMemory() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return err
	}
	free, err := hasIPCLock()
	if err != nil {
		return err
	}
	if limit.Cur != unix.RLIM_INFINITY && !free {
		return errors.New("it needs the capability CAP_IPC_LOCK or no limit of locked memory (LimitMEMLOCK=infinity)")
	}
	// On fault: what is reserved and never touched takes no memory.
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		return fmt.Errorf("mlockall: %w", err)
	}
	return nil
}

// hasIPCLock says whether the process has CAP_IPC_LOCK.
func hasIPCLock() (bool, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(text)) {
		if hex, ok := strings.CutPrefix(line, "CapEff:"); ok {
			caps, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return caps&(1<<unix.CAP_IPC_LOCK) != 0, err
		}
	}
	return false, errors.New("/proc/self/status tells of no capabilities")
}
