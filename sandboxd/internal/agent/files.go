package agent

import (
	"context"
	"fmt"
	"strconv"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// ReadFile returns the contents of a regular file of at most limit bytes. Errors, all with metadata "filepath": NotFound
// FILE_NOT_FOUND; FailedPrecondition FILE_IS_DIRECTORY, FILE_NOT_REGULAR, FILE_IO_FAILED; OutOfRange FILE_TOO_LARGE (metadata
// size_bytes and max_size_bytes); PermissionDenied FILE_PERMISSION_DENIED; InvalidArgument INVALID_ARGUMENT for a path that
// is not absolute. Files of /proc are not regular here: the agent must not be made to read its own.
func (c *Client) ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_ReadFile{ReadFile: &agentv1.ReadFile{Path: path, MaxBytes: limit}}})
	if err != nil {
		return nil, err
	}
	defer conn.close()
	if _, err := conn.promptResponse(); err != nil {
		return nil, err
	}
	_ = conn.nc.SetReadDeadline(time.Now().Add(fileTimeout(limit)))
	var content []byte
	for {
		t, b, err := conn.next()
		switch {
		case err != nil:
			return nil, err
		case t == frame.Response: // an error half-way
			if _, err := decodeResponse(b); err != nil {
				return nil, err
			}
			return nil, unexpected(t)
		case t != frame.Data:
			return nil, unexpected(t)
		case len(b) == 0:
			return content, nil
		case int64(len(content)+len(b)) > limit:
			return nil, lost(fmt.Errorf("the agent sent more than the %d bytes asked for", limit))
		}
		content = append(content, b...)
	}
}

// WriteFile writes a regular file whole: the new one takes the old one's place when all of it has been written, with the old
// one's owner; other hard links keep the old. Missing parent directories are made; what is made belongs to the configured
// user. mode are the permission bits; 0 means 0644 for a new file and no change for an old one. Errors: as ReadFile, and
// ResourceExhausted FILE_NO_SPACE, FailedPrecondition FILE_READ_ONLY.
func (c *Client) WriteFile(ctx context.Context, path string, mode uint32, data []byte) error {
	if mode > 0o7777 {
		return errdefs.InvalidField("mode", "%s has more than permission bits", "0"+strconv.FormatUint(uint64(mode), 8))
	}
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_WriteFile{WriteFile: &agentv1.WriteFile{Path: path, Mode: mode}}})
	if err != nil {
		return err
	}
	defer conn.close()
	_ = conn.nc.SetWriteDeadline(time.Now().Add(fileTimeout(int64(len(data)))))
	for len(data) > 0 {
		n := min(len(data), 8*frame.MaxChunk)
		if err := conn.write(frame.Data, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := conn.write(frame.Data, nil); err != nil {
		return err
	}
	_, err = conn.promptResponse()
	return err
}
