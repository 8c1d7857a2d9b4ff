package onhost

import (
	"context"
	"os"
	"syscall"
)

// noCgroups stands for cgroups where this process may make none: nothing limits a sandbox, and nothing tells why one of its
// processes was killed. To kill what is left in a cgroup is no loss: with the agent all ends that is in its pid namespace.
type noCgroups struct{}

func (noCgroups) create(string, limits) error { return nil }

func (noCgroups) divide(string) error { return nil }

func (noCgroups) spawn(_ string, fork func(*syscall.SysProcAttr) error) error {
	return fork(&syscall.SysProcAttr{})
}

// taskFiles gives the agent files that take what it writes, and move nobody.
func (noCgroups) taskFiles(string) (enter, leave *os.File, err error) {
	if enter, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		return nil, nil, err
	}
	if leave, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		_ = enter.Close()
		return nil, nil, err
	}
	return enter, leave, nil
}

// memoryEvents counts nothing.
func (noCgroups) memoryEvents(string) (*os.File, error) { return os.Open(os.DevNull) }

func (noCgroups) oomKilled(string) bool { return false }

func (noCgroups) list() ([]string, error) { return nil, nil }

func (noCgroups) remove(context.Context, string) error { return nil }

func (noCgroups) close() {}
