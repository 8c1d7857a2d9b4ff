package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pkgconfig "github.com/casemate/casemate/pkg/config"
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
resolvers: [spiffe://other.example/sandboxd]
limits:
  max_calls: 7
  team: {writes: 5}
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
		Audit: config.Default().Audit,
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
