package grpcserver

import "time"

// Limits bound what clients can make a server hold. Zero is no limit everywhere.
type Limits struct {
	// MaxCalls is the most unary calls under way. Those that come then wait, and are refused with RESOURCE_EXHAUSTED
	// (reason OVERLOADED, RetryInfo) when MaxWaiting wait already, or when a turn would not come within MaxWait or the call's
	// own deadline. Health and reflection are not counted. Streams, which last, have limits of their own.
	MaxCalls, MaxWaiting int
	// MaxWait is how long a call waits for its turn; 0: until its deadline.
	MaxWait time.Duration
	// MaxCallsPerUser and MaxStreamsPerUser are the most unary and streaming calls of one user under way. More are refused
	// with RESOURCE_EXHAUSTED (reason TOO_MANY_CALLS, RetryInfo).
	MaxCallsPerUser, MaxStreamsPerUser int
	// MaxConnections and MaxConnectionsPerAddress are the most connections of a listener, and those from one IP address.
	// More are closed at once.
	MaxConnections, MaxConnectionsPerAddress int
	// MaxHandshakes is the most TLS handshakes under way: they cost more than anything else that a stranger can ask for.
	// More are closed at once.
	MaxHandshakes int
	// MaxStreamsPerConnection is the most calls, of all kinds, that a connection carries; a client holds back more.
	MaxStreamsPerConnection int
	// IdleTimeout is how long a connection without a call stays. Clients connect again when they need to.
	IdleTimeout time.Duration
}

// DefaultLimits are those of a server that strangers can reach: none that a client meets in normal use, and none on calls.
func DefaultLimits() Limits {
	return Limits{
		MaxConnections: 4096, MaxConnectionsPerAddress: 2048, MaxHandshakes: 256, MaxStreamsPerConnection: 10_000, IdleTimeout: time.Hour,
	}
}
