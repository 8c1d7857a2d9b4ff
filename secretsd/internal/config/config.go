// Package config is what an operator can set of secretsd. Secrets are never in it, only the paths of files that hold them.
package config

import (
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/casemate/casemate/pkg/harden"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Config is secretsd's configuration; pkg/config reads it. The usage tags are its reference.
type Config struct {
	Listen      string `yaml:"listen" usage:"address of the gRPC API, host:port; always TLS"`
	AdminListen string `yaml:"admin_listen" usage:"address of /metrics, /healthz and /debug/pprof, host:port; it asks for no key, so keep it on a network of your own; empty: none"`
	DataDir     string `yaml:"data_dir" usage:"directory of the database, the key-encryption key and the operator's first key; made with mode 0700 when missing"`
	TLS         TLS    `yaml:"tls"`
	Limits      Limits `yaml:"limits"`
	// KEK and KEKPrevious are checked by Validate.
	KEK         string `yaml:"kek" usage:"where the key-encryption key comes from: file:///path (a key in the clear, mode 0600), passphrase-file:///path, passphrase-env:NAME, env:NAME (32 bytes in base64), awskms://..., gcpkms://..., azurekeyvault://... or hashivault://... (docs/operations.md); empty: file://<data_dir>/kek.json"`
	KEKPrevious string `yaml:"kek_previous" usage:"what kek was before: the key is moved from there once; remove this afterwards, and rotate the key"`
	MemoryLock  string `yaml:"memory_lock" usage:"keeps the process's memory out of swap: auto (where the limits allow it), require or off"`
	Audit       Audit  `yaml:"audit"`
	// Resolvers are checked by Validate.
	Resolvers     []string       `yaml:"resolvers" usage:"SPIFFE IDs of the workloads that may resolve secrets for sandboxes, proved by their client certificates; empty: none may"`
	Retention     time.Duration  `yaml:"deleted_secret_retention" usage:"how long a deleted secret can be undeleted before it is erased for good; 0: it is erased at once"`
	KeyRetention  time.Duration  `yaml:"ended_key_retention" usage:"how long the record of an API key stays in lists after it was revoked or has expired, at least an hour; the audit log keeps its id; 0: for ever"`
	OIDC          OIDC           `yaml:"oidc"`
	Guesses       Guesses        `yaml:"failed_attempts"`
	Tracing       tracing.Config `yaml:"tracing"`
	LogLevel      string         `yaml:"log_level" usage:"debug, info, warn or error"`
	LogFormat     string         `yaml:"log_format" usage:"json (one object a line) or console (for people)"`
	ShutdownGrace time.Duration  `yaml:"shutdown_grace" usage:"how long running calls may take to finish after a stop was asked for; 0: they are cut off"`
}

// TLS says where the certificates of the API's listener come from: PEM files, which are read again when they change, or a SPIFFE
// Workload API, which sends new ones by itself.
type TLS struct {
	CertFile    string `yaml:"cert_file" usage:"PEM file of the server's certificate, with its intermediates; required, unless tls.workload_api is set"`
	KeyFile     string `yaml:"key_file" usage:"PEM file of the certificate's private key; required like tls.cert_file"`
	CAFile      string `yaml:"ca_file" usage:"PEM file of the authorities that the client certificates of workloads must come from; required like tls.cert_file"`
	WorkloadAPI string `yaml:"workload_api" usage:"SPIFFE Workload API, such as unix:///run/spire/agent.sock, that certificate, key and authorities come from instead of files; people's clients check the certificate by host name, so it needs a DNS name too; empty: the files"`
}

// OIDC says whose tokens teams may let stand for their members.
type OIDC struct {
	Issuers []string `yaml:"issuers" usage:"https URLs of OIDC issuers, as in their tokens' iss, whose tokens teams may trust; secretsd makes requests to these and to no others; empty: none"`
	CAFile  string   `yaml:"ca_file" usage:"PEM file of authorities that the issuers' certificates may come from, besides the system's; empty: the system's"`
}

// Guesses is how many failed attempts to authenticate are taken before others from the same address are refused.
type Guesses struct {
	PerMinute int `yaml:"per_minute" usage:"failed attempts to authenticate that an address (of IPv6, a 64-bit network) has a minute, before more from there are refused for a while; keys that were right before pass; raise it where a proxy's address stands for many callers; 0: nobody is refused"`
	Burst     int `yaml:"burst" usage:"failed attempts that an address has at once; at least 1"`
}

// Default returns the configuration of a secretsd that nothing was said about.
func Default() Config {
	return Config{
		Listen:        "127.0.0.1:7443",
		AdminListen:   "127.0.0.1:7480",
		DataDir:       "/var/lib/casemate/secretsd",
		Resolvers:     []string{"spiffe://" + identity.DefaultTrustDomain + "/" + identity.WorkloadSandboxd},
		MemoryLock:    harden.LockAuto,
		Audit:         Audit{CheckpointInterval: time.Minute, CheckpointEntries: 10_000},
		Retention:     secret.DefaultRetention,
		KeyRetention:  90 * 24 * time.Hour,
		Guesses:       Guesses{PerMinute: 60, Burst: 60},
		Tracing:       tracing.Config{SampleRatio: 1},
		LogLevel:      "info",
		LogFormat:     "json",
		ShutdownGrace: 10 * time.Second,
		Limits:        defaultLimits(),
	}
}

// Validate says what can't work before anything is opened. Its error names the key.
func (c Config) Validate() error {
	for _, required := range []struct{ key, value string }{{"listen", c.Listen}, {"data_dir", c.DataDir}} {
		if required.value == "" {
			return fmt.Errorf("%s is required", required.key)
		}
	}
	if err := c.TLS.validate(); err != nil {
		return err
	}
	if err := c.Tracing.Validate(); err != nil {
		return err
	}
	for _, address := range []struct{ key, value string }{{"listen", c.Listen}, {"admin_listen", c.AdminListen}} {
		if _, _, err := net.SplitHostPort(address.value); err != nil && address.value != "" {
			return fmt.Errorf("%s: %w", address.key, err)
		}
	}
	for _, kek := range []struct{ key, value string }{{"kek", c.KEK}, {"kek_previous", c.KEKPrevious}} {
		if _, err := envelope.ParseSource(kek.value); err != nil && kek.value != "" {
			return fmt.Errorf("%s: %w", kek.key, err)
		}
	}
	if err := harden.CheckLock(c.MemoryLock); err != nil {
		return fmt.Errorf("memory_lock: %w", err)
	}
	for _, id := range c.Resolvers {
		if _, err := identity.ParseWorkloadID(id); err != nil {
			return fmt.Errorf("resolvers: %w", err)
		}
	}
	if err := c.Audit.validate(); err != nil {
		return err
	}
	if c.Retention < 0 || c.Retention > secret.MaxTTL {
		return fmt.Errorf("deleted_secret_retention: %v is not from 0 to 100 years", c.Retention)
	}
	if c.KeyRetention != 0 && c.KeyRetention < time.Hour {
		return fmt.Errorf("ended_key_retention: %v is less than an hour", c.KeyRetention)
	}
	for _, issuer := range c.OIDC.Issuers {
		if err := oidc.CheckIssuer(issuer); err != nil {
			return fmt.Errorf("oidc.issuers: %w", err)
		}
	}
	if g := c.Guesses; g.PerMinute < 0 || g.PerMinute > 0 && g.Burst < 1 {
		return fmt.Errorf("failed_attempts: per_minute %d is negative, or burst %d is less than 1", g.PerMinute, g.Burst)
	}
	if c.ShutdownGrace < 0 {
		return fmt.Errorf("shutdown_grace: %v is negative", c.ShutdownGrace)
	}
	return c.Limits.validate()
}

func (t TLS) validate() error {
	for _, file := range []struct{ key, value string }{
		{"tls.cert_file", t.CertFile}, {"tls.key_file", t.KeyFile}, {"tls.ca_file", t.CAFile},
	} {
		if t.WorkloadAPI == "" && file.value == "" {
			return fmt.Errorf("%s is required (`casemate certs init` makes certificates)", file.key)
		}
		if t.WorkloadAPI != "" && file.value != "" {
			return fmt.Errorf("tls.workload_api and %s say two things: leave one out", file.key)
		}
	}
	if t.WorkloadAPI == "" {
		return nil
	}
	if err := mtls.CheckWorkloadAPI(t.WorkloadAPI); err != nil {
		return fmt.Errorf("tls.workload_api: %w", err)
	}
	return nil
}

// DatabaseFile is the SQLite file.
func (c Config) DatabaseFile() string { return filepath.Join(c.DataDir, "secretsd.db") }

// DefaultKEKFile is the key-encryption key where the configuration names no other. Whoever has it and the database has
// every value: back them up apart.
func (c Config) DefaultKEKFile() string { return filepath.Join(c.DataDir, "kek.json") }

// RootKeyFile is the operator's first API key, written by the first start.
func (c Config) RootKeyFile() string { return filepath.Join(c.DataDir, "root.key") }
