// Command interop is the Go client's part in e2e/clients: it does what every language's interop program does, against the
// daemons that the environment names, and prints `ok NAME` or `FAIL NAME: why` for each check.
//
// Environment: CASEMATE_SECRETSD, CASEMATE_SANDBOXD, CASEMATE_CA_FILE, CASEMATE_API_KEY, CASEMATE_TEAM, CASEMATE_IMAGE.
// pkg/client carries the published service config, so CASEMATE_SERVICE_CONFIG is for others.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
)

// checkTimeout bounds one check.
const checkTimeout = 30 * time.Second

// interop is what the checks share.
type interop struct {
	secrets   secretsv1.SecretsManagerClient
	sandboxes sandboxv1.SandboxServiceClient
	team      string // teams/{team}
	sandbox   string // of one sandbox that all use
	stdin     *bufio.Reader
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	key, err := apikey.Parse(os.Getenv("CASEMATE_API_KEY"))
	if err != nil {
		return err
	}
	dial := func(variable string) (*grpc.ClientConn, error) {
		return client.Dial(client.Options{Address: os.Getenv(variable), CAFile: os.Getenv("CASEMATE_CA_FILE"), Key: &key})
	}
	secretsd, err := dial("CASEMATE_SECRETSD")
	if err != nil {
		return err
	}
	defer secretsd.Close()
	sandboxd, err := dial("CASEMATE_SANDBOXD")
	if err != nil {
		return err
	}
	defer sandboxd.Close()
	i := &interop{
		secrets: secretsv1.NewSecretsManagerClient(secretsd), sandboxes: sandboxv1.NewSandboxServiceClient(sandboxd),
		team: "teams/" + os.Getenv("CASEMATE_TEAM"), stdin: bufio.NewReader(os.Stdin),
	}
	ran, err := i.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Parent: i.team, Spec: &sandboxv1.SandboxSpec{
		Image: os.Getenv("CASEMATE_IMAGE"), Command: []string{"sh", "-c", "echo from the main process; exec sleep 600"},
	}})
	if err != nil {
		return fmt.Errorf("RunSandbox: %w", err)
	}
	i.sandbox = ran.GetSandbox().GetName()
	defer func() {
		_, deleted := i.sandboxes.DeleteSandbox(context.WithoutCancel(ctx), &sandboxv1.DeleteSandboxRequest{Name: i.sandbox})
		err = errors.Join(err, deleted)
	}()
	return i.checkAll(ctx)
}

func (i *interop) checkAll(ctx context.Context) error {
	failed := 0
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		err := c.run(i, ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Printf("FAIL %s: %v\n", c.name, err)
			continue
		}
		fmt.Printf("ok %s\n", c.name)
	}
	if failed > 0 {
		return fmt.Errorf("%d checks failed", failed)
	}
	return nil
}

// restart has the harness kill a daemon. It returns while the daemon is down; the harness starts it again by itself.
func (i *interop) restart(daemon string) error {
	fmt.Println("RESTART " + daemon)
	line, err := i.stdin.ReadString('\n')
	if err != nil {
		return err
	}
	if line != "DONE\n" {
		return fmt.Errorf("the harness says %q, want DONE", line)
	}
	return nil
}
