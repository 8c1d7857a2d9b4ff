package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// checks are what every language's client must do, by the names that the harness wants to see.
var checks = []struct {
	name string
	run  func(*interop, context.Context) error
}{
	{"unary/secretsd", func(i *interop, ctx context.Context) error { return i.whoAmI(ctx, i.team) }},
	{"unary/sandboxd", (*interop).unarySandboxd},
	{"server-stream/sandboxd", (*interop).logs},
	{"bidi/sandboxd", (*interop).cat},
	{"deadline/secretsd", (*interop).deadlineSecretsd},
	{"deadline/sandboxd", (*interop).deadlineSandboxd},
	{"cancel/sandboxd", (*interop).cancel},
	{"large/sandboxd", (*interop).largeFile},
	{"large/secretsd", (*interop).largeSecret},
	{"checksum/secretsd", (*interop).checksum},
	{"request-id/secretsd", func(i *interop, ctx context.Context) error {
		return requestID(ctx, func(ctx context.Context, o ...grpc.CallOption) error {
			_, err := i.secrets.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}, o...)
			return err
		})
	}},
	{"request-id/sandboxd", func(i *interop, ctx context.Context) error {
		return requestID(ctx, func(ctx context.Context, o ...grpc.CallOption) error {
			_, err := i.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: i.sandbox}, o...)
			return err
		})
	}},
	{"typed-error/secretsd", func(i *interop, ctx context.Context) error {
		_, err := i.secrets.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: i.team + "/secrets/MISSING"})
		return wantReason(err, "SECRET_NOT_FOUND")
	}},
	{"typed-error/sandboxd", func(i *interop, ctx context.Context) error {
		_, err := i.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: i.team + "/sandboxes/sb-missing"})
		return wantReason(err, "SANDBOX_NOT_FOUND")
	}},
	{"restart/secretsd", func(i *interop, ctx context.Context) error {
		if err := i.restart("secretsd"); err != nil {
			return err
		}
		return i.whoAmI(ctx, i.team)
	}},
	{"restart/sandboxd", (*interop).restartSandboxd},
}

func (i *interop) whoAmI(ctx context.Context, team string) error {
	me, err := i.secrets.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	if err == nil && me.GetTeam() != team {
		err = fmt.Errorf("the key's team is %s", me.GetTeam())
	}
	return err
}

// output runs a command to its end and returns its stdout.
func (i *interop) output(ctx context.Context, argv ...string) (string, error) {
	resp, err := i.sandboxes.Exec(ctx, &sandboxv1.ExecRequest{Name: i.sandbox, Spec: &sandboxv1.ExecSpec{Command: argv}})
	return string(resp.GetStdout()), err
}

func (i *interop) unarySandboxd(ctx context.Context) error {
	out, err := i.output(ctx, "echo", "hello")
	if err == nil && out != "hello\n" {
		err = fmt.Errorf("echo printed %q", out)
	}
	return err
}

func (i *interop) logs(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := i.sandboxes.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: i.sandbox, Follow: true})
	if err != nil {
		return err
	}
	const want = "from the main process\n"
	var log []byte
	for len(log) < len(want) {
		piece, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("after %q: %w", log, err)
		}
		log = append(log, piece.GetData()...)
	}
	if string(log) != want {
		return fmt.Errorf("the log is %q", log)
	}
	return nil
}

// start begins a StreamExec and returns when the command runs.
func (i *interop) start(ctx context.Context, argv ...string) (sandboxv1.SandboxService_StreamExecClient, error) {
	stream, err := i.sandboxes.StreamExec(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{
		Start: &sandboxv1.StreamExecStart{Name: i.sandbox, Spec: &sandboxv1.ExecSpec{Command: argv}},
	}})
	if err != nil {
		return nil, err
	}
	first, err := stream.Recv()
	if err == nil && first.GetStarted().GetPid() == 0 {
		err = fmt.Errorf("the first message is %v", first)
	}
	return stream, err
}

func (i *interop) cat(ctx context.Context) error {
	stream, err := i.start(ctx, "cat")
	if err != nil {
		return err
	}
	for _, line := range []string{"one\n", "two\n"} {
		if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte(line)}}); err != nil {
			return err
		}
		// Each line comes back before the next one goes: both directions are open at once.
		var back []byte
		for len(back) < len(line) {
			piece, err := stream.Recv()
			if err != nil {
				return err
			}
			back = append(back, piece.GetStdout()...)
		}
		if string(back) != line {
			return fmt.Errorf("%q came back as %q", line, back)
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	last, err := stream.Recv()
	if err != nil {
		return err
	}
	if exit := last.GetExit(); exit == nil || exit.GetExitCode() != 0 {
		return fmt.Errorf("the last message is %v", last)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("behind the last message: %w", err)
	}
	return nil
}

func wantCode(err error, want codes.Code) error {
	if status.Code(err) != want {
		return fmt.Errorf("got %w, want %v", err, want)
	}
	return nil
}

func (i *interop) deadlineSecretsd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Microsecond)
	defer cancel()
	_, err := i.secrets.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	return wantCode(err, codes.DeadlineExceeded)
}

func (i *interop) deadlineSandboxd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := i.output(ctx, "sleep", "30")
	return wantCode(err, codes.DeadlineExceeded)
}

func (i *interop) cancel(ctx context.Context) error {
	running, cancel := context.WithCancel(ctx)
	stream, err := i.start(running, "sleep", "1000")
	cancel()
	if err != nil {
		return err
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		return fmt.Errorf("after the cancellation: %w", err)
	}
	for {
		out, err := i.output(ctx, "sh", "-c", `for f in /proc/[0-9]*/cmdline; do tr '\0' ' ' <$f; echo; done 2>/dev/null`)
		if err != nil {
			return fmt.Errorf("looking for the command: %w", err)
		}
		if !strings.Contains(out, "sleep 600 ") {
			return fmt.Errorf("the main process is not among:\n%s", out)
		}
		if !strings.Contains(out, "sleep 1000 ") {
			return nil
		}
	}
}

func (i *interop) largeFile(ctx context.Context) error {
	content := make([]byte, 8<<20)
	_, _ = rand.Read(content)
	if _, err := i.sandboxes.WriteFile(ctx, &sandboxv1.WriteFileRequest{Name: i.sandbox, Path: "/tmp/large", Content: content}); err != nil {
		return err
	}
	back, err := i.sandboxes.ReadFile(ctx, &sandboxv1.ReadFileRequest{Name: i.sandbox, Path: "/tmp/large"})
	if err == nil && !bytes.Equal(back.GetContent(), content) {
		err = fmt.Errorf("%d other bytes came back", len(back.GetContent()))
	}
	return err
}

func (i *interop) largeSecret(ctx context.Context) error {
	value := make([]byte, 64<<10)
	_, _ = rand.Read(value)
	if _, err := i.secrets.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: i.team, SecretId: "LARGE", Data: value}); err != nil {
		return err
	}
	back, err := i.secrets.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: i.team + "/secrets/LARGE/versions/latest"})
	if err == nil && !bytes.Equal(back.GetData(), value) {
		err = fmt.Errorf("%d other bytes came back", len(back.GetData()))
	}
	return err
}

// checksum has the client send and check the sum of a value, and secretsd refuse a value that was damaged on its way.
func (i *interop) checksum(ctx context.Context) error {
	const sum = 0xe3069283 // CRC32C's check value
	value := []byte("123456789")
	if _, err := i.secrets.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: i.team, SecretId: "SUMMED", Data: value}); err != nil {
		return err
	}
	name := i.team + "/secrets/SUMMED"
	back, err := i.secrets.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: name + "/versions/latest"})
	if err != nil || back.GetDataCrc32C() != sum {
		return fmt.Errorf("the sum is %x, %w", back.GetDataCrc32C(), err)
	}
	_, err = i.secrets.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: name, Data: value[1:], DataCrc32C: new(int64(sum))})
	return wantReason(err, "DATA_CORRUPTED")
}

// requestID makes a call without a request id, and one with an id of the client's.
func requestID(ctx context.Context, call func(context.Context, ...grpc.CallOption) error) error {
	const key = "x-request-id"
	var header metadata.MD
	if err := call(ctx, grpc.Header(&header)); err != nil {
		return err
	}
	if ids := header.Get(key); len(ids) != 1 || ids[0] == "" {
		return fmt.Errorf("the server's request id is %q", ids)
	}
	if err := call(metadata.AppendToOutgoingContext(ctx, key, "interop-go"), grpc.Header(&header)); err != nil {
		return err
	}
	if ids := header.Get(key); len(ids) != 1 || ids[0] != "interop-go" {
		return fmt.Errorf("the client's request id comes back as %q", ids)
	}
	return nil
}

func wantReason(err error, reason string) error {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetReason() == reason && info.GetDomain() == "casemate.dev" {
			return nil
		}
	}
	return fmt.Errorf("got %w, want reason %s", err, reason)
}

func (i *interop) restartSandboxd(ctx context.Context) error {
	if err := i.restart("sandboxd"); err != nil {
		return err
	}
	got, err := i.sandboxes.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: i.sandbox})
	if err != nil {
		return err
	}
	if got.GetSandbox().GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		return fmt.Errorf("the sandbox is %v after the restart", got.GetSandbox().GetState())
	}
	return i.unarySandboxd(ctx)
}
