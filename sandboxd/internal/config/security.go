package config

import (
	"fmt"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Security is what sandboxes may do to themselves: what requests may ask for more than every sandbox has, and what holds for all.
type Security struct {
	AllowCapabilities []string `yaml:"allow_capabilities" usage:"capabilities that a request may add for the sandbox's root, inside the sandbox only: of AUDIT_WRITE, DAC_READ_SEARCH, IPC_OWNER, MKNOD, NET_ADMIN, NET_RAW; NET_ADMIN opens much of the kernel's code for networks to it; empty: none"`
	RequireNonRoot    bool     `yaml:"require_non_root" usage:"whether nothing may run as root in any sandbox; an image whose user is root then needs another user in the request"`
	ReadOnlyRoot      bool     `yaml:"read_only_root" usage:"whether the root file system of every sandbox is read-only, but for /tmp and /dev/shm, which are in memory"`
}

func (s Security) validate() error {
	if _, err := sandbox.ParseGrantable(s.AllowCapabilities); err != nil {
		return fmt.Errorf("security.allow_capabilities: %w", err)
	}
	return nil
}

// policy is s in the core's words; s has been found to be right.
func (s Security) policy() sandbox.SecurityPolicy {
	allow, _ := sandbox.ParseGrantable(s.AllowCapabilities)
	return sandbox.SecurityPolicy{Allow: allow, NonRoot: s.RequireNonRoot, ReadOnlyRoot: s.ReadOnlyRoot}
}
