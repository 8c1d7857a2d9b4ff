package sandboxdtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
)

const inOwnNetwork = "SANDBOXDTEST_IN_OWN_NETWORK"

// InOwnNetwork runs the tests in a network namespace of their own, with nothing in it but loopback, which is the host as far
// as they know, and exits. It is the last that a TestMain calls. prepare, unless nil, is called there first, before any thread
// leaves the namespace.
func InOwnNetwork(m *testing.M, prepare func() error) {
	if os.Getenv(inOwnNetwork) != "" {
		err := raiseLoopback()
		if err == nil && prepare != nil {
			err = prepare()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inOwnNetwork+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	default:
		fmt.Fprintln(os.Stderr, "these tests make network namespaces, which needs root: run `sudo make test`:", err)
		os.Exit(1)
	}
}

func raiseLoopback() error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("bringing up loopback: %w", err)
	}
	return nil
}
