package grpcserver

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// PeerID returns the SPIFFE ID of the workload at the other end of the current call's connection, such as
// spiffe://casemate.local/sandboxd; empty when it showed no client certificate, or one without a SPIFFE ID, or one that has
// ended since. The TLS handshake has verified the certificate against the configured CA, once.
func PeerID(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return ""
	}
	cert := info.State.PeerCertificates[0]
	if time.Now().After(cert.NotAfter) {
		return ""
	}
	id, err := x509svid.IDFromCert(cert)
	if err != nil {
		return ""
	}
	return id.String()
}

// PeerAddress returns the IP address that the current call's connection comes from; the zero Addr where it has none.
func PeerAddress(ctx context.Context) netip.Addr {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return netip.Addr{}
	}
	if tcp, ok := p.Addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	addr, err := netip.ParseAddrPort(p.Addr.String())
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}

// HeaderCallerAddress is the metadata key in which a daemon that speaks for others names the address that the call came to it
// from, such as 192.0.2.7. Only what a trusted workload says there is to be believed.
const HeaderCallerAddress = "x-casemate-caller-address"

// CallerAddress returns the address in HeaderCallerAddress; invalid where there is none, or something else.
func CallerAddress(ctx context.Context) netip.Addr {
	values := metadata.ValueFromIncomingContext(ctx, HeaderCallerAddress)
	if len(values) != 1 {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(values[0])
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}
