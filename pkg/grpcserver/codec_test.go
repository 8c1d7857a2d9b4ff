package grpcserver_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// garbage is a client's codec that sends bytes which are no message.
type garbage struct{}

func (garbage) Name() string { return "proto" }
func (garbage) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer("\x0a\xff" + marker)}, nil
}
func (garbage) Unmarshal(data mem.BufferSlice, v any) error {
	return proto.Unmarshal(data.Materialize(), v.(proto.Message))
}

// TestMalformedMessages sends what is no message: it is the client's mistake, told with a reason, and a line in the log.
func TestMalformedMessages(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true})
	conn, option := e.dial(t, ""), grpc.ForceCodecV2(garbage{})
	ctx, _ := withKey(t)
	_, err := secretsv1.NewSecretsManagerClient(conn).AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{}, option)
	refused := wantReason(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	if !strings.Contains(refused.Message, "casemate.secrets.v1.AccessSecretVersionRequest") || strings.Contains(refused.Message, marker) {
		t.Errorf("the words are %q", refused.Message)
	}
	stream, err := sandboxv1.NewSandboxServiceClient(conn).StreamExec(ctx, option)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&sandboxv1.StreamExecRequest{}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantReason(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	if n := e.logs.FilterMessage("finished call").Len(); n != 2 {
		t.Errorf("%d calls in the log", n)
	}
	_, err = secretsv1.NewSecretsManagerClient(conn).AccessSecretVersion(t.Context(), &secretsv1.AccessSecretVersionRequest{}, option)
	wantReason(t, err, errdefs.Unauthenticated, "API_KEY_MISSING") // who has no key is told that first
}
