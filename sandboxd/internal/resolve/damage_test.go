package resolve_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// damager passes batches on to the real secretsd, and damages what comes back.
type damager struct {
	secretsv1.UnimplementedSecretsManagerServer

	next   secretsv1.SecretsManagerClient
	damage func([]*secretsv1.AccessedSecretVersion)
}

func (d *damager) BatchAccessSecretVersions(
	ctx context.Context, req *secretsv1.BatchAccessSecretVersionsRequest,
) (*secretsv1.BatchAccessSecretVersionsResponse, error) {
	in, _ := metadata.FromIncomingContext(ctx)
	out := metadata.AppendToOutgoingContext(ctx, apikey.HeaderAuthorization, in.Get(apikey.HeaderAuthorization)[0])
	resp, err := d.next.BatchAccessSecretVersions(out, req)
	if err == nil {
		d.damage(resp.GetValues())
	}
	return resp, err
}

func TestDamagedValuesAreNotTaken(t *testing.T) {
	s, _ := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "A", "hunter2")
	s.CreateSecret("red", "B", "hunter3")
	files := s.Certs.Files(identity.WorkloadSecretsd)
	config, err := mtls.ServerConfig(files, mtls.ServerOptions{Public: true})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	d := &damager{next: s.SandboxdClient("")}
	secretsv1.RegisterSecretsManagerServer(server, d)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	c := connect(t, s, identity.WorkloadSandboxd, lis.Addr().String())
	for name, test := range map[string]struct {
		damage func([]*secretsv1.AccessedSecretVersion)
		reason string
	}{
		"nothing":          {func([]*secretsv1.AccessedSecretVersion) {}, ""},
		"one bit":          {func(v []*secretsv1.AccessedSecretVersion) { v[1].Data[3] ^= 4 }, resolve.ReasonCorrupted},
		"cut off":          {func(v []*secretsv1.AccessedSecretVersion) { v[0].Data = v[0].Data[:6] }, resolve.ReasonCorrupted},
		"swapped":          {func(v []*secretsv1.AccessedSecretVersion) { v[0].Data, v[1].Data = v[1].Data, v[0].Data }, resolve.ReasonCorrupted},
		"without checksum": {func(v []*secretsv1.AccessedSecretVersion) { v[0].DataCrc32C = 0 }, resolve.ReasonCorrupted},
	} {
		d.damage = test.damage
		values, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-" + strings.ReplaceAll(name, " ", "-"), Refs: []sandbox.SecretRef{
			{Secret: "A", EnvVar: "A"}, {Secret: "B", EnvVar: "B"},
		}})
		if errdefs.ReasonOf(err) != test.reason || (len(values) == 2) != (test.reason == "") {
			t.Errorf("%s: %d values, %v; want reason %q", name, len(values), err, test.reason)
		}
		if err != nil && slices.ContainsFunc([]string{"hunter2", "hunter3"}, func(v string) bool { return strings.Contains(err.Error(), v) }) {
			t.Errorf("%s: the error holds a value", name)
		}
	}
}
