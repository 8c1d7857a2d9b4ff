package rpc

import (
	"context"
	"strconv"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/audit"
)

func (s *server) ListAuditEntries(
	ctx context.Context, req *secretsv1.ListAuditEntriesRequest,
) (*secretsv1.ListAuditEntriesResponse, error) {
	if n, err := resource.ParseSecret("parent", req.GetParent()); err == nil {
		return s.listSecretAuditEntries(ctx, req, n)
	}
	team, err := parseTeamOrAll("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/auditEntries"
	after, err := pageStartNumber(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, more, err := s.core.ListAuditEntries(ctx, caller(ctx), team, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListAuditEntriesResponse{Entries: toAll(list, toEntry)}
	if more {
		resp.NextPageToken = pageToken(listName, strconv.FormatInt(list[len(list)-1].Sequence, 10))
	}
	return resp, nil
}

func (s *server) listSecretAuditEntries(
	ctx context.Context, req *secretsv1.ListAuditEntriesRequest, n resource.Secret,
) (*secretsv1.ListAuditEntriesResponse, error) {
	listName := req.GetParent() + "/auditEntries"
	after, err := pageStartNumber(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, next, err := s.core.ListSecretAuditEntries(ctx, caller(ctx), n.Team, n.Secret, after, pageLimit(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListAuditEntriesResponse{Entries: toAll(list, toEntry)}
	if next != 0 {
		resp.NextPageToken = pageToken(listName, strconv.FormatInt(next, 10))
	}
	return resp, nil
}

func (s *server) VerifyAuditLog(
	ctx context.Context, _ *secretsv1.VerifyAuditLogRequest,
) (*secretsv1.VerifyAuditLogResponse, error) {
	rep, err := s.core.VerifyAuditLog(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.VerifyAuditLogResponse{
		Intact: rep.Broken == 0, EntryCount: rep.Entries, BrokenSequence: rep.Broken, Detail: rep.Detail,
		HeadHash: rep.Head.Hash[:], HeadSequence: rep.Head.Sequence, StartSequence: rep.Start.Sequence,
		CheckpointCount: rep.Checkpoints, UnsignedSinceTime: toTime(rep.UnsignedSince), PublicKey: s.core.Notary.PublicKey(),
	}
	if rep.Signed != nil {
		resp.SignedSequence, resp.SignedTime = rep.Signed.Sequence, toTime(rep.Signed.Time)
	}
	return resp, nil
}

func toRecord(r audit.Record) *secretsv1.AuditRecord {
	if r.Entry != nil {
		return &secretsv1.AuditRecord{Record: &secretsv1.AuditRecord_Entry{Entry: toEntry(*r.Entry)}}
	}
	c := r.Checkpoint
	return &secretsv1.AuditRecord{Record: &secretsv1.AuditRecord_Checkpoint{Checkpoint: &secretsv1.AuditCheckpoint{
		Sequence: c.Sequence, Time: toTime(c.Time), HeadHash: c.HeadHash[:], PrevHash: c.PrevHash[:], KeyId: c.KeyID,
		Signature: c.Signature[:],
	}}}
}
