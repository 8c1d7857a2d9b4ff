// Command secretsd keeps teams' secrets and decides who may use or read them. See `secretsd --help` for its settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	pkgconfig "github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/pkg/harden"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/daemon"
)

func main() {
	if err := run(); err != nil && !errors.Is(err, pkgconfig.ErrHelp) {
		fmt.Fprintln(os.Stderr, "secretsd: error:", err)
		os.Exit(1)
	}
}

func run() error {
	if os.Getenv("GOGC") == "" {
		// Little is alive at a time, so under load the default would collect dozens of times a second, for a twelfth of the
		// processor time. This costs some tens of megabytes instead.
		debug.SetGCPercent(400)
	}
	cfg := config.Default()
	if err := pkgconfig.Load("secretsd", &cfg, os.Args[1:], os.Environ(), os.Stdout); err != nil {
		return err
	}
	logger, flush, err := logging.NewBuffered(os.Stderr, cfg.LogLevel, cfg.LogFormat)
	if err != nil {
		return err
	}
	defer flush()
	if err := harden.Start(cfg.MemoryLock, logger); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := daemon.New(ctx, cfg, logger)
	if err != nil {
		return err
	}
	return d.Run(ctx)
}
