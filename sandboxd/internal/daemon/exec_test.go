package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

func TestExec(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	for what, tc := range map[string]struct {
		req    *sandboxv1.ExecRequest
		stdout string
		stderr string
		code   int32
	}{
		"both streams":      {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo out; echo err >&2; exit 4"}}}, "out\n", "err\n", 4},
		"stdin":             {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"cat"}}, Stdin: []byte("typed")}, "typed", "", 0},
		"no stdin":          {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"cat"}}}, "", "", 0},
		"unread stdin":      {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}, Stdin: make([]byte, 1<<20)}, "", "", 0},
		"environment":       {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo $A$FROM_IMAGE"}, Environment: map[string]string{"A": "b"}}}, "byes\n", "", 0},
		"directory":         {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"pwd"}, WorkingDir: "/tmp"}}, "/tmp\n", "", 0},
		"user":              {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "id -u; id -g; echo $HOME"}, User: "app"}}, "1000\n1000\n/home/app\n", "", 0},
		"killed":            {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "kill -15 $$"}}}, "", "", 143},
		"timeout":           {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo before; sleep 600"}, Timeout: durationpb.New(200 * time.Millisecond)}}, "before\n", "", 137},
		"not found":         {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"nonesuch"}}}, "", "casemate: nonesuch: command not found\n", 127},
		"output is limited": {&sandboxv1.ExecRequest{Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "echo 123456789; echo abc >&2"}}, MaxOutputBytes: 4}, "1234", "abc\n", 0},
	} {
		t.Run(what, func(t *testing.T) {
			tc.req.Name = name
			resp, err := e.api.Exec(t.Context(), tc.req)
			if err != nil {
				t.Fatal(err)
			}
			if string(resp.GetStdout()) != tc.stdout || string(resp.GetStderr()) != tc.stderr || resp.GetExitCode() != tc.code {
				t.Errorf("stdout %q, stderr %q, exit code %d", resp.GetStdout(), resp.GetStderr(), resp.GetExitCode())
			}
			if truncated := tc.req.GetMaxOutputBytes() > 0; resp.GetStdoutTruncated() != truncated || resp.GetStderrTruncated() {
				t.Errorf("truncated: %v, %v", resp.GetStdoutTruncated(), resp.GetStderrTruncated())
			}
		})
	}
}

func TestExecErrors(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "A", "v")
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("A")}
	name := e.run(s).GetName()
	for what, tc := range map[string]struct {
		name   string
		spec   *sandboxv1.ExecSpec
		kind   errdefs.Kind
		reason string
	}{
		"no command":        {name, &sandboxv1.ExecSpec{}, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"bad variable":      {name, &sandboxv1.ExecSpec{Command: []string{"true"}, Environment: map[string]string{"A B": ""}}, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"secret's variable": {name, &sandboxv1.ExecSpec{Command: []string{"true"}, Environment: map[string]string{"A": "x"}}, errdefs.InvalidArgument, "SECRET_VARIABLE"},
		"unknown user":      {name, &sandboxv1.ExecSpec{Command: []string{"true"}, User: "zoe"}, errdefs.InvalidArgument, "USER_NOT_FOUND"},
		"no such sandbox":   {"teams/red/sandboxes/sb-none", &sandboxv1.ExecSpec{Command: []string{"true"}}, errdefs.NotFound, "SANDBOX_NOT_FOUND"},
		"malformed name":    {"sb-none", &sandboxv1.ExecSpec{Command: []string{"true"}}, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: tc.name, Spec: tc.spec})
			wantError(t, err, tc.kind, tc.reason)
		})
	}
}

// execStream is a StreamExec under way.
type execStream struct {
	t      *testing.T
	stream sandboxv1.SandboxService_StreamExecClient
	ahead  string // stdout that until has read and not looked for yet
}

func (e *env) streamExec(ctx context.Context, start *sandboxv1.StreamExecStart) *execStream {
	e.t.Helper()
	stream, err := e.api.StreamExec(ctx)
	if err != nil {
		e.t.Fatal(err)
	}
	s := &execStream{t: e.t, stream: stream}
	s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: start}})
	if first := s.recv(); first.GetStarted().GetPid() <= 1 {
		e.t.Fatalf("first message: %v", first)
	}
	return s
}

func (s *execStream) send(req *sandboxv1.StreamExecRequest) {
	s.t.Helper()
	if err := s.stream.Send(req); err != nil {
		s.t.Fatal(err)
	}
}

func (s *execStream) stdin(text string) {
	s.t.Helper()
	s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte(text)}})
}

func (s *execStream) recv() *sandboxv1.StreamExecResponse {
	s.t.Helper()
	resp, err := s.stream.Recv()
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

// until reads stdout until it has the text. What came behind it in the same message is there for the next until.
func (s *execStream) until(text string) {
	s.t.Helper()
	for {
		if _, behind, ok := strings.Cut(s.ahead, text); ok {
			s.ahead = behind
			return
		}
		resp := s.recv()
		if resp.GetExit() != nil {
			s.t.Fatalf("exit %d after %q, without %q", resp.GetExit().GetExitCode(), s.ahead, text)
		}
		s.ahead += string(resp.GetStdout())
	}
}

// finish reads to the end, and returns the stdout that until has left.
func (s *execStream) finish() (stdout string, code int32) {
	s.t.Helper()
	out := bytes.NewBufferString(s.ahead)
	for {
		resp := s.recv()
		out.Write(resp.GetStdout())
		if !utf8.Valid(resp.GetStdout()) {
			s.t.Errorf("a message splits a character: %q", resp.GetStdout())
		}
		if exit := resp.GetExit(); exit != nil {
			if _, err := s.stream.Recv(); !errors.Is(err, io.EOF) {
				s.t.Errorf("after exit: %v", err)
			}
			return out.String(), exit.GetExitCode()
		}
	}
}

func TestStreamExec(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	begin := func(argv ...string) *execStream {
		t.Helper()
		return e.streamExec(t.Context(), &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: argv}})
	}
	t.Run("half-close is the end of stdin", func(t *testing.T) {
		s := begin("sh", "-c", "wc -c; echo done")
		s.stdin("hello ")
		s.stdin("world")
		if err := s.stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if out, code := s.finish(); strings.Join(strings.Fields(out), " ") != "11 done" || code != 0 {
			t.Errorf("%q, %d", out, code)
		}
	})
	t.Run("close_stdin, then a signal", func(t *testing.T) {
		s := begin("sh", "-c", "trap 'exit 9' USR1; cat; echo closed; while :; do sleep 0.01; done")
		s.stdin("x")
		s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_CloseStdin{CloseStdin: &sandboxv1.CloseStdin{}}})
		s.until("closed")
		s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Signal{Signal: 10}})
		if _, code := s.finish(); code != 9 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("characters stay whole", func(t *testing.T) {
		s := begin("sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo äöü€😀; i=$((i+1)); done")
		if out, _ := s.finish(); strings.Count(out, "😀") != 20000 {
			t.Errorf("%d bytes", len(out))
		}
	})
	t.Run("terminal", func(t *testing.T) {
		s := e.streamExec(t.Context(), &sandboxv1.StreamExecStart{
			Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh"}}, Terminal: &sandboxv1.TerminalSize{Width: 91, Height: 33},
		})
		s.stdin("stty size; echo $TERM; tty\n")
		s.until("33 91")
		s.until("/dev/pts/")
		s.send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Resize{Resize: &sandboxv1.TerminalSize{Width: 100, Height: 50}}})
		s.stdin("stty size\n")
		s.until("50 100")
		s.stdin("exit 5\n")
		if _, code := s.finish(); code != 5 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("a reader that stops does not lose output", func(t *testing.T) {
		s := begin("seq", "1", "1000000")
		time.Sleep(100 * time.Millisecond) // the pipes are full by now
		if out, code := s.finish(); !strings.HasSuffix(out, "\n1000000\n") || len(out) != 6888896 || code != 0 {
			t.Errorf("%d bytes, exit code %d", len(out), code)
		}
	})
	t.Run("cancelling kills the process group", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := e.streamExec(ctx, &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "sleep 654 & echo up; wait"}}})
		s.until("up")
		const find = "ps | grep '[s]leep 654'"
		if !strings.Contains(e.shell(name, find), "sleep 654") {
			t.Fatal("it does not run")
		}
		cancel()
		for began := time.Now(); e.shell(name, find) != ""; {
			if time.Since(began) > 10*time.Second {
				t.Fatal("it still runs")
			}
		}
	})
}

func TestStreamExecErrors(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	open := func(t *testing.T, reqs ...*sandboxv1.StreamExecRequest) error {
		t.Helper()
		stream, err := e.api.StreamExec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reqs {
			if err := stream.Send(r); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		for {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
	}
	begin := func(name string) *sandboxv1.StreamExecRequest {
		return &sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
			Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "600"}},
		}}}
	}
	stdin := &sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte("x")}}
	resize := &sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Resize{Resize: &sandboxv1.TerminalSize{Width: 1, Height: 1}}}
	signal := &sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Signal{Signal: 99}}
	long := &sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: make([]byte, 1<<20+1)}}

	wantError(t, open(t, stdin), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, open(t, begin("teams/red/sandboxes/sb-none")), errdefs.NotFound, "SANDBOX_NOT_FOUND")
	wantError(t, open(t, begin(name), begin(name)), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, open(t, begin(name), long), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	wantError(t, open(t, begin(name), resize), errdefs.FailedPrecondition, "NO_TERMINAL")
	wantError(t, open(t, begin(name), signal), errdefs.InvalidArgument, "INVALID_ARGUMENT")

	// The end of the sandbox is the end of its commands.
	s := e.streamExec(t.Context(), begin(name).GetStart())
	e.stop(name)
	_, err := s.stream.Recv()
	if c := status.Code(err); c != codes.Unavailable && c != codes.FailedPrecondition {
		t.Errorf("error %v", err)
	}
}

func TestFiles(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	for path, inside := range map[string]string{"/data/deep/f": "/data/deep/f", "rel/f": "/srv/rel/f"} {
		if _, err := e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: path, Content: content, Mode: 0o640}); err != nil {
			t.Fatal(err)
		}
		if got := e.shell(name, "stat -c '%a %s' "+inside); got != "640 1048576" {
			t.Errorf("%s: %q", inside, got)
		}
		resp, err := e.api.ReadFile(t.Context(), &sandboxv1.ReadFileRequest{Name: name, Path: path})
		if err != nil || !bytes.Equal(resp.GetContent(), content) {
			t.Errorf("%s: %d bytes, %v", path, len(resp.GetContent()), err)
		}
	}
	e.shell(name, "truncate -s 33M /big; mkfifo /fifo")
	for path, want := range map[string]struct {
		kind   errdefs.Kind
		reason string
	}{
		"/none":          {errdefs.NotFound, "FILE_NOT_FOUND"},
		"/srv":           {errdefs.FailedPrecondition, "FILE_IS_DIRECTORY"},
		"/fifo":          {errdefs.FailedPrecondition, "FILE_NOT_REGULAR"},
		"/big":           {errdefs.OutOfRange, "FILE_TOO_LARGE"},
		"/etc/passwd/no": {errdefs.NotFound, "FILE_NOT_FOUND"},
	} {
		t.Run(path, func(t *testing.T) {
			_, err := e.api.ReadFile(t.Context(), &sandboxv1.ReadFileRequest{Name: name, Path: path})
			got := wantError(t, err, want.kind, want.reason)
			if want.reason == "FILE_TOO_LARGE" && (got.Metadata["size_bytes"] != "34603008" || got.Metadata["max_size_bytes"] != "33554432") {
				t.Errorf("metadata %v", got.Metadata)
			}
		})
	}
	_, err := e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: "/x", Content: make([]byte, 32<<20+1)})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	_, err = e.api.WriteFile(t.Context(), &sandboxv1.WriteFileRequest{Name: name, Path: "/srv"})
	wantError(t, err, errdefs.FailedPrecondition, "FILE_IS_DIRECTORY")
}
