// Command casemate is the command line for people: it stores secrets in secretsd, and runs sandboxes with them on
// sandboxd.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/casemate/casemate/casemate/internal/cmd"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := cmd.Main(ctx, cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Args[1:], version)
	stop()
	os.Exit(code)
}
