// Package config is what an operator can set of sandboxd. Secrets are never in it, only the paths of files that hold them.
package config

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/pkg/harden"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Config is sandboxd's configuration; pkg/config reads it. The usage tags are its reference.
type Config struct {
	Listen      string `yaml:"listen" usage:"address of the API without TLS, host:port; loopback only, since API keys travel in the clear; empty: none"`
	TLS         TLS    `yaml:"tls"`
	AdminListen string `yaml:"admin_listen" usage:"address of /metrics, /healthz, /readyz and /debug/pprof, host:port; it asks for no key, so keep it on a network of your own; empty: none"`
	StateDir    string `yaml:"state_dir" usage:"directory of records, logs, images and sandboxes; made with mode 0700 when missing"`

	Secretsd Secretsd `yaml:"secretsd"`
	Guesses  Guesses  `yaml:"failed_attempts"`

	AgentPath          string   `yaml:"agent_path" usage:"the sandbox-agent binary, which becomes PID 1 in every sandbox; required"`
	UIDBase            int      `yaml:"uid_base" usage:"first user and group id of the range that sandboxes take theirs from; it must be nobody else's: not in /etc/subuid, and not another sandboxd's on this host"`
	UIDCount           int      `yaml:"uid_count" usage:"size of that range; each sandbox takes 65536 of it"`
	CgroupParent       string   `yaml:"cgroup_parent" usage:"the cgroup, below the root, that the sandboxes' cgroups are made in; sandboxd removes what it does not know there, so it must be no one else's; empty: casemate- and a hash of state_dir"`
	Runtimes           []string `yaml:"runtimes" usage:"runtimes that sandboxes may ask for, the first is the default; there are native, runc, crun and runsc; sandboxd does not start where one of them can't work"`
	RuntimePaths       Paths    `yaml:"runtime_paths" usage:"binaries of runtimes other than native, such as {runc: /usr/local/sbin/runc}; one that is not named here is looked for in PATH"`
	RegistryAuthFile   string   `yaml:"registry_auth_file" usage:"Docker config.json with credentials for image registries, read at each pull; whoever may run sandboxes can run what is pulled with them; empty: pulls are anonymous"`
	Registries         []string `yaml:"registries" usage:"image registries, host or host:port, that images may be pulled from; empty: all, so that whoever may run sandboxes can make this host call any address"`
	InsecureRegistries []string `yaml:"insecure_registries" usage:"image registries, host or host:port, that are spoken to without TLS; empty: none, loopback ones included"`
	MaxSandboxes       int      `yaml:"max_sandboxes" usage:"most sandboxes at one time; 0: as many as user ids allow"`
	DiskLimits         string   `yaml:"disk_limits" usage:"how sandboxes' limits of disk and inodes are enforced: loop (each has a file system in a file, through a loop device, which takes mke2fs and /dev/loop-control) or off (they are not, and one sandbox can fill the disk of state_dir)"`
	MaxExecs           int      `yaml:"max_execs" usage:"most calls under way in one sandbox that run a command, or follow, feed or wait for a background process; 0: as many as the sandbox may have processes"`

	Quota      Quota                `yaml:"quota"`
	TeamQuotas map[string]TeamQuota `yaml:"team_quotas" usage:"quotas of single teams in place of quota, by the team's id, such as {red: {sandboxes: 50, memory: 64GiB}}; a key that a team leaves out is as in quota, and 0 is no limit; empty: all teams have quota"`

	Default Limits `yaml:"default"`
	Max     Limits `yaml:"max"`

	Network Network `yaml:"network"`

	Security Security `yaml:"security"`

	Rootless Rootless `yaml:"rootless"`

	Logs    Logs           `yaml:"logs"`
	Tracing tracing.Config `yaml:"tracing"`

	RetainEnded         time.Duration `yaml:"retain_ended" usage:"how long records and logs of ended sandboxes are kept; 0: one hour"`
	RetainEndedPerTeam  int           `yaml:"retain_ended_per_team" usage:"most records and logs of ended sandboxes that one team has; the oldest go first, within a minute; 0: any number"`
	AgentSilence        time.Duration `yaml:"agent_silence" usage:"how long a sandbox's agent may not answer, though it lives, before the sandbox is ended; 0: five minutes"`
	StopSandboxesOnExit bool          `yaml:"stop_sandboxes_on_exit" usage:"stop all sandboxes when sandboxd is stopped; false: they run on, and the next start adopts them"`
	DrainTimeout        time.Duration `yaml:"drain_timeout" usage:"how long sandboxes may run on after SIGUSR1, by which sandboxd makes no new ones and stops after the last has ended, before they are stopped; 0: until they end"`
	ShutdownGrace       time.Duration `yaml:"shutdown_grace" usage:"how long running calls may take to finish after a stop was asked for; 0: they are cut off"`
	MemoryLock          string        `yaml:"memory_lock" usage:"keeps the process's memory out of swap: auto (where the limits allow it), require or off"`
	LogLevel            string        `yaml:"log_level" usage:"debug, info, warn or error"`
	LogFormat           string        `yaml:"log_format" usage:"json (one object a line) or console (for people)"`
}

// TLS is the API's listener for everybody. Its files are read again when they change.
type TLS struct {
	Listen   string `yaml:"listen" usage:"address of the API with TLS, host:port; empty: none"`
	CertFile string `yaml:"cert_file" usage:"PEM file of the server's certificate, with its intermediates; required with tls.listen"`
	KeyFile  string `yaml:"key_file" usage:"PEM file of the certificate's private key; required with tls.listen"`
}

// Guesses is how many failed attempts to authenticate are taken before others from the same address are refused.
type Guesses struct {
	PerMinute int `yaml:"per_minute" usage:"failed attempts to authenticate that an address (of IPv6, a 64-bit network) has a minute, before more from there are refused for a while; keys that were right before pass; raise it where a proxy's address stands for many callers; 0: nobody is refused"`
	Burst     int `yaml:"burst" usage:"failed attempts that an address has at once; at least 1"`
}

// Secretsd is where secretsd is, and how sandboxd shows who it is: by files, which are read again when they change, or by a SPIFFE
// Workload API, which sends new certificates by itself.
type Secretsd struct {
	Address     string        `yaml:"address" usage:"secretsd's API, host:port"`
	SPIFFEID    string        `yaml:"spiffe_id" usage:"SPIFFE ID that secretsd's certificate must carry"`
	CertFile    string        `yaml:"cert_file" usage:"PEM file of sandboxd's certificate, with its SPIFFE ID; required, unless secretsd.workload_api is set"`
	KeyFile     string        `yaml:"key_file" usage:"PEM file of the certificate's private key; required like secretsd.cert_file"`
	CAFile      string        `yaml:"ca_file" usage:"PEM file of the authorities that secretsd's certificate must come from; required like secretsd.cert_file"`
	WorkloadAPI string        `yaml:"workload_api" usage:"SPIFFE Workload API, such as unix:///run/spire/agent.sock, that certificate, key and authorities come from instead of files; empty: the files"`
	Timeout     time.Duration `yaml:"timeout" usage:"how long secretsd may take for one answer, connecting included; 0: 2 s"`
	CacheTime   time.Duration `yaml:"cache_time" usage:"how long secretsd's word on whom an API key stands for is believed, at most 1 s, so that a revoked key works no longer; 0: 1 s"`
}

// Network is what sandboxes may have of the network.
type Network struct {
	Enabled     bool     `yaml:"enabled" usage:"whether sandboxes can have a network besides loopback; sandboxd then turns on net.ipv4.ip_forward and keeps an nftables table of its own"`
	Default     string   `yaml:"default" usage:"what a sandbox has whose request does not say: internet (public addresses) or none"`
	Pool4       string   `yaml:"pool4" usage:"private block of IPv4 addresses for sandboxes; it must be routed nowhere, and sandboxds on one host may share it"`
	Pool6       string   `yaml:"pool6" usage:"unique local block of IPv6 addresses for sandboxes, such as fd63:6d00::/64; sandboxd then turns on net.ipv6.conf.all.forwarding, with which the kernel ignores router advertisements unless accept_ra is 2; empty: sandboxes have no IPv6"`
	Open        []string `yaml:"open" usage:"blocks of private or link-local addresses, such as 10.1.2.0/24, that every sandbox with a network may reach; empty: public addresses only"`
	Ingress     Ingress  `yaml:"ingress"`
	NameServers []string `yaml:"name_servers" usage:"name servers, as addresses with or without a port, that are asked on behalf of sandboxes; empty: those of /etc/resolv.conf"`
}

// Logs bounds the logs of main processes.
type Logs struct {
	MaxBytes   config.Size `yaml:"max_bytes" usage:"most that the log of one main process takes on disk; above it the oldest output is dropped, an eighth at a time; at least 1MiB"`
	TotalBytes config.Size `yaml:"total_bytes" usage:"most that all logs take on disk together, those of ended sandboxes included; above it the largest log loses its oldest output; at least logs.max_bytes"`
	Rate       config.Size `yaml:"rate" usage:"most output of one main process that is taken in a second, each piece of it counted as 256 bytes more than it has; a process that writes more waits; at least 2MiB"`
}

// Limits are limits of one sandbox.
type Limits struct {
	Memory      config.Size   `yaml:"memory" usage:"memory, page cache and tmpfs together; at least 16MiB"`
	CPUMillis   int64         `yaml:"cpu_millis" usage:"CPU in thousandths of a core; at least 10"`
	Pids        int64         `yaml:"pids" usage:"processes and threads; at least 8"`
	Disk        config.Size   `yaml:"disk" usage:"what files that are made or changed take on the disk; the host's is not reserved: it takes what is used, and at most 3% and 256 bytes for each of the inodes more; at least 1MiB"`
	Inodes      int64         `yaml:"inodes" usage:"files, directories and links that are made or changed, never more than one for 4 KiB of disk; at least 64"`
	OpenFiles   int64         `yaml:"open_files" usage:"what each process has open at one time; at least 256; no more than sandboxd's own hard limit (LimitNOFILE of systemd, ulimit -Hn) counts, whatever stands here"`
	Output      config.Size   `yaml:"output" usage:"what one command of an Exec or StreamExec may write to stdout and stderr together before it is killed; at least 1KiB"`
	Connections int64         `yaml:"connections" usage:"connections of its that may be open at one time; a tenth as many may be opened each second; at least 16; 0, then in default and max: no such limit, and one sandbox can fill the host's table of connections"`
	Bandwidth   config.Size   `yaml:"bandwidth" usage:"what it may send each second, and as much receive; at least 16KiB; 0, then in default and max: no such limit"`
	Lifetime    time.Duration `yaml:"lifetime" usage:"time after which it is stopped"`
	IdleTimeout time.Duration `yaml:"idle_timeout" usage:"time in which nothing is done in it after which it is stopped; 0: never, or, as the max, no bound; a max is the default where there is none"`
}

// Values of DiskLimits.
const (
	DiskLimitsLoop = "loop"
	DiskLimitsOff  = "off"
)

// Default returns the configuration of a sandboxd that nothing was said about.
func Default() Config {
	return Config{
		Listen:      "127.0.0.1:7470",
		AdminListen: "127.0.0.1:7471",
		StateDir:    "/var/lib/casemate/sandboxd",
		Secretsd: Secretsd{
			Address:  "127.0.0.1:7443",
			SPIFFEID: "spiffe://" + identity.DefaultTrustDomain + "/" + identity.WorkloadSecretsd,
		},
		Guesses:            Guesses{PerMinute: 60, Burst: 60},
		AgentPath:          "/usr/local/lib/casemate/sandbox-agent",
		UIDBase:            0x70000000, // with the count, what systemd's registry of ids knows as unused
		UIDCount:           4094 * uidsPerSandbox,
		Runtimes:           []string{"native"},
		MaxSandboxes:       500,
		DiskLimits:         DiskLimitsLoop,
		Default:            Limits{Memory: 512 << 20, CPUMillis: 1000, Pids: 512, Disk: 8 << 30, Inodes: 500_000, OpenFiles: 16_384, Output: 1 << 30, Connections: 2048, Bandwidth: 128 << 20, Lifetime: time.Hour},
		Max:                Limits{Memory: 8 << 30, CPUMillis: 8000, Pids: 4096, Disk: 64 << 30, Inodes: 4_000_000, OpenFiles: 1 << 20, Output: 1 << 40, Connections: 16_384, Bandwidth: 16 << 30, Lifetime: 24 * time.Hour},
		Network:            Network{Enabled: true, Default: "internet", Pool4: "10.231.0.0/16"},
		Logs:               Logs{MaxBytes: 16 << 20, TotalBytes: 4 << 30, Rate: 8 << 20},
		Tracing:            tracing.Config{SampleRatio: 1},
		ShutdownGrace:      10 * time.Second,
		RetainEndedPerTeam: 10_000,
		MemoryLock:         harden.LockAuto,
		LogLevel:           "info",
		LogFormat:          "json",
	}
}

// Policy is what the configuration says of every sandbox.
func (c Config) Policy() sandbox.Policy {
	policy := sandbox.Policy{
		Default: c.Default.resources(), DefaultLifetime: c.Default.Lifetime, DefaultIdleTimeout: c.Default.IdleTimeout,
		Max: c.Max.resources(), MaxLifetime: c.Max.Lifetime, MaxIdleTimeout: c.Max.IdleTimeout,
		Runtimes: c.Runtimes,
		Security: c.Security.policy(),
		Network: sandbox.NetworkPolicy{
			Enabled: c.Network.Enabled, Default: sandbox.NetworkMode(strings.ToUpper(c.Network.Default)), Open: c.Network.OpenBlocks(),
			DefaultLimits: c.Default.network(), MaxLimits: c.Max.network(),
			IngressFrom: c.Network.Ingress.SourceBlocks(),
		},
	}
	if c.DiskLimits == DiskLimitsOff {
		for _, r := range []*sandbox.Resources{&policy.Default, &policy.Max} {
			r.DiskBytes, r.Inodes = 0, 0
		}
	}
	return policy
}

func (l Limits) resources() sandbox.Resources {
	return sandbox.Resources{
		MemoryBytes: int64(l.Memory), CPUMillis: l.CPUMillis, Pids: l.Pids, DiskBytes: int64(l.Disk), Inodes: l.Inodes, OpenFiles: l.OpenFiles,
		OutputBytes: int64(l.Output),
	}
}

func (l Limits) network() sandbox.NetworkLimits {
	return sandbox.NetworkLimits{Connections: l.Connections, BytesPerSecond: int64(l.Bandwidth)}
}

// UIDRanges is how many sandboxes the uid range has room for.
func (c Config) UIDRanges() int { return c.UIDCount / uidsPerSandbox }

// uidsPerSandbox is what one sandbox takes of the uid range.
const uidsPerSandbox = 1 << 16

// Cgroup is CgroupParent, or its default.
func (c Config) Cgroup() string {
	if c.CgroupParent != "" {
		return c.CgroupParent
	}
	sum := sha256.Sum256([]byte(c.StateDir))
	return fmt.Sprintf("casemate-%x", sum[:4])
}

// DatabaseFile is the SQLite file of records.
func (c Config) DatabaseFile() string { return filepath.Join(c.StateDir, "sandboxd.db") }

// InstanceFile has the name that this sandboxd tells secretsd its sandboxes by.
func (c Config) InstanceFile() string { return filepath.Join(c.StateDir, "instance") }

// LogDir is where the logs of main processes are.
func (c Config) LogDir() string { return filepath.Join(c.StateDir, "logs") }

// ImageDir is where images are.
func (c Config) ImageDir() string { return filepath.Join(c.StateDir, "images") }

// RuntimeDir is below which each runtime has a directory of its own.
func (c Config) RuntimeDir() string { return filepath.Join(c.StateDir, "runtimes") }
