package cmd

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/resource"
)

// host is a SandboxService whose only sandbox is this machine: real processes and real terminals, without isolation. It is there to test the other side of the wire.
type host struct {
	sandboxv1.UnimplementedSandboxServiceServer

	download []*sandboxv1.DownloadArchiveResponse // what it sends of any file
	log      []*sandboxv1.StreamLogsResponse      // what it sends of any log; nil: a line of each stream

	changes []*sandboxv1.FileEvent // what it tells of any directory

	mu      sync.Mutex
	runs    []*sandboxv1.RunSandboxRequest
	execs   []*sandboxv1.StreamExecStart
	stopped []string
	graces  []*durationpb.Duration // of the stops
}

// startHost serves a host on loopback, behind the daemons' own middleware, and points the environment of the command line
// at it.
func startHost(t *testing.T) *host {
	t.Helper()
	h := &host{}
	server, err := grpcserver.New(grpcserver.Config{
		Logger: zap.NewNop(),
		Authenticate: func(ctx context.Context, _ string) (context.Context, error) {
			_, err := apikey.FromMetadata(ctx)
			return ctx, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sandboxv1.RegisterSandboxServiceServer(server.Registrar(), h)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, 5*time.Second, lis) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	key, err := apikey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"CASEMATE_SANDBOXD": "http://" + lis.Addr().String(), "CASEMATE_API_KEY": key.Reveal(), "CASEMATE_TEAM": "",
		"CASEMATE_CONFIG": filepath.Join(t.TempDir(), "none.yaml"),
	} {
		t.Setenv(name, value)
	}
	return h
}

func (h *host) RunSandbox(_ context.Context, req *sandboxv1.RunSandboxRequest) (*sandboxv1.RunSandboxResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs = append(h.runs, req)
	if req.GetSpec().GetImage() == "missing" {
		return nil, &errdefs.Error{
			Kind: errdefs.FailedPrecondition, Reason: "SECRETS_UNRESOLVED", Message: "2 secrets could not be resolved in team ml",
			Violations: []errdefs.Violation{
				{Subject: "teams/ml/secrets/A", Type: "SECRET_NOT_FOUND", Description: "does not exist"},
				{Subject: "teams/ml/secrets/B", Type: "PERMISSION_DENIED", Description: "may not be used"},
			},
			Metadata: map[string]string{"sandbox": "sb-2"},
		}
	}
	return &sandboxv1.RunSandboxResponse{Sandbox: &sandboxv1.Sandbox{Name: "teams/ml/sandboxes/sb-1", State: sandboxv1.SandboxState_SANDBOX_STATE_RUNNING}}, nil
}

func (h *host) StopSandbox(_ context.Context, req *sandboxv1.StopSandboxRequest) (*sandboxv1.StopSandboxResponse, error) {
	if err := known(req.GetName()); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped, h.graces = append(h.stopped, req.GetName()), append(h.graces, req.GetGracePeriod())
	return &sandboxv1.StopSandboxResponse{Sandbox: &sandboxv1.Sandbox{Name: req.GetName()}}, nil
}

// ExtendSandbox says an end that a test can know: so long after 2030 began.
func (h *host) ExtendSandbox(_ context.Context, req *sandboxv1.ExtendSandboxRequest) (*sandboxv1.ExtendSandboxResponse, error) {
	if err := known(req.GetName()); err != nil {
		return nil, err
	}
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.Local).Add(req.GetTtl().AsDuration())
	return &sandboxv1.ExtendSandboxResponse{Sandbox: &sandboxv1.Sandbox{Name: req.GetName(), ExpireTime: timestamppb.New(end)}}, nil
}

// GetSandbox knows sandboxes that may reach one block.
func (h *host) GetSandbox(_ context.Context, req *sandboxv1.GetSandboxRequest) (*sandboxv1.GetSandboxResponse, error) {
	if err := known(req.GetName()); err != nil {
		return nil, err
	}
	n := &sandboxv1.Network{
		Mode: sandboxv1.NetworkMode_NETWORK_MODE_INTERNET, Deny: []*sandboxv1.Destination{{Cidr: "203.0.113.9/32"}},
		Allow: []*sandboxv1.Destination{{
			Cidr: "203.0.113.0/24", Except: []string{"203.0.113.8/32"}, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, FirstPort: 80, LastPort: 443,
		}},
	}
	if strings.HasSuffix(req.GetName(), "/sb-web") {
		n.Ingress = []*sandboxv1.IngressRule{
			{Port: 80, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP, From: []string{"203.0.113.0/24"}},
			{Port: 53, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP, From: []string{"203.0.113.0/24", "2001:db8::/32"}},
		}
	}
	return &sandboxv1.GetSandboxResponse{Sandbox: publishing(req.GetName(), n)}, nil
}

// UpdateNetwork takes any rules.
func (h *host) UpdateNetwork(_ context.Context, req *sandboxv1.UpdateNetworkRequest) (*sandboxv1.UpdateNetworkResponse, error) {
	if err := known(req.GetName()); err != nil {
		return nil, err
	}
	return &sandboxv1.UpdateNetworkResponse{Sandbox: publishing(req.GetName(), req.GetNetwork())}, nil
}

// publishing is a sandbox whose ports are published at 31000 and further.
func publishing(name string, n *sandboxv1.Network) *sandboxv1.Sandbox {
	sb := &sandboxv1.Sandbox{Name: name, Spec: &sandboxv1.SandboxSpec{Network: n}}
	for i, r := range n.GetIngress() {
		sb.Endpoints = append(sb.Endpoints, &sandboxv1.Endpoint{Port: r.GetPort(), Protocol: r.GetProtocol(), Address: "2001:db8::1", HostPort: uint32(31000 + i)})
	}
	return sb
}

func (h *host) ListSandboxEvents(_ context.Context, req *sandboxv1.ListSandboxEventsRequest) (*sandboxv1.ListSandboxEventsResponse, error) {
	if err := known(req.GetParent()); err != nil {
		return nil, err
	}
	at := time.Date(2026, 11, 25, 1, 2, 3, 0, time.Local)
	event := func(sequence int64, after time.Duration, kind sandboxv1.SandboxEventKind, actor, detail string) *sandboxv1.SandboxEvent {
		return &sandboxv1.SandboxEvent{
			Sequence: sequence, Sandbox: "teams/ml/sandboxes/sb-1", Time: timestamppb.New(at.Add(after)), Kind: kind, Actor: actor, Detail: detail,
		}
	}
	return &sandboxv1.ListSandboxEventsResponse{Events: []*sandboxv1.SandboxEvent{
		event(7, 0, sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_CREATED, "ada", "python:3.11"),
		event(8, 18*time.Millisecond, sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_RUNNING, "", ""),
		event(9, 62*time.Second, sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_STOP_ORDERED, "ada", "grace 10s"),
		event(10, 63*time.Second, sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_ENDED, "", "COMPLETED, stopped\x1b[2J\n, exit code 0"),
	}}, nil
}

func (h *host) StatFile(context.Context, *sandboxv1.StatFileRequest) (*sandboxv1.StatFileResponse, error) {
	return &sandboxv1.StatFileResponse{File: &sandboxv1.FileInfo{Type: sandboxv1.FileType_FILE_TYPE_DIRECTORY}}, nil
}

func (h *host) DownloadArchive(_ *sandboxv1.DownloadArchiveRequest, stream grpc.ServerStreamingServer[sandboxv1.DownloadArchiveResponse]) error {
	for _, m := range h.download {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (h *host) WatchFiles(_ *sandboxv1.WatchFilesRequest, stream grpc.ServerStreamingServer[sandboxv1.WatchFilesResponse]) error {
	for _, events := range [][]*sandboxv1.FileEvent{{}, h.changes} {
		if err := stream.Send(&sandboxv1.WatchFilesResponse{Events: events}); err != nil {
			return err
		}
	}
	return errdefs.New(errdefs.FailedPrecondition, "WATCH_ENDED", "the watched directory was removed")
}

func (h *host) StreamLogs(_ *sandboxv1.StreamLogsRequest, stream grpc.ServerStreamingServer[sandboxv1.StreamLogsResponse]) error {
	pieces := h.log
	if pieces == nil {
		pieces = []*sandboxv1.StreamLogsResponse{
			{Data: []byte("to stdout\n"), Stream: sandboxv1.LogStream_LOG_STREAM_STDOUT},
			{Data: []byte("to stderr\n"), Stream: sandboxv1.LogStream_LOG_STREAM_STDERR},
		}
	}
	for _, r := range pieces {
		if err := stream.Send(r); err != nil {
			return err
		}
	}
	return nil
}

func (h *host) ImportImage(stream grpc.ClientStreamingServer[sandboxv1.ImportImageRequest, sandboxv1.ImportImageResponse]) error {
	var name string
	var size int64
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&sandboxv1.ImportImageResponse{Image: &sandboxv1.Image{Name: name, SizeBytes: size, Digest: "sha256:0123456789abcdef0123"}})
		}
		if err != nil {
			return err
		}
		if m := req.GetMetadata(); m != nil {
			name = m.GetImage()
		}
		if string(req.GetData()) == "garbage" {
			return errdefs.New(errdefs.InvalidArgument, "IMAGE_ARCHIVE_INVALID", "the upload is no image archive")
		}
		size += int64(len(req.GetData()))
	}
}

func (h *host) ListSandboxes(_ context.Context, req *sandboxv1.ListSandboxesRequest) (*sandboxv1.ListSandboxesResponse, error) {
	// Two pages, to see that both are asked for.
	if req.GetPageToken() == "" {
		return &sandboxv1.ListSandboxesResponse{NextPageToken: "2", Sandboxes: []*sandboxv1.Sandbox{{
			Name: "teams/ml/sandboxes/sb-1", State: sandboxv1.SandboxState_SANDBOX_STATE_RUNNING,
			Spec: &sandboxv1.SandboxSpec{Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}}},
		}}}, nil
	}
	code := int32(3)
	return &sandboxv1.ListSandboxesResponse{Sandboxes: []*sandboxv1.Sandbox{{
		Name: "teams/ml/sandboxes/sb-2", State: sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED, ExitCode: &code, Spec: &sandboxv1.SandboxSpec{Image: "x"},
	}}}, nil
}

// known says that only sandboxes whose id starts with sb- exist.
func known(name string) error {
	n, err := resource.ParseSandbox("name", name)
	if err == nil && n.Sandbox[:min(3, len(n.Sandbox))] != "sb-" {
		return errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "sandbox %s does not exist", n.Sandbox)
	}
	return err
}

func (h *host) StreamExec(stream grpc.BidiStreamingServer[sandboxv1.StreamExecRequest, sandboxv1.StreamExecResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if err := known(start.GetName()); err != nil {
		return err
	}
	h.mu.Lock()
	h.execs = append(h.execs, start)
	h.mu.Unlock()
	argv := start.GetSpec().GetCommand()
	if err := stream.Send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Started{Started: &sandboxv1.ExecStarted{Pid: 1}}}); err != nil {
		return err
	}
	// Like sandboxd: when the call ends, the command's process group is killed.
	cmd := exec.CommandContext(stream.Context(), argv[0], argv[1:]...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	for k, v := range start.GetSpec().GetEnvironment() {
		cmd.Env = append(os.Environ(), k+"="+v)
	}
	out := &sender{stream: stream}
	input, output, err := launch(cmd, start.GetTerminal(), out)
	if err != nil {
		return err
	}
	go feed(stream, cmd, input, start.GetTerminal() != nil)
	<-output
	_ = cmd.Wait()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	code := status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return stream.Send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Exit{Exit: &sandboxv1.ExecExit{ExitCode: int32(code)}}})
}

// launch starts cmd with pipes or a terminal. The channel is closed when all output has been sent.
func launch(cmd *exec.Cmd, size *sandboxv1.TerminalSize, out *sender) (io.WriteCloser, <-chan struct{}, error) {
	done := make(chan struct{})
	if size != nil {
		f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(size.GetWidth()), Rows: uint16(size.GetHeight())})
		if err != nil {
			return nil, nil, err
		}
		go func() {
			defer close(done)
			_, _ = io.Copy(writerFunc(out.stdout), f)
		}()
		return f, done, nil
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	// Wait copies both to their end.
	cmd.Stdout, cmd.Stderr = writerFunc(out.stdout), writerFunc(out.stderr)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	close(done)
	return in, done, nil
}

// feed carries out the client's messages until it has no more.
func feed(stream grpc.BidiStreamingServer[sandboxv1.StreamExecRequest, sandboxv1.StreamExecResponse], cmd *exec.Cmd, in io.WriteCloser, terminal bool) {
	for {
		req, err := stream.Recv()
		if err != nil {
			return
		}
		switch m := req.GetMessage().(type) {
		case *sandboxv1.StreamExecRequest_Stdin:
			_, _ = in.Write(m.Stdin)
		case *sandboxv1.StreamExecRequest_CloseStdin:
			if !terminal {
				_ = in.Close()
			}
		case *sandboxv1.StreamExecRequest_Signal:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.Signal(m.Signal))
		case *sandboxv1.StreamExecRequest_Resize:
			if f, ok := in.(*os.File); ok && terminal {
				_ = pty.Setsize(f, &pty.Winsize{Cols: uint16(m.Resize.GetWidth()), Rows: uint16(m.Resize.GetHeight())})
			}
		}
	}
}

// sender lets stdout and stderr send at the same time.
type sender struct {
	mu     sync.Mutex
	stream grpc.BidiStreamingServer[sandboxv1.StreamExecRequest, sandboxv1.StreamExecResponse]
}

func (s *sender) stdout(p []byte) error {
	return s.send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Stdout{Stdout: p}})
}

func (s *sender) stderr(p []byte) error {
	return s.send(&sandboxv1.StreamExecResponse{Message: &sandboxv1.StreamExecResponse_Stderr{Stderr: p}})
}

func (s *sender) send(m *sandboxv1.StreamExecResponse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream.Send(m)
}

type writerFunc func([]byte) error

func (f writerFunc) Write(p []byte) (int, error) { return len(p), f(p) }
