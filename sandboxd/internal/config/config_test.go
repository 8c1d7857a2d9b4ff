package config_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/config"
	daemon "github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func valid() daemon.Config {
	c := daemon.Default()
	c.Secretsd.CertFile, c.Secretsd.KeyFile, c.Secretsd.CAFile = "c", "k", "a"
	return c
}

func TestDefaultNeedsCertificatesOnly(t *testing.T) {
	if err := valid().Validate(); err != nil {
		t.Error(err)
	}
	if err := daemon.Default().Validate(); err == nil || !strings.Contains(err.Error(), "secretsd.cert_file") {
		t.Errorf("without certificates: %v", err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	for key, spoil := range map[string]func(*daemon.Config){
		"listen or tls.listen":    func(c *daemon.Config) { c.Listen = "" },
		"listen:":                 func(c *daemon.Config) { c.Listen = "0.0.0.0:7470" },
		"listen: ":                func(c *daemon.Config) { c.Listen = "7470" },
		"tls.cert_file":           func(c *daemon.Config) { c.TLS.Listen = ":7443" },
		"admin_listen":            func(c *daemon.Config) { c.AdminListen = "x" },
		"secretsd.address":        func(c *daemon.Config) { c.Secretsd.Address = "" },
		"secretsd.spiffe_id":      func(c *daemon.Config) { c.Secretsd.SPIFFEID = "secretsd" },
		"secretsd.timeout":        func(c *daemon.Config) { c.Secretsd.Timeout = -1 },
		"state_dir":               func(c *daemon.Config) { c.StateDir = "" },
		"agent_path":              func(c *daemon.Config) { c.AgentPath = "" },
		"runtimes: at least":      func(c *daemon.Config) { c.Runtimes = nil },
		"runtimes: there is":      func(c *daemon.Config) { c.Runtimes = []string{"qemu"} },
		"runtimes: native is":     func(c *daemon.Config) { c.Runtimes = []string{"native", "runc", "native"} },
		"runtime_paths: there":    func(c *daemon.Config) { c.RuntimePaths = daemon.Paths{"qemu": "/bin/qemu"} },
		"runtime_paths: nativ":    func(c *daemon.Config) { c.RuntimePaths = daemon.Paths{"native": "/bin/agent"} },
		"runtime_paths: \"bin":    func(c *daemon.Config) { c.RuntimePaths = daemon.Paths{"runc": "bin/runc"} },
		"uid_base":                func(c *daemon.Config) { c.UIDBase = 1000 },
		"uid_count":               func(c *daemon.Config) { c.UIDCount = 1000 },
		"uid_count: the range":    func(c *daemon.Config) { c.UIDCount = 1 << 32 },
		"cgroup_parent":           func(c *daemon.Config) { c.CgroupParent = "../x" },
		"max_sandboxes":           func(c *daemon.Config) { c.MaxSandboxes = -1 },
		"max_execs":               func(c *daemon.Config) { c.MaxExecs = -1 },
		"default.memory":          func(c *daemon.Config) { c.Default.Memory = 1 },
		"logs.max_bytes":          func(c *daemon.Config) { c.Logs.MaxBytes = 1<<20 - 1 },
		"logs.total_bytes":        func(c *daemon.Config) { c.Logs.TotalBytes = c.Logs.MaxBytes - 1 },
		"logs.rate":               func(c *daemon.Config) { c.Logs.Rate = 1 << 20 },
		"default.lifetime":        func(c *daemon.Config) { c.Default.Lifetime = 0 },
		"max.pids":                func(c *daemon.Config) { c.Max.Pids = 0 },
		"max.disk: less":          func(c *daemon.Config) { c.Max.Disk = 1 },
		"max.disk: more":          func(c *daemon.Config) { c.Max.Disk = 9 << 40 },
		"default.inodes: less":    func(c *daemon.Config) { c.Default.Inodes = 1 },
		"max.connections: more":   func(c *daemon.Config) { c.Max.Connections = 1 << 20 },
		"default.bandwidth: less": func(c *daemon.Config) { c.Default.Bandwidth = 1 },
		"in one of them alone":    func(c *daemon.Config) { c.Default.Bandwidth = 0 },
		"max.output: less":        func(c *daemon.Config) { c.Max.Output = 1 },
		"max.open_files: less":    func(c *daemon.Config) { c.Max.OpenFiles = 100 },
		"default.open_files: m":   func(c *daemon.Config) { c.Default.OpenFiles = 1 << 30 },
		"max.inodes: more":        func(c *daemon.Config) { c.Max.Inodes = 1 << 40 },
		"disk_limits":             func(c *daemon.Config) { c.DiskLimits = "quota" },
		"max.idle_timeout":        func(c *daemon.Config) { c.Max.IdleTimeout = -1 },
		"default: must not be":    func(c *daemon.Config) { c.Default.IdleTimeout, c.Max.IdleTimeout = time.Hour, time.Minute },
		"retain_ended_per":        func(c *daemon.Config) { c.RetainEndedPerTeam = -1 },
		"quota.sandboxes":         func(c *daemon.Config) { c.Quota.Sandboxes = -1 },
		"team_quotas.red.cpu": func(c *daemon.Config) {
			n := int64(-1)
			c.TeamQuotas = map[string]daemon.TeamQuota{"red": {CPUMillis: &n}}
		},
		"default: must not":    func(c *daemon.Config) { c.Default.Lifetime = 48 * time.Hour },
		"tracing.endpoint":     func(c *daemon.Config) { c.Tracing.Endpoint = "collector:4317" },
		"tracing.sample_ratio": func(c *daemon.Config) { c.Tracing.SampleRatio = 1.5 },
	} {
		t.Run(key, func(t *testing.T) {
			c := valid()
			spoil(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), key) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestTwoStateDirsHaveTwoCgroups(t *testing.T) {
	a, b := valid(), valid()
	b.StateDir = "/elsewhere"
	if a.Cgroup() == b.Cgroup() || !strings.HasPrefix(a.Cgroup(), "casemate-") {
		t.Errorf("cgroups %s and %s", a.Cgroup(), b.Cgroup())
	}
	b.CgroupParent = "mine"
	if b.Cgroup() != "mine" {
		t.Errorf("cgroup %s", b.Cgroup())
	}
}

func TestEnvironmentReachesNestedKeys(t *testing.T) {
	c := daemon.Default()
	env := []string{"CASEMATE_SANDBOXD_SECRETSD_ADDRESS=s:1", "CASEMATE_SANDBOXD_DEFAULT_MEMORY=1GiB", "CASEMATE_SANDBOXD_MAX_LIFETIME=30h", "CASEMATE_SANDBOXD_TRACING_SAMPLE_RATIO=0.5"}
	if err := config.Load("sandboxd", &c, nil, env, io.Discard); err != nil {
		t.Fatal(err)
	}
	if p := c.Policy(); c.Secretsd.Address != "s:1" || p.Default.MemoryBytes != 1<<30 || p.MaxLifetime != 30*time.Hour || c.Tracing.SampleRatio != 0.5 {
		t.Errorf("%+v", c)
	}
}

func TestTeamQuotas(t *testing.T) {
	c := daemon.Default()
	if q := c.Quotas(); q.Team != (sandbox.Quota{}) || len(q.Teams) != 0 {
		t.Errorf("by default: %+v", q)
	}
	env := []string{
		"CASEMATE_SANDBOXD_QUOTA_SANDBOXES=10", "CASEMATE_SANDBOXD_QUOTA_MEMORY=8GiB", "CASEMATE_SANDBOXD_QUOTA_STARTS_PER_SECOND=5",
		"CASEMATE_SANDBOXD_TEAM_QUOTAS={red: {sandboxes: 50, memory: 64GiB}, blue: {starts_per_second: 0}}",
	}
	if err := config.Load("sandboxd", &c, nil, env, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := sandbox.Quotas{
		Team: sandbox.Quota{Sandboxes: 10, MemoryBytes: 8 << 30, StartsPerSecond: 5},
		Teams: map[string]sandbox.Quota{
			"red":  {Sandboxes: 50, MemoryBytes: 64 << 30, StartsPerSecond: 5},
			"blue": {Sandboxes: 10, MemoryBytes: 8 << 30},
		},
	}
	if diff := cmp.Diff(want, c.Quotas()); diff != "" {
		t.Error(diff)
	}
}
