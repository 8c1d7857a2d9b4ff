package resolve

import (
	"context"
	"fmt"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// ReasonUnresolved is the reason of an error about references that can't be injected; there is a violation for each.
const ReasonUnresolved = "SECRETS_UNRESOLVED"

// Request asks for the values of one sandbox's references.
type Request struct {
	Team      string
	SandboxID string
	// Refs are normalized: each has an EnvVar.
	Refs []sandbox.SecretRef
}

// Value is one reference's value.
type Value struct {
	EnvVar string
	// Version is the full resource name of the version, with its number.
	Version string
	Data    redact.Bytes
}

// Values are the values of a sandbox. Who gets them wipes them.
type Values []Value

// Wipe overwrites all values.
func (v Values) Wipe() {
	for i := range v {
		v[i].Data.Wipe()
	}
}

// Resolve returns the values of all references, in their order, or none; all can be held by an environment variable. It
// asks in the name of the end caller, whose API key is in ctx. The error is FailedPrecondition (SECRETS_UNRESOLVED) with a violation for each reference that failed, or
// Unavailable (SECRETSD_UNAVAILABLE).
func (c *Client) Resolve(ctx context.Context, req Request) (Values, error) {
	if len(req.Refs) == 0 {
		return nil, nil
	}
	key, ok := apikey.FromContext(ctx)
	if !ok {
		return nil, fmt.Errorf("resolving secrets: the context carries no API key")
	}
	batch := &secretsv1.BatchAccessSecretVersionsRequest{
		Parent:    "teams/" + req.Team,
		Purpose:   secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
		SandboxId: req.SandboxID,
	}
	for _, ref := range req.Refs {
		batch.References = append(batch.References, &secretsv1.SecretVersionReference{
			SecretId: ref.Secret, Version: ref.Version, Field: ref.Field,
		})
	}
	call, cancel := c.outgoing(ctx, key)
	defer cancel()
	resp, err := c.secrets.BatchAccessSecretVersions(call, batch)
	if err != nil {
		return nil, answerError(ctx, err)
	}
	if len(resp.GetValues()) != len(req.Refs) {
		for _, v := range resp.GetValues() {
			clear(v.GetData())
		}
		return nil, fmt.Errorf("secretsd answered %d values for %d references", len(resp.GetValues()), len(req.Refs))
	}
	values := make(Values, len(req.Refs))
	for i, v := range resp.GetValues() {
		values[i] = Value{EnvVar: req.Refs[i].EnvVar, Version: v.GetName(), Data: redact.New(v.GetData())}
	}
	return values, nil
}
