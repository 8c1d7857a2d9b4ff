// Package auditpb takes records of the audit log out of the API's messages, so that they can be verified.
package auditpb

import (
	"strings"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/auditlog"
)

// Record returns a record of an export. What a message has too little of is zero, and does not verify.
func Record(r *secretsv1.AuditRecord) auditlog.Record {
	switch r := r.GetRecord().(type) {
	case *secretsv1.AuditRecord_Entry:
		return auditlog.Record{Entry: Entry(r.Entry)}
	case *secretsv1.AuditRecord_Checkpoint:
		return auditlog.Record{Checkpoint: checkpoint(r.Checkpoint)}
	}
	return auditlog.Record{}
}

// Entry returns an entry.
func Entry(e *secretsv1.AuditEntry) *auditlog.Entry {
	out := &auditlog.Entry{
		Sequence: e.GetSequence(), Time: e.GetTime().AsTime(), Team: strings.TrimPrefix(e.GetTeam(), "teams/"), UserID: e.GetUserId(),
		APIKeyID: e.GetApiKeyId(), Peer: e.GetPeer(), Action: e.GetAction(), Resource: e.GetResource(), Reason: e.GetReason(),
		SandboxID: e.GetSandboxId(), RequestID: e.GetRequestId(),
	}
	switch e.GetDecision() {
	case secretsv1.AuditDecision_AUDIT_DECISION_ALLOWED:
		out.Decision = auditlog.Allowed
	case secretsv1.AuditDecision_AUDIT_DECISION_DENIED:
		out.Decision = auditlog.Denied
	}
	copy(out.PrevHash[:], e.GetPrevHash())
	copy(out.Hash[:], e.GetHash())
	return out
}

func checkpoint(c *secretsv1.AuditCheckpoint) *auditlog.Checkpoint {
	out := &auditlog.Checkpoint{Sequence: c.GetSequence(), Time: c.GetTime().AsTime(), KeyID: c.GetKeyId()}
	copy(out.HeadHash[:], c.GetHeadHash())
	copy(out.PrevHash[:], c.GetPrevHash())
	copy(out.Signature[:], c.GetSignature())
	return out
}
