package image

import (
	"context"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
)

// leaseTime is how long what was pulled or imported so far stays after this process was killed, at most; the next Open
// removes it in any case.
const leaseTime = 24 * time.Hour

// lease keeps everything that is stored with the returned context until release is called. What no image needs is
// collected then.
func (s *Store) lease(ctx context.Context) (_ context.Context, release func(), err error) {
	l, err := s.leases.Create(ctx, leases.WithRandomID(), leases.WithExpiration(leaseTime))
	if err != nil {
		return nil, nil, err
	}
	return leases.WithLease(ctx, l.ID), func() {
		// The call may have been cancelled; cleaning up after it is not.
		ctx := context.WithoutCancel(ctx)
		err := s.leases.Delete(ctx, l)
		if err == nil {
			_, err = s.db.GarbageCollect(ctx)
		}
		if err != nil {
			warnings(s.cfg.Logger).WithError(err).Warn("collecting garbage")
		}
	}, nil
}

// ingester is the content store as one pull or import writes to it: what it has not received whole yet is its own, found
// under no other's reference. Else a slow registry or archive would hold up whoever wants a part of the same digest or
// name, and what it sent would be taken for the beginning of theirs.
type ingester struct{ content.Store }

// Writer implements content.Ingester.
func (i ingester) Writer(ctx context.Context, opts ...content.WriterOpt) (content.Writer, error) {
	own := func(o *content.WriterOpts) error {
		lease, _ := leases.FromContext(ctx)
		o.Ref = lease + "/" + o.Ref
		return nil
	}
	return i.Store.Writer(ctx, append(opts[:len(opts):len(opts)], own)...)
}
