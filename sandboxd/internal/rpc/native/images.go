package native

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

type importStream = grpc.ClientStreamingServer[sandboxv1.ImportImageRequest, sandboxv1.ImportImageResponse]

// ImportImage implements the rpc. The archive flows from the stream into the store; at no time all of it is in memory.
func (s *service) ImportImage(stream importStream) error {
	ctx := stream.Context()
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	metadata, err := receiveFirst(stream, "metadata", (*sandboxv1.ImportImageRequest).GetMetadata)
	if err != nil {
		return err
	}
	archive, uploaded := io.Pipe()
	go func() { _ = uploaded.CloseWithError(copyUpload(uploaded, stream)) }()
	img, err := s.core.ImportImage(ctx, caller, metadata.GetImage(), archive)
	_ = archive.Close() // an import that failed early leaves the rest unread
	if err != nil {
		return err
	}
	return stream.SendAndClose(&sandboxv1.ImportImageResponse{Image: imageToProto(img)})
}

// copyUpload returns nil at the end of the upload.
func copyUpload(w io.Writer, stream importStream) error {
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if req.GetMetadata() != nil {
			return errdefs.InvalidField("metadata", "must be the first message only")
		}
		if _, err := w.Write(req.GetData()); err != nil {
			return err
		}
	}
}

// ListImages implements the rpc.
func (s *service) ListImages(ctx context.Context, req *sandboxv1.ListImagesRequest) (*sandboxv1.ListImagesResponse, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	images, next, err := s.core.ListImages(ctx, caller, int(req.GetPageSize()), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	resp := &sandboxv1.ListImagesResponse{NextPageToken: next}
	for _, i := range images {
		resp.Images = append(resp.Images, imageToProto(i))
	}
	return resp, nil
}
