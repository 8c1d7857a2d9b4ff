package apikey

import (
	"context"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/errdefs"
)

// ReasonMissing is the reason of an error about a call without a key.
const ReasonMissing = "API_KEY_MISSING"

// The metadata keys that may carry an API key.
const (
	// HeaderAuthorization carries `Bearer <key>`.
	HeaderAuthorization = "authorization"
	// HeaderWandb carries the bare key; the wandb client sends it.
	HeaderWandb = "x-wandb-api-key"
)

// FromMetadata returns the API key of an incoming gRPC call, from `authorization: Bearer <key>` or
// `x-wandb-api-key: <key>`. The error is Unauthenticated: API_KEY_MISSING when there is none, API_KEY_MALFORMED when one
// can't be a key or when two different ones were sent.
func FromMetadata(ctx context.Context) (Key, error) {
	var presented []string
	for _, v := range metadata.ValueFromIncomingContext(ctx, HeaderAuthorization) {
		scheme, token, ok := strings.Cut(strings.TrimSpace(v), " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return Key{}, malformed("the authorization metadata is not of the form `Bearer <API key>`")
		}
		presented = append(presented, strings.TrimSpace(token))
	}
	for _, v := range metadata.ValueFromIncomingContext(ctx, HeaderWandb) {
		presented = append(presented, strings.TrimSpace(v))
	}
	if len(presented) == 0 {
		return Key{}, errdefs.New(errdefs.Unauthenticated, ReasonMissing,
			"no API key was sent: it goes into the metadata as `authorization: Bearer <API key>`")
	}
	for _, p := range presented[1:] {
		if p != presented[0] {
			return Key{}, malformed("two different API keys were sent")
		}
	}
	return Parse(presented[0])
}
