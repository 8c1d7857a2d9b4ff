package network

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// within runs f where the links and the packet filter are: in Config.Namespace, when there is one. Whatever opens a netlink socket or
// looks at /proc/sys/net runs in it. The thread does not come back, since from a namespace of its own a process that is root nowhere
// else could not return to the host's.
func (n *Network) within(f func() error) error {
	if n.cfg.Namespace == nil {
		return f()
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		err := unix.Setns(int(n.cfg.Namespace.Fd()), unix.CLONE_NEWNET)
		if err != nil {
			err = fmt.Errorf("enter the network namespace: %w", err)
		} else {
			err = f()
		}
		result <- err
	}()
	return <-result
}
