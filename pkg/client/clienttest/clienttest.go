// Package clienttest connects tests to daemons.
package clienttest

import (
	"testing"

	"google.golang.org/grpc"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
)

// Dial is client.Dial with an API key as text, "" for none. The connection lives as long as the test; an error ends it.
func Dial(t testing.TB, o client.Options, key string) *grpc.ClientConn {
	t.Helper()
	if key != "" {
		k, err := apikey.Parse(key)
		if err != nil {
			t.Fatal(err)
		}
		o.Key = &k
	}
	conn, err := client.Dial(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
