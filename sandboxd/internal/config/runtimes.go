package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// nativeRuntime is the runtime that is no program of its own.
const nativeRuntime = "native"

// knownRuntimes are those that this build has.
var knownRuntimes = []string{nativeRuntime, "runc", "crun", "runsc"}

// Paths are paths of files, by what they are of.
type Paths map[string]string

func (c Config) validateRuntimes() error {
	if len(c.Runtimes) == 0 {
		return errors.New("runtimes: at least one is required")
	}
	for i, r := range c.Runtimes {
		if err := known(r); err != nil {
			return fmt.Errorf("runtimes: %w", err)
		}
		if slices.Contains(c.Runtimes[:i], r) {
			return fmt.Errorf("runtimes: %s is there twice", r)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(c.RuntimePaths)) {
		if err := known(r); err != nil {
			return fmt.Errorf("runtime_paths: %w", err)
		}
		switch {
		case r == nativeRuntime:
			return errors.New("runtime_paths: native is no program of its own: its sandboxes run agent_path")
		case !filepath.IsAbs(c.RuntimePaths[r]):
			return fmt.Errorf("runtime_paths: %q of %s is no absolute path", c.RuntimePaths[r], r)
		}
	}
	return nil
}

func known(name string) error {
	if !slices.Contains(knownRuntimes, name) {
		return fmt.Errorf("there is no runtime %q: there are %s", name, strings.Join(knownRuntimes, ", "))
	}
	return nil
}

// RuntimeCgroup is the cgroup, below the root, that a runtime's sandboxes have theirs in. No two runtimes share one: each removes
// there what it does not know.
func (c Config) RuntimeCgroup(name string) string {
	if name == nativeRuntime {
		return c.Cgroup()
	}
	return c.Cgroup() + "-" + name
}
