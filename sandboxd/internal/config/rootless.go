package config

import (
	"os"
	"path/filepath"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Rootless is for a sandboxd that an ordinary user runs.
type Rootless struct {
	WithoutLimits bool `yaml:"without_limits" usage:"accept, where sandboxd is run by an ordinary user, that nothing limits the memory, CPU, processes and disk of a sandbox; without it such a sandboxd does not start; without effect for root's"`
}

// ForUser makes c that of a sandboxd which an ordinary user runs: there are no loop devices, so disks are not limited, and the state
// directory, where nothing was said about it, is among the user's files: $XDG_STATE_HOME/casemate/sandboxd, or
// ~/.local/state/casemate/sandboxd. FailedPrecondition for what such a sandboxd can't do or must not do unasked.
func (c *Config) ForUser() error {
	if !c.Rootless.WithoutLimits {
		return errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_WITHOUT_LIMITS", "rootless.without_limits: an ordinary user's sandboxd can't limit the memory, CPU, "+
			"processes and disk of sandboxes: set it to true if that is acceptable here, or run sandboxd as root")
	}
	for _, name := range c.Runtimes {
		if name != nativeRuntime {
			return errdefs.New(errdefs.FailedPrecondition, "RUNTIME_NEEDS_ROOT", "runtimes: %s needs root, and an ordinary user's sandboxd has %s only: "+
				"leave the others out, or run sandboxd as root", name, nativeRuntime)
		}
	}
	if c.Network.Pool6 != "" {
		return errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE", "network.pool6: an ordinary user's sandboxes have no IPv6: leave it out, or run sandboxd as root")
	}
	if len(c.Network.Ingress.Addresses) > 0 {
		return errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE", "network.ingress.addresses: nobody can connect to an ordinary user's sandboxes from outside: "+
			"leave it out (ForwardPort reaches their programs), or run sandboxd as root")
	}
	c.DiskLimits = DiskLimitsOff
	if c.StateDir != Default().StateDir {
		return nil
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		state = filepath.Join(home, ".local", "state")
	}
	c.StateDir = filepath.Join(state, "casemate", "sandboxd")
	return nil
}
