package onhost

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

// sealBinary copies an executable into memory and seals it: whatever a sandbox does through its own /proc/1/exe, it can't
// reach the host's file, nor change what the next sandbox gets. It may be executed and not be read, which makes the
// kernel treat a process of it as undumpable from its first instruction on.
func sealBinary(path string) (_ *os.File, err error) {
	src, err := os.Open(path)
	if err != nil {
		return nil, errdefs.New(errdefs.FailedPrecondition, "AGENT_MISSING", "there is no agent at %q; `make build` makes it", path).WithCause(err)
	}
	defer src.Close()
	if err := checkStatic(src); err != nil {
		return nil, errdefs.New(errdefs.FailedPrecondition, "AGENT_UNUSABLE", "%q is not the static binary that `make build` makes: %v", path, err)
	}
	flags := unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING | unix.MFD_EXEC
	fd, err := unix.MemfdCreate("sandbox-agent", flags)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3, where every memfd may be executed
		fd, err = unix.MemfdCreate("sandbox-agent", flags&^unix.MFD_EXEC)
	}
	if err != nil {
		return nil, fmt.Errorf("copy the agent to memory: %w", err)
	}
	// A high number, which fork does not reuse for the child's own descriptors.
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 64)
	_ = unix.Close(fd)
	if err != nil {
		return nil, fmt.Errorf("copy the agent to memory: %w", err)
	}
	f := os.NewFile(uintptr(high), "sandbox-agent")
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	if _, err := io.Copy(f, src); err != nil {
		return nil, fmt.Errorf("copy the agent to memory: %w", err)
	}
	if err := f.Chmod(0o111); err != nil {
		return nil, fmt.Errorf("make the agent executable: %w", err)
	}
	if err := seal(f); err != nil {
		return nil, fmt.Errorf("seal the agent: %w", err)
	}
	return f, nil
}

// sealTries bounds how often a seal is tried. Each takes the kernel up to a seventh of a second.
const sealTries = 30

// seal makes a memory file unchangeable. The kernel refuses with EBUSY while anybody has hold of one of its pages, if only to
// move it, as happens on a busy machine.
func seal(f *os.File) (err error) {
	seals := unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	for range sealTries {
		if _, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); !errors.Is(err, unix.EBUSY) {
			break
		}
	}
	return err
}

// checkStatic says why f can't run where there is no file but itself.
func checkStatic(f *os.File) error {
	e, err := elf.NewFile(f)
	if err != nil {
		return err
	}
	for _, p := range e.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is dynamically linked")
		}
	}
	return nil
}
