// Package daemon wires secretsd together, in plain order.
package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/quota"
	"github.com/casemate/casemate/secretsd/internal/rpc"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

// Daemon is a secretsd that listens and does not serve yet.
type Daemon struct {
	cfg      config.Config
	logger   *zap.Logger
	registry *prometheus.Registry

	tracing  *tracing.Tracing // nil: off
	tls      *tls.Config
	workload *mtls.Workload // nil: certificates are in files

	store store.Store
	keys  *envelope.KeyRing

	// The audit log: notary signs it, and feed tells that it has grown. newEntries counts what came since the last
	// checkpoint; manyEntries asks for the next one.
	notary      *notary.Notary
	feed        audit.Feed
	newEntries  atomic.Int64
	manyEntries chan struct{}

	// quota counts calls, and tokens that are exchanged.
	quota    *quota.Quota
	core     *manager.Manager
	server   *grpcserver.Server
	listener net.Listener
	admin    net.Listener // nil: none

	// jobs are what secretsd does by itself; last are done once more when nothing serves any longer.
	jobs, last []job
}

// New opens the data directory, makes on the first start what is missing there, and listens. Run must follow: it
// releases what New took.
func New(ctx context.Context, cfg config.Config, logger *zap.Logger) (_ *Daemon, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	d := &Daemon{cfg: cfg, logger: logger, registry: grpcserver.NewRegistry(), manyEntries: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	for _, step := range []func(context.Context) error{
		d.openTracing, d.openCertificates, d.openData, d.openNotary, d.openKeys, d.bootstrap, d.makeCore, d.makeServer, d.listen,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	d.setJobs()
	return d, nil
}

func (d *Daemon) openTracing(ctx context.Context) (err error) {
	d.tracing, err = tracing.Open(ctx, d.cfg.Tracing, "secretsd")
	return err
}

// openData opens the database in the data directory.
func (d *Daemon) openData(ctx context.Context) error {
	if err := os.MkdirAll(d.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	db, err := sqlite.Open(ctx, d.cfg.DatabaseFile())
	if err != nil {
		return err // with d.store nil, and not a nil *sqlite.Store in it
	}
	d.store = store.Watch(db, d.grown)
	return nil
}

// makeCore makes what decides and does all that the API offers.
func (d *Daemon) makeCore(context.Context) error {
	tokens, err := oidc.New(oidc.Config{Issuers: d.cfg.OIDC.Issuers, CAFile: d.cfg.OIDC.CAFile, Now: now})
	if err != nil {
		return fmt.Errorf("oidc: %w", err)
	}
	d.quota = d.cfg.Limits.Quota()
	d.core = manager.New(manager.Config{
		Store: d.store, Keys: d.keys, Notary: d.notary, Feed: &d.feed, Tokens: tokens,
		Resolvers: d.cfg.Resolvers, Retention: d.cfg.Retention, KeyRetention: d.cfg.KeyRetention, ReceiptRetention: d.cfg.Audit.Retention,
		Admit: rpc.AdmitExchange(d.quota, time.Now),
		Now:   now, RequestID: grpcserver.RequestID,
	})
	return nil
}

// now is the time as it is stored: in UTC and without the monotonic clock.
func now() time.Time { return time.Now().UTC().Round(0) }

// Addr is where the API listens.
func (d *Daemon) Addr() string { return d.listener.Addr().String() }

// AdminAddr is where the admin server listens; empty when it does not.
func (d *Daemon) AdminAddr() string {
	if d.admin == nil {
		return ""
	}
	return d.admin.Addr().String()
}

// Run serves until ctx ends, lets running calls finish, and releases everything.
func (d *Daemon) Run(ctx context.Context) error {
	d.logger.Info("secretsd serves", zap.String(logging.KeyAddress, d.Addr()), zap.String("admin_address", d.AdminAddr()))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.server.Serve(ctx, d.cfg.ShutdownGrace, d.listener) })
	if d.admin != nil {
		group.Go(func() error { return grpcserver.ServeAdmin(ctx, d.admin, d.registry, d.ready) })
	}
	group.Go(func() error {
		<-ctx.Done()
		d.core.Drain()
		d.feed.Close() // those who follow the audit log end first
		return nil
	})
	for _, j := range d.jobs {
		group.Go(func() error { d.repeat(ctx, j); return nil })
	}
	err := group.Wait()
	d.listener, d.admin = nil, nil // closed by those who served them
	d.finish()
	err = errors.Join(err, d.close())
	d.logger.Info("secretsd has stopped")
	return err
}

func (d *Daemon) close() error {
	var errs []error
	for _, l := range []net.Listener{d.listener, d.admin} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	if d.workload != nil {
		errs = append(errs, d.workload.Close())
	}
	errs = append(errs, d.tracing.Close())
	return errors.Join(errs...)
}
