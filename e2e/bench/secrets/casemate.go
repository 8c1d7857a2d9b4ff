package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"google.golang.org/grpc"

	"github.com/casemate/casemate/e2e/stack"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

const (
	team = "bench"
	// value is as long as an API key.
	value = "0123456789abcdef0123456789abcdef"
	// perSecret is how many versions a client adds to a secret before it takes its next.
	perSecret = 100
	// batchMax is the largest batch that is measured.
	batchMax = 20
)

// prepare makes the team, its key and the secrets that are read, and one connection to secretsd for each client, over mTLS
// as sandboxd.
func prepare(ctx context.Context, st *stack.Stack, clients int) (conns []*grpc.ClientConn, err error) {
	if _, err := st.CLI(ctx, st.OperatorKey, "", "team", "create", team); err != nil {
		return nil, err
	}
	key, err := st.NewKey(ctx, team, "run", "manage", "read")
	if err != nil {
		return nil, err
	}
	for range clients {
		conn, err := st.DialSecretsdAsSandboxd(key)
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
	}
	secrets := secretsv1.NewSecretsManagerClient(conns[0])
	for i := range batchMax {
		_, err = secrets.CreateSecret(ctx, &secretsv1.CreateSecretRequest{
			Parent: "teams/" + team, SecretId: fmt.Sprint("READ_", i), Data: []byte(value),
		})
		if err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// access reads one value.
func access(ctx context.Context, conn *grpc.ClientConn) func() error {
	secrets := secretsv1.NewSecretsManagerClient(conn)
	req := &secretsv1.AccessSecretVersionRequest{Name: "teams/" + team + "/secrets/READ_0/versions/latest"}
	return func() error {
		resp, err := secrets.AccessSecretVersion(ctx, req)
		if err == nil && string(resp.GetData()) != value {
			err = errors.New("a wrong value")
		}
		return err
	}
}

// batch resolves n references, as sandboxd does for one sandbox.
func batch(ctx context.Context, conn *grpc.ClientConn, n int) func() error {
	secrets := secretsv1.NewSecretsManagerClient(conn)
	req := &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: "teams/" + team, Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
	}
	for i := range n {
		req.References = append(req.References, &secretsv1.SecretVersionReference{SecretId: fmt.Sprint("READ_", i)})
	}
	return func() error {
		req.SandboxId = rand.Text() // values are given for a sandbox once
		resp, err := secrets.BatchAccessSecretVersions(ctx, req)
		if err == nil && len(resp.GetValues()) != n {
			err = fmt.Errorf("%d values for %d references", len(resp.GetValues()), n)
		}
		return err
	}
}

// add adds versions to secrets of the client's own, which it makes when it needs one.
func add(ctx context.Context, conn *grpc.ClientConn, client int) func() error {
	secrets := secretsv1.NewSecretsManagerClient(conn)
	var name string
	n := 0
	return func() error {
		if n%perSecret == 0 {
			made, err := secrets.CreateSecret(ctx, &secretsv1.CreateSecretRequest{
				Parent: "teams/" + team, SecretId: fmt.Sprintf("ADD_%d_%d", client, n/perSecret), Data: []byte(value),
			})
			if err != nil {
				return err
			}
			name = made.GetSecret().GetName()
			n++
			return nil
		}
		n++
		_, err := secrets.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: name, Data: []byte(value)})
		return err
	}
}

func closeAll(conns []*grpc.ClientConn) error {
	var errs []error
	for _, c := range conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
