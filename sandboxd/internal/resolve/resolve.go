package resolve

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// ReasonUnresolved is the reason of an error about references that can't be injected; there is a violation for each.
const ReasonUnresolved = "SECRETS_UNRESOLVED"

// ReasonCorrupted is the reason of an error about a value that is not what secretsd sent.
const ReasonCorrupted = "DATA_CORRUPTED"

// Request asks for the values of one sandbox's references.
type Request struct {
	Team      string
	SandboxID string
	// Refs are normalized: each has an EnvVar.
	Refs []sandbox.SecretRef
	// Image is the full name that was asked for, Network what the sandbox gets, and Source where the end caller calls from:
	// a secret's grants may depend on them.
	Image   string
	Network sandbox.Network
	Source  netip.Addr
}

// Value is one reference's value.
type Value struct {
	EnvVar string
	// Version is the full resource name of the version, with its number.
	Version string
	Data    redact.Bytes
	// Restricted says that not every member of the team may have the values of this request: who has no right to them must
	// not look into the sandbox.
	Restricted bool
	// MaskOutput is the policy of the team: its values are to be masked in all that a sandbox gives out.
	MaskOutput bool
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
// asks in the name of the end caller, whose API key is in ctx, and once for a sandbox: it is never asked again under the same id. The error is FailedPrecondition (SECRETS_UNRESOLVED) with a violation for each reference that failed, or
// Unavailable (SECRETSD_UNAVAILABLE; DATA_CORRUPTED for a value whose checksum is wrong).
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
		Image:     req.Image,
		Network:   networkOf(req.Network),
	}
	batch.WorkloadInstance = c.instance
	if req.Source.IsValid() {
		batch.SourceAddress = req.Source.String()
	}
	for _, ref := range req.Refs {
		batch.References = append(batch.References, &secretsv1.SecretVersionReference{
			SecretId: ref.Secret, Version: ref.Version, Field: ref.Field, EnvVar: ref.EnvVar,
		})
	}
	call, cancel := c.outgoing(ctx, key)
	defer cancel()
	resp, err := c.secrets.BatchAccessSecretVersions(call, batch)
	if err != nil {
		return nil, answerError(ctx, err)
	}
	if err := checkAnswer(resp.GetValues(), req.Refs); err != nil {
		for _, v := range resp.GetValues() {
			clear(v.GetData())
		}
		return nil, err
	}
	values := make(Values, len(req.Refs))
	for i, v := range resp.GetValues() {
		values[i] = Value{EnvVar: req.Refs[i].EnvVar, Version: v.GetName(), Data: redact.New(v.GetData()), Restricted: resp.GetRestricted(), MaskOutput: resp.GetMaskOutput()}
	}
	return values, nil
}

// networkOf says how much of the network a sandbox gets. Destinations as wide as all addresses restrict nothing: each must
// be a /16 of IPv4 or a /32 of IPv6 at most. Who may be connected to can send out anything to whoever connects: an owner that lets a
// secret go to few destinations only did not mean that.
func networkOf(n sandbox.Network) secretsv1.SandboxNetwork {
	wide := func(d sandbox.Destination) bool {
		block, err := netip.ParsePrefix(d.CIDR)
		return err != nil || block.Addr().Is4() && block.Bits() < 16 || block.Addr().Is6() && block.Bits() < 32
	}
	switch {
	case n.Mode == sandbox.NetworkNone:
		return secretsv1.SandboxNetwork_SANDBOX_NETWORK_NONE
	case n.Mode != sandbox.NetworkInternet:
		return secretsv1.SandboxNetwork_SANDBOX_NETWORK_UNSPECIFIED
	case len(n.Allow) > 0 && len(n.Ingress) == 0 && !slices.ContainsFunc(n.Allow, wide):
		return secretsv1.SandboxNetwork_SANDBOX_NETWORK_RESTRICTED
	}
	return secretsv1.SandboxNetwork_SANDBOX_NETWORK_INTERNET
}

// checkAnswer expects a value for each reference, undamaged.
func checkAnswer(values []*secretsv1.AccessedSecretVersion, refs []sandbox.SecretRef) error {
	if len(values) != len(refs) {
		return fmt.Errorf("secretsd answered %d values for %d references", len(values), len(refs))
	}
	for _, v := range values {
		if v.GetDataCrc32C() != crc32c.Sum(v.GetData()) {
			return errdefs.New(errdefs.Unavailable, ReasonCorrupted,
				"the value of %s was damaged on its way from secretsd: its CRC32C is another; try again", v.GetName())
		}
	}
	return nil
}
