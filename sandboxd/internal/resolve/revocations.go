package resolve

import (
	"context"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// MaxReported is the most ended sandboxes of one Report.
const MaxReported = 1000

// Report tells secretsd which sandboxes have ended, of those that had values.
type Report struct {
	// Ended are at most MaxReported.
	Ended []string
	// When AsOf is positive, Running are all sandboxes that there are, those being made included, at some time after a watch was
	// opened with that AsOf.
	AsOf    int64
	Running []string
}

// ReportSandboxes tells secretsd what has ended; doing so twice does no harm. It needs no caller. The error is Unavailable
// (SECRETSD_UNAVAILABLE), or secretsd's own.
func (c *Client) ReportSandboxes(ctx context.Context, r Report) error {
	call, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := c.secrets.ReportSandboxes(call, &secretsv1.ReportSandboxesRequest{
		EndedSandboxIds: r.Ended, AsOf: r.AsOf, RunningSandboxIds: r.Running, WorkloadInstance: c.instance,
	})
	if err != nil {
		return answerError(ctx, err)
	}
	return nil
}

// Watch is told what secretsd takes back.
type Watch struct {
	// Opened comes first: see Report.AsOf. Its error ends the watch.
	Opened func(asOf int64) error
	// Revoked names sandboxes to end, since they hold a version that was revoked, by its full resource name. A sandbox may be
	// named again. What is not ended is named again by the next watch.
	Revoked func(version string, sandboxIDs []string)
}

// WatchRevocations waits for secretsd, and then until the stream, or ctx, ends; it returns why. From its start on, and
// whenever secretsd says that keys or members changed, WhoAmI asks anew. It needs no caller.
func (c *Client) WatchRevocations(ctx context.Context, w Watch) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.secrets.WatchRevocations(ctx, &secretsv1.WatchRevocationsRequest{WorkloadInstance: c.instance}, grpc.WaitForReady(true))
	for err == nil {
		var event *secretsv1.WatchRevocationsResponse
		if event, err = stream.Recv(); err != nil {
			break
		}
		switch e := event.GetEvent().(type) {
		case *secretsv1.WatchRevocationsResponse_Opened:
			c.callers.clear()
			err = w.Opened(e.Opened.GetAsOf())
		case *secretsv1.WatchRevocationsResponse_VersionRevoked:
			// Whatever the action: to end them is right for those that this sandboxd does not know, too.
			w.Revoked(e.VersionRevoked.GetVersion(), e.VersionRevoked.GetSandboxIds())
		case *secretsv1.WatchRevocationsResponse_CallersChanged:
			c.callers.clear()
		}
	}
	return errgrpc.FromError(err)
}
