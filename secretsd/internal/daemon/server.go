package daemon

import (
	"context"
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/rpc"
)

const (
	// maxMessageBytes bounds an answer: a batch has up to 100 values of 64 KiB.
	maxMessageBytes = 16 << 20
	// maxReceiveBytes bounds a request, which has one value: a stranger can make secretsd hold that much.
	maxReceiveBytes = 1 << 20
	// connectionAge is how long a connection gets new calls: less than a workload's new certificate is there before the old one
	// ends, after which that proves nothing any more.
	connectionAge = 10 * time.Minute
	// windowBytes is more than most requests: a value has 64 KiB at most.
	windowBytes = 1 << 20
	// recheckEvery is how often calls that last are held to what their key may do by then.
	recheckEvery = time.Second
)

// openCertificates reads what the API's listener shows and trusts.
func (d *Daemon) openCertificates(ctx context.Context) (err error) {
	problem := func(err error) {
		d.logger.Error("changed certificates can't be used; those read before stay in use", zap.Error(err))
	}
	options, cfg := mtls.ServerOptions{Public: true, ReloadError: problem}, d.cfg.TLS
	if cfg.WorkloadAPI == "" {
		d.tls, err = mtls.ServerConfig(mtls.Files{Cert: cfg.CertFile, Key: cfg.KeyFile, CA: cfg.CAFile}, options)
	} else if d.workload, err = mtls.OpenWorkload(ctx, cfg.WorkloadAPI, problem); err == nil {
		d.tls = d.workload.ServerConfig(options)
	}
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	return nil
}

// makeServer puts the API before the core.
func (d *Daemon) makeServer(context.Context) (err error) {
	guesses := throttle.New(throttle.Config{PerMinute: d.cfg.Guesses.PerMinute, Burst: d.cfg.Guesses.Burst, Registry: d.registry})
	d.server, err = grpcserver.New(grpcserver.Config{
		Logger: d.logger, Registry: d.registry, TLS: d.tls,
		Authenticate: rpc.Authenticator(d.core, guesses), ConnectionAge: connectionAge, Recheck: recheckEvery,
		Limits: d.cfg.Limits.Edge(), Admit: rpc.Admit(d.quota, time.Now),
		MaxMessageBytes: maxMessageBytes, MaxReceiveBytes: maxReceiveBytes, WindowBytes: windowBytes, WipeValues: true, Tracing: d.tracing,
	})
	if err != nil {
		return err
	}
	rpc.Register(d.server.Registrar(), d.core, guesses)
	d.server.SetServing(KeysHealth, !d.keys.Sealed())
	return nil
}

func (d *Daemon) listen(context.Context) (err error) {
	if d.listener, err = net.Listen("tcp", d.cfg.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if d.cfg.AdminListen == "" {
		return nil
	}
	if d.admin, err = net.Listen("tcp", d.cfg.AdminListen); err != nil {
		return fmt.Errorf("admin_listen: %w", err)
	}
	return nil
}
