package rpc_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// watching is an open watch of a workload.
type watching struct {
	t      *testing.T
	stream grpc.ServerStreamingClient[secretsv1.WatchRevocationsResponse]
	opened *secretsv1.WatchOpened
}

func watch(t *testing.T, c secretsv1.SecretsManagerClient) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	stream, err := c.WatchRevocations(ctx, &secretsv1.WatchRevocationsRequest{})
	must(t, err)
	w := &watching{t: t, stream: stream}
	if w.opened = w.next().GetOpened(); w.opened == nil {
		t.Fatal("the first event is not that the watch is open")
	}
	return w
}

func (w *watching) next() *secretsv1.WatchRevocationsResponse {
	w.t.Helper()
	event, err := w.stream.Recv()
	must(w.t, err)
	return event
}

func (w *watching) wantRevoked(version string, ids ...string) {
	w.t.Helper()
	got := w.next().GetVersionRevoked()
	if got.GetVersion() != version || len(got.GetSandboxIds()) != len(ids) || got.GetAction() != secretsv1.RevokeAction_REVOKE_ACTION_STOP {
		w.t.Fatalf("event %v, want %s held by %v", got, version, ids)
	}
	for i, id := range ids {
		if got.GetSandboxIds()[i] != id {
			w.t.Errorf("event %v, want %v", got, ids)
		}
	}
}

// TestWorkloadRPCs are for the workloads that secretsd trusts, whatever key is shown.
func TestWorkloadRPCs(t *testing.T) {
	s := start(t)
	s.Certs.Issue(t, "other")
	for _, method := range []string{"WatchRevocations", "ReportSandboxes"} {
		must(t, calls[method](t.Context(), s.SandboxdClient(""), target{}))
		before := len(s.AuditEntries())
		wantError(t, calls[method](t.Context(), s.Client(s.OperatorKey), target{}), errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
		if n := len(s.AuditEntries()) - before; n != 0 {
			t.Errorf("%s: %d entries by somebody without a certificate, who could fill the log", method, n)
		}
		other := secretsv1.NewSecretsManagerClient(s.WorkloadConn("other", s.OperatorKey))
		wantError(t, calls[method](t.Context(), other, target{}), errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
		// Nor can who has some certificate of the trust domain: its attempts are gathered until secretsd has stopped.
		wantError(t, calls[method](t.Context(), other, target{}), errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED")
		if n := len(s.AuditEntries()) - before; n != 0 {
			t.Errorf("%s: %d durable entries of two attempts", method, n)
		}
		s.Restart()
		entries := s.AuditEntries()[before:]
		if len(entries) != 1 || entries[0].GetReason() != "WORKLOAD_NOT_ALLOWED" || entries[0].GetPeer() != "spiffe://casemate.local/other" ||
			entries[0].GetUserId() != "" || entries[0].GetResource() != "sandboxes#attempts=2" {
			t.Errorf("%s: entries %v", method, entries)
		}
	}
}

func TestWatchTellsUntilItIsDone(t *testing.T) {
	s := start(t, secretsdtest.WithResolvers(sandboxdID, "spiffe://casemate.local/second"))
	s.Certs.Issue(t, "second")
	bob := s.CreateUser("ml", "bob", identity.RoleMember)
	ctx := t.Context()
	release := func(workload, version string) string {
		t.Helper()
		req := batchOf("ml", "HF_TOKEN")
		req.References[0].Version = version
		must(t, second(secretsv1.NewSecretsManagerClient(s.WorkloadConn(workload, bob)).BatchAccessSecretVersions(ctx, req)))
		return req.GetSandboxId()
	}
	client, neighbour := s.SandboxdClient(""), secretsv1.NewSecretsManagerClient(s.WorkloadConn("second", ""))
	const version = "teams/ml/secrets/HF_TOKEN/versions/2"
	a, b := release(identity.WorkloadSandboxd, ""), release(identity.WorkloadSandboxd, "")
	theirs := release("second", "")

	w, v := watch(t, client), watch(t, neighbour)
	if n := s.RevokeVersion("ml", "HF_TOKEN", "2"); n != 3 {
		t.Errorf("%d holders, want 3", n)
	}
	w.wantRevoked(version, a, b)
	v.wantRevoked(version, theirs)

	// A workload ends its own sandboxes only.
	must(t, second(neighbour.ReportSandboxes(ctx, &secretsv1.ReportSandboxesRequest{EndedSandboxIds: []string{a, b}, AsOf: 1 << 40, RunningSandboxIds: []string{theirs}})))
	before := len(s.AuditEntries())
	must(t, second(client.ReportSandboxes(ctx, &secretsv1.ReportSandboxesRequest{EndedSandboxIds: []string{a}})))
	entries := s.AuditEntries()[before:]
	if len(entries) != 1 || entries[0].GetAction() != "sandbox.end" || entries[0].GetSandboxId() != a || entries[0].GetTeam() != "teams/ml" ||
		entries[0].GetResource() != "teams/ml/sandboxes/"+a || entries[0].GetPeer() != sandboxdID {
		t.Errorf("entries %v, want the end of %s", entries, a)
	}

	// What is left is told again, also after a restart, until the version is trusted again.
	watch(t, client).wantRevoked(version, b)
	s.Restart()
	client = s.SandboxdClient("")
	watch(t, client).wantRevoked(version, b)
	must(t, second(s.Client(s.OperatorKey).EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: version})))
	c, old := release(identity.WorkloadSandboxd, ""), release(identity.WorkloadSandboxd, "1")
	w = watch(t, client)
	s.RevokeVersion("ml", "HF_TOKEN", "1") // which is all that there is now
	w.wantRevoked("teams/ml/secrets/HF_TOKEN/versions/1", old)
	s.RevokeVersion("ml", "HF_TOKEN", "2")
	w.wantRevoked(version, b, c)
}

func TestWatchTellsOfCallers(t *testing.T) {
	s, _, trust := startWithTrust(t)
	key := s.CreateUser("ml", "bob", identity.RoleMember)
	root := s.Client(s.OperatorKey)
	w := watch(t, s.SandboxdClient(""))
	change := func(what string, do func()) {
		t.Helper()
		do()
		if w.next().GetCallersChanged() == nil {
			t.Errorf("%s: not told", what)
		}
	}
	change("a key is revoked", func() { s.RevokeKey("ml", key) })
	change("a role is changed", func() {
		must(t, second(root.UpdateMember(t.Context(), &secretsv1.UpdateMemberRequest{
			Name: "teams/ml/members/bob", Role: secretsv1.Role_ROLE_ADMIN,
		})))
	})
	rotates := s.Client(s.CreateKey("ml", "bob"))
	change("a key is rotated", func() { must(t, second(rotates.RotateAPIKey(t.Context(), &secretsv1.RotateAPIKeyRequest{}))) })
	change("a trust is removed, with its keys", func() {
		must(t, second(root.DeleteOIDCTrust(t.Context(), &secretsv1.DeleteOIDCTrustRequest{Name: trust.GetName()})))
	})
	change("a member is removed", func() { s.RemoveUser("ml", "bob") })
	change("a team is deleted", func() { must(t, second(root.DeleteTeam(t.Context(), &secretsv1.DeleteTeamRequest{Name: "teams/ml"}))) })
	// A stop does not wait for those who watch.
	s.Stop()
	_, err := w.stream.Recv()
	wantError(t, err, errdefs.Unavailable, "SECRETSD_STOPPING")
}
