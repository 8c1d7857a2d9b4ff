package apikey_test

import (
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/apikey"
)

// BenchmarkFromMetadata takes the key out of what a gRPC call brings along.
func BenchmarkFromMetadata(b *testing.B) {
	key, err := apikey.Generate()
	if err != nil {
		b.Fatal(err)
	}
	ctx := metadata.NewIncomingContext(b.Context(), metadata.Pairs(
		":authority", "127.0.0.1:7443", "content-type", "application/grpc", "user-agent", "grpc-go", "authorization", "Bearer "+key.Reveal(),
		"grpc-accept-encoding", "gzip", "x-request-id", "00000000-0000-4000-8000-000000000000"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apikey.FromMetadata(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
