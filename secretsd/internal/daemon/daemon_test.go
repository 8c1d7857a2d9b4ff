package daemon_test

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/daemon"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// configFor is the configuration of a secretsd in a data directory.
func configFor(certs *testcerts.Certs, dataDir string) config.Config {
	files := certs.Files(identity.WorkloadSecretsd)
	cfg := config.Default()
	cfg.Listen, cfg.AdminListen, cfg.DataDir = "127.0.0.1:0", "127.0.0.1:0", dataDir
	cfg.TLS = config.TLS{CertFile: files.Cert, KeyFile: files.Key, CAFile: files.CA}
	cfg.ShutdownGrace = time.Second
	return cfg
}

// startAndStop starts a daemon, which must work, and stops it.
func startAndStop(t *testing.T, cfg config.Config) {
	t.Helper()
	d, err := daemon.New(t.Context(), cfg, zap.NewNop())
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, d.Run(ctx))
}

// refused starts a daemon, which must refuse with these words, and leave nothing open.
func refused(t *testing.T, cfg config.Config, words string) {
	t.Helper()
	if _, err := daemon.New(t.Context(), cfg, zap.NewNop()); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("New = %v, want an error with %q", err, words)
	}
}

func TestFirstStart(t *testing.T) {
	s := secretsdtest.Start(t)
	for name, want := range map[string]fs.FileMode{
		"": fs.ModeDir | 0o700, "kek.json": 0o600, "root.key": 0o600, "secretsd.db": 0o600, "secretsd.db-wal": 0o600,
	} {
		info, err := os.Stat(filepath.Join(s.DataDir, name))
		must(t, err)
		if info.Mode() != want {
			t.Errorf("%q has mode %v, want %v", name, info.Mode(), want)
		}
	}
	if logs := s.Logs(); strings.Contains(logs, s.OperatorKey) || !strings.Contains(logs, filepath.Join(s.DataDir, "root.key")) {
		t.Error("the log must tell where the operator's key is, and not the key")
	}
	if e := s.AuditEntries(); len(e) != 1 || e[0].GetAction() != "key.create" || e[0].GetUserId() != "root" {
		t.Errorf("audit log %v, want the making of the operator's key", e)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	s.CreateSecret("ml", "HF_TOKEN", "value")
	key := s.CreateUser("ml", "bob", identity.RoleMember)
	revoked := s.CreateKey("ml", "bob")
	s.RevokeKey("ml", revoked)
	before := s.AuditEntries()
	must(t, os.Remove(filepath.Join(s.DataDir, "root.key"))) // as an operator should, once it is kept elsewhere
	s.Restart()

	if _, err := os.Stat(filepath.Join(s.DataDir, "root.key")); err == nil {
		t.Error("a later start wrote an operator's key again")
	}
	ctx := t.Context()
	resp, err := s.SandboxdClient(key).BatchAccessSecretVersions(ctx, &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: "teams/ml", Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT, SandboxId: "s",
		References: []*secretsv1.SecretVersionReference{{SecretId: "HF_TOKEN"}},
	})
	must(t, err)
	if string(resp.GetValues()[0].GetData()) != "value" {
		t.Error("the value is another one")
	}
	if _, err := s.Client(revoked).WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err == nil {
		t.Error("a revoked key works again")
	}
	after := s.AuditEntries()
	if len(after) != len(before)+1 {
		t.Fatalf("%d entries, want those before and the batch's", len(after))
	}
	for i := range before {
		if before[i].String() != after[i].String() {
			t.Errorf("entry %d was %v and is %v", i+1, before[i], after[i])
		}
	}
	rep, err := s.Client(s.OperatorKey).VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	if err != nil || !rep.GetIntact() || rep.GetEntryCount() != int64(len(after)) {
		t.Errorf("report %v, %v", rep, err)
	}
}

func TestStartRefusesAWrongKEK(t *testing.T) {
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	s.Stop()
	cfg := configFor(s.Certs, s.DataDir)
	path := cfg.DefaultKEKFile()
	good, err := os.ReadFile(path)
	must(t, err)

	must(t, os.Chmod(path, 0o640))
	refused(t, cfg, "chmod 600")
	must(t, os.Remove(path))
	refused(t, cfg, "is missing")
	if _, err := os.Stat(path); err == nil {
		t.Error("a new key-encryption key was made beside a database that needs the old one")
	}
	_, err = envelope.NewSafe(path, nil).Create(t.Context())
	must(t, err)
	refused(t, cfg, "does not belong to this database")
	must(t, os.WriteFile(path, bytes.Replace(good, []byte(`"value"`), []byte(`"value`), 1), 0o600))
	refused(t, cfg, "is not a tink keyset")
	must(t, os.WriteFile(path, good, 0o600))
	startAndStop(t, cfg)
}

// TestFirstStartCanFail ends a first start after the key-encryption key was made, and expects the next one to go on.
func TestFirstStartCanFail(t *testing.T) {
	cfg := configFor(testcerts.New(t), filepath.Join(t.TempDir(), "a", "b"))
	must(t, os.MkdirAll(cfg.RootKeyFile()+".new", 0o700)) // where a file is to be written
	refused(t, cfg, "operator's first key")
	must(t, os.Remove(cfg.RootKeyFile()+".new"))
	startAndStop(t, cfg)
	key, err := os.ReadFile(cfg.RootKeyFile())
	if err != nil || len(key) < 40 {
		t.Errorf("root.key: %d bytes, %v", len(key), err)
	}
}

func TestStartRefusesWhatCannotWork(t *testing.T) {
	certs := testcerts.New(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, taken.Close()) })
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("not a directory"), 0o600))
	for words, change := range map[string]func(*config.Config){
		"tls.cert_file is required":       func(c *config.Config) { c.TLS.CertFile = "" },
		"tls.ca_file is required":         func(c *config.Config) { c.TLS.CAFile = "" },
		"tls: ":                           func(c *config.Config) { c.TLS.KeyFile = file },
		"data_dir is required":            func(c *config.Config) { c.DataDir = "" },
		"data_dir: ":                      func(c *config.Config) { c.DataDir = file },
		"listen is required":              func(c *config.Config) { c.Listen = "" },
		"listen: ":                        func(c *config.Config) { c.Listen = "7443" },
		"admin_listen: ":                  func(c *config.Config) { c.AdminListen = "localhost" },
		"listen: listen tcp":              func(c *config.Config) { c.Listen = taken.Addr().String() },
		"admin_listen: listen tcp":        func(c *config.Config) { c.AdminListen = taken.Addr().String() },
		"resolvers: ":                     func(c *config.Config) { c.Resolvers = []string{"sandboxd"} },
		"limits.max_calls: is negative":   func(c *config.Config) { c.Limits.MaxCalls = -1 },
		"limits.team: a rate is negative": func(c *config.Config) { c.Limits.Team.Accesses = -1 },
		"kek: ":                           func(c *config.Config) { c.KEK = "kek.json" },
		"kek_previous: ":                  func(c *config.Config) { c.KEKPrevious = "https://example.org" },
		"memory_lock: ":                   func(c *config.Config) { c.MemoryLock = "yes" },
		"deleted_secret_retention: -1s":   func(c *config.Config) { c.Retention = -time.Second },
		"shutdown_grace: -1s is negative": func(c *config.Config) { c.ShutdownGrace = -time.Second },
	} {
		cfg := configFor(certs, filepath.Join(t.TempDir(), "data"))
		change(&cfg)
		refused(t, cfg, words)
	}
	cfg := configFor(certs, filepath.Join(t.TempDir(), "data"))
	cfg.AdminListen = ""
	d, err := daemon.New(t.Context(), cfg, zap.NewNop())
	must(t, err)
	if d.AdminAddr() != "" {
		t.Errorf("an admin server on %s that nobody asked for", d.AdminAddr())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, d.Run(ctx))
}
