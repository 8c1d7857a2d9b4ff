package grpcserver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/codes"

	"github.com/casemate/casemate/pkg/apikey"
)

// TestDeadlineIsAnswered makes a call as a client that tells its deadline and does not look at its own clock, as one does
// whose clock is a little behind.
func TestDeadlineIsAnswered(t *testing.T) {
	e := start(t, edgeOptions{plaintext: true, secrets: &secrets{entered: make(chan struct{}, 1), release: make(chan struct{})}})
	key, err := apikey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http2.Transport{
		AllowHTTP: true,
		DialTLSContext: func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
	noMessage := bytes.NewReader(make([]byte, 5)) // not compressed, no bytes
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.addr+"/casemate.secrets.v1.SecretsManager/WhoAmI", noMessage)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Grpc-Timeout": {"300m"}, "Authorization": {"Bearer " + key.Reveal()},
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatalf("the stream was reset: %v", err)
	}
	code := resp.Trailer.Get("Grpc-Status")
	if code == "" {
		code = resp.Header.Get("Grpc-Status") // an answer without a message is all trailers
	}
	if want := strconv.Itoa(int(codes.DeadlineExceeded)); code != want {
		t.Errorf("the answer's code is %q, want %s", code, want)
	}
}
