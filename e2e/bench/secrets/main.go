// Command secrets measures what a durable answer of secretsd takes, in one run beside what it is made of and a rival: a bare
// gRPC mTLS echo, one durable SQLite commit on the same disk, and setec's server, whose audited reads are durable too. All are
// processes of their own on loopback, and have 1, 8 and 64 clients, each with a connection of its own. The rounds
// alternate, so compare the ratios: the machine's noise is in all of them. `make bench` and `make bench-secrets` run it.
//
// It says whether the targets are met and never fails because of a number.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/casemate/casemate/e2e/stack"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
)

// noQuota lets one user call as often as it can.
const noQuota = `limits:
  user: {reads: 0, writes: 0, accesses: 0}
  team: {reads: 0, writes: 0, accesses: 0}
`

var clients = []int{1, 8, 64}

func main() {
	bin := flag.String("bin", "bin", "directory of the built binaries")
	setec := flag.String("setec", "e2e/bench/setec", "directory of the module that serves setec")
	rounds := flag.Int("rounds", 4, "how many rounds at each number of clients")
	d := flag.Duration("for", time.Second, "how long a round of each thing takes")
	echoDir := flag.String("serve-echo", "", "be the echo, with the certificates of that directory")
	commitDir := flag.String("commit-in", "", "as the echo, commit to a database in that directory before each answer")
	only := flag.String("only", "", "measure only what begins with this, and the echo; without targets")
	many := flag.Int("clients", 0, "measure only with that many clients; 0: with 1, 8 and 64")
	profile := flag.String("profile", "", "write a processor profile of secretsd to this file, over all that is measured")
	flag.Parse()
	if *many > 0 {
		clients = []int{*many}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := func(ctx context.Context, bin, setec string, rounds int, d time.Duration) error {
		return run(ctx, bin, setec, rounds, d, *only, *profile)
	}
	if *echoDir != "" {
		err = func(context.Context, string, string, int, time.Duration) error {
			return serveEcho(ctx, *echoDir, *commitDir)
		}
	}
	if err := err(ctx, *bin, *setec, *rounds, *d); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bin, setec string, rounds int, d time.Duration, only, profile string) (err error) {
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "casemate-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, SecretsdExtra: noQuota})
	if err != nil {
		return err
	}
	defer st.Close()
	b := bench{dir: dir, stack: st, setec: setec}
	defer func() { err = errors.Join(err, b.close()) }()
	loads, err := b.loads(ctx, clients[len(clients)-1])
	if err != nil {
		return err
	}
	if only != "" {
		loads = slices.DeleteFunc(loads, func(l load) bool { return l.name != echoLoad && !strings.HasPrefix(l.name, only) })
	}
	profiled := make(chan error, 1)
	if profile != "" {
		took := time.Duration(len(clients)*len(loads)*(rounds+1)) * d
		go func() { profiled <- writeProfile(ctx, st.AdminAddresses[0], took, profile) }()
	}
	all := results{}
	for _, n := range clients {
		if all[n], err = measure(loads, n, rounds, d); err != nil {
			return err
		}
	}
	if err := all.table(os.Stdout, loads, clients); err != nil {
		return err
	}
	if profile != "" {
		if err := <-profiled; err != nil {
			return err
		}
	}
	if only != "" {
		return nil
	}
	fmt.Println()
	return all.targets(os.Stdout)
}

// writeProfile has a daemon profile itself for a time.
func writeProfile(ctx context.Context, admin string, d time.Duration, path string) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, max(int(d.Seconds()), 1))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	profile, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("profile: %s: %s", resp.Status, profile)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, profile, 0o644)
}

// bench is what is measured, and what must be ended afterwards.
type bench struct {
	dir   string
	stack *stack.Stack
	setec string
	ends  []func() error
}

func (b *bench) close() error {
	var errs []error
	for i := len(b.ends) - 1; i >= 0; i-- {
		errs = append(errs, b.ends[i]())
	}
	return errors.Join(errs...)
}

// loads prepares everything for that many clients.
func (b *bench) loads(ctx context.Context, clients int) ([]load, error) {
	commit, end, err := commits(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	b.ends = append(b.ends, end)
	echoConns, echoPID, err := b.dialEcho(ctx, clients)
	if err != nil {
		return nil, err
	}
	commitDir := filepath.Join(b.dir, "echo-commits")
	if err := os.Mkdir(commitDir, 0o700); err != nil {
		return nil, err
	}
	floorConns, floorPID, err := b.dialEcho(ctx, clients, "-commit-in", commitDir)
	if err != nil {
		return nil, err
	}
	setecAddress, setecPID, err := b.startSetec(ctx)
	if err != nil {
		return nil, err
	}
	conns, err := prepare(ctx, b.stack, clients)
	b.ends = append(b.ends, func() error { return closeAll(conns) })
	if err != nil {
		return nil, err
	}
	secretsd := b.stack.Secretsd.Pid()
	loads := []load{
		{name: echoLoad, server: echoPID},
		{name: commitLoad},
		{name: floorLoad, server: floorPID},
		{name: setecLoad, server: setecPID},
		{name: accessLoad, server: secretsd},
		{name: batch1Load, server: secretsd},
		{name: batchNLoad, server: secretsd},
		{name: addLoad, server: secretsd},
	}
	for i := range clients {
		get, err := setecGet(ctx, setecAddress, b.stack.CertDir)
		if err != nil {
			return nil, err
		}
		for l, call := range []func() error{
			echo(ctx, echoConns[i]), commit, echo(ctx, floorConns[i]), get, access(ctx, conns[i]), batch(ctx, conns[i], 1), batch(ctx, conns[i], batchMax), add(ctx, conns[i], i),
		} {
			loads[l].calls = append(loads[l].calls, call)
		}
	}
	return loads, nil
}

// dialEcho starts the echo, this program again, and connects each client with sandboxd's certificate.
func (b *bench) dialEcho(ctx context.Context, clients int, args ...string) (conns []*grpc.ClientConn, pid int, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	address, pid, stop, err := child(ctx, self, append([]string{"-serve-echo", b.stack.CertDir}, args...)...)
	if err != nil {
		return nil, 0, err
	}
	b.ends = append(b.ends, stop)
	server, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSecretsd)
	if err != nil {
		return nil, 0, err
	}
	config, err := mtls.ClientConfig(mtls.FilesIn(b.stack.CertDir, identity.WorkloadSandboxd), server)
	if err != nil {
		return nil, 0, err
	}
	b.ends = append(b.ends, func() error { return closeAll(conns) })
	for range clients {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			return nil, 0, err
		}
		conns = append(conns, conn)
	}
	return conns, pid, nil
}

// startSetec builds setec's server and starts it with secretsd's certificate.
func (b *bench) startSetec(ctx context.Context) (address string, pid int, err error) {
	server := filepath.Join(b.dir, "setec-server")
	if out, err := exec.CommandContext(ctx, "go", "build", "-C", b.setec, "-o", server, ".").CombinedOutput(); err != nil {
		return "", 0, fmt.Errorf("build setec's server: %w: %s", err, out)
	}
	files := mtls.FilesIn(b.stack.CertDir, identity.WorkloadSecretsd)
	address, pid, stop, err := child(ctx, server, "-dir", b.dir, "-cert", files.Cert, "-key", files.Key)
	if err == nil {
		b.ends = append(b.ends, stop)
	}
	return address, pid, err
}
