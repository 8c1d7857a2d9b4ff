package oci

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/casemate/casemate/sandboxd/internal/agent/boot"
	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// gvisorSpec is the container of a sandbox of gVisor's. The agent has SYS_ADMIN until its first stage ends, over the sentry's
// mounts: it takes away that of its socket. SYS_PTRACE it keeps, and its children don't have: it stops each as it is born.
func gvisorSpec(cfg runtime.Config, ids syscall.SysProcIDMap, holder int) *specs.Spec {
	caps := capabilityNames(cfg.Security)
	files := uint64(cfg.Limits.OpenFiles)
	for _, more := range []string{sysAdmin, "CAP_SYS_PTRACE"} {
		if !slices.Contains(caps, more) {
			caps = append(caps, more)
		}
	}
	mapping := []specs.LinuxIDMapping{{ContainerID: uint32(ids.ContainerID), HostID: uint32(ids.HostID), Size: uint32(ids.Size)}}
	return &specs.Spec{
		Version: "1.0.2",
		Process: &specs.Process{
			Args:         []string{"sandbox-agent", handover.SentryStage}, // runsc has the binary as a descriptor
			Env:          []string{"GOGC=off", "GOMAXPROCS=1"},
			Cwd:          "/",
			Capabilities: &specs.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
			Rlimits: []specs.POSIXRlimit{ // the agent's first stage could not raise what runsc gives
				{Type: "RLIMIT_CORE", Hard: handover.CoreLimit, Soft: handover.CoreLimit}, {Type: "RLIMIT_NOFILE", Hard: files, Soft: files},
			},
		},
		Root:     &specs.Root{Path: rootDir},
		Hostname: cfg.Hostname,
		Mounts: append(mounts(), specs.Mount{
			Destination: handover.SocketDir, Type: "bind", Source: socketDir, Options: []string{"rw", "nosuid", "nodev", "noexec"},
		}),
		Linux: &specs.Linux{
			// The gofer's user namespace; the sentry has an empty one.
			UIDMappings: mapping, GIDMappings: mapping,
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.NetworkNamespace, Path: fmt.Sprintf("/proc/%d/ns/net", holder)},
				{Type: specs.UserNamespace}, {Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace},
				{Type: specs.MountNamespace},
			},
			MaskedPaths: boot.MaskedPaths, ReadonlyPaths: boot.ReadOnlyPaths,
		},
	}
}
