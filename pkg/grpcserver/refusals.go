package grpcserver

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/errdefs"
)

// refusals counts the calls that were refused with RESOURCE_EXHAUSTED, by reason: grpc_server_handled_total has the code
// only, and an operator must be able to tell overload from a user who calls too often.
type refusals struct{ *prometheus.CounterVec }

func newRefusals(r *prometheus.Registry) (refusals, error) {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "casemate_refused_calls_total", Help: "Calls that were refused because something has reached its limit, by reason.",
	}, []string{"reason"})
	// A daemon with several listeners has several servers, which count together.
	var before prometheus.AlreadyRegisteredError
	if err := r.Register(counter); errors.As(err, &before) {
		counter = before.ExistingCollector.(*prometheus.CounterVec)
	} else if err != nil {
		return refusals{}, err
	}
	return refusals{counter}, nil
}

func (r refusals) count(err error) {
	if e, ok := errdefs.As(err); ok && e.Kind == errdefs.ResourceExhausted {
		r.WithLabelValues(e.Reason).Inc()
	}
}

func (r refusals) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	resp, err := handler(ctx, req)
	r.count(err)
	return resp, err
}

func (r refusals) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	err := handler(srv, ss)
	r.count(err)
	return err
}
