package daemon_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/testcerts"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
	"github.com/casemate/casemate/secretsd/internal/store/storetest"
)

// ledger is what clients were told: which changes were answered, and which were asked for at all.
type ledger struct {
	mu       sync.Mutex
	asked    map[string]bool
	answered map[string]bool
	dark     bool
}

func newLedger() *ledger { return &ledger{asked: map[string]bool{}, answered: map[string]bool{}} }

// work makes, changes and removes secrets of team ml with one client until an error or as many as it may. The names begin
// with a prefix. It returns the error; nil when it may no more.
func (l *ledger) work(ctx context.Context, c secretsv1.SecretsManagerClient, prefix string, most int) error {
	for i := range most {
		name := fmt.Sprint(prefix, i)
		full := "teams/ml/secrets/" + name
		if err := l.note(name, func() error {
			_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: []byte("one")})
			return err
		}); err != nil {
			return err
		}
		if err := l.note(name+" two", func() error {
			_, err := c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: full, Data: []byte("two")})
			return err
		}); err != nil {
			return err
		}
		if _, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: full + "/versions/2"}); err != nil {
			return err
		}
		if i%4 == 3 {
			if err := l.note(name+" destroyed", func() error {
				_, err := c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: full + "/versions/1"})
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *ledger) note(what string, do func() error) error {
	l.mu.Lock()
	l.asked[what] = true
	l.mu.Unlock()
	err := do()
	if err == nil {
		l.mu.Lock()
		l.answered[what] = l.answered[what] || !l.dark
		l.mu.Unlock()
	}
	return err
}

// goDark says whether answers count no more. A machine whose power goes gives none from that moment; the daemon of a test
// lives on for a while, and the kernel has told it of a sync that the stopped disk did not finish.
func (l *ledger) goDark(dark bool) {
	l.mu.Lock()
	l.dark = dark
	l.mu.Unlock()
}

// check opens the database of a daemon that has ended. What was answered must be there, what was not asked for must not, and
// the audit log must agree with the data and be whole.
func (l *ledger) check(t *testing.T, dataDir string) {
	t.Helper()
	ctx := t.Context()
	s := openEnded(t, dataDir)
	defer func() { must(t, s.Close()) }()
	found, err := storetest.Disagreements(ctx, s)
	must(t, err)
	for _, f := range found {
		t.Error(f)
	}
	stored := map[string]bool{}
	must(t, s.View(ctx, func(r store.Reader) error {
		secrets, err := r.Secrets(ctx, "ml", "", 100_000)
		for _, secret := range secrets {
			stored[secret.Name] = true
			versions, err := r.Versions(ctx, secret, 0, 10)
			must(t, err)
			for _, v := range versions {
				stored[secret.Name+" two"] = stored[secret.Name+" two"] || v.Number == 2
				stored[secret.Name+" destroyed"] = stored[secret.Name+" destroyed"] || v.State == "DESTROYED"
			}
		}
		return err
	}))
	for what, counts := range l.answered {
		if counts && !stored[what] {
			t.Errorf("%q was answered and is lost", what)
		}
	}
	for what, is := range stored {
		if is && !l.asked[what] {
			t.Errorf("%q is stored and nobody asked for it", what)
		}
	}
}

// openEnded opens the database of a daemon that was killed, and may not have ended quite yet.
func openEnded(t *testing.T, dataDir string) *sqlite.Store {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); ; {
		s, err := sqlite.Open(t.Context(), filepath.Join(dataDir, "secretsd.db"))
		if err == nil {
			return s
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(err)
		}
	}
}

func createTeam(t *testing.T, conn *grpc.ClientConn) secretsv1.SecretsManagerClient {
	t.Helper()
	c := secretsv1.NewSecretsManagerClient(conn)
	_, err := c.CreateTeam(t.Context(), &secretsv1.CreateTeamRequest{TeamId: "ml"})
	must(t, err)
	return c
}

// refusedClosed expects that nothing is done and no value leaves, with words for it, and that the daemon lives: it says who
// one is, and that it is well. What the disk still takes may be done before that.
func (l *ledger) refusedClosed(t *testing.T, conn *grpc.ClientConn) {
	t.Helper()
	ctx, c := t.Context(), secretsv1.NewSecretsManagerClient(conn)
	for what, call := range map[string]func(i int) error{
		"CreateSecret": func(i int) error {
			name := fmt.Sprint("more", i)
			return l.note(name, func() error {
				_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: []byte("v")})
				return err
			})
		},
		"AccessSecretVersion": func(int) error {
			_, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/a0/versions/2"})
			return err
		},
		"a denial": func(int) error {
			_, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/other/secrets/a0/versions/2"})
			if status.Code(err) == codes.PermissionDenied {
				return nil // it has its entry
			}
			return err
		},
	} {
		var err error
		for i := 0; err == nil && i < 4000; i++ {
			err = call(i)
		}
		e, ok := errdefs.As(errgrpc.FromError(err))
		if !ok || e.Kind != errdefs.Unavailable || e.Reason != "AUDIT_UNAVAILABLE" {
			t.Errorf("%s = %v, want AUDIT_UNAVAILABLE", what, err)
		}
	}
	if _, err := c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}); err != nil {
		t.Errorf("WhoAmI = %v", err)
	}
	health, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
}

// TestDiskFull fills the disk while changes are made. Then nothing is done, and when there is room again all goes on.
func TestDiskFull(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	certs, d := testcerts.New(t), newDisk(t, 16)
	dataDir := filepath.Join(d.dir, "data")
	kill, conn := startChild(t, certs, dataDir)
	c, l := createTeam(t, conn), newLedger()
	must(t, l.work(t.Context(), c, "a", 10))
	d.fill()
	if err := l.work(t.Context(), c, "b", 1000); err == nil {
		t.Fatal("1000 changes fit on a full disk")
	}
	l.refusedClosed(t, conn)
	d.free()
	must(t, l.work(t.Context(), c, "c", 10))
	kill()
	l.check(t, dataDir)
}

// TestReadOnlyDisk has the file system become read-only under the daemon, as Linux does when a disk fails. A start on the
// repaired disk finds all that was answered.
func TestReadOnlyDisk(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	certs, d := testcerts.New(t), newDisk(t, 16)
	dataDir := filepath.Join(d.dir, "data")
	kill, conn := startChild(t, certs, dataDir)
	c, l := createTeam(t, conn), newLedger()
	must(t, l.work(t.Context(), c, "a", 10))
	d.fail()
	if err := l.work(t.Context(), c, "b", 10); err == nil {
		t.Fatal("changes were made on a read-only disk")
	}
	l.refusedClosed(t, conn)
	kill()
	refused(t, configFor(certs, dataDir), "read-only")
	d.remount()
	kill, conn = startChild(t, certs, dataDir)
	must(t, l.work(t.Context(), secretsv1.NewSecretsManagerClient(conn), "c", 10))
	kill()
	l.check(t, dataDir)
}

// TestPowerCut stops the disk while many make changes, so that what was written and not synced is lost, and starts again on
// what is left. What was answered must have been on the disk.
func TestPowerCut(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	const rounds, clients = 3, 4
	certs, d := testcerts.New(t), newDisk(t, 64)
	dataDir := filepath.Join(d.dir, "data")
	l := newLedger()
	for round := range rounds {
		kill, conn := startChild(t, certs, dataDir)
		c := secretsv1.NewSecretsManagerClient(conn)
		if round == 0 {
			createTeam(t, conn)
		}
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() { _ = l.work(t.Context(), c, fmt.Sprintf("p%d_%d_", round, i), 10_000) })
		}
		l.wait(t, 60*(round+1))
		l.goDark(true)
		d.cutPower()
		kill()
		wg.Wait()
		l.goDark(false)
		d.remount()
		l.check(t, dataDir)
	}
}

// wait waits until so many changes were answered.
func (l *ledger) wait(t *testing.T, answers int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(60 * time.Second); ; {
		l.mu.Lock()
		n := len(l.answered)
		l.mu.Unlock()
		if n >= answers {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("only %d changes were answered in a minute", n)
		}
	}
}

// TestKilledAtAWrite kills the daemon when one of its threads writes to the database or syncs it for the nth time, from the
// first writes of the first start on.
func TestKilledAtAWrite(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatalf("%v\ninstall it with: apt-get install strace", err)
	}
	certs, dataDir := testcerts.New(t), filepath.Join(t.TempDir(), "data")
	l := newLedger()
	made, killedIdle := false, 0
	for round, at := range []struct {
		call string
		n    int
	}{
		{"pwrite64", 1}, {"pwrite64", 2}, {"fsync,fdatasync", 1}, {"fsync,fdatasync", 3}, {"pwrite64", 9}, {"pwrite64", 40}, {"pwrite64", 60}, {"fsync,fdatasync", 6},
		{"pwrite64", 75}, {"fsync,fdatasync", 11}, {"ftruncate", 1}, {"pwrite64", 130}, {"fsync,fdatasync", 20}, {"ftruncate", 2},
	} {
		db := filepath.Join(dataDir, "secretsd.db")
		kill, addr := launch(t, certs, dataDir, "strace", "-f", "-qqq", "-o", "/dev/null", "-P", db, "-P", db+"-wal",
			"-e", "trace="+at.call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", at.call, at.n))
		if addr != "" {
			conn := connect(t, certs, dataDir, addr)
			c := secretsv1.NewSecretsManagerClient(conn)
			if !made {
				_, err := c.CreateTeam(t.Context(), &secretsv1.CreateTeamRequest{TeamId: "ml"})
				made = err == nil
			}
			if l.work(t.Context(), c, fmt.Sprintf("w%d_", round), 30) == nil {
				killedIdle++
			}
		}
		kill()
		if made {
			l.check(t, dataDir)
		}
	}
	if killedIdle > 7 || len(l.answered) < 50 {
		t.Errorf("%d of 14 daemons were not killed at a write, and %d changes were answered", killedIdle, len(l.answered))
	}
	kill, conn := startChild(t, certs, dataDir)
	must(t, l.work(t.Context(), secretsv1.NewSecretsManagerClient(conn), "end", 4))
	kill()
	l.check(t, dataDir)
}

// TestWritesThatFail has the kernel refuse some writes and syncs of the database, and take those that follow. A refused one
// is a change that is not made; the daemon goes on.
func TestWritesThatFail(t *testing.T) {
	certs, dataDir := testcerts.New(t), filepath.Join(t.TempDir(), "data")
	kill, conn := startChild(t, certs, dataDir)
	createTeam(t, conn)
	kill()
	l, refused := newLedger(), 0
	for round, at := range []struct{ call, fault string }{
		{"pwrite64", "error=ENOSPC:when=20..60+3"}, {"pwrite64", "error=EIO:when=15..50+7"}, {"fsync,fdatasync", "error=EIO:when=5..40+2"},
	} {
		openEnded(t, dataDir).Close() // the one before has ended
		db := filepath.Join(dataDir, "secretsd.db")
		kill, addr := launch(t, certs, dataDir, "strace", "-f", "-qqq", "-o", "/dev/null", "-P", db, "-P", db+"-wal",
			"-e", "trace="+at.call, "-e", "inject="+at.call+":"+at.fault)
		if addr == "" {
			t.Fatal("the daemon did not start")
		}
		c := secretsv1.NewSecretsManagerClient(connect(t, certs, dataDir, addr))
		for i := range 40 {
			err := l.work(t.Context(), c, fmt.Sprintf("f%d_%d_", round, i), 1)
			if err == nil {
				continue
			}
			refused++
			if e, ok := errdefs.As(errgrpc.FromError(err)); !ok || e.Kind != errdefs.Unavailable || e.Reason != "AUDIT_UNAVAILABLE" {
				t.Errorf("with %s of %s: %v, want AUDIT_UNAVAILABLE", at.fault, at.call, err)
			}
		}
		kill()
		l.check(t, dataDir)
	}
	if refused < 5 || len(l.answered) < 50 {
		t.Errorf("%d calls met a fault, and %d changes were answered", refused, len(l.answered))
	}
}
