package daemon

import (
	"context"
	"crypto/tls"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

// lastTimeout bounds what is done once more at the end.
const lastTimeout = 5 * time.Second

// recheckEvery is how often calls that last are held to what their key may do by then.
const recheckEvery = time.Second

// keepKeys adds the jobs that have to do with keys. What they gather is in memory: a crash loses a minute of it, a stop nothing.
func (d *Daemon) keepKeys(core *manager.Manager) {
	gather := []job{
		{name: "when API keys were used", every: time.Minute, run: core.FlushKeyUses},
		{name: "audit of failed attempts", every: time.Minute, run: core.FlushAttempts},
	}
	d.last = append(d.last, gather...)
	d.jobs = append(append(d.jobs, gather...), job{name: "expired exchanged keys", every: time.Hour, run: core.ForgetExpired})
}

// finish does the last jobs once more.
func (d *Daemon) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), lastTimeout)
	defer cancel()
	for _, j := range d.last {
		if err := j.run(ctx); err != nil {
			d.logger.Error("a background job failed at the end", zap.String("job", j.name), zap.Error(err))
		}
	}
}

// tlsConfig is that of the API's listener.
func (d *Daemon) tlsConfig(ctx context.Context) (*tls.Config, error) {
	problem := func(err error) {
		d.logger.Error("changed certificates can't be used; those read before stay in use", zap.Error(err))
	}
	options, cfg := mtls.ServerOptions{Public: true, ReloadError: problem}, d.cfg.TLS
	if cfg.WorkloadAPI == "" {
		return mtls.ServerConfig(mtls.Files{Cert: cfg.CertFile, Key: cfg.KeyFile, CA: cfg.CAFile}, options)
	}
	w, err := mtls.OpenWorkload(ctx, cfg.WorkloadAPI, problem)
	if err != nil {
		return nil, err
	}
	d.workload = w
	return w.ServerConfig(options), nil
}
