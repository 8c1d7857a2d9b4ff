// Command sandboxd runs isolated sandboxes with a team's secrets in their environment. See `sandboxd --help` for its settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	pkgconfig "github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/pkg/harden"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/daemon"
	"github.com/casemate/casemate/sandboxd/internal/rootless"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

func main() {
	if err := run(); err != nil && !errors.Is(err, pkgconfig.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sandboxd: error:", err)
		os.Exit(1)
	}
}

func run() error {
	cfg := config.Default()
	if err := pkgconfig.Load("sandboxd", &cfg, os.Args[1:], os.Environ(), os.Stdout); err != nil {
		return err
	}
	space := rootless.Current()
	if space != nil || os.Geteuid() != 0 {
		if err := errors.Join(cfg.Validate(), cfg.ForUser()); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
	}
	if space == nil && os.Geteuid() != 0 {
		return rootless.Enter(cfg.StateDir, cfg.Network.Enabled, func() error { return onhost.KillRecorded(cfg.RuntimeDir()) })
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
	drains := make(chan os.Signal, 1)
	signal.Notify(drains, syscall.SIGUSR1, syscall.SIGUSR2)
	d, err := daemon.New(ctx, cfg, logger)
	if err != nil {
		return errors.Join(err, space.Abandon(cfg.StateDir))
	}
	go drainOn(drains, d)
	return d.Run(ctx)
}

// drainOn drains on SIGUSR1, and takes that back on SIGUSR2.
func drainOn(signals <-chan os.Signal, d *daemon.Daemon) {
	for s := range signals {
		if s == syscall.SIGUSR1 {
			d.Drain()
		} else {
			d.Undrain()
		}
	}
}
