package daemon_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

func (e *env) startProcess(req *sandboxv1.StartProcessRequest) *sandboxv1.Process {
	e.t.Helper()
	resp, err := e.api.StartProcess(e.t.Context(), req)
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetProcess()
}

// background starts a shell script in the background.
func (e *env) background(name, text string) *sandboxv1.Process {
	e.t.Helper()
	return e.startProcess(&sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", text}}, Stdin: true})
}

func (e *env) waitProcess(name, process string) *sandboxv1.Process {
	e.t.Helper()
	resp, err := e.api.WaitProcess(e.t.Context(), &sandboxv1.WaitProcessRequest{Name: name, Process: process})
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.GetProcess()
}

// follower is an AttachProcess under way. It checks that each message begins where the one before ends.
type follower struct {
	t      *testing.T
	stream sandboxv1.SandboxService_AttachProcessClient
	next   int64
	text   string // stdout
	errs   string // stderr
	lost   int64
}

func (e *env) attach(ctx context.Context, name, process string, offset int64) *follower {
	e.t.Helper()
	stream, err := e.api.AttachProcess(ctx, &sandboxv1.AttachProcessRequest{Name: name, Process: process, Offset: offset})
	if err != nil {
		e.t.Fatal(err)
	}
	return &follower{t: e.t, stream: stream, next: offset}
}

func (f *follower) recv() (*sandboxv1.ProcessExit, error) {
	f.t.Helper()
	m, err := f.stream.Recv()
	if err != nil {
		return nil, err
	}
	f.next += m.GetLost()
	f.lost += m.GetLost()
	if m.GetOffset() != f.next {
		f.t.Fatalf("a message at %d, not %d: %v", m.GetOffset(), f.next, m)
	}
	data := string(m.GetStdout()) + string(m.GetStderr())
	f.next += int64(len(data))
	f.text += string(m.GetStdout())
	f.errs += string(m.GetStderr())
	if !utf8.ValidString(data) {
		f.t.Errorf("a message splits a character: %q", data)
	}
	return m.GetExit(), nil
}

// until follows until stdout has the text.
func (f *follower) until(text string) {
	f.t.Helper()
	for !strings.Contains(f.text, text) {
		if exit, err := f.recv(); err != nil || exit != nil {
			f.t.Fatalf("%v, %v after %q, without %q", exit, err, f.text, text)
		}
	}
}

// finish follows to the exit, and the end of the call behind it.
func (f *follower) finish() *sandboxv1.ProcessExit {
	f.t.Helper()
	for {
		exit, err := f.recv()
		if err != nil {
			f.t.Fatal(err)
		}
		if exit != nil {
			if _, err := f.stream.Recv(); !errors.Is(err, io.EOF) {
				f.t.Errorf("after the exit: %v", err)
			}
			return exit
		}
	}
}

func TestBackgroundProcess(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	p := e.background(name, "echo out €; echo err >&2; read a; echo got $a; cat; exit 5")
	if p.GetId() != "p1" || p.GetPid() <= 1 || p.ExitCode != nil || p.GetEndTime() != nil || !p.GetStartTime().IsValid() || strings.Join(p.GetCommand()[:2], " ") != "sh -c" {
		t.Errorf("started: %v", p)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := e.attach(ctx, name, p.GetId(), 0)
	first.until("out €\n")
	cancel() // which ends the call and nothing else
	still, err := e.api.WaitProcess(t.Context(), &sandboxv1.WaitProcessRequest{Name: name, Process: p.GetId(), Timeout: durationpb.New(10 * time.Millisecond)})
	if err != nil || still.GetProcess().ExitCode != nil || still.GetProcess().GetId() != p.GetId() {
		t.Errorf("after 10 ms: %v, %v", still, err)
	}
	for _, in := range []*sandboxv1.SendProcessInputRequest{{Stdin: []byte("first\nsec")}, {Stdin: []byte("ond"), CloseStdin: true}} {
		in.Name, in.Process = name, p.GetId()
		if _, err := e.api.SendProcessInput(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	ended := e.waitProcess(name, p.GetId())
	if ended.GetExitCode() != 5 || ended.GetEndTime() == nil || ended.GetOomKilled() || ended.GetTimedOut() {
		t.Errorf("ended: %v", ended)
	}
	all := e.attach(t.Context(), name, p.GetId(), 0)
	if exit := all.finish(); exit.GetExitCode() != 5 || all.text != "out €\ngot first\nsecond" || all.errs != "err\n" || all.next != ended.GetOutputBytes() {
		t.Errorf("%v, stdout %q, stderr %q, up to %d", exit, all.text, all.errs, all.next)
	}

	killed := e.background(name, "sleep 678 & wait")
	for e.shell(name, "ps | grep '[s]leep 678'") == "" {
	}
	if _, err := e.api.SignalProcess(t.Context(), &sandboxv1.SignalProcessRequest{Name: name, Process: killed.GetId(), Signal: 9}); err != nil {
		t.Fatal(err)
	}
	if got := e.waitProcess(name, killed.GetId()); got.GetExitCode() != 137 || got.GetOomKilled() {
		t.Errorf("killed: %v", got)
	}
	timed := e.startProcess(&sandboxv1.StartProcessRequest{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "600"}, Timeout: durationpb.New(50 * time.Millisecond)},
	})
	if got := e.waitProcess(name, timed.GetId()); got.GetExitCode() != 137 || !got.GetTimedOut() {
		t.Errorf("timed out: %v", got)
	}
	terminal := e.startProcess(&sandboxv1.StartProcessRequest{
		Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "stty size; read a; stty size"}}, Terminal: &sandboxv1.ProcessTerminalSize{Width: 91, Height: 33},
	})
	typing := e.attach(t.Context(), name, terminal.GetId(), 0)
	typing.until("33 91")
	if _, err := e.api.SendProcessInput(t.Context(), &sandboxv1.SendProcessInputRequest{
		Name: name, Process: terminal.GetId(), Resize: &sandboxv1.ProcessTerminalSize{Width: 100, Height: 50}, Stdin: []byte("x\n"),
	}); err != nil {
		t.Fatal(err)
	}
	if typing.finish(); !strings.Contains(typing.text, "50 100") || !terminal.GetHasTerminal() {
		t.Errorf("at a terminal: %q", typing.text)
	}

	list, err := e.api.ListProcesses(t.Context(), &sandboxv1.ListProcessesRequest{Name: name})
	if err != nil || len(list.GetProcesses()) != 4 || list.GetProcesses()[3].GetId() != "p4" || list.GetProcesses()[1].GetExitCode() != 137 {
		t.Errorf("listed: %v, %v", list, err)
	}
	for _, id := range []string{"p9", "p0", "p01", "9", "p", "x", "p-1", "p99999999999999999999"} {
		_, err := e.api.WaitProcess(t.Context(), &sandboxv1.WaitProcessRequest{Name: name, Process: id})
		wantError(t, err, errdefs.NotFound, "PROCESS_NOT_FOUND")
	}
	_, err = e.api.StartProcess(t.Context(), &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"true"}, User: "zoe"}})
	wantError(t, err, errdefs.InvalidArgument, "USER_NOT_FOUND")
	_, err = e.api.SendProcessInput(t.Context(), &sandboxv1.SendProcessInputRequest{Name: name, Process: "p1", Stdin: []byte("x")})
	wantError(t, err, errdefs.FailedPrecondition, "STDIN_CLOSED")
}

// A background process, its number, its output and its input stay what they are when sandboxd is another one.
func TestBackgroundProcessSurvivesRestart(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	p := e.background(name, "echo before; read a; echo after $a; exit 3")
	f := e.attach(t.Context(), name, p.GetId(), 0)
	f.until("before\n")
	waiting := make(chan error, 1) // with a client that does not call again by itself
	go func() {
		_, err := e.api.WaitProcess(t.Context(), &sandboxv1.WaitProcessRequest{Name: name, Process: p.GetId()})
		waiting <- err
	}()
	e.Restart()
	for { // who follows is told to come back
		if _, err := f.recv(); err != nil {
			wantError(t, err, errdefs.Unavailable, "SANDBOXD_STOPPING")
			break
		}
	}
	again := e.attach(t.Context(), name, p.GetId(), f.next)
	// The connection may be about to be tried again, and what is written is not sent twice by itself.
	input := &sandboxv1.SendProcessInputRequest{Name: name, Process: p.GetId(), Stdin: []byte("all\n")}
	if _, err := e.api.SendProcessInput(t.Context(), input, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	if exit := again.finish(); exit.GetExitCode() != 3 || again.text != "after all\n" || again.lost != 0 {
		t.Errorf("%v, %q, lost %d", exit, again.text, again.lost)
	}
	wantError(t, <-waiting, errdefs.Unavailable, "SANDBOXD_STOPPING")
	ended := e.background(name, "exit 4")
	e.waitProcess(name, ended.GetId())
	e.Restart()
	if got := e.waitProcess(name, ended.GetId()); got.GetExitCode() != 4 || got.GetId() != "p2" {
		t.Errorf("after the next restart: %v", got)
	}
}

func TestBackgroundProcessIsTheTeams(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	p := e.background(name, "sleep 600")
	e.Secretsd.CreateTeam("blue")
	eve := e.Client(e.Secretsd.CreateUser("blue", "eve", identity.RoleOwner))
	_, err := eve.StartProcess(t.Context(), &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = eve.ListProcesses(t.Context(), &sandboxv1.ListProcessesRequest{Name: name})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = eve.SignalProcess(t.Context(), &sandboxv1.SignalProcessRequest{Name: name, Process: p.GetId(), Signal: 9})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = eve.SendProcessInput(t.Context(), &sandboxv1.SendProcessInputRequest{Name: name, Process: p.GetId(), Stdin: []byte("x")})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = eve.WaitProcess(t.Context(), &sandboxv1.WaitProcessRequest{Name: name, Process: p.GetId()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	stream, err := eve.AttachProcess(t.Context(), &sandboxv1.AttachProcessRequest{Name: name, Process: p.GetId()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")

	// The end of the sandbox is the end of its processes, and says so to who follows.
	f := e.attach(t.Context(), name, p.GetId(), 0)
	e.stop(name)
	_, err = f.recv()
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
	_, err = e.api.ListProcesses(t.Context(), &sandboxv1.ListProcessesRequest{Name: name})
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
}

func TestOOMIsToldFromAKill(t *testing.T) {
	e := start(t)
	s := spec()
	s.Resources = &sandboxv1.Resources{MemoryBytes: 64 << 20}
	name := e.run(s).GetName()
	const eat = "head -c 268435456 /dev/zero | tail -c 268435456 >/dev/null; kill -9 $$"
	for what, tc := range map[string]struct {
		command string
		oom     bool
	}{
		"a plain kill":      {"kill -9 $$", false},
		"want of memory":    {"exec tail -c 268435456 /dev/zero", true},
		"a child's":         {eat, true},
		"an end before all": {"exit 137", false},
	} {
		t.Run(what, func(t *testing.T) {
			got := e.exec(name, "sh", "-c", tc.command)
			if got.GetExitCode() != 137 || got.GetOomKilled() != tc.oom || got.GetTimedOut() {
				t.Errorf("Exec: %v", got)
			}
			stream := e.streamExec(t.Context(), &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", tc.command}}})
			for {
				if exit := stream.recv().GetExit(); exit != nil {
					if exit.GetExitCode() != 137 || exit.GetOomKilled() != tc.oom {
						t.Errorf("StreamExec: %v", exit)
					}
					break
				}
			}
			if p := e.waitProcess(name, e.background(name, tc.command).GetId()); p.GetExitCode() != 137 || p.GetOomKilled() != tc.oom {
				t.Errorf("a background process: %v", p)
			}
		})
	}
	resp, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sleep", "600"}, Timeout: durationpb.New(time.Millisecond)}})
	if err != nil || resp.GetExitCode() != 137 || !resp.GetTimedOut() || resp.GetOomKilled() {
		t.Errorf("timeout: %v, %v", resp, err)
	}
}
