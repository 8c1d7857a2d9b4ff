package daemon

import (
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/sandboxd/internal/rpc/coreweave"
	"github.com/casemate/casemate/sandboxd/internal/rpc/native"
)

// recheckEvery is how often calls that last, streams most of all, are held to what secretsd says of their key by then. With the
// second for which that is believed, a revoked key's calls end after two.
const recheckEvery = time.Second

// listener is one address of the API. Each has a server of its own, since TLS is the server's.
type listener struct {
	net.Listener

	server *grpcserver.Server
}

// listen opens the configured addresses, each with a server that answers both APIs.
func (d *Daemon) listen(auth grpcserver.AuthFunc) error {
	if d.cfg.Listen != "" {
		err := d.listenAPI("listen", d.cfg.Listen, grpcserver.Config{
			Logger: d.logger, Registry: d.registry, Authenticate: auth, Recheck: recheckEvery, Limits: grpcserver.DefaultLimits(), Tracing: d.tracing,
		})
		if err != nil {
			return err
		}
	}
	if d.cfg.TLS.Listen != "" {
		tlsConfig, err := mtls.ServerConfig(mtls.Files{Cert: d.cfg.TLS.CertFile, Key: d.cfg.TLS.KeyFile}, mtls.ServerOptions{
			Public: true,
			ReloadError: func(err error) {
				d.logger.Error("changed certificates can't be used; those read before stay in use", zap.Error(err))
			},
		})
		if err != nil {
			return fmt.Errorf("tls: %w", err)
		}
		err = d.listenAPI("tls.listen", d.cfg.TLS.Listen, grpcserver.Config{
			Logger: d.logger, Registry: d.registry, Authenticate: auth, Recheck: recheckEvery, TLS: tlsConfig, Limits: grpcserver.DefaultLimits(), Tracing: d.tracing,
		})
		if err != nil {
			return err
		}
	}
	if d.cfg.AdminListen != "" {
		lis, err := net.Listen("tcp", d.cfg.AdminListen)
		if err != nil {
			return fmt.Errorf("admin_listen: %w", err)
		}
		d.admin = lis
	}
	return nil
}

func (d *Daemon) listenAPI(key, address string, cfg grpcserver.Config) error {
	server, err := grpcserver.New(cfg)
	if err != nil {
		return err
	}
	server.SetServing(RunHealth, true)
	native.Register(server.Registrar(), d.core)
	coreweave.Register(server.Registrar(), d.core)
	lis, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	d.listeners = append(d.listeners, listener{Listener: lis, server: server})
	return nil
}
