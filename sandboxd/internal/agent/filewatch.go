package agent

import (
	"context"
	"errors"
	"fmt"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// FileEventKind says what happened to a file.
type FileEventKind int

// The kinds. FileOverflow has no path: changes were lost.
const (
	FileCreated  = FileEventKind(agentv1.FileEvent_KIND_CREATED)
	FileModified = FileEventKind(agentv1.FileEvent_KIND_MODIFIED)
	FileRemoved  = FileEventKind(agentv1.FileEvent_KIND_REMOVED)
	FileMoved    = FileEventKind(agentv1.FileEvent_KIND_MOVED)
	FileOverflow = FileEventKind(agentv1.FileEvent_KIND_OVERFLOW)
)

// FileEvent is one change of a file.
type FileEvent struct {
	Kind FileEventKind
	// Path is relative to the watched directory, any bytes; empty for that directory itself. OldPath is a FileMoved's before.
	Path, OldPath string
	Directory     bool
}

// maxPath is the longest path that Linux takes, in bytes; a file can lie deeper, but a watch that goes through directories by
// their names can't.
const maxPath = 4096

// maxFrameEvents is more events than an agent of ours sends at once: it counts 16 bytes for each, and sends at 128 KiB.
const maxFrameEvents = 32 << 10

// Watch gives fn the changes in a directory of the sandbox as they come, first none at all when the watch stands. It goes no
// faster than fn does: what the sandbox's kernel can't keep meanwhile is a FileOverflow. It ends with an error: fn's; as
// ListDirectory's; ResourceExhausted WATCH_LIMIT; FailedPrecondition WATCH_ENDED when the directory is removed or moved.
func (c *Client) Watch(ctx context.Context, path string, recursive bool, fn func([]FileEvent) error) error {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Watch{Watch: &agentv1.Watch{Path: path, Recursive: recursive}}})
	if err != nil {
		return err
	}
	defer conn.close()
	if _, err := conn.promptResponse(); err != nil {
		return err
	}
	for {
		t, b, err := conn.next()
		switch {
		case err != nil:
			return err
		case t == frame.Response:
			if _, err := decodeResponse(b); err != nil {
				return err
			}
			return unexpected(t)
		case t != frame.Events:
			return unexpected(t)
		}
		events, err := fileEvents(b)
		if err != nil {
			return lost(err)
		}
		if err := fn(events); err != nil {
			return err
		}
	}
}

func fileEvents(b []byte) ([]FileEvent, error) {
	var m agentv1.FileEvents
	if err := unmarshal(b, &m, maxFrameEvents); err != nil {
		return nil, fmt.Errorf("the agent's file events can't be decoded: %w", err)
	}
	events := make([]FileEvent, 0, len(m.GetEvents()))
	for _, e := range m.GetEvents() {
		kind := FileEventKind(e.GetKind())
		if kind < FileCreated || kind > FileOverflow || len(e.GetPath()) > maxPath || len(e.GetOldPath()) > maxPath {
			return nil, errors.New("the agent told of a file event that can't be")
		}
		events = append(events, FileEvent{Kind: kind, Path: string(e.GetPath()), OldPath: string(e.GetOldPath()), Directory: e.GetDirectory()})
	}
	return events, nil
}
