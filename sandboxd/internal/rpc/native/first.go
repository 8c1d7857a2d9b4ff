package native

import (
	"errors"
	"io"

	"github.com/casemate/casemate/pkg/errdefs"
)

// receiveFirst receives the message that must open a client's stream, and returns the part that get takes out of it. A stream
// that begins with another part, or ends before any, is INVALID_ARGUMENT, about the part's field.
func receiveFirst[Req, Part any](stream interface{ Recv() (*Req, error) }, field string, get func(*Req) *Part) (*Part, error) {
	first, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	part := get(first)
	if part == nil {
		return nil, errdefs.InvalidField(field, "must be the first message")
	}
	return part, nil
}
