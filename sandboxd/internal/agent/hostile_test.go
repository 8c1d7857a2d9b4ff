package agent_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// hostile is a client of an agent that takes whatever it is told and answers each call with what answer writes. When that
// returns, the connection stays open and silent.
func hostile(t testing.TB, answer func(w io.Writer)) *agent.Client {
	return agent.NewClient(func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = theirs.Close() })
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go answer(theirs)
		return ours, nil
	})
}

// says is an answer of fixed bytes, after which the agent hangs up or, with hang, falls silent.
func says(wire []byte, hang bool) func(io.Writer) {
	return func(w io.Writer) {
		_, _ = w.Write(wire)
		if !hang {
			_ = w.(io.Closer).Close()
		}
	}
}

// calls are all the calls there are, to the end of what they read.
var calls = map[string]func(context.Context, *agent.Client) error{
	"ping":      func(ctx context.Context, c *agent.Client) error { return c.Ping(ctx) },
	"configure": func(ctx context.Context, c *agent.Client) error { return c.Configure(ctx, agent.Config{}) },
	"start": func(ctx context.Context, c *agent.Client) error {
		_, err := c.StartMain(ctx, []string{"x"})
		return err
	},
	"wait":   func(ctx context.Context, c *agent.Client) error { _, err := c.WaitMain(ctx); return err },
	"signal": func(ctx context.Context, c *agent.Client) error { return c.SignalMain(ctx, 9) },
	"read":   func(ctx context.Context, c *agent.Client) error { _, err := c.ReadFile(ctx, "/f", maxFile); return err },
	"write": func(ctx context.Context, c *agent.Client) error {
		return c.WriteFile(ctx, "/f", 0, make([]byte, 100_000))
	},
	"stat": func(ctx context.Context, c *agent.Client) error { _, err := c.StatFile(ctx, "/f", true); return err },
	"list": func(ctx context.Context, c *agent.Client) error {
		_, _, err := c.ListDirectory(ctx, "/d", "b", 2)
		return err
	},
	"mkdir":  func(ctx context.Context, c *agent.Client) error { return c.MakeDirectory(ctx, "/d", 0, true) },
	"remove": func(ctx context.Context, c *agent.Client) error { return c.RemoveFile(ctx, "/f", false) },
	"move":   func(ctx context.Context, c *agent.Client) error { return c.MoveFile(ctx, "/f", "/g", false) },
	"pack": func(ctx context.Context, c *agent.Client) error {
		_, err := c.Pack(ctx, "/d", func([]byte) error { return nil })
		return err
	},
	"unpack": func(ctx context.Context, c *agent.Client) error {
		_, err := c.Unpack(ctx, "/d", true, bytes.NewReader(make([]byte, 1<<20)))
		return err
	},
	"watch": func(ctx context.Context, c *agent.Client) error {
		return c.Watch(ctx, "/d", true, func([]agent.FileEvent) error { return nil })
	},
	"logs": func(ctx context.Context, c *agent.Client) error { return readLog(ctx, c, 0) },
	"exec": runCommand,
	"launch": func(ctx context.Context, c *agent.Client) error {
		_, err := c.StartProcess(ctx, agent.ExecRequest{Argv: []string{"x"}})
		return err
	},
	"processes": func(ctx context.Context, c *agent.Client) error { _, err := c.ListProcesses(ctx); return err },
	"kill":      func(ctx context.Context, c *agent.Client) error { return c.SignalProcess(ctx, 1, 9) },
	"reap":      func(ctx context.Context, c *agent.Client) error { _, err := c.WaitProcess(ctx, 1); return err },
	"input": func(ctx context.Context, c *agent.Client) error {
		return c.ProcessInput(ctx, 1, agent.ProcessInput{Data: make([]byte, 100_000)})
	},
	"attach": attach,
}

const maxFile = 1 << 20

func readLog(ctx context.Context, c *agent.Client, offset uint64) error {
	s, err := c.Logs(ctx, offset)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		switch _, err := s.Next(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func attach(ctx context.Context, c *agent.Client) error {
	a, err := c.AttachProcess(ctx, 1, 0)
	if err != nil {
		return err
	}
	defer a.Close()
	for {
		switch _, err := a.Next(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func runCommand(ctx context.Context, c *agent.Client) error {
	p, err := c.Exec(ctx, agent.ExecRequest{Argv: []string{"x"}, Stdin: true})
	if err != nil {
		return err
	}
	defer p.Close()
	for {
		switch _, err := p.Recv(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func wire(t testing.TB, frames ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	for i := 0; i < len(frames); i += 2 {
		var payload []byte
		switch p := frames[i+1].(type) {
		case proto.Message:
			var err error
			if payload, err = proto.Marshal(p); err != nil {
				t.Fatal(err)
			}
		case []byte:
			payload = p
		case string:
			payload = []byte(p)
		}
		if err := frame.Write(&b, frames[i].(frame.Type), payload); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// files is an answer that tells of files.
func files(names ...string) *agentv1.Response {
	r := &agentv1.Response{}
	for _, name := range names {
		r.Files = append(r.Files, &agentv1.FileInfo{Name: []byte(name)})
	}
	return r
}

func processes(n int) *agentv1.Response {
	return &agentv1.Response{Processes: slices.Repeat([]*agentv1.ProcessInfo{{Id: 1}}, n)}
}

func wantLost(t *testing.T, what string, err error) {
	t.Helper()
	if errdefs.KindOf(err) != errdefs.Unavailable || errdefs.ReasonOf(err) != "SANDBOX_LOST" {
		t.Errorf("%s: %v, want SANDBOX_LOST", what, err)
	}
}

func TestWhatBreaksTheProtocolIsALostSandbox(t *testing.T) {
	ok := &agentv1.Response{Pid: 7}
	refusal := func(kind errdefs.Kind, reason string) []byte {
		return wire(t, frame.Response, &agentv1.Response{Error: &agentv1.Error{Kind: uint32(kind), Reason: reason, Message: "m"}})
	}
	for name, c := range map[string]struct {
		calls string // "" means all
		wire  []byte
	}{
		"nothing":                   {"", nil},
		"half a header":             {"", []byte{byte(frame.Response), 0, 0}},
		"half a frame":              {"", append([]byte{byte(frame.Response), 0, 0, 1, 0}, "half"...)},
		"a frame of 4 GiB":          {"", []byte{byte(frame.Response), 0xff, 0xff, 0xff, 0xff}},
		"a frame one byte too long": {"", binary.BigEndian.AppendUint32([]byte{byte(frame.Response)}, frame.MaxPayload+1)},
		"another type":              {"", wire(t, frame.Request, ok)},
		"an unknown type":           {"", wire(t, frame.Type(200), ok)},
		"type zero":                 {"", make([]byte, 100)},
		"no message":                {"", wire(t, frame.Response, "\xff\xff\xff\xff")},
		"text that is no text":      {"", wire(t, frame.Response, protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), []byte{0xff})))},
		"our own mistake":           {"", refusal(errdefs.Internal, "INTERNAL")},
		"our own refusal":           {"", refusal(errdefs.Unauthenticated, "KEY_REVOKED")},
		"no such kind":              {"", refusal(math.MaxInt32, "X")},
		"no reason":                 {"", refusal(errdefs.NotFound, "")},
		"a reason of words":         {"", refusal(errdefs.NotFound, "not found\n")},
		"a long reason":             {"", refusal(errdefs.NotFound, strings.Repeat("A", 1000))},
		"other data":                {"read exec logs pack", wire(t, frame.Response, ok, frame.Signal, "x")},
		"a second answer":           {"read exec logs pack", wire(t, frame.Response, ok, frame.Response, ok)},
		"more than was asked for":   {"read", wire(t, frame.Response, ok, frame.Data, make([]byte, maxFile), frame.Data, "x")},
		"a cut off file":            {"read", wire(t, frame.Response, ok, frame.Data, "abc")},
		"a cut off archive":         {"pack", wire(t, frame.Response, ok, frame.Data, "abc", frame.Data, "")},
		"an archive in a lump":      {"pack", wire(t, frame.Response, ok, frame.Data, make([]byte, frame.MaxChunk+1), frame.Data, "", frame.Response, ok)},
		"no file":                   {"stat", wire(t, frame.Response, ok)},
		"two files":                 {"stat", wire(t, frame.Response, files("a", "b"))},
		"a long name":               {"stat list", wire(t, frame.Response, files(strings.Repeat("x", 256)))},
		"no name":                   {"stat list", wire(t, frame.Response, files(""))},
		"a long link":               {"stat list", wire(t, frame.Response, &agentv1.Response{Files: []*agentv1.FileInfo{{Name: []byte("x"), LinkTarget: make([]byte, 5000)}}})},
		"more files than fit":       {"list", wire(t, frame.Response, files("c", "d", "e"))},
		"a list that goes round":    {"list", wire(t, frame.Response, &agentv1.Response{Next: []byte("b")})},
		"no such end":               {"exec", wire(t, frame.Response, ok, frame.Exit, "\xff")},
		"output in a lump":          {"exec", wire(t, frame.Response, ok, frame.Stdout, make([]byte, frame.MaxChunk+1), frame.Exit, &agentv1.Exit{})},
		"a malformed receipt":       {"exec", wire(t, frame.Response, ok, frame.StdinAck, "123")},
		"a receipt for nothing":     {"exec", wire(t, frame.Response, ok, frame.StdinAck, "\xff\xff\xff\xff")},
		"no process":                {"launch reap", wire(t, frame.Response, ok)},
		"two processes":             {"launch reap", wire(t, frame.Response, processes(2))},
		"more processes than fit":   {"processes", wire(t, frame.Response, processes(257))},
		"a process's bad end":       {"attach", wire(t, frame.Response, ok, frame.Exit, "\xff")},
		"a process without an end":  {"attach", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Data: []byte("abc")})},
		"output that goes back":     {"attach", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: 5, Data: []byte("abc")}, frame.Log, &agentv1.LogRecord{Offset: 7, Data: []byte("abc")})},
		"output that is nothing":    {"attach", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: 5}, frame.Exit, &agentv1.Exit{})},
		"output of another kind":    {"attach", wire(t, frame.Response, ok, frame.Stdout, "abc", frame.Exit, &agentv1.Exit{})},
		"a log without an end":      {"logs", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Data: []byte("abc")})},
		"a log in a lump":           {"logs", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Data: make([]byte, 2*frame.MaxChunk+1)}, frame.Log, "")},
		"a log that is none":        {"logs", wire(t, frame.Response, ok, frame.Log, "\xff")},
		"a log that goes back":      {"logs", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: 5, Data: []byte("abc")}, frame.Log, &agentv1.LogRecord{Offset: 7, Data: []byte("abc")})},
		"a log that goes round":     {"logs", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: math.MaxUint64 - 1, Data: []byte("abc")})},
		"a log of nothing":          {"logs", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: 5}, frame.Log, "")},
		"a log beyond all numbers":  {"logs attach", wire(t, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: math.MaxInt64 - 1, Data: []byte("abc")}, frame.Log, "", frame.Exit, &agentv1.Exit{})},
		"an answer of crumbs":       {"", wire(t, frame.Response, processes(5000))},
	} {
		for call, do := range calls {
			if c.calls == "" || strings.Contains(c.calls, call) {
				wantLost(t, name+", "+call, do(t.Context(), hostile(t, says(c.wire, false))))
			}
		}
	}
}

// A frame has a bound, and so has what becomes of it: an event of four bytes is more than a hundred in memory.
func TestAFrameOfVeryManyEvents(t *testing.T) {
	crumbs := wire(t, frame.Response, &agentv1.Response{}, frame.Events, &agentv1.FileEvents{
		Events: slices.Repeat([]*agentv1.FileEvent{{Kind: agentv1.FileEvent_KIND_CREATED}}, 200_000),
	})
	err := hostile(t, says(crumbs, true)).Watch(t.Context(), "/d", true, func(events []agent.FileEvent) error {
		t.Errorf("got %d events at once", len(events))
		return context.Canceled
	})
	wantLost(t, "watch", err)
}

// What an agent may say of the caller's own request reaches him, cleaned.
func TestAnAgentsErrorIsCleaned(t *testing.T) {
	metadata := map[string]string{}
	for i := range 100 {
		metadata[fmt.Sprint("key\x1b", i)] = strings.Repeat("v\x00", 2000)
	}
	c := hostile(t, says(wire(t, frame.Response, &agentv1.Response{Error: &agentv1.Error{
		Kind: uint32(errdefs.NotFound), Reason: "FILE_NOT_FOUND", Message: "\x1b[31mred\u009b" + strings.Repeat("x", 100_000) + "\n", Metadata: metadata,
	}}), false))
	_, err := c.ReadFile(t.Context(), "/f", 1)
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.NotFound || e.Reason != "FILE_NOT_FOUND" || !strings.HasPrefix(e.Message, "[31mredx") || len(e.Message) > 1024 || len(e.Metadata) != 8 {
		t.Fatalf("%.100v", err)
	}
	for k, v := range e.Metadata {
		if strings.ContainsAny(k+v, "\x00\x1b") || len(k+v) > 2048 {
			t.Errorf("metadata %q: %.100q", k, v)
		}
	}
}

func TestSilenceIsNotWaitedForLong(t *testing.T) {
	const prompt = "ping configure start signal read write logs exec stat list mkdir remove move pack unpack launch processes kill attach"
	ok := &agentv1.Response{}
	for name, c := range map[string]struct {
		calls string
		wire  []byte
	}{
		"from the start":  {prompt, nil},
		"within a header": {prompt, []byte{byte(frame.Response), 0}},
		"within a frame":  {prompt, []byte{byte(frame.Response), 0, 0, 1, 0, 1, 2, 3}},
		"within a file":   {"read", wire(t, frame.Response, ok, frame.Data, "abc")},
	} {
		for _, call := range strings.Fields(c.calls) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				wantLost(t, name+", "+call, calls[call](t.Context(), hostile(t, says(c.wire, true))))
				if took := time.Since(began); took > 2*agent.ReplyTimeout {
					t.Errorf("%s, %s: waited for %v", name, call, took)
				}
			})
		}
	}
}

// An agent's word that a command has ended is not waited for by who has had more output than he may.
func TestOutputOfAHostileAgentIsBounded(t *testing.T) {
	piece := wire(t, frame.Stderr, strings.Repeat("x", frame.MaxChunk))
	hungUp := make(chan struct{})
	c := hostile(t, func(w io.Writer) {
		defer close(hungUp)
		_, err := w.Write(wire(t, frame.Response, &agentv1.Response{Pid: 7}, frame.Stdout, ""))
		for err == nil {
			_, err = w.Write(piece)
		}
	})
	p, err := c.Exec(t.Context(), agent.ExecRequest{Argv: []string{"x"}, MaxOutput: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got := 0
	for {
		e, err := p.Recv()
		if err != nil {
			t.Fatal(err)
		}
		got += len(e.Data)
		if e.Kind == agent.Exit {
			if got != 100_000 || e.ExitCode != 137 || !e.OutputExceeded {
				t.Errorf("%d bytes, then %+v", got, e)
			}
			break
		}
	}
	if _, err := p.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("after the exit: %v", err)
	}
	<-hungUp
}

// What may last as long as a command does ends with its caller.
func TestSilenceEndsWithTheCaller(t *testing.T) {
	started := wire(t, frame.Response, &agentv1.Response{Pid: 7})
	for call, said := range map[string][]byte{"wait": nil, "reap": nil, "input": nil, "attach": wire(t, frame.Response, &agentv1.Response{}), "exec": started, "logs": append(started, byte(frame.Log), 0), "pack": wire(t, frame.Response, &agentv1.Response{}, frame.Data, "abc")} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			began := time.Now()
			err := calls[call](ctx, hostile(t, says(said, true)))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Hour {
				t.Errorf("%s: %v after %v", call, err, time.Since(began))
			}
		})
	}
}

// An agent that reads nothing can hold up neither a request, nor a file, nor a command's input longer than the caller waits.
func TestAnAgentThatReadsNothing(t *testing.T) {
	deaf := func(t *testing.T, said []byte) *agent.Client {
		return agent.NewClient(func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { _ = theirs.Close() })
			go func() {
				if said != nil {
					_, _, _ = frame.NewReader(theirs).Next()
					_, _ = theirs.Write(said)
				}
			}()
			return ours, nil
		})
	}
	for call, do := range calls {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			wantLost(t, call, do(t.Context(), deaf(t, nil)))
			if took := time.Since(began); took > agent.ReplyTimeout {
				t.Errorf("%s: waited for %v", call, took)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		p, err := deaf(t, wire(t, frame.Response, &agentv1.Response{Pid: 7})).Exec(ctx, agent.ExecRequest{Argv: []string{"x"}, Stdin: true})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.Write(make([]byte, 2*frame.StdinWindow)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("writing: %v", err)
		}
	})
}

// An agent that never stops is stopped: by the limit of what was asked for, or by the caller. Memory does not grow.
func TestAFlood(t *testing.T) {
	response := wire(t, frame.Response, &agentv1.Response{Pid: 7})
	for name, c := range map[string]struct {
		call  string
		piece []byte
	}{
		"a file":   {"read", wire(t, frame.Data, make([]byte, 1000))},
		"output":   {"exec", wire(t, frame.Stdout, make([]byte, frame.MaxChunk))},
		"receipts": {"exec", wire(t, frame.StdinAck, make([]byte, 4))},
		"a log":    {"logs", nil},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		err := calls[c.call](ctx, hostile(t, func(w io.Writer) {
			_, err := w.Write(response)
			for offset := uint64(0); err == nil; offset += 1000 {
				piece := c.piece
				if piece == nil {
					piece = wire(t, frame.Log, &agentv1.LogRecord{Offset: offset, Data: make([]byte, 1000)})
				}
				_, err = w.Write(piece)
			}
		}))
		runtime.GC()
		runtime.ReadMemStats(&after)
		cancel()
		if c.call == "read" {
			wantLost(t, name, err)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
			t.Errorf("%s: %d bytes were kept", name, grown)
		}
	}
}

// A file that comes, or is taken, a byte at a time and each just in time is not waited for for ever.
func TestAFileThatDrips(t *testing.T) {
	drip := func(t *testing.T, next func() error) {
		for next() == nil {
			select {
			case <-time.After(agent.ReplyTimeout - time.Second):
			case <-t.Context().Done():
				return
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := hostile(t, func(w io.Writer) {
			_, _ = w.Write(wire(t, frame.Response, &agentv1.Response{}))
			drip(t, func() error { _, err := w.Write(wire(t, frame.Data, "x")); return err })
		}).ReadFile(t.Context(), "/f", maxFile)
		wantLost(t, "a file that drips in", err)
		if took := time.Since(began); took > 2*agent.ReplyTimeout {
			t.Errorf("waited for %v", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := agent.NewClient(func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { _ = theirs.Close() })
			go func() {
				_, _, _ = frame.NewReader(theirs).Next()
				drip(t, func() error { _, err := theirs.Read(make([]byte, 1)); return err })
			}()
			return ours, nil
		})
		wantLost(t, "a file that drips out", c.WriteFile(t.Context(), "/f", 0, make([]byte, maxFile)))
		if took := time.Since(began); took > 2*agent.ReplyTimeout {
			t.Errorf("waited for %v", took)
		}
	})
}

// FuzzClient answers each call with the same bytes: whatever they are, the call ends, with an error that says whose fault it is.
func FuzzClient(f *testing.F) {
	ok := &agentv1.Response{Pid: 7}
	f.Add(wire(f, frame.Response, ok))
	f.Add(wire(f, frame.Response, ok, frame.Data, "abc", frame.Data, ""))
	f.Add(wire(f, frame.Response, ok, frame.Stdout, "abc", frame.StdinAck, "\x00\x00\x00\x00", frame.Exit, &agentv1.Exit{Code: 3}))
	f.Add(wire(f, frame.Response, ok, frame.Log, &agentv1.LogRecord{Offset: 3, Data: []byte("abc")}, frame.Log, ""))
	f.Add(wire(f, frame.Response, &agentv1.Response{Error: &agentv1.Error{Kind: uint32(errdefs.NotFound), Reason: "X", Metadata: map[string]string{"a": "b"}}}))
	f.Fuzz(func(t *testing.T, said []byte) {
		for call, do := range calls {
			err := do(t.Context(), hostile(t, says(said, false)))
			if e, ok := errdefs.As(err); err != nil && (!ok || e.Kind == errdefs.Internal || e.Kind == errdefs.Unauthenticated || e.Reason == "") {
				t.Errorf("%s: %v", call, err)
			}
		}
	})
}
