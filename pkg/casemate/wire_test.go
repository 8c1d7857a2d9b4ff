package casemate

import "testing"

func TestDialError(t *testing.T) {
	for in, want := range map[string]string{
		`connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"`: "dial tcp 127.0.0.1:1: connect: connection refused",
		`connection error: desc = "transport: authentication handshake failed: EOF"`:                                   "authentication handshake failed: EOF",
		"name resolver error: produced zero addresses":                                                                 "name resolver error: produced zero addresses",
		"": "",
	} {
		if got := dialError(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
