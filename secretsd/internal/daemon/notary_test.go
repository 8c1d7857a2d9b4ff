package daemon_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func verify(t *testing.T, s *secretsdtest.Server) *secretsv1.VerifyAuditLogResponse {
	t.Helper()
	rep, err := s.Client(s.OperatorKey).VerifyAuditLog(t.Context(), &secretsv1.VerifyAuditLogRequest{})
	must(t, err)
	return rep
}

// TestFirstStartSigns looks for the key, its public half and the first checkpoint.
func TestFirstStartSigns(t *testing.T) {
	s := secretsdtest.Start(t)
	for name, want := range map[string]fs.FileMode{
		"audit-key": fs.ModeDir | 0o700, "audit-key/checkpoint.pem": 0o600, "audit-key/checkpoint.pem.pub": 0o644,
	} {
		info, err := os.Stat(filepath.Join(s.DataDir, name))
		must(t, err)
		if info.Mode() != want {
			t.Errorf("%q has mode %v, want %v", name, info.Mode(), want)
		}
	}
	text, err := os.ReadFile(s.CheckpointPublicKeyFile())
	must(t, err)
	keys, err := auditlog.DecodePublicKeys(text)
	must(t, err)
	rep := verify(t, s)
	if !rep.GetIntact() || rep.GetSignedSequence() != 1 || rep.GetCheckpointCount() != 1 || string(rep.GetPublicKey()) != string(keys[0]) {
		t.Errorf("report %v", rep)
	}
	s.Restart()
	if again := verify(t, s); string(again.GetPublicKey()) != string(keys[0]) || again.GetSignedSequence() != again.GetHeadSequence() {
		t.Errorf("after a restart: %v", again)
	}
}

func TestStartRefusesAWrongCheckpointKey(t *testing.T) {
	s := secretsdtest.Start(t)
	s.Stop()
	cfg := configFor(s.Certs, s.DataDir)
	path := cfg.CheckpointKeyFile()
	good, err := os.ReadFile(path)
	must(t, err)

	must(t, os.Chmod(path, 0o640))
	refused(t, cfg, "chmod 600")
	must(t, os.Remove(path))
	refused(t, cfg, "openssl genpkey -algorithm ed25519 -out "+path)
	if _, err := os.Stat(path); err == nil {
		t.Error("a new key was made beside a log that another one has signed")
	}
	for content, words := range map[string]string{
		"no key": "is no PEM file",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "holds no private key in PKCS #8",
		// An X25519 key.
		"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n-----END PRIVATE KEY-----\n": "is not Ed25519",
	} {
		must(t, os.WriteFile(path, []byte(content), 0o600))
		refused(t, cfg, words)
	}
	must(t, os.WriteFile(path, good, 0o600))
	cfg.Audit.FormerPublicKeys = []string{path}
	refused(t, cfg, "audit.former_public_keys")
	cfg.Audit.FormerPublicKeys = nil
	startAndStop(t, cfg)

	// The key is kept elsewhere, and another one follows it.
	elsewhere := filepath.Join(t.TempDir(), "key.pem")
	must(t, os.Rename(path, elsewhere))
	cfg.Audit.CheckpointKey = elsewhere
	startAndStop(t, cfg)
	old := s.CheckpointPublicKeyFile()
	cfg.Audit.CheckpointKey = ""
	must(t, os.WriteFile(path, newKey(t), 0o600))
	former := filepath.Join(t.TempDir(), "former.pub")
	must(t, os.Rename(old, former))
	refused(t, cfg, "none of those to be trusted")
	cfg.Audit.FormerPublicKeys = []string{former}
	startAndStop(t, cfg)
}

// TestStartRefusesALogThatWasCutOff puts an older copy of the database back, as somebody would who wants an entry gone.
func TestStartRefusesALogThatWasCutOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkpoints.jsonl")
	s := secretsdtest.Start(t, secretsdtest.WithAudit(func(a *config.Audit) { a.CheckpointFile = file }))
	s.CreateTeam("ml")
	s.Stop()
	cfg := configFor(s.Certs, s.DataDir)
	old, err := os.ReadFile(cfg.DatabaseFile())
	must(t, err)
	s.Restart()
	s.CreateSecret("ml", "HF_TOKEN", "value")
	s.Restart() // which signs what is there
	s.Stop()

	must(t, os.WriteFile(cfg.DatabaseFile(), old, 0o600))
	startAndStop(t, cfg) // nobody knows better
	cfg.Audit.CheckpointFile = file
	refused(t, cfg, "audit log was tampered with or is damaged")
	must(t, os.Remove(file))
	refused(t, cfg, "install -m 600 /dev/null")
	cfg.Audit.CheckpointFile = ""
	edit(t, cfg, `DROP TRIGGER audit_no_update`, `UPDATE audit SET user_id = 'eve' WHERE action = 'team.create'`)
	startAndStop(t, cfg) // what is signed is looked at whole by a verification
	edit(t, cfg, `UPDATE audit SET hash = zeroblob(32)`)
	refused(t, cfg, "has another hash than was signed")
}

// edit changes the database.
func edit(t *testing.T, cfg config.Config, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", cfg.DatabaseFile())
	must(t, err)
	defer db.Close()
	for _, q := range statements {
		_, err := db.ExecContext(t.Context(), q)
		must(t, err)
	}
}

// TestManyEntriesAreSignedBeforeTheirTime has a checkpoint made for every 5 entries, and by time only once a day.
func TestManyEntriesAreSignedBeforeTheirTime(t *testing.T) {
	s := secretsdtest.Start(t, secretsdtest.WithAudit(func(a *config.Audit) { a.CheckpointInterval, a.CheckpointEntries = 24*time.Hour, 5 }))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i := 0; ; i++ {
		s.CreateTeam(fmt.Sprint("team-", i))
		if rep := verify(t, s); rep.GetSignedSequence() >= 6 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no checkpoint of %d entries", i)
		}
	}
}

// TestRetentionOfADaemon keeps nothing, and looks at what a start does.
func TestRetentionOfADaemon(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "archive")
	s := secretsdtest.Start(t, secretsdtest.WithAudit(func(a *config.Audit) { a.Retention, a.ArchiveDir = time.Nanosecond, archive }))
	s.CreateTeam("ml")
	s.CreateTeam("ops")
	s.Restart()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for verify(t, s).GetStartSequence() == 0 {
		if ctx.Err() != nil {
			t.Fatal("nothing is removed")
		}
	}
	if rep := verify(t, s); !rep.GetIntact() {
		t.Errorf("report %v", rep)
	}
	files, err := os.ReadDir(archive)
	must(t, err)
	if len(files) == 0 || !strings.HasPrefix(files[0].Name(), "audit-000000000001-") {
		t.Errorf("archive %v", files)
	}
	s.Restart()
}

// newKey is another key, as openssl writes it.
func newKey(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize))))
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
