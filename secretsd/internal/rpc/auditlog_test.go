package rpc_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
)

func TestAuditLog(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	key := s.CreateUser("ml", "bob", identity.RoleMember)
	bob, root, ctx := s.Client(key), s.Client(s.OperatorKey), t.Context()
	batch := batchOf("ml", "HF_TOKEN")
	must(t, second(s.SandboxdClient(key).BatchAccessSecretVersions(ctx, batch)))
	must(t, second(root.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/1"})))
	before := len(s.AuditEntries())
	// Metadata that is read by who may leaves no entry.
	must(t, second(bob.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml"})))
	must(t, second(bob.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/HF_TOKEN"})))
	must(t, second(bob.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})))
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d entries for metadata that was read", n)
	}
	_, _ = bob.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: "teams/ops/secrets/X"})

	entries := s.AuditEntries()
	type line struct{ user, action, resource, reason string }
	var got []line
	var prev []byte
	for i, e := range entries {
		got = append(got, line{e.GetUserId(), e.GetAction(), e.GetResource(), e.GetReason()})
		if e.GetSequence() != int64(i+1) || e.GetTime() == nil {
			t.Errorf("entry %v has a wrong sequence or no time", e)
		}
		if i == 0 {
			prev = make([]byte, sha256.Size)
		}
		if want := recompute(e, prev); !bytes.Equal(e.GetHash(), want) || !bytes.Equal(e.GetPrevHash(), prev) {
			t.Errorf("entry %v: hash %x, recomputed from what the API shows %x", e, e.GetHash(), want)
		}
		prev = e.GetHash()
	}
	const ml = "teams/ml"
	want := []line{
		{"root", "key.create", got[0].resource, ""},
		{"root", "team.create", ml, ""},
		{"root", "secret.create", ml + "/secrets/HF_TOKEN", ""},
		{"root", "version.add", ml + "/secrets/HF_TOKEN/versions/2", ""},
		{"root", "team.create", "teams/ops", ""},
		{"root", "member.create", ml + "/members/bob", ""},
		{"root", "key.create", got[6].resource, ""},
		{"bob", "version.use", ml + "/secrets/HF_TOKEN/versions/2", ""},
		{"root", "version.access", ml + "/secrets/HF_TOKEN/versions/1", ""},
		{"bob", "secret.delete", "teams/ops/secrets/X", "PERMISSION_DENIED"},
	}
	if len(got) != len(want) {
		t.Fatalf("log %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d is %v, want %v", i+1, got[i], want[i])
		}
	}
	if e := entries[7]; e.GetSandboxId() != batch.GetSandboxId() || e.GetPeer() != "spiffe://casemate.local/sandboxd" || e.GetRequestId() == "" || e.GetTeam() != ml {
		t.Errorf("entry %v", e)
	}

	ops, err := root.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ops"})
	must(t, err)
	if len(ops.GetEntries()) != 2 {
		t.Errorf("the log of ops %v, want its making and bob's attempt", ops)
	}
	rep, err := root.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	must(t, err)
	if !rep.GetIntact() || rep.GetEntryCount() != int64(len(entries)) || !bytes.Equal(rep.GetHeadHash(), prev) || rep.GetDetail() != "" {
		t.Errorf("report %v", rep)
	}
}

// recompute is the hash of an entry by the words of the .proto file alone.
func recompute(e *secretsv1.AuditEntry, prev []byte) []byte {
	var b []byte
	lp := func(s string) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) }
	lp("casemate.audit.v1")
	b = binary.BigEndian.AppendUint64(b, uint64(e.GetSequence()))
	b = binary.BigEndian.AppendUint64(b, uint64(e.GetTime().AsTime().UnixNano()))
	decision := map[secretsv1.AuditDecision]string{1: "ALLOWED", 2: "DENIED"}[e.GetDecision()]
	for _, s := range []string{
		e.GetTeam(), e.GetUserId(), e.GetApiKeyId(), e.GetPeer(), e.GetAction(), e.GetResource(), decision, e.GetReason(),
		e.GetSandboxId(), e.GetRequestId(),
	} {
		lp(s)
	}
	sum := sha256.Sum256(append(b, prev...))
	return sum[:]
}
