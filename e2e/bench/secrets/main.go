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
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run
	if *echoDir != "" {
		err = func(context.Context, string, string, int, time.Duration) error { return serveEcho(*echoDir) }
	}
	if err := err(ctx, *bin, *setec, *rounds, *d); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bin, setec string, rounds int, d time.Duration) (err error) {
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
	all := results{}
	for _, n := range clients {
		if all[n], err = measure(loads, n, rounds, d); err != nil {
			return err
		}
	}
	if err := all.table(os.Stdout, loads, clients); err != nil {
		return err
	}
	fmt.Println()
	return all.targets(os.Stdout)
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
			echo(ctx, echoConns[i]), commit, get, access(ctx, conns[i]), batch(ctx, conns[i], 1), batch(ctx, conns[i], batchMax), add(ctx, conns[i], i),
		} {
			loads[l].calls = append(loads[l].calls, call)
		}
	}
	return loads, nil
}

// dialEcho starts the echo, this program again, and connects each client with sandboxd's certificate.
func (b *bench) dialEcho(ctx context.Context, clients int) (conns []*grpc.ClientConn, pid int, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	address, pid, stop, err := child(ctx, self, "-serve-echo", b.stack.CertDir)
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
