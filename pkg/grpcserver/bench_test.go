package grpcserver

import (
	"net"
	"testing"

	"google.golang.org/grpc/peer"
)

// BenchmarkPeerAddress is asked more than once a call.
func BenchmarkPeerAddress(b *testing.B) {
	ctx := peer.NewContext(b.Context(), &peer.Peer{Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 1}})
	b.ReportAllocs()
	for b.Loop() {
		if !PeerAddress(ctx).IsValid() {
			b.Fatal("no address")
		}
	}
}
