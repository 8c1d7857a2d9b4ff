package cmd

import (
	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// securityFlags narrow what a new sandbox's processes may do.
type securityFlags struct {
	nonRoot, readOnly bool
	drop, add         []string
}

func (f *securityFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.BoolVar(&f.nonRoot, "non-root", false, "run nothing as root: the image, or --user, must name another user")
	fl.BoolVar(&f.readOnly, "read-only", false, "make the root file system read-only, but for /tmp and /dev/shm, which are in memory")
	fl.StringSliceVar(&f.drop, "cap-drop", nil, "a capability that root in the sandbox is not to have, by `NAME`, or ALL; may be repeated")
	fl.StringSliceVar(&f.add, "cap-add", nil, "a capability that root is to have after that, by `NAME`, of those that the operator allows; may be repeated")
}

// parse returns nil where no flag was set.
func (f *securityFlags) parse() *sandboxv1.SecurityContext {
	if !f.nonRoot && !f.readOnly && len(f.drop)+len(f.add) == 0 {
		return nil
	}
	return &sandboxv1.SecurityContext{RunAsNonRoot: f.nonRoot, ReadOnlyRoot: f.readOnly, DropCapabilities: f.drop, AddCapabilities: f.add}
}
