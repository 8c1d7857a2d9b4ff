package rpc

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// parseBatch names all malformed references in one error.
func parseBatch(req *secretsv1.BatchAccessSecretVersionsRequest) (manager.Batch, error) {
	team, err := parseTeam("parent", req.GetParent())
	if err != nil {
		return manager.Batch{}, err
	}
	b := manager.Batch{
		Team: team, SandboxID: req.GetSandboxId(), Instance: req.GetWorkloadInstance(), Image: req.GetImage(), Network: networks[req.GetNetwork()],
	}
	if a := req.GetSourceAddress(); a != "" {
		if b.Source, err = netip.ParseAddr(a); err != nil {
			return b, errdefs.InvalidField("source_address", "must be an address without a port")
		}
	}
	bad := &errdefs.Error{Kind: errdefs.InvalidArgument, Reason: "INVALID_ARGUMENT"}
	var sentences []string
	for i, r := range req.GetReferences() {
		ref, err := parseReference(fmt.Sprintf("references[%d]", i), team, r)
		if e, ok := errdefs.As(err); ok {
			bad.Violations = append(bad.Violations, e.Violations...)
			sentences = append(sentences, e.Message)
		}
		b.Refs, b.EnvVars = append(b.Refs, ref), append(b.EnvVars, r.GetEnvVar())
	}
	if len(sentences) > 0 {
		bad.Message = strings.Join(sentences, "; ")
		return b, bad
	}
	return b, nil
}

func parseReference(field, team string, r *secretsv1.SecretVersionReference) (secret.Ref, error) {
	ref := secret.Ref{Team: team, Name: r.GetSecretId(), Field: r.GetField()}
	if err := resource.CheckSecret(field+".secret_id", ref.Name); err != nil {
		return ref, err
	}
	version := resource.SecretVersion{Version: cmp.Or(r.GetVersion(), resource.Latest)}
	if err := resource.CheckVersion(field+".version", version.Version); err != nil {
		return ref, err
	}
	ref.Version, ref.Alias = version.Number(), version.Alias()
	return ref, nil
}
