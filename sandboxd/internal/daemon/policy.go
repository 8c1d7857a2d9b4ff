package daemon

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// policy is what the configuration says, less what this host can't give; the log says where that leaves others of the host exposed.
func (d *Daemon) policy() (sandbox.Policy, error) {
	p := d.cfg.Policy()
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil {
		return p, fmt.Errorf("read the limit of open files: %w", err)
	}
	// A sandbox has no more open files than sandboxd itself might.
	most := int64(min(own.Max, sandbox.MaxOpenFiles))
	p.Default.OpenFiles = min(p.Default.OpenFiles, most)
	p.Max.OpenFiles = min(p.Max.OpenFiles, most)

	if d.cfg.DiskLimits == config.DiskLimitsOff {
		d.logger.Warn("disk_limits is off: one sandbox can fill the disk of state_dir", zap.String("state_dir", d.cfg.StateDir))
	}
	if n, needed := hostFiles(); n < needed {
		d.logger.Warn("sandboxes that use up their memory by open files reach fs.file-max, and then others of the host can open none: set it as systemd does, "+
			"sysctl fs.file-max=9223372036854775807", zap.Uint64("file_max", n), zap.Uint64("files_in_memory", needed))
	}
	if most := 3 * p.Network.MaxLimits.Connections; p.Network.Enabled { // see the package network's limits.go
		if room := readNumber("/proc/sys/net/netfilter/nf_conntrack_max"); most == 0 || room > 0 && uint64(most) > room/2 {
			d.logger.Warn("one sandbox may take more than half of the host's table of connections, and when that is full nobody opens any: lower max.connections, or "+
				"raise net.netfilter.nf_conntrack_max", zap.Uint64("nf_conntrack_max", room), zap.Int64("max_connections", p.Network.MaxLimits.Connections))
		}
	}
	return p, nil
}

func readNumber(path string) uint64 {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
	return n
}

// hostFiles are how many files this host may have open, and how many there is memory for: the kernel takes 256 bytes for each, counted as the
// sandbox's. What can't be read is 0.
func hostFiles() (most, room uint64) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err == nil {
		room = info.Totalram * uint64(info.Unit) / 256
	}
	return readNumber("/proc/sys/fs/file-max"), room
}
