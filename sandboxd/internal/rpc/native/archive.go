package native

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// maxArchiveData is the most bytes of an archive in one message.
const maxArchiveData = 1 << 20

type (
	downloadStream = grpc.ServerStreamingServer[sandboxv1.DownloadArchiveResponse]
	uploadStream   = grpc.ClientStreamingServer[sandboxv1.UploadArchiveRequest, sandboxv1.UploadArchiveResponse]
)

// DownloadArchive implements the rpc. Send blocks while the client does not read, and so, in the end, does the agent.
func (s *service) DownloadArchive(req *sandboxv1.DownloadArchiveRequest, stream downloadStream) error {
	ctx := stream.Context()
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return err
	}
	sum, size := sha256.New(), int64(0)
	n, err := s.core.DownloadArchive(ctx, caller, ref, req.GetPath(), func(b []byte) error {
		_, _ = sum.Write(b)
		size += int64(len(b))
		return stream.Send(&sandboxv1.DownloadArchiveResponse{Message: &sandboxv1.DownloadArchiveResponse_Data{Data: bytes.Clone(b)}})
	})
	if err != nil {
		return err
	}
	return stream.Send(&sandboxv1.DownloadArchiveResponse{Message: &sandboxv1.DownloadArchiveResponse_End{
		End: &sandboxv1.DownloadArchiveEnd{
			Sha256: sum.Sum(nil), SizeBytes: size, SkippedFiles: n.SkippedFiles, SkippedAttributes: n.SkippedAttributes,
		},
	}})
}

// UploadArchive implements the rpc. What the agent has not taken yet is not received, so the client has to wait.
func (s *service) UploadArchive(stream uploadStream) error {
	ctx := stream.Context()
	start, err := receiveFirst(stream, "start", (*sandboxv1.UploadArchiveRequest).GetStart)
	if err != nil {
		return err
	}
	caller, ref, err := target(ctx, "start.name", start.GetName())
	if err != nil {
		return err
	}
	up := &uploadReader{stream: stream, sum: sha256.New()}
	n, err := s.core.UploadArchive(ctx, caller, ref, start.GetPath(), start.GetIgnoreOwners(), up)
	if err != nil {
		return err
	}
	return stream.SendAndClose(&sandboxv1.UploadArchiveResponse{Entries: n.Entries, SizeBytes: up.size, SkippedAttributes: n.SkippedAttributes})
}

// uploadReader reads the data of an upload. Its io.EOF says that all of it came, unharmed.
type uploadReader struct {
	stream uploadStream
	rest   []byte
	sum    hash.Hash
	size   int64
	ended  bool
}

// Read implements io.Reader.
func (r *uploadReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		req, err := r.stream.Recv()
		if errors.Is(err, io.EOF) {
			return 0, errdefs.InvalidField("end", "must be the last message")
		}
		if err != nil {
			return 0, err
		}
		switch m := req.GetMessage().(type) {
		case *sandboxv1.UploadArchiveRequest_Data:
			if len(m.Data) > maxArchiveData {
				return 0, errdefs.InvalidField("data", "has %d bytes, at most %d go into one message", len(m.Data), maxArchiveData)
			}
			_, _ = r.sum.Write(m.Data)
			r.size += int64(len(m.Data))
			r.rest = m.Data
		case *sandboxv1.UploadArchiveRequest_End:
			if !bytes.Equal(m.End.GetSha256(), r.sum.Sum(nil)) {
				return 0, errdefs.New(errdefs.InvalidArgument, "ARCHIVE_CHECKSUM_MISMATCH", "the %d bytes that arrived have another SHA-256 than those that were sent", r.size)
			}
			r.ended = true
		default:
			return 0, errdefs.InvalidField("message", "is neither `data` nor `end`")
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
