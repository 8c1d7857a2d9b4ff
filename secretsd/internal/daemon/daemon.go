// Package daemon wires secretsd together, in plain order.
package daemon

import (
	"context"
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
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/rpc"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

// maxMessageBytes bounds an answer: a batch has up to 100 values of 64 KiB. maxReceiveBytes bounds a request, which has one:
// a stranger can make secretsd hold that much.
const (
	maxMessageBytes = 16 << 20
	maxReceiveBytes = 1 << 20
)

// windowBytes is more than most requests: a value has 64 KiB at most.
const windowBytes = 1 << 20

// Daemon is a secretsd that listens and does not serve yet.
type Daemon struct {
	cfg      config.Config
	logger   *zap.Logger
	registry *prometheus.Registry
	store    store.Store
	keys     *envelope.KeyRing
	core     *manager.Manager
	server   *grpcserver.Server
	listener net.Listener
	admin    net.Listener // nil: none
	jobs     []job
	// last are done once more when nothing serves any longer.
	last     []job
	workload *mtls.Workload // nil: certificates are in files

	notary *notary.Notary
	feed   audit.Feed
	// newEntries counts the audit entries since the last checkpoint; manyEntries asks for the next one.
	newEntries  atomic.Int64
	manyEntries chan struct{}
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
	tlsConfig, err := d.tlsConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	db, err := sqlite.Open(ctx, cfg.DatabaseFile())
	if err != nil {
		return nil, err // with d.store nil, and not a nil *sqlite.Store in it
	}
	d.store = store.Watch(db, d.grown)
	if err := d.openNotary(ctx); err != nil {
		return nil, err
	}
	keys, source, err := newKeyRing(cfg)
	if err != nil {
		return nil, err
	}
	d.keys = keys
	if err := d.unsealOrWait(ctx, source); err != nil {
		return nil, err
	}
	first, err := ensureRoot(ctx, d.store, cfg.RootKeyFile(), now())
	if err != nil {
		return nil, err
	}
	if first {
		logger.Info("made the first operator; its API key is in a file", zap.String("user", rootUser), zap.String("file", cfg.RootKeyFile()))
	}
	if _, err := d.notary.Checkpoint(ctx); err != nil {
		return nil, err
	}
	d.jobs = append(d.jobs, d.notaryJobs()...)
	tokens, err := oidc.New(oidc.Config{Issuers: cfg.OIDC.Issuers, CAFile: cfg.OIDC.CAFile, Now: now})
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	quota := cfg.Limits.Quota() // of calls, and of tokens that are exchanged
	d.core = manager.New(manager.Config{
		Store: d.store, Keys: d.keys, Resolvers: cfg.Resolvers, Retention: cfg.Retention, Notary: d.notary, Feed: &d.feed,
		Now: now, RequestID: grpcserver.RequestID, Tokens: tokens,
		Admit: rpc.AdmitExchange(quota, time.Now),
	})
	d.jobs = append(d.jobs,
		job{name: "destroy, expire and purge what is due", every: time.Minute, run: d.core.Sweep},
		job{name: "forget old request ids", every: time.Hour, run: d.core.ForgetRequests},
	)
	d.keepKeys(d.core)
	guesses := throttle.New(throttle.Config{PerMinute: cfg.Guesses.PerMinute, Burst: cfg.Guesses.Burst, Registry: d.registry})
	d.server, err = grpcserver.New(grpcserver.Config{
		Logger: logger, Registry: d.registry, Authenticate: rpc.Authenticator(d.core, guesses), TLS: tlsConfig,
		Recheck:         recheckEvery,
		MaxMessageBytes: maxMessageBytes, WindowBytes: windowBytes, MaxReceiveBytes: maxReceiveBytes, WipeValues: true,
		Limits: cfg.Limits.Edge(), Admit: rpc.Admit(quota, time.Now),
	})
	if err != nil {
		return nil, err
	}
	rpc.Register(d.server.Registrar(), d.core, guesses)
	d.server.SetServing(KeysHealth, !d.keys.Sealed())
	d.jobs = append(d.jobs,
		job{name: "rotate keys", every: time.Minute, wake: d.core.RotationWanted(), run: d.core.Rotate},
		job{name: "erase what was destroyed", every: time.Minute, run: d.store.Tidy},
	)
	if d.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if cfg.AdminListen != "" {
		if d.admin, err = net.Listen("tcp", cfg.AdminListen); err != nil {
			return nil, fmt.Errorf("admin_listen: %w", err)
		}
	}
	return d, nil
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
	return errors.Join(errs...)
}
