package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// LogRecord is a piece of the main process's output, secrets masked.
type LogRecord struct {
	// Offset is the position of Data's first byte in all output since the start. When it is larger than the end of the
	// record before, what lay between was lost: the agent keeps the newest 1 MiB.
	Offset uint64
	// Time at which the agent read it, by the clock both share.
	Time time.Time
	// Stream is Stdout or Stderr.
	Stream EventKind
	Data   []byte // at most 64 KiB
}

// LogStream follows the main process's output.
type LogStream struct {
	conn *conn
	next uint64 // no record may begin before this
	done bool
}

// Logs follows the main process's output from offset on. It waits for a main process if there is none yet. A reader that
// keeps up loses nothing: while the ring is full of what a reader has not got, the main process is held up to 1 second
// at a time for it.
func (c *Client) Logs(ctx context.Context, offset uint64) (*LogStream, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_Logs{Logs: &agentv1.Logs{Offset: offset}}})
	if err != nil {
		return nil, err
	}
	if _, err := conn.promptResponse(); err != nil {
		conn.close()
		return nil, err
	}
	return &LogStream{conn: conn, next: offset}, nil
}

// Next returns the next record, io.EOF after the main process's end and all of its output.
func (s *LogStream) Next() (LogRecord, error) {
	if s.done {
		return LogRecord{}, io.EOF
	}
	t, b, err := s.conn.next()
	if err != nil {
		return LogRecord{}, err
	}
	if t != frame.Log {
		return LogRecord{}, unexpected(t)
	}
	if len(b) == 0 {
		s.done = true
		s.conn.close()
		return LogRecord{}, io.EOF
	}
	return s.decode(b)
}

func (s *LogStream) decode(b []byte) (LogRecord, error) {
	var m agentv1.LogRecord
	if err := proto.Unmarshal(b, &m); err != nil {
		return LogRecord{}, lost(fmt.Errorf("the agent's log record can't be decoded: %w", err))
	}
	if len(m.GetData()) > 2*frame.MaxChunk {
		return LogRecord{}, lost(fmt.Errorf("the agent's log record has %d bytes", len(m.GetData())))
	}
	if len(m.GetData()) == 0 { // nothing bounds how many of these come
		return LogRecord{}, lost(errors.New("the agent's log record has nothing in it"))
	}
	end := m.GetOffset() + uint64(len(m.GetData()))
	if end > math.MaxInt64 {
		return LogRecord{}, lost(fmt.Errorf("the agent's log is at %d, where none can be", m.GetOffset()))
	}
	if m.GetOffset() < s.next || end < m.GetOffset() {
		return LogRecord{}, lost(fmt.Errorf("the agent's log goes backwards, from %d to %d", s.next, m.GetOffset()))
	}
	s.next = end
	r := LogRecord{Offset: m.GetOffset(), Time: time.Unix(0, m.GetTimeUnixNs()), Data: bytes.Clone(m.GetData()), Stream: Stdout}
	if m.GetStream() == agentv1.Stream_STREAM_STDERR {
		r.Stream = Stderr
	}
	return r, nil
}

// Close ends the following.
func (s *LogStream) Close() error {
	s.done = true
	s.conn.close()
	return nil
}
