package rpc

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func (s *server) ListSecretUses(
	ctx context.Context, req *secretsv1.ListSecretUsesRequest,
) (*secretsv1.ListSecretUsesResponse, error) {
	ref, ofVersion, err := parseSecretOrVersion("parent", req.GetParent())
	if err != nil {
		return nil, err
	}
	listName := req.GetParent() + "/uses/" + strconv.FormatBool(req.GetRunningOnly())
	before, err := pageStartNumber(listName, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, next, err := s.core.ListSecretUses(ctx, caller(ctx), ref, secret.UseFilter{
		RunningOnly: req.GetRunningOnly(), Before: before, Limit: pageLimit(req.GetPageSize()),
	}, ofVersion)
	if err != nil {
		return nil, err
	}
	resp := &secretsv1.ListSecretUsesResponse{
		Uses: toAll(list, func(u secret.Use) *secretsv1.SecretUse { return toUse(ref.Name, u) }),
	}
	if next != 0 {
		resp.NextPageToken = pageToken(listName, strconv.FormatInt(next, 10))
	}
	return resp, nil
}

// parseSecretOrVersion takes the name of a secret, for all its versions, or of one version.
func parseSecretOrVersion(field, name string) (ref secret.Ref, ofVersion bool, err error) {
	if strings.Contains(name, "/versions/") {
		ref, err = parseVersion(field, name)
		return ref, true, err
	}
	ref.Team, ref.Name, err = parseSecret(field, name)
	return ref, false, err
}

func toUse(name string, u secret.Use) *secretsv1.SecretUse {
	return &secretsv1.SecretUse{
		Version: secret.VersionName(u.Team, name, u.Version), Field: u.Field, EnvVar: u.EnvVar,
		Sandbox: secret.SandboxName(u.Team, u.SandboxID), UserId: u.UserID, ApiKeyId: u.APIKeyID, Workload: u.Workload.Peer,
		WorkloadInstance: u.Workload.Instance, RequestId: u.RequestID, UseTime: toTime(u.Time), EndTime: toTime(u.EndTime), AuditSequence: u.Sequence,
	}
}

func (s *server) RevokeSecretVersion(
	ctx context.Context, req *secretsv1.RevokeSecretVersionRequest,
) (*secretsv1.RevokeSecretVersionResponse, error) {
	ref, err := parseNumberedVersion("name", req.GetName())
	if err != nil {
		return nil, err
	}
	v, running, err := s.core.RevokeSecretVersion(ctx, caller(ctx), ref)
	if err != nil {
		return nil, err
	}
	return &secretsv1.RevokeSecretVersionResponse{
		Version: toVersion(ref.Team, ref.Name, v), RunningSandboxes: int32(running),
	}, nil
}

func (s *server) ReportSandboxes(
	ctx context.Context, req *secretsv1.ReportSandboxesRequest,
) (*secretsv1.ReportSandboxesResponse, error) {
	err := s.core.ReportSandboxes(ctx, caller(ctx), manager.Report{
		Instance: req.GetWorkloadInstance(), Ended: req.GetEndedSandboxIds(), AsOf: req.GetAsOf(), Running: req.GetRunningSandboxIds(),
	})
	if err != nil {
		return nil, err
	}
	return &secretsv1.ReportSandboxesResponse{}, nil
}

func (s *server) WatchRevocations(
	req *secretsv1.WatchRevocationsRequest, stream grpc.ServerStreamingServer[secretsv1.WatchRevocationsResponse],
) error {
	return s.core.WatchRevocations(stream.Context(), caller(stream.Context()), req.GetWorkloadInstance(), watcher{stream})
}

func (s *server) EndWorkloadInstance(
	ctx context.Context, req *secretsv1.EndWorkloadInstanceRequest,
) (*secretsv1.EndWorkloadInstanceResponse, error) {
	ended, err := s.core.EndWorkloadInstance(ctx, caller(ctx), secret.Workload{
		Peer: req.GetWorkload(), Instance: req.GetWorkloadInstance(),
	})
	if err != nil {
		return nil, err
	}
	return &secretsv1.EndWorkloadInstanceResponse{EndedSandboxes: int32(ended)}, nil
}

// watcher sends what happens.
type watcher struct {
	stream grpc.ServerStreamingServer[secretsv1.WatchRevocationsResponse]
}

// Opened implements manager.Watcher.
func (w watcher) Opened(asOf int64) error {
	return w.stream.Send(&secretsv1.WatchRevocationsResponse{
		Event: &secretsv1.WatchRevocationsResponse_Opened{Opened: &secretsv1.WatchOpened{AsOf: asOf}},
	})
}

// maxRevokedIDs is how many sandboxes one event names: it stays far below the largest message.
const maxRevokedIDs = 1000

// Revoked implements manager.Watcher.
func (w watcher) Revoked(version string, sandboxIDs []string) error {
	for len(sandboxIDs) > 0 {
		n := min(len(sandboxIDs), maxRevokedIDs)
		err := w.stream.Send(&secretsv1.WatchRevocationsResponse{
			Event: &secretsv1.WatchRevocationsResponse_VersionRevoked{VersionRevoked: &secretsv1.VersionRevoked{
				Version: version, Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP, SandboxIds: sandboxIDs[:n],
			}},
		})
		if err != nil {
			return err
		}
		sandboxIDs = sandboxIDs[n:]
	}
	return nil
}

// CallersChanged implements manager.Watcher.
func (w watcher) CallersChanged() error {
	return w.stream.Send(&secretsv1.WatchRevocationsResponse{
		Event: &secretsv1.WatchRevocationsResponse_CallersChanged{CallersChanged: &secretsv1.CallersChanged{}},
	})
}
