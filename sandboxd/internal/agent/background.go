package agent

import (
	"context"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// MaxProcessInput is the most bytes that one call of ProcessInput may give.
const MaxProcessInput = 512 << 10

// maxListed is more background processes than any agent of ours remembers.
const maxListed = 256

// BackgroundProcess is what the agent knows of a process that no connection carries.
type BackgroundProcess struct {
	// ID counts from 1 and is never given twice in a sandbox.
	ID uint64
	// Pid is its number in the sandbox; 0 when the command could not be started.
	Pid int
	// Argv is the beginning of the command, 4 KiB at most; ArgvCut says that there is more.
	Argv    []string
	ArgvCut bool
	// Start, and End, zero while it runs, are by the clock that both share.
	Start, End time.Time
	// Exit says how it ended: an Event of that kind. Zero while it runs.
	Exit Event
	// Terminal says that it has one.
	Terminal bool
	// OutputBytes is how many bytes it has written so far: where the next one will be.
	OutputBytes uint64
}

// StartProcess starts a command in the background: it is killed by its timeout, by a signal and with the sandbox, and by no
// connection's end. Errors: those of Exec, and ResourceExhausted TOO_MANY_PROCESSES. A missing command is no error.
func (c *Client) StartProcess(ctx context.Context, r ExecRequest) (BackgroundProcess, error) {
	if err := r.check(); err != nil {
		return BackgroundProcess{}, err
	}
	return one(c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_StartProcess{StartProcess: &agentv1.StartProcess{Exec: r.encode()}}}))
}

// ListProcesses returns the background processes that run, and those that have ended and are not forgotten yet, in the order in
// which they were started.
func (c *Client) ListProcesses(ctx context.Context) ([]BackgroundProcess, error) {
	r, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_ListProcesses{ListProcesses: &agentv1.ListProcesses{}}})
	if err != nil {
		return nil, err
	}
	if len(r.GetProcesses()) > maxListed {
		return nil, lost(fmt.Errorf("the agent told of %d processes", len(r.GetProcesses())))
	}
	var all []BackgroundProcess
	for _, p := range r.GetProcesses() {
		all = append(all, decodeProcess(p))
	}
	return all, nil
}

// SignalProcess signals a background process's group; of one that has ended nobody. Errors: NotFound PROCESS_NOT_FOUND.
func (c *Client) SignalProcess(ctx context.Context, id uint64, sig int) error {
	if err := checkSignal(sig); err != nil {
		return err
	}
	_, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_SignalProcess{SignalProcess: &agentv1.SignalProcess{Id: id, Signal: int32(sig)}}})
	return err
}

// WaitProcess returns when a background process has ended. Errors: NotFound PROCESS_NOT_FOUND.
func (c *Client) WaitProcess(ctx context.Context, id uint64) (BackgroundProcess, error) {
	return one(c.askLong(ctx, &agentv1.Request{Call: &agentv1.Request_WaitProcess{WaitProcess: &agentv1.WaitProcess{Id: id}}}))
}

// ProcessInput is what a background process is to be given.
type ProcessInput struct {
	// Resize, when set, is the terminal's new size.
	Resize *TerminalSize
	// Data is for its standard input, at most MaxProcessInput bytes.
	Data []byte
	// Close ends its standard input behind Data; at a terminal the end-of-file character, control-D, is typed.
	Close bool
}

// ProcessInput returns when a background process has been given all of in. When ctx ends before, it may have got a part.
// Errors: NotFound PROCESS_NOT_FOUND; FailedPrecondition STDIN_CLOSED, NO_TERMINAL.
func (c *Client) ProcessInput(ctx context.Context, id uint64, in ProcessInput) error {
	if len(in.Data) > MaxProcessInput {
		return errdefs.InvalidField("stdin", "has %d bytes, at most %d go into one call", len(in.Data), MaxProcessInput)
	}
	m := &agentv1.ProcessInput{Id: id, Data: in.Data, Close: in.Close}
	if in.Resize != nil {
		m.Resize = in.Resize.encode()
	}
	_, err := c.askLong(ctx, &agentv1.Request{Call: &agentv1.Request_ProcessInput{ProcessInput: m}})
	return err
}

// askLong is ask for an answer that comes when something has happened.
func (c *Client) askLong(ctx context.Context, req *agentv1.Request) (*agentv1.Response, error) {
	conn, err := c.open(ctx, req)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	return conn.response()
}

func one(r *agentv1.Response, err error) (BackgroundProcess, error) {
	if err != nil {
		return BackgroundProcess{}, err
	}
	if len(r.GetProcesses()) != 1 {
		return BackgroundProcess{}, lost(fmt.Errorf("the agent told of %d processes, not one", len(r.GetProcesses())))
	}
	return decodeProcess(r.GetProcesses()[0]), nil
}

func decodeProcess(m *agentv1.ProcessInfo) BackgroundProcess {
	p := BackgroundProcess{
		ID: m.GetId(), Pid: int(m.GetPid()), Argv: m.GetArgv(), ArgvCut: m.GetArgvCut(),
		Start: time.Unix(0, m.GetStartUnixNs()), Terminal: m.GetTerminal(), OutputBytes: m.GetOutputBytes(),
	}
	if m.GetExit() != nil {
		p.End, p.Exit = time.Unix(0, m.GetEndUnixNs()), exitEvent(m.GetExit())
	}
	return p
}

// Attachment follows a background process's output. Closing it leaves the process alone.
type Attachment struct {
	log    *LogStream
	next   uint64 // where the next output should begin
	exited bool
}

// Output is a piece of a background process's output, or its exit.
type Output struct {
	Event
	// Offset is the position of Data's first byte in all output since the start.
	Offset uint64
	// Lost is how many bytes between the piece before and this one the agent had no longer: it keeps the newest 128 KiB.
	Lost uint64
}

// AttachProcess follows a background process's output from offset on. Several may do so. Errors: NotFound PROCESS_NOT_FOUND;
// ResourceExhausted TOO_MANY_ATTACHED.
func (c *Client) AttachProcess(ctx context.Context, id, offset uint64) (*Attachment, error) {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_AttachProcess{AttachProcess: &agentv1.AttachProcess{Id: id, Offset: offset}}})
	if err != nil {
		return nil, err
	}
	if _, err := conn.promptResponse(); err != nil {
		conn.close()
		return nil, err
	}
	return &Attachment{log: &LogStream{conn: conn, next: offset}, next: offset}, nil
}

// Next returns the next piece. Exit is the last one, and comes after all output; after it the error is io.EOF.
func (a *Attachment) Next() (Output, error) {
	if a.exited {
		return Output{}, io.EOF
	}
	t, b, err := a.log.conn.next()
	if err != nil {
		return Output{}, err
	}
	switch t {
	case frame.Log:
		rec, err := a.log.decode(b)
		if err != nil {
			return Output{}, err
		}
		out := Output{Event: Event{Kind: rec.Stream, Data: rec.Data}, Offset: rec.Offset, Lost: rec.Offset - a.next}
		a.next = rec.Offset + uint64(len(rec.Data))
		return out, nil
	case frame.Exit:
		var e agentv1.Exit
		if err := proto.Unmarshal(b, &e); err != nil {
			return Output{}, lost(fmt.Errorf("the agent's exit frame can't be decoded: %w", err))
		}
		a.exited = true
		a.log.conn.close()
		return Output{Event: exitEvent(&e), Offset: a.next}, nil
	default:
		return Output{}, unexpected(t)
	}
}

// Close ends the following.
func (a *Attachment) Close() {
	a.exited = true
	a.log.conn.close()
}
