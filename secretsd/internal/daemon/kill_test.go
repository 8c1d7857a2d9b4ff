package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/daemon"
)

const (
	childCerts = "SECRETSD_TEST_CERTS"
	childData  = "SECRETSD_TEST_DATA"
)

// TestMain is the daemon when the test binary is started by startChild.
func TestMain(m *testing.M) {
	if os.Getenv(childData) == "" {
		os.Exit(m.Run())
	}
	cfg := configFor(&testcerts.Certs{Dir: os.Getenv(childCerts)}, os.Getenv(childData))
	cfg.Limits.User, cfg.Limits.Team = config.Rates{}, config.Rates{} // who kills it is in a hurry
	d, err := daemon.New(context.Background(), cfg, zap.NewNop())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(d.Addr())
	if err := d.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// launch starts the daemon as a process of its own, below a command when one is given, and returns where it listens; empty
// when it has ended before it did.
func launch(t *testing.T, certs *testcerts.Certs, dataDir string, below ...string) (kill func(), addr string) {
	t.Helper()
	args := append(below, os.Args[0])
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childCerts+"="+certs.Dir, childData+"="+dataDir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // both end together
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	kill = sync.OnceFunc(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	lines := bufio.NewScanner(out)
	lines.Scan()
	return kill, lines.Text()
}

// connect connects to a daemon as the operator.
func connect(t *testing.T, certs *testcerts.Certs, dataDir, addr string) *grpc.ClientConn {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dataDir, "root.key"))
	must(t, err)
	key, err := apikey.Parse(strings.TrimSpace(string(text)))
	must(t, err)
	conn, err := client.Dial(client.Options{Address: "https://" + addr, CAFile: certs.CA(), Key: &key, NoRetry: true})
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// startChild starts the daemon as a process of its own, and connects to it as the operator.
func startChild(t *testing.T, certs *testcerts.Certs, dataDir string) (kill func(), conn *grpc.ClientConn) {
	t.Helper()
	kill, addr := launch(t, certs, dataDir)
	if addr == "" {
		t.Fatal("the daemon did not start")
	}
	return kill, connect(t, certs, dataDir, addr)
}

// TestKilled kills the daemon in the middle of many changes, again and again. Whatever was answered must be there, each
// change with its audit entry and each entry with its change, in a whole chain.
func TestKilled(t *testing.T) {
	certs, dataDir := testcerts.New(t), filepath.Join(t.TempDir(), "data")
	var (
		mu       sync.Mutex
		answered = map[string]bool{}
	)
	const rounds, clients = 5, 4
	for round := range rounds {
		kill, conn := startChild(t, certs, dataDir)
		c := secretsv1.NewSecretsManagerClient(conn)
		if round == 0 {
			_, err := c.CreateTeam(t.Context(), &secretsv1.CreateTeamRequest{TeamId: "ml"})
			must(t, err)
		}
		enough := make(chan struct{})
		target := 20 + rand.IntN(40)
		stop := sync.OnceFunc(func() { close(enough) })
		count := 0
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				for n := 0; ; n++ {
					name := fmt.Sprintf("S_%d_%d_%d", round, i, n)
					_, err := c.CreateSecret(t.Context(), &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: []byte("v")})
					if err != nil {
						return // killed
					}
					mu.Lock()
					answered[name] = true
					if count++; count >= target {
						stop()
					}
					mu.Unlock()
				}
			})
		}
		select {
		case <-enough:
		case <-time.After(30 * time.Second):
			t.Error("the daemon is too slow, or fails")
		}
		kill()
		wg.Wait()
	}

	_, conn := startChild(t, certs, dataDir)
	c := secretsv1.NewSecretsManagerClient(conn)
	stored, audited := map[string]bool{}, map[string]bool{}
	for token := ""; ; {
		resp, err := c.ListSecrets(t.Context(), &secretsv1.ListSecretsRequest{Parent: "teams/ml", PageSize: 1000, PageToken: token})
		must(t, err)
		for _, s := range resp.GetSecrets() {
			stored[strings.TrimPrefix(s.GetName(), "teams/ml/secrets/")] = true
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	for token := ""; ; {
		resp, err := c.ListAuditEntries(t.Context(), &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml", PageSize: 1000, PageToken: token})
		must(t, err)
		for _, e := range resp.GetEntries() {
			if e.GetAction() == "secret.create" {
				audited[strings.TrimPrefix(e.GetResource(), "teams/ml/secrets/")] = true
			}
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	for name := range answered {
		if !stored[name] {
			t.Errorf("%s was answered and is lost", name)
		}
	}
	for name := range stored {
		if !audited[name] {
			t.Errorf("%s is stored without its audit entry", name)
		}
	}
	for name := range audited {
		if !stored[name] {
			t.Errorf("%s is audited and not stored", name)
		}
	}
	rep, err := c.VerifyAuditLog(t.Context(), &secretsv1.VerifyAuditLogRequest{})
	if err != nil || !rep.GetIntact() {
		t.Errorf("report %v, %v", rep, err)
	}
	if len(answered) < rounds*20 {
		t.Errorf("only %d changes were answered", len(answered))
	}
}
