package boot

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// MaskedPaths say much about the host, or give a handle on it; they appear empty. ReadOnlyPaths can be read only. Both are
// the lists that container engines have; most of these are closed to a user namespace already.
var (
	MaskedPaths = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
		"/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
	}
	ReadOnlyPaths = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// cpuDir has a directory for each processor; throttleName, where the hardware has it, counts there how often that was too hot: one
// sandbox could watch another's work by it.
const (
	cpuDir       = "/sys/devices/system/cpu"
	throttleName = "thermal_throttle"
)

// ThrottlePaths are masked too, on hardware that has them.
func ThrottlePaths() (paths []string) {
	if _, err := os.Lstat(cpuDir + "/cpu0/" + throttleName); err != nil {
		return nil
	}
	cpus, _ := os.ReadDir(cpuDir)
	for _, cpu := range cpus {
		paths = append(paths, cpuDir+"/"+cpu.Name()+"/"+throttleName) // of what is no processor's there is none
	}
	return paths
}

// maskPaths covers the paths that this kernel has: files with null, directories with an empty one.
func maskPaths() error {
	for _, path := range append(ThrottlePaths(), MaskedPaths...) {
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if !info.IsDir() {
			if err := bind("/dev/null", path, 0); err != nil {
				return err
			}
			continue
		}
		empty, err := newMount("tmpfs", hardened|unix.MOUNT_ATTR_RDONLY, "size", "4k", "mode", "0555")
		if err != nil {
			return err
		}
		if err := attach(empty, path); err != nil {
			return err
		}
	}
	for _, path := range ReadOnlyPaths {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if err := bind(path, path, unix.MOUNT_ATTR_RDONLY); err != nil {
			return err
		}
	}
	return nil
}

// bind puts a copy of what is at path at target.
func bind(path, target string, attrs uint64) error {
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return fmt.Errorf("bind %s: %w", target, err)
	}
	if attrs != 0 {
		if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: attrs}); err != nil {
			return fmt.Errorf("bind %s: %w", target, err)
		}
	}
	return attach(fd, target)
}
