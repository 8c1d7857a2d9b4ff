package casemate

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

const (
	// resumeWithin is how long a followed log waits for a sandboxd that is away.
	resumeWithin = 15 * time.Second
	resumeEvery  = 200 * time.Millisecond
)

// LogOptions say which part of the log to stream. The zero value is all that is kept.
type LogOptions struct {
	// Follow goes on with what is written later, until the main process ends.
	Follow bool
	// Tail is how many of the last lines to begin with. 0: all.
	Tail int32
	// Since leaves out what was written before. Zero: nothing.
	Since time.Time
	// Offset goes on behind a piece: it is that one's NextOffset. 0: the log's start.
	Offset uint64
}

// Logs streams the output of the main process, piece by piece, with secret values masked. A piece's LostBytes says how much
// is missing before it. With Follow it goes on where it was when sandboxd is back within 15 s, once the first piece has come, and
// loses nothing by it. It ends after the first error. Reasons: SANDBOX_NOT_FOUND, SANDBOX_PRIVATE, LOG_OFFSET_INVALID.
func (s *Sandbox) Logs(ctx context.Context, o LogOptions) iter.Seq2[*sandboxv1.StreamLogsResponse, error] {
	return func(yield func(*sandboxv1.StreamLogsResponse, error) bool) {
		ctx, cancel := context.WithCancel(ctx) // a loop that is left early ends the call
		defer cancel()
		req := &sandboxv1.StreamLogsRequest{Name: s.Name, Follow: o.Follow, TailLines: o.Tail, Offset: o.Offset}
		if !o.Since.IsZero() {
			req.SinceTime = timestamppb.New(o.Since)
		}
		came := false // anything, ever: before that, only the connection's own rules count
		var broken time.Time
		for {
			called := time.Now()
			stream, err := s.api.StreamLogs(ctx, req)
			for err == nil {
				var piece *sandboxv1.StreamLogsResponse
				if piece, err = stream.Recv(); err != nil {
					break
				}
				if !yield(piece, nil) {
					return
				}
				came, broken = true, time.Time{}
				req.Offset, req.TailLines, req.SinceTime = piece.GetNextOffset(), 0, nil
			}
			if broken.IsZero() || time.Since(called) > resumeWithin { // a call that lasted was a good one, though it brought nothing
				broken = time.Now()
			}
			switch {
			case errors.Is(err, io.EOF):
				return
			case !o.Follow || !came || status.Code(err) != codes.Unavailable || time.Since(broken) > resumeWithin:
				yield(nil, err)
				return
			}
			select {
			case <-time.After(resumeEvery):
			case <-ctx.Done(): // the next call says so
			}
		}
	}
}
