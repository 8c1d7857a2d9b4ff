package grpcserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

func appendKey(ctx context.Context, k apikey.Key) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+k.Reveal())
}

// logText is every line with every field, as JSON.
func (e *edge) logText(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level", EncodeLevel: zapcore.LowercaseLevelEncoder})
	for _, entry := range e.logs.All() {
		line, err := encoder.EncodeEntry(entry.Entry, entry.Context)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line.Bytes())
	}
	return b.String()
}

// finished returns the fields of the only line about a finished call of method.
func (e *edge) finished(t *testing.T, method string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, line := range strings.Split(strings.TrimSpace(e.logText(t)), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if fields["msg"] == "finished call" && fields["grpc.method"] == method {
			found = append(found, fields)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines about %s, want 1:\n%s", len(found), method, e.logText(t))
	}
	return found[0]
}

func TestErrorsAtTheEdge(t *testing.T) {
	e := start(t, edgeOptions{})
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	ctx, key := withKey(t)
	tests := []struct {
		name    string
		call    func(ctx context.Context, opts ...grpc.CallOption) error
		code    codes.Code
		reason  string
		message string // %s is the request id
		level   string
	}{
		{"GetSecret", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := client.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "x"}, opts...)
			return err
		}, codes.Internal, "INTERNAL", "internal error (request id %s)", "error"},
		{"ListAPIKeys", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := client.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: "x"}, opts...)
			return err
		}, codes.Internal, "INTERNAL", "internal error (request id %s)", "error"},
		{"GetTeam", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := client.GetTeam(ctx, &secretsv1.GetTeamRequest{Name: "x"}, opts...)
			return err
		}, codes.Internal, "INTERNAL", "internal error (request id %s)", "error"},
		{"ListTeams", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := client.ListTeams(ctx, &secretsv1.ListTeamsRequest{}, opts...)
			return err
		}, codes.NotFound, "TEAM_NOT_FOUND", "team ml does not exist", "info"},
		{"VerifyAuditLog", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := client.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{}, opts...)
			return err
		}, codes.Unimplemented, "UNIMPLEMENTED", "method VerifyAuditLog not implemented", "info"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var header metadata.MD
			err := tt.call(ctx, grpc.Header(&header))
			st := status.Convert(err)
			id := strings.Join(header.Get("x-request-id"), ",")
			if id == "" {
				t.Fatal("no x-request-id came back")
			}
			want := tt.message
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, id)
			}
			if st.Code() != tt.code || st.Message() != want {
				t.Errorf("status = %v %q, want %v %q", st.Code(), st.Message(), tt.code, want)
			}
			if got := errdefs.ReasonOf(errgrpc.FromError(err)); got != tt.reason {
				t.Errorf("reason = %q, want %q", got, tt.reason)
			}
			if text := fmt.Sprint(st.Proto()); strings.Contains(text, marker) || strings.Contains(text, "row 7") || strings.Contains(text, "boom") {
				t.Errorf("the client is told of the inside: %s", text)
			}
			line := e.finished(t, tt.name)
			if line["level"] != tt.level || line["grpc.code"] != tt.code.String() || line["request_id"] != id {
				t.Errorf("log line %v: want level %s, code %s, request id %s", line, tt.level, tt.code, id)
			}
		})
	}
	line := e.finished(t, "ListTeams")
	if line["user"] != "ada" || line["api_key_id"] != key.ID() || line["reason"] != "TEAM_NOT_FOUND" || line["grpc.time_ms"] == nil && line["grpc.duration"] == nil {
		t.Errorf("log line lacks something: %v", line)
	}
	// The log has the whole story of an unknown error, and a stack for each of the two panics.
	if text := e.logText(t); !strings.Contains(text, "reading row 7: disk I/O error") || strings.Count(text, `"stack":`) != 2 {
		t.Errorf("the log lacks the inside story:\n%s", text)
	}
}

func TestPanicInAStream(t *testing.T) {
	e := start(t, edgeOptions{})
	ctx, _ := withKey(t)
	stream, err := sandboxv1.NewSandboxServiceClient(e.dial(t, "")).StreamExec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: []byte("panic")}}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	header, _ := stream.Header()
	want := fmt.Sprintf("internal error (request id %s)", strings.Join(header.Get("x-request-id"), ""))
	if st := status.Convert(err); st.Code() != codes.Internal || st.Message() != want {
		t.Errorf("err = %v, want %q", err, want)
	}
}

func TestNeitherPayloadsNorCredentialsAreLogged(t *testing.T) {
	e := start(t, edgeOptions{})
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	ctx, key := withKey(t)
	ctx = metadata.AppendToOutgoingContext(ctx, "x-other", marker, "x-request-id", marker+" with a space")
	if _, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "x", Data: []byte(marker)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Data: []byte(marker)}); status.Code(err) != codes.InvalidArgument {
		t.Fatalf("err = %v", err)
	}
	if _, err := client.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.WhoAmI(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+marker), &secretsv1.WhoAmIRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Fatalf("err = %v", err)
	}
	text := e.logText(t)
	for name, secret := range map[string]string{"payload or metadata": marker, "base64 payload": "bWFya2VyLTdmM2", "API key": key.Reveal()[20:]} {
		if strings.Contains(text, secret) {
			t.Errorf("the log shows the %s:\n%s", name, text)
		}
	}
}

func TestRequestID(t *testing.T) {
	e := start(t, edgeOptions{})
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	ctx, _ := withKey(t)
	for in, kept := range map[string]bool{
		"abc-1.2_X": true, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false, "two words": false, "a/b": false, "": false,
	} {
		var header metadata.MD
		resp, err := client.WhoAmI(metadata.AppendToOutgoingContext(ctx, "x-request-id", in), &secretsv1.WhoAmIRequest{}, grpc.Header(&header))
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.GetApiKeyId(); got == "" || (got == in) != kept || header.Get("x-request-id")[0] != got {
			t.Errorf("request id %q became %q, header %v", in, got, header.Get("x-request-id"))
		}
	}
}

func TestAuthentication(t *testing.T) {
	e := start(t, edgeOptions{})
	conn := e.dial(t, "")
	client := secretsv1.NewSecretsManagerClient(conn)
	if _, err := client.WhoAmI(t.Context(), &secretsv1.WhoAmIRequest{}); status.Code(err) != codes.Unauthenticated ||
		errdefs.ReasonOf(errgrpc.FromError(err)) != apikey.ReasonMissing {
		t.Errorf("without a key: %v", err)
	}
	// Who has no key learns nothing of what is a valid request.
	if _, err := client.GetSecret(t.Context(), &secretsv1.GetSecretRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("an invalid request without a key: %v", err)
	}
	stream, err := sandboxv1.NewSandboxServiceClient(conn).StreamExec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("a stream without a key: %v", err)
	}
	ctx, _ := withKey(t)
	resp, err := client.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	if err != nil || resp.GetUserId() != "ada" || resp.GetTeam() != "" {
		t.Errorf("with a key: %v, %v", resp, err)
	}
}

func TestPeerID(t *testing.T) {
	e := start(t, edgeOptions{})
	ctx, _ := withKey(t)
	resp, err := secretsv1.NewSecretsManagerClient(e.dial(t, "sandboxd")).WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	if err != nil || resp.GetTeam() != "spiffe://casemate.local/sandboxd" {
		t.Errorf("peer = %q, %v", resp.GetTeam(), err)
	}
}

func TestHealthAndReflectionNeedNoKey(t *testing.T) {
	e := start(t, edgeOptions{})
	conn := e.dial(t, "")
	for _, service := range []string{"", "casemate.secrets.v1.SecretsManager"} {
		resp, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service}, grpc.WaitForReady(true))
		if err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("health of %q: %v, %v", service, resp.GetStatus(), err)
		}
	}
	stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	resp, err := stream.Recv()
	if err != nil || !strings.Contains(fmt.Sprint(resp), "casemate.secrets.v1.SecretsManager") {
		t.Errorf("reflection: %v, %v", resp, err)
	}
	if text := e.logText(t); strings.Contains(text, "grpc.health") {
		t.Errorf("health checks are logged:\n%s", text)
	}
}

func TestValidation(t *testing.T) {
	e := start(t, edgeOptions{})
	conn := e.dial(t, "")
	ctx, _ := withKey(t)
	fields := func(err error) string {
		var out []string
		for _, d := range status.Convert(err).Details() {
			if b, ok := d.(*errdetails.BadRequest); ok {
				for _, v := range b.GetFieldViolations() {
					out = append(out, v.GetField()+": "+v.GetDescription())
				}
			}
		}
		return strings.Join(out, "\n")
	}
	_, err := secretsv1.NewSecretsManagerClient(conn).AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{RequestId: strings.Repeat("x", 129)})
	if got := fields(err); status.Code(err) != codes.InvalidArgument || !strings.Contains(got, "parent: ") || !strings.Contains(got, "request_id: ") {
		t.Errorf("unary: %v with violations %q", err, got)
	}
	if e := errgrpc.FromError(err); errdefs.ReasonOf(e) != "INVALID_ARGUMENT" || !strings.HasPrefix(e.Error(), "2 fields are invalid: ") {
		t.Errorf("unary: %v", e)
	}
	stream, err := sandboxv1.NewSandboxServiceClient(conn).StreamExec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Signal{Signal: 99}}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	if got := fields(err); status.Code(err) != codes.InvalidArgument || !strings.HasPrefix(got, "signal: ") {
		t.Errorf("stream: %v with violations %q", err, got)
	}
}

// TestMessageTooLarge sends unary messages around the most that the server takes, which is 1 MiB. What is larger by more than
// tooLargeRoom can't be given a reason: grpc-go looks at the length that a message begins with, and RecvMsg of its own stream
// writes the status there and then, before a handler, an interceptor or a codec has seen the call.
func TestMessageTooLarge(t *testing.T) {
	e := start(t, edgeOptions{})
	ctx, _ := withKey(t)
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	add := func(bytes int) error {
		_, err := client.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/A", Data: make([]byte, bytes)})
		return err
	}
	if err := add(1<<20 - 100); errdefs.ReasonOf(errgrpc.FromError(err)) == "MESSAGE_TOO_LARGE" {
		t.Errorf("a message of the most that is taken: %v", err)
	}
	for _, bytes := range []int{1 << 20, 2<<20 - 100} {
		refused := wantReason(t, add(bytes), errdefs.ResourceExhausted, "MESSAGE_TOO_LARGE")
		if strings.Contains(refused.Message, "grpc") {
			t.Errorf("the words are %q", refused.Message)
		}
	}
	if err := add(2 << 20); status.Code(err) != codes.ResourceExhausted || len(status.Convert(err).Details()) != 0 {
		t.Errorf("a message that gRPC refuses: %v", err)
	}
	if n := e.logs.FilterMessage("finished call").Len(); n != 3 { // all but gRPC's own
		t.Errorf("%d calls in the log", n)
	}
}

func TestMessageTooLargeForAStream(t *testing.T) {
	e := start(t, edgeOptions{})
	ctx, _ := withKey(t)
	stream, err := sandboxv1.NewSandboxServiceClient(e.dial(t, "")).StreamExec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Stdin{Stdin: make([]byte, 2<<20)}}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("err = %v", err)
	}
	e.stop()
	e.wait(t)
	if line := e.finished(t, "StreamExec"); line["reason"] != "MESSAGE_TOO_LARGE" || line["level"] != "warn" {
		t.Errorf("a client's mistake is logged as %v", line)
	}
}

func TestMetricsCountFinalCodes(t *testing.T) {
	e := start(t, edgeOptions{})
	ctx, _ := withKey(t)
	client := secretsv1.NewSecretsManagerClient(e.dial(t, ""))
	_, _ = client.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
	_, _ = client.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "x"})
	families, err := e.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "grpc_server_handled_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			counted[labels["grpc_method"]+" "+labels["grpc_code"]] = m.GetCounter().GetValue()
		}
	}
	if want := map[string]float64{"ListTeams NotFound": 1, "GetSecret Internal": 1}; !maps.Equal(counted, want) {
		t.Errorf("counted %v, want %v", counted, want)
	}
}
