// Package daemon wires sandboxd together, in plain order.
package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/pkg/tracing"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

// stopAllTimeout bounds the stopping of all sandboxes, where they are to end with sandboxd.
const stopAllTimeout = time.Minute

// Daemon is a sandboxd that has taken up its sandboxes and listens, and does not serve yet.
type Daemon struct {
	cfg       config.Config
	logger    *zap.Logger
	registry  *prometheus.Registry
	tracing   *tracing.Tracing // nil: off
	runtimes  []runtime.Runtime
	core      *controller.Controller
	listeners []listener
	admin     net.Listener // nil: none

	// orders to drain, true, or not to any more: see drain.go.
	ordering sync.Mutex
	orders   chan bool

	// release undoes what New did, the last first.
	release []func() error
}

// New opens the state directory, finds the sandboxes that run on from an earlier sandboxd, and listens. Run must follow:
// it releases what New took.
func New(ctx context.Context, cfg config.Config, logger *zap.Logger) (_ *Daemon, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	d := &Daemon{cfg: cfg, logger: logger, registry: grpcserver.NewRegistry(), orders: make(chan bool, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	for _, dir := range []string{cfg.StateDir, cfg.LogDir(), cfg.ImageDir(), cfg.RuntimeDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("state_dir: %w", err)
		}
	}
	d.warnRootless()
	if err := shortenSlices(); err != nil {
		logger.Warn("what computes without end in one sandbox makes others wait longer: time slices can't be shortened", zap.Error(err))
	}
	runtimes, err := d.openRuntimes(ctx)
	if err != nil {
		return nil, err
	}
	records, err := store.Open(ctx, cfg.DatabaseFile())
	if err != nil {
		return nil, err
	}
	d.onClose(records.Close)
	images, err := image.Open(image.Config{
		FirstID: firstImageID(),
		Dir:     cfg.ImageDir(), Logger: logger, Registries: cfg.Registries, InsecureRegistries: cfg.InsecureRegistries, CredentialsFile: cfg.RegistryAuthFile,
	})
	if err != nil {
		return nil, err
	}
	d.onClose(images.Close)
	if d.tracing, err = tracing.Open(ctx, cfg.Tracing, "sandboxd"); err != nil {
		return nil, err
	}
	d.onClose(d.tracing.Close)
	secrets, err := d.connectSecretsd(ctx)
	if err != nil {
		return nil, err
	}
	sandboxNetwork, err := d.openNetwork()
	if err != nil {
		return nil, err
	}
	logs, err := mainlog.Open(mainlog.Config{Path: cfg.LogDir(), LogBytes: int64(cfg.Logs.MaxBytes), TotalBytes: int64(cfg.Logs.TotalBytes)})
	if err != nil {
		return nil, err
	}
	policy, err := d.policy()
	if err != nil {
		return nil, err
	}
	d.runtimes = runtimes
	d.core = controller.New(controller.Config{
		Logger: logger, Store: records, Secrets: secrets, Images: images, Runtimes: runtimes, Network: sandboxNetwork,
		Policy: policy, MaxSandboxes: cfg.MaxSandboxes, MaxExecs: cfg.MaxExecs, Quotas: cfg.Quotas(), MainLogs: logs, LogRate: int64(cfg.Logs.Rate),
		RetainEnded: cfg.RetainEnded, RetainEndedPerTeam: cfg.RetainEndedPerTeam,
		AgentSilence: cfg.AgentSilence, Registry: d.registry, Tracer: d.tracing.Tracer(),
	})
	d.onClose(func() error { d.core.Close(); return nil })
	if err := d.core.Reconcile(ctx); err != nil {
		return nil, fmt.Errorf("taking up the sandboxes of an earlier run: %w", err)
	}
	guesses := throttle.New(throttle.Config{PerMinute: cfg.Guesses.PerMinute, Burst: cfg.Guesses.Burst, Registry: d.registry})
	if err := d.listen(authenticate(secrets, guesses)); err != nil {
		return nil, err
	}
	return d, nil
}

// openNetwork returns nil where sandboxes are to have none.
func (d *Daemon) openNetwork() (*network.Network, error) {
	cfg := d.cfg.Network
	if !cfg.Enabled {
		return nil, nil
	}
	namespace, host, err := rootlessNetwork()
	if err != nil {
		return nil, err
	}
	ingress, err := d.ingress()
	if err != nil {
		return nil, err
	}
	n, err := network.Open(network.Config{
		Namespace: namespace, Host: host, Ingress: ingress,
		Instance: d.cfg.StateDir, Pool4: cfg.Pool4Block(), Pool6: cfg.Pool6Block(), Open: cfg.OpenBlocks(),
		NameServers: cfg.NameServerAddrs(), MaxSandboxes: d.cfg.UIDRanges(), Logger: d.logger,
	})
	if err != nil {
		return nil, err
	}
	d.onClose(n.Close)
	return n, nil
}

func (d *Daemon) connectSecretsd(ctx context.Context) (*resolve.Client, error) {
	cfg := d.cfg.Secretsd
	id, err := identity.ParseWorkloadID(cfg.SPIFFEID)
	if err != nil {
		return nil, fmt.Errorf("secretsd.spiffe_id: %w", err)
	}
	tlsConfig, err := d.secretsdTLS(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("secretsd: %w", err)
	}
	instance, err := instanceOf(d.cfg.InstanceFile())
	if err != nil {
		return nil, err
	}
	c, err := resolve.New(resolve.Config{
		Address: cfg.Address, TLS: tlsConfig, Instance: instance, Timeout: cfg.Timeout, CacheTime: cfg.CacheTime,
		Tracing: d.tracing,
	})
	if err != nil {
		return nil, err
	}
	d.onClose(c.Close)
	c.Connect()
	return c, nil
}

// secretsdTLS is how sandboxd shows who it is, and knows secretsd.
func (d *Daemon) secretsdTLS(ctx context.Context, id spiffeid.ID) (*tls.Config, error) {
	cfg := d.cfg.Secretsd
	if cfg.WorkloadAPI == "" {
		return mtls.ClientConfig(mtls.Files{Cert: cfg.CertFile, Key: cfg.KeyFile, CA: cfg.CAFile}, id)
	}
	w, err := mtls.OpenWorkload(ctx, cfg.WorkloadAPI, func(err error) {
		d.logger.Error("certificates can't be renewed; the last ones stay in use", zap.Error(err))
	})
	if err != nil {
		return nil, err
	}
	d.onClose(w.Close)
	return w.ClientConfig(id), nil
}

// Run serves until ctx ends or Drain has come to its end, lets running calls finish, and releases everything. Sandboxes run on, unless the
// configuration says otherwise.
func (d *Daemon) Run(ctx context.Context) error {
	d.logger.Info("sandboxd serves", zap.Strings(logging.KeyAddress, d.Addrs()), zap.String("admin_address", d.AdminAddr()))
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range d.listeners {
		group.Go(func() error { return l.server.Serve(ctx, d.cfg.ShutdownGrace, l.Listener) })
	}
	if d.admin != nil {
		group.Go(func() error { return grpcserver.ServeAdmin(ctx, d.admin, d.registry, d.ready) })
	}
	group.Go(func() error { d.core.PruneLoop(ctx); return nil })
	group.Go(func() error { d.core.ReapLoop(ctx); return nil })
	group.Go(func() error { d.core.FollowSecretsd(ctx); return nil })
	group.Go(func() error { <-ctx.Done(); d.core.Drain(); return nil })
	group.Go(func() error { return d.followOrders(ctx) })
	err := group.Wait()
	if errors.Is(err, errDrained) {
		err = nil
	}
	d.listeners, d.admin = nil, nil // closed by those who served them
	if d.cfg.StopSandboxesOnExit {
		d.stopSandboxes()
	}
	err = errors.Join(err, d.releaseRootless(), d.close())
	d.logger.Info("sandboxd has stopped")
	return err
}

func (d *Daemon) stopSandboxes() {
	ctx, cancel := context.WithTimeout(context.Background(), stopAllTimeout)
	defer cancel()
	d.core.StopAll(ctx, sandbox.DefaultStopGrace, "sandboxd was stopped")
	if _, err := d.core.ReportEnded(ctx); err != nil {
		d.logger.Warn("secretsd does not know yet which sandboxes have ended; the next start tells it", zap.Error(err))
	}
}

// Reap makes one pass of the reaper, besides those that Run makes every minute.
func (d *Daemon) Reap(ctx context.Context) error { return d.core.Reap(ctx) }

// Addrs are where the API listens: without TLS first, where there is such an address.
func (d *Daemon) Addrs() []string {
	var addrs []string
	for _, l := range d.listeners {
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// AdminAddr is where the admin server listens; empty when it does not.
func (d *Daemon) AdminAddr() string {
	if d.admin == nil {
		return ""
	}
	return d.admin.Addr().String()
}

func (d *Daemon) onClose(f func() error) { d.release = append(d.release, f) }

func (d *Daemon) close() error {
	var errs []error
	for _, l := range d.listeners {
		errs = append(errs, l.Close())
	}
	if d.admin != nil {
		errs = append(errs, d.admin.Close())
	}
	for i := len(d.release) - 1; i >= 0; i-- {
		errs = append(errs, d.release[i]())
	}
	return errors.Join(errs...)
}
