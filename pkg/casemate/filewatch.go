package casemate

import (
	"context"
	"errors"
	"io"
	"iter"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// Watch watches a directory of the sandbox, with recursive all below it too, and returns when the watch stands: what changes
// from then on comes by changes, which can be used once and ends after an error. ctx's end ends the watch. A change of type
// FILE_EVENT_TYPE_OVERFLOW says that others were lost. Reasons, of both errors: FILE_NOT_FOUND, FILE_NOT_DIRECTORY, WATCH_LIMIT,
// WATCH_ENDED, SANDBOX_NOT_RUNNING.
func (s *Sandbox) Watch(ctx context.Context, path string, recursive bool) (changes iter.Seq2[*sandboxv1.FileEvent, error], err error) {
	ctx, cancel := context.WithCancel(ctx) // a loop that is left early ends the call
	stream, err := s.api.WatchFiles(ctx, &sandboxv1.WatchFilesRequest{Name: s.Name, Path: path, Recursive: recursive})
	if err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return func(yield func(*sandboxv1.FileEvent, error) bool) {
		defer cancel()
		for {
			resp, err := stream.Recv()
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range resp.GetEvents() {
				if !yield(e, nil) {
					return
				}
			}
		}
	}, nil
}
