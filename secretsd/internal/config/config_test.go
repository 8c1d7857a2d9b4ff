package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pkgconfig "github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/secretsd/internal/config"
)

func TestDefaults(t *testing.T) {
	cfg := config.Default()
	if err := cfg.Validate(); err == nil {
		t.Error("a configuration without certificates is valid")
	}
	cfg.TLS = config.TLS{CertFile: "c", KeyFile: "k", CAFile: "a"}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"spiffe://casemate.local/sandboxd"}, cfg.Resolvers); d != "" {
		t.Error(d)
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secretsd.yaml")
	text := `listen: 127.0.0.1:1
admin_listen: 127.0.0.1:2
data_dir: /data
log_level: debug
shutdown_grace: 3s
deleted_secret_retention: 48h
ended_key_retention: 1h
resolvers: [spiffe://other.example/sandboxd]
limits:
  max_calls: 7
  team: {writes: 5}
failed_attempts:
  per_minute: 5
  burst: 2
oidc:
  issuers: [https://issuer.example/a]
tracing:
  endpoint: http://127.0.0.1:4317
  sample_ratio: 0.25
tls:
  cert_file: c
  key_file: k
  ca_file: a
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	err := pkgconfig.Load("secretsd", &cfg, []string{"--config", file, "--tls-ca-file", "flag"},
		[]string{"CASEMATE_SECRETSD_DATA_DIR=/env"}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:1", AdminListen: "127.0.0.1:2", DataDir: "/env", LogLevel: "debug", LogFormat: "json",
		ShutdownGrace: 3 * time.Second, Retention: 48 * time.Hour, Resolvers: []string{"spiffe://other.example/sandboxd"},
		TLS: config.TLS{CertFile: "c", KeyFile: "k", CAFile: "flag"}, MemoryLock: "auto",
		Audit: config.Default().Audit, OIDC: config.OIDC{Issuers: []string{"https://issuer.example/a"}},
		Guesses: config.Guesses{PerMinute: 5, Burst: 2}, KeyRetention: time.Hour, Tracing: tracing.Config{Endpoint: "http://127.0.0.1:4317", SampleRatio: 0.25},
	}
	want.Limits = config.Default().Limits
	want.Limits.MaxCalls, want.Limits.Team.Writes = 7, 5
	if d := cmp.Diff(want, cfg); d != "" {
		t.Errorf("configuration (-want +got):\n%s", d)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateTellsWhatIsWrong(t *testing.T) {
	for words, change := range map[string]func(*config.Config){
		"is not an https URL":              func(c *config.Config) { c.OIDC.Issuers = []string{"http://issuer.example"} },
		"more than a host and a path":      func(c *config.Config) { c.OIDC.Issuers = []string{"https://issuer.example/?x=y"} },
		"oidc.issuers":                     func(c *config.Config) { c.OIDC.Issuers = []string{"https://user@issuer.example"} },
		"ended_key_retention: 1m0s":        func(c *config.Config) { c.KeyRetention = time.Minute },
		"failed_attempts":                  func(c *config.Config) { c.Guesses.PerMinute = -1 },
		"burst 0 is less than 1":           func(c *config.Config) { c.Guesses.Burst = 0 },
		"tls.key_file is required":         func(c *config.Config) { c.TLS.KeyFile = "" },
		"tls.workload_api and":             func(c *config.Config) { c.TLS.WorkloadAPI = "unix:///run/spire/agent.sock" },
		"tls.workload_api: workload endpo": func(c *config.Config) { c.TLS = config.TLS{WorkloadAPI: "/run/spire/agent.sock"} },
	} {
		cfg := config.Default()
		cfg.TLS = config.TLS{CertFile: "c", KeyFile: "k", CAFile: "a"}
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v, want one with %q", err, words)
		}
	}
	cfg := config.Default()
	cfg.TLS = config.TLS{WorkloadAPI: "unix:///run/spire/agent.sock"}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
