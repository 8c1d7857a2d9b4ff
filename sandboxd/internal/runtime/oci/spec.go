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

// rootfs is where the root file system is mounted, on a file system of its own over workplace, in a mount namespace of the OCI
// runtime's alone. The container's root user must get there, who is nobody on the host: the sandbox's own directory does not let it in.
const (
	workplace = "/dev/shm"
	rootfs    = workplace + "/rootfs"
)

// container is what is different between the containers of sandboxes.
type container struct {
	hostname string
	cgroup   string // path in each hierarchy
	ids      syscall.SysProcIDMap
	holder   int // the process whose user and network namespace it joins
	security runtime.Security
	masked   []string // besides boot.MaskedPaths
}

// newSpec is the container of a sandbox, as the OCI's runtime specification has it. It names no limit: they are on the cgroup, which
// is there. Neither has it a filter of system calls: the agent brings its own, which does not depend on the libseccomp that
// an OCI runtime was built with.
func newSpec(c container) *specs.Spec {
	caps := capabilityNames(c.security)
	ids := []specs.LinuxIDMapping{{ContainerID: uint32(c.ids.ContainerID), HostID: uint32(c.ids.HostID), Size: uint32(c.ids.Size)}}
	namespace := func(name string) string { return fmt.Sprintf("/proc/%d/ns/%s", c.holder, name) }
	return &specs.Spec{
		Version: "1.0.2",
		Process: &specs.Process{
			Args:            []string{fmt.Sprintf("/proc/self/fd/%d", handover.BinaryFD), handover.ContainerStage},
			Env:             []string{"GOGC=off", "GOMAXPROCS=1"},
			Cwd:             "/",
			NoNewPrivileges: true,
			Capabilities:    &specs.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
			Rlimits:         []specs.POSIXRlimit{{Type: "RLIMIT_CORE", Hard: handover.CoreLimit, Soft: handover.CoreLimit}},
		},
		Root:     &specs.Root{Path: rootfs},
		Hostname: c.hostname,
		Mounts:   mounts(),
		Linux: &specs.Linux{
			UIDMappings: ids,
			GIDMappings: ids,
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.UserNamespace, Path: namespace("user")},
				{Type: specs.NetworkNamespace, Path: namespace("net")},
				{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace},
				{Type: specs.MountNamespace}, {Type: specs.CgroupNamespace},
			},
			CgroupsPath:   c.cgroup,
			MaskedPaths:   slices.Concat(boot.MaskedPaths, c.masked),
			ReadonlyPaths: boot.ReadOnlyPaths,
		},
	}
}

const sysAdmin = "CAP_SYS_ADMIN"

// capabilityNames are those of the agent's first stage. To make the root read-only, once it has written there, it must mount, which
// no later stage can.
func capabilityNames(s runtime.Security) []string {
	var names []string
	for _, name := range s.Capabilities().Names() {
		names = append(names, "CAP_"+name)
	}
	if s.ReadOnlyRoot && !slices.Contains(names, sysAdmin) {
		names = append(names, sysAdmin)
	}
	return names
}

// mounts are those of the native runtime; see the agent's boot package.
func mounts() []specs.Mount {
	return []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "noexec", "mode=755", "size=1m"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "noexec", "nodev", "mode=1777"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
	}
}
