package config

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/harden"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Validate says what can't work before anything is opened. Its error names the key.
func (c Config) Validate() error {
	return errors.Join(c.validateAddresses(), c.validateFiles(), c.validateRuntime(), c.validateLimits(), c.validateQuotas(), c.Network.validate(),
		c.Network.Ingress.checkListeners(map[string]string{"listen": c.Listen, "tls.listen": c.TLS.Listen, "admin_listen": c.AdminListen}), c.Security.validate(), c.Logs.validate(), c.Tracing.Validate(), c.validateMemoryLock())
}

func (c Config) validateMemoryLock() error {
	if err := harden.CheckLock(c.MemoryLock); err != nil {
		return fmt.Errorf("memory_lock: %w", err)
	}
	return nil
}

func (c Config) validateAddresses() error {
	if c.Listen == "" && c.TLS.Listen == "" {
		return errors.New("listen or tls.listen is required")
	}
	for _, address := range []struct{ key, value string }{
		{"listen", c.Listen}, {"tls.listen", c.TLS.Listen}, {"admin_listen", c.AdminListen}, {"secretsd.address", c.Secretsd.Address},
	} {
		if _, _, err := net.SplitHostPort(address.value); err != nil && (address.value != "" || address.key == "secretsd.address") {
			return fmt.Errorf("%s: %w", address.key, err)
		}
	}
	if c.Listen != "" {
		if err := grpcserver.CheckPlaintext(c.Listen); err != nil {
			return fmt.Errorf("listen: %w, or use tls.listen", err)
		}
	}
	if _, err := identity.ParseWorkloadID(c.Secretsd.SPIFFEID); err != nil {
		return fmt.Errorf("secretsd.spiffe_id: %w", err)
	}
	return nil
}

func (c Config) validateFiles() error {
	required := []struct{ key, value string }{
		{"state_dir", c.StateDir}, {"agent_path", c.AgentPath},
	}
	files := []struct{ key, value string }{
		{"secretsd.cert_file", c.Secretsd.CertFile}, {"secretsd.key_file", c.Secretsd.KeyFile}, {"secretsd.ca_file", c.Secretsd.CAFile},
	}
	if api := c.Secretsd.WorkloadAPI; api == "" {
		required = append(required, files...)
	} else {
		if err := mtls.CheckWorkloadAPI(api); err != nil {
			return fmt.Errorf("secretsd.workload_api: %w", err)
		}
		for _, f := range files {
			if f.value != "" {
				return fmt.Errorf("secretsd.workload_api and %s say two things: leave one out", f.key)
			}
		}
	}
	if c.TLS.Listen != "" {
		required = append(required, []struct{ key, value string }{
			{"tls.cert_file", c.TLS.CertFile}, {"tls.key_file", c.TLS.KeyFile},
		}...)
	}
	for _, r := range required {
		if r.value == "" {
			return fmt.Errorf("%s is required (`casemate certs init` makes certificates)", r.key)
		}
	}
	return nil
}

func (c Config) validateRuntime() error {
	if err := c.validateRuntimes(); err != nil {
		return err
	}
	switch {
	case c.UIDBase < uidsPerSandbox:
		return fmt.Errorf("uid_base: %d would give sandboxes the ids of this host's own users; at least %d", c.UIDBase, uidsPerSandbox)
	case c.UIDCount < uidsPerSandbox:
		return fmt.Errorf("uid_count: a sandbox takes %d, %d is not enough for one", uidsPerSandbox, c.UIDCount)
	case int64(c.UIDBase)+int64(c.UIDCount) > 1<<32-1:
		return errors.New("uid_count: the range ends beyond the largest user id, 4294967294")
	case c.MaxSandboxes < 0:
		return errors.New("max_sandboxes: is negative")
	case c.DiskLimits != DiskLimitsLoop && c.DiskLimits != DiskLimitsOff:
		return fmt.Errorf("disk_limits: %q is neither loop nor off", c.DiskLimits)
	case c.MaxExecs < 0:
		return errors.New("max_execs: is negative")
	case strings.ContainsFunc(c.CgroupParent, func(r rune) bool { return r == '/' || r <= ' ' }) || strings.HasPrefix(c.CgroupParent, "."):
		return fmt.Errorf("cgroup_parent: %q is not the name of one cgroup", c.CgroupParent)
	}
	return nil
}

func (c Config) validateLimits() error {
	for _, l := range []struct {
		key  string
		have Limits
	}{{"default", c.Default}, {"max", c.Max}} {
		switch {
		case l.have.Memory < sandbox.MinMemoryBytes:
			return fmt.Errorf("%s.memory: less than %d bytes", l.key, sandbox.MinMemoryBytes)
		case l.have.CPUMillis < sandbox.MinCPUMillis:
			return fmt.Errorf("%s.cpu_millis: less than %d", l.key, sandbox.MinCPUMillis)
		case l.have.Pids < sandbox.MinPids:
			return fmt.Errorf("%s.pids: less than %d", l.key, sandbox.MinPids)
		case l.have.Disk < sandbox.MinDiskBytes:
			return fmt.Errorf("%s.disk: less than %d bytes", l.key, sandbox.MinDiskBytes)
		case l.have.Disk > sandbox.MaxDiskBytes:
			return fmt.Errorf("%s.disk: more than %d bytes", l.key, int64(sandbox.MaxDiskBytes))
		case l.have.Inodes < sandbox.MinInodes:
			return fmt.Errorf("%s.inodes: less than %d", l.key, sandbox.MinInodes)
		case l.have.OpenFiles < sandbox.MinOpenFiles:
			return fmt.Errorf("%s.open_files: less than %d", l.key, sandbox.MinOpenFiles)
		case l.have.OpenFiles > sandbox.MaxOpenFiles:
			return fmt.Errorf("%s.open_files: more than %d", l.key, sandbox.MaxOpenFiles)
		case l.have.Inodes > sandbox.MaxInodes:
			return fmt.Errorf("%s.inodes: more than %d", l.key, sandbox.MaxInodes)
		case l.have.Output < sandbox.MinOutputBytes:
			return fmt.Errorf("%s.output: less than %d bytes", l.key, sandbox.MinOutputBytes)
		case l.have.Connections != 0 && l.have.Connections < sandbox.MinConnections:
			return fmt.Errorf("%s.connections: less than %d", l.key, sandbox.MinConnections)
		case l.have.Connections > sandbox.MaxConnections:
			return fmt.Errorf("%s.connections: more than %d", l.key, sandbox.MaxConnections)
		case l.have.Bandwidth != 0 && l.have.Bandwidth < sandbox.MinBytesPerSecond:
			return fmt.Errorf("%s.bandwidth: less than %d bytes", l.key, sandbox.MinBytesPerSecond)
		case l.have.Bandwidth > sandbox.MaxBytesPerSecond:
			return fmt.Errorf("%s.bandwidth: more than %d bytes", l.key, int64(sandbox.MaxBytesPerSecond))
		case l.have.Lifetime <= 0:
			return fmt.Errorf("%s.lifetime: must be positive, so that nothing runs for ever", l.key)
		case l.have.IdleTimeout < 0:
			return fmt.Errorf("%s.idle_timeout: is negative", l.key)
		}
	}
	d, m := c.Default, c.Max
	if (d.Connections == 0) != (m.Connections == 0) || (d.Bandwidth == 0) != (m.Bandwidth == 0) {
		return errors.New("default and max: connections or bandwidth is 0, which switches the limit off, in one of them alone")
	}
	if d.Memory > m.Memory || d.CPUMillis > m.CPUMillis || d.Pids > m.Pids || d.Disk > m.Disk || d.Inodes > m.Inodes || d.OpenFiles > m.OpenFiles || d.Output > m.Output ||
		d.Connections > m.Connections || d.Bandwidth > m.Bandwidth ||
		d.Lifetime > m.Lifetime || m.IdleTimeout > 0 && d.IdleTimeout > m.IdleTimeout {
		return errors.New("default: must not be more than max")
	}
	if g := c.Guesses; g.PerMinute < 0 || g.PerMinute > 0 && g.Burst < 1 {
		return fmt.Errorf("failed_attempts: per_minute %d is negative, or burst %d is less than 1", g.PerMinute, g.Burst)
	}
	for _, t := range []struct {
		key   string
		value int64
	}{
		{"retain_ended", int64(c.RetainEnded)}, {"agent_silence", int64(c.AgentSilence)}, {"drain_timeout", int64(c.DrainTimeout)},
		{"retain_ended_per_team", int64(c.RetainEndedPerTeam)}, {"shutdown_grace", int64(c.ShutdownGrace)},
		{"secretsd.timeout", int64(c.Secretsd.Timeout)}, {"secretsd.cache_time", int64(c.Secretsd.CacheTime)},
	} {
		if t.value < 0 {
			return fmt.Errorf("%s: is negative", t.key)
		}
	}
	return nil
}
