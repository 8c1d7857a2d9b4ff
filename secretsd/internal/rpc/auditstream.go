package rpc

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
)

const (
	// readerPatience is how long a client may take to make room for the next message of a stream.
	readerPatience = time.Minute
	// exportPage is how many records are in a message of an export.
	exportPage = 200
)

func (s *server) TailAuditEntries(
	req *secretsv1.TailAuditEntriesRequest, stream grpc.ServerStreamingServer[secretsv1.TailAuditEntriesResponse],
) error {
	team, err := parseTeamOrAll("parent", req.GetParent())
	if err != nil {
		return err
	}
	ctx, sent := stream.Context(), int64(0)
	return s.core.TailAuditEntries(ctx, caller(ctx), manager.Tail{
		Team: team, After: req.AfterSequence, Last: int(req.GetLast()), Follow: req.GetFollow(),
	}, s.callerAgain, func(entries []audit.Entry, position int64) error {
		err := sendInTime(stream, &secretsv1.TailAuditEntriesResponse{Entries: toAll(entries, toEntry), AfterSequence: position}, sent)
		sent = position
		return err
	})
}

func (s *server) ExportAuditLog(
	req *secretsv1.ExportAuditLogRequest, stream grpc.ServerStreamingServer[secretsv1.ExportAuditLogResponse],
) error {
	var page []*secretsv1.AuditRecord
	signed := req.GetAfterSequence()
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		records := page
		page = nil
		return sendInTime(stream, &secretsv1.ExportAuditLogResponse{Records: records}, signed)
	}
	ctx := stream.Context()
	err := s.core.ExportAuditLog(ctx, caller(ctx), req.GetAfterSequence(), func(r audit.Record) error {
		page = append(page, toRecord(r))
		if len(page) < exportPage {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// callerAgain authenticates the caller of a call that runs.
func (s *server) callerAgain(ctx context.Context) (identity.Caller, error) {
	key, err := apikey.FromMetadata(ctx)
	if err != nil {
		return identity.Caller{}, err
	}
	return s.core.Authenticate(ctx, key, grpcserver.PeerID(ctx))
}

// sendInTime sends a message, and ends the call when the client makes no room for it. It is gRPC's flow control that makes
// Send wait; it returns when the call has ended. The error says that `after` is where to go on.
func sendInTime[T any](stream grpc.ServerStreamingServer[T], msg *T, after int64) error {
	sent := make(chan error, 1)
	go func() { sent <- stream.Send(msg) }()
	patience := time.NewTimer(readerPatience)
	defer patience.Stop()
	select {
	case err := <-sent:
		return err
	case <-stream.Context().Done():
		return stream.Context().Err()
	case <-patience.C:
		return errdefs.New(errdefs.Aborted, "READER_TOO_SLOW", "nothing was read for %v: go on after entry %d", readerPatience, after).
			WithMetadata("after_sequence", strconv.FormatInt(after, 10))
	}
}
