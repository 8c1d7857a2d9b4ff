package grpcserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Serve answers on all of lis until ctx ends, then turns health to NOT_SERVING, takes no new calls, lets running ones
// finish for at most grace, and cuts off the rest. It closes the listeners. It returns nil after such a stop, and the
// reason when a listener fails or is refused: plaintext on an address that others can reach.
func (s *Server) Serve(ctx context.Context, grace time.Duration, lis ...net.Listener) error {
	if s.config.TLS == nil {
		for _, l := range lis {
			if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
				return errors.Join(refusePlaintext(a.String()), closeAll(lis))
			}
		}
	}
	for name := range s.grpc.GetServiceInfo() {
		s.health.SetServingStatus(name, grpc_health_v1.HealthCheckResponse_SERVING)
	}
	group, running := errgroup.WithContext(ctx)
	for _, l := range lis {
		group.Go(func() error {
			if err := s.grpc.Serve(limitConnections(l, s.config.Limits)); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
				return fmt.Errorf("serving on %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	group.Go(func() error {
		<-running.Done()
		s.stop(grace)
		return nil
	})
	return group.Wait()
}

// SetServing says what gRPC health answers about a name of the daemon's own, beside those of the services. After a stop it
// has no effect.
func (s *Server) SetServing(name string, serving bool) {
	status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if serving {
		status = grpc_health_v1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus(name, status)
}

// stop ends the server gracefully, then by force. A client that watches health never ends its call by itself, so that
// grace is also how long a stop may take when nothing else runs.
func (s *Server) stop(grace time.Duration) {
	s.health.Shutdown()
	timer := time.AfterFunc(grace, func() {
		s.config.Logger.Warn("calls still ran at the end of the grace period and were cut off", zap.Duration("grace", grace))
		s.grpc.Stop()
	})
	defer timer.Stop()
	s.grpc.GracefulStop()
}

// CheckPlaintext returns an error unless addr, "host:port" or "unix:///path", can be reached from this machine only.
// Daemons call it on their configuration, before anything listens; an API key must not cross a network in the clear.
func CheckPlaintext(addr string) error {
	if strings.HasPrefix(addr, "unix:") {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return errdefs.New(errdefs.InvalidArgument, "ADDRESS_INVALID", "%q is not of the form host:port: %v", addr, err)
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return refusePlaintext(addr)
}

func refusePlaintext(addr string) error {
	return errdefs.New(errdefs.FailedPrecondition, "PLAINTEXT_REFUSED",
		"%s can be reached from other machines, and without TLS an API key would cross the network in the clear: configure a certificate, or listen on 127.0.0.1", addr)
}

func closeAll(lis []net.Listener) error {
	var errs []error
	for _, l := range lis {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
