package daemon_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/daemon"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// startMoto starts moto's server, which serves AWS's KMS, and returns its address.
func startMoto(t *testing.T) string {
	t.Helper()
	bin, err := filepath.Abs("../../../.cache/crypto/bin/moto_server")
	must(t, err)
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("moto's server is missing: run `scripts/crypto.sh` (%v)", err)
	}
	cmd := exec.CommandContext(t.Context(), bin, "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	out, err := cmd.StderrPipe()
	must(t, err)
	cmd.Stdout = cmd.Stderr
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var seen bytes.Buffer
	running := regexp.MustCompile(`Running on http://(\S+)`)
	for buf := make([]byte, 4096); ; {
		n, err := out.Read(buf)
		seen.Write(buf[:n])
		if m := running.FindSubmatch(seen.Bytes()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return string(m[1])
		}
		if err != nil {
			t.Fatalf("moto did not start: %v\n%s", err, seen.String())
		}
	}
}

// createAWSKey makes a key in the KMS at an address and returns its id.
func createAWSKey(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", strings.NewReader("{}"))
	must(t, err)
	req.Header.Set("X-Amz-Target", "TrentService.CreateKey")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	var answer struct{ KeyMetadata struct{ KeyId string } }
	must(t, json.NewDecoder(resp.Body).Decode(&answer))
	if answer.KeyMetadata.KeyId == "" {
		t.Fatalf("no key: %s", resp.Status)
	}
	return answer.KeyMetadata.KeyId
}

// road is a TCP port that leads to a server while it is open.
type road struct {
	t       *testing.T
	to      string
	address string

	mu  sync.Mutex
	lis net.Listener
	all map[net.Conn]bool
}

func newRoad(t *testing.T, to string) *road {
	r := &road{t: t, to: to, address: "127.0.0.1:0", all: map[net.Conn]bool{}}
	r.open()
	r.address = r.lis.Addr().String()
	t.Cleanup(r.close)
	return r
}

func (r *road) open() {
	r.t.Helper()
	lis, err := net.Listen("tcp", r.address)
	must(r.t, err)
	r.mu.Lock()
	r.lis = lis
	r.mu.Unlock()
	go func() {
		for {
			in, err := lis.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", r.to)
			if err != nil {
				_ = in.Close()
				continue
			}
			r.mu.Lock()
			r.all[in], r.all[out] = true, true
			r.mu.Unlock()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
}

func (r *road) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.lis.Close()
	for c := range r.all {
		_ = c.Close()
	}
	clear(r.all)
}

// TestAWSKMS has AWS's KMS, as moto serves it, guard the key-encryption key, and takes it away: from a secretsd that runs,
// from one that starts, and from one that starts for the first time.
func TestAWSKMS(t *testing.T) {
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(k, v)
	}
	moto := startMoto(t)
	key := createAWSKey(t, moto)
	toKMS := newRoad(t, moto)
	kek := "awskms:///" + key + "?awssdk=v2&region=us-east-1&endpoint=" + url.QueryEscape("http://"+toKMS.address)
	ctx := t.Context()

	toKMS.close()
	s := secretsdtest.Start(t, secretsdtest.WithKEK(kek))
	_, err := s.Client(s.OperatorKey).CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "ml"})
	wantSealed(t, "CreateTeam of a secretsd that never had a key", err)
	toKMS.open()
	waitUnsealed(t, s)
	s.CreateTeam("ml")
	s.CreateSecret("ml", "A", "value")
	member := s.CreateUser("ml", "bob", identity.RoleMember)
	sealed, err := os.ReadFile(filepath.Join(s.DataDir, "kek.sealed.json"))
	must(t, err)
	if _, err := os.Stat(filepath.Join(s.DataDir, "kek.json")); err == nil || !bytes.Contains(sealed, []byte(`"lock": "awskms"`)) {
		t.Error("the key is not where it should be")
	}

	t.Run("taken from one that runs", func(t *testing.T) {
		toKMS.close()
		defer toKMS.open()
		s.AddVersion("ml", "A", "another value")
		use(t, s, member, "another value")
		if status := kekStatus(t, s); status.GetSealed() || status.GetSource() != "awskms" {
			t.Errorf("status %v", status)
		}
		before := kekStatus(t, s)
		_, err := s.Client(s.OperatorKey).RotateKEK(ctx, &secretsv1.RotateKEKRequest{})
		if errdefs.ReasonOf(errgrpc.FromError(err)) != "KEK_UNAVAILABLE" || kekStatus(t, s).GetKeyId() != before.GetKeyId() {
			t.Errorf("RotateKEK = %v, want KEK_UNAVAILABLE and the old key", err)
		}
	})

	t.Run("taken from one that starts", func(t *testing.T) {
		s.Stop()
		toKMS.close()
		s.Restart()
		operator := s.Client(s.OperatorKey)
		// What needs no key is answered.
		if _, err := s.Client(member).WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err != nil {
			t.Error(err)
		}
		list, err := s.Client(member).ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml"})
		if err != nil || len(list.GetSecrets()) != 1 {
			t.Errorf("ListSecrets = %v, %v", list, err)
		}
		if _, err := operator.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: "teams/ml/secrets/A/versions/1"}); err != nil {
			t.Error(err)
		}
		if status := kekStatus(t, s); !status.GetSealed() || status.GetKeyId() != "" || status.GetTeams() != 1 {
			t.Errorf("status %v", status)
		}
		// What needs one is refused, and says so.
		_, err = s.SandboxdClient(member).BatchAccessSecretVersions(ctx, batch())
		wantSealed(t, "BatchAccessSecretVersions", err)
		_, err = operator.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/A/versions/latest"})
		wantSealed(t, "AccessSecretVersion", err)
		_, err = operator.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: []byte("x")})
		wantSealed(t, "AddSecretVersion", err)
		_, err = operator.RotateKEK(ctx, &secretsv1.RotateKEKRequest{})
		wantSealed(t, "RotateKEK", err)
		_, err = operator.RotateDataKey(ctx, &secretsv1.RotateDataKeyRequest{Name: "teams/ml"})
		wantSealed(t, "RotateDataKey", err)
		if !slices.ContainsFunc(s.AuditEntries(), func(e *secretsv1.AuditEntry) bool {
			return e.GetAction() == "version.use" && e.GetReason() == "SEALED"
		}) {
			t.Error("the refusal is not in the audit log")
		}
		health := func(name string) grpc_health_v1.HealthCheckResponse_ServingStatus {
			resp, err := grpc_health_v1.NewHealthClient(s.Conn("")).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: name})
			must(t, err)
			return resp.GetStatus()
		}
		if health("casemate.secrets.v1.SecretsManager") != grpc_health_v1.HealthCheckResponse_SERVING ||
			health(daemon.KeysHealth) != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
			t.Error("health: want the service to serve, and its keys not to")
		}
		adminSays(t, s, "/healthz", http.StatusOK, "ok")
		adminSays(t, s, "/readyz", http.StatusServiceUnavailable, "sealed")
		adminSays(t, s, "/metrics", http.StatusOK, "casemate_secretsd_sealed 1")
		if !strings.Contains(s.Logs(), "secretsd is sealed") {
			t.Error("the log does not say it")
		}

		toKMS.open()
		waitUnsealed(t, s)
		use(t, s, member, "another value")
		adminSays(t, s, "/readyz", http.StatusOK, "ok")
		adminSays(t, s, "/metrics", http.StatusOK, "casemate_secretsd_sealed 0")
	})

	t.Run("another key of the service's", func(t *testing.T) {
		s.Stop()
		other := createAWSKey(t, moto)
		cfg := configFor(s.Certs, s.DataDir)
		cfg.KEK = strings.Replace(kek, key, other, 1)
		startAndStop(t, cfg) // sealed: the service refuses, and that may pass
		text, err := os.ReadFile(filepath.Join(s.DataDir, "kek.sealed.json"))
		if err != nil || !bytes.Equal(text, sealed) {
			t.Errorf("the sealed key was changed: %v", err)
		}
	})
}

// TestSmallSetUps has a passphrase, and a key in the environment, guard the key-encryption key.
func TestSmallSetUps(t *testing.T) {
	t.Setenv("TEST_PASSPHRASE", "correct horse battery staple")
	t.Setenv("TEST_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	for _, kek := range []string{"passphrase-env:TEST_PASSPHRASE", "env:TEST_KEY"} {
		s := secretsdtest.Start(t, secretsdtest.WithKEK(kek))
		s.CreateTeam("ml")
		s.CreateSecret("ml", "A", "value")
		member := s.CreateUser("ml", "bob", identity.RoleMember)
		s.Restart()
		use(t, s, member, "value")
		s.Stop()
		cfg := configFor(s.Certs, s.DataDir)
		cfg.KEK = "env:TEST_NO_SUCH_KEY"
		refused(t, cfg, "")
		cfg.KEK = ""
		refused(t, cfg, "is missing")
	}
}

// TestMoveKEK moves the key-encryption key of a secretsd with values from its file to a key in the environment.
func TestMoveKEK(t *testing.T) {
	t.Setenv("TEST_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	s := secretsdtest.Start(t)
	s.CreateTeam("ml")
	s.Stop()
	cfg := configFor(s.Certs, s.DataDir)
	cfg.KEK = "env:TEST_KEY"
	refused(t, cfg, "is missing")
	cfg.KEKPrevious = "file://" + cfg.DefaultKEKFile()
	startAndStop(t, cfg)
	must(t, os.Remove(cfg.DefaultKEKFile()))
	startAndStop(t, cfg) // what was moved is not looked for again
	cfg.KEKPrevious = ""
	startAndStop(t, cfg)
	cfg.KEK, cfg.KEKPrevious = "", "env:TEST_KEY" // and back
	startAndStop(t, cfg)
	must(t, os.Remove(filepath.Join(s.DataDir, "kek.sealed.json")))
	cfg.KEKPrevious = ""
	startAndStop(t, cfg)
}

func batch() *secretsv1.BatchAccessSecretVersionsRequest {
	return &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: "teams/ml", Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT, SandboxId: rand.Text(),
		References: []*secretsv1.SecretVersionReference{{SecretId: "A"}},
	}
}

func use(t *testing.T, s *secretsdtest.Server, key, want string) {
	t.Helper()
	resp, err := s.SandboxdClient(key).BatchAccessSecretVersions(t.Context(), batch())
	if err != nil || string(resp.GetValues()[0].GetData()) != want {
		t.Errorf("the value can't be used: %v", err)
	}
}

func kekStatus(t *testing.T, s *secretsdtest.Server) *secretsv1.KeyEncryptionKeyStatus {
	t.Helper()
	resp, err := s.Client(s.OperatorKey).GetKeyStatus(t.Context(), &secretsv1.GetKeyStatusRequest{})
	must(t, err)
	return resp.GetKeyEncryptionKey()
}

func wantSealed(t *testing.T, what string, err error) {
	t.Helper()
	e, ok := errdefs.As(errgrpc.FromError(err))
	if !ok || e.Kind != errdefs.Unavailable || e.Reason != "SEALED" || e.RetryAfter <= 0 {
		t.Errorf("%s = %v, want SEALED with a time to try again", what, err)
	}
}

// waitUnsealed waits until health says that secretsd has its key.
func waitUnsealed(t *testing.T, s *secretsdtest.Server) {
	t.Helper()
	watch, err := grpc_health_v1.NewHealthClient(s.Conn("")).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: daemon.KeysHealth})
	must(t, err)
	deadline := time.AfterFunc(time.Minute, s.Stop) // which ends the watch
	defer deadline.Stop()
	for {
		resp, err := watch.Recv()
		if err != nil {
			t.Fatalf("secretsd stays sealed: %v\n%s", err, s.Logs())
		}
		if resp.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING {
			return
		}
	}
}

func adminSays(t *testing.T, s *secretsdtest.Server, path string, code int, words string) {
	t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://%s%s", s.AdminAddress(), path))
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != code || !strings.Contains(string(body), words) {
		t.Errorf("%s: %s, %v; want %d with %q", path, resp.Status, err, code, words)
	}
}
