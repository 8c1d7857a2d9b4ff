// Command casemate is the command line for people: it stores secrets in secretsd, and runs sandboxes with them on
// sandboxd.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/casemate/casemate/casemate/internal/cmd"
	"github.com/casemate/casemate/pkg/version"
)

// revision is the commit that was built, set by the build.
var revision = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	text := version.Version
	if revision != "" {
		text += " (" + revision + ")"
	}
	code := cmd.Main(ctx, cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Args[1:], text)
	stop()
	os.Exit(code)
}
