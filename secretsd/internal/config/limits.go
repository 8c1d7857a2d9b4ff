package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/ratelimit"
	"github.com/casemate/casemate/secretsd/internal/quota"
)

// Limits bound what callers can ask of secretsd. 0 is no limit everywhere.
type Limits struct {
	User Rates `yaml:"user"`
	Team Rates `yaml:"team"`

	MaxCalls          int           `yaml:"max_calls" usage:"most calls under way, without streams; others wait; 0: any number"`
	MaxWaiting        int           `yaml:"max_waiting" usage:"most calls that wait for their turn; others are refused with OVERLOADED"`
	MaxWait           time.Duration `yaml:"max_wait" usage:"how long a call waits for its turn before it is refused with OVERLOADED; 0: until its deadline"`
	MaxCallsPerUser   int           `yaml:"max_calls_per_user" usage:"most calls of one user under way, without streams; others are refused with TOO_MANY_CALLS; 0: any number, within max_calls"`
	MaxStreamsPerUser int           `yaml:"max_streams_per_user" usage:"most streams of one user at one time; others are refused with TOO_MANY_CALLS; 0: any number"`

	MaxConnections           int           `yaml:"max_connections" usage:"most connections; others are closed at once; 0: any number"`
	MaxConnectionsPerAddress int           `yaml:"max_connections_per_address" usage:"most connections from one IP address; others are closed at once; 0: any number"`
	MaxHandshakes            int           `yaml:"max_handshakes" usage:"most TLS handshakes at one time; others are closed at once; 0: any number"`
	MaxStreamsPerConnection  int           `yaml:"max_streams_per_connection" usage:"most calls and streams that one connection carries at one time; clients hold others back; 0: any number"`
	IdleTimeout              time.Duration `yaml:"idle_timeout" usage:"how long a connection without a call stays; clients connect again by themselves; 0: for ever"`
}

// Rates are how many calls of each kind may be made.
type Rates struct {
	Reads         int `yaml:"reads" usage:"calls a second, in the long run, that read metadata; 0: any number"`
	ReadsBurst    int `yaml:"reads_burst" usage:"how many of them at once after a pause; at least a second's worth"`
	Writes        int `yaml:"writes" usage:"calls a second, in the long run, that change something; 0: any number"`
	WritesBurst   int `yaml:"writes_burst" usage:"how many of them at once after a pause; at least a second's worth"`
	Accesses      int `yaml:"accesses" usage:"calls a second, in the long run, that give values, a batch being one; 0: any number"`
	AccessesBurst int `yaml:"accesses_burst" usage:"how many of them at once after a pause; at least a second's worth"`
}

// defaultLimits are those that nobody meets in normal use, and that leave room for others beside one who makes a mistake. One
// user may have all calls under way: a team that starts a thousand sandboxes at one time does, and its calls wait their turn;
// who goes on like that meets his rate.
func defaultLimits() Limits {
	edge := grpcserver.DefaultLimits()
	return Limits{
		User:     Rates{Reads: 1000, ReadsBurst: 5000, Writes: 200, WritesBurst: 2000, Accesses: 1000, AccessesBurst: 5000},
		Team:     Rates{Reads: 5000, ReadsBurst: 20_000, Writes: 1000, WritesBurst: 10_000, Accesses: 5000, AccessesBurst: 20_000},
		MaxCalls: 256, MaxWaiting: 1024, MaxWait: 2 * time.Second, MaxStreamsPerUser: 32,
		MaxConnections: edge.MaxConnections, MaxConnectionsPerAddress: edge.MaxConnectionsPerAddress, MaxHandshakes: edge.MaxHandshakes,
		MaxStreamsPerConnection: edge.MaxStreamsPerConnection, IdleTimeout: edge.IdleTimeout,
	}
}

func (l Limits) validate() error {
	var errs []error
	for key, n := range map[string]int64{
		"max_calls": int64(l.MaxCalls), "max_waiting": int64(l.MaxWaiting), "max_wait": int64(l.MaxWait),
		"max_calls_per_user": int64(l.MaxCallsPerUser), "max_streams_per_user": int64(l.MaxStreamsPerUser),
		"max_connections": int64(l.MaxConnections), "max_connections_per_address": int64(l.MaxConnectionsPerAddress),
		"max_handshakes": int64(l.MaxHandshakes), "max_streams_per_connection": int64(l.MaxStreamsPerConnection),
		"idle_timeout": int64(l.IdleTimeout),
	} {
		if n < 0 {
			errs = append(errs, fmt.Errorf("limits.%s: is negative", key))
		}
	}
	return errors.Join(append(errs, l.User.validate("user"), l.Team.validate("team"))...)
}

func (r Rates) validate(whose string) error {
	for _, n := range []int{r.Reads, r.ReadsBurst, r.Writes, r.WritesBurst, r.Accesses, r.AccessesBurst} {
		if n < 0 {
			return fmt.Errorf("limits.%s: a rate is negative", whose)
		}
	}
	return nil
}

// Edge are the limits that the server keeps before it looks at a call.
func (l Limits) Edge() grpcserver.Limits {
	return grpcserver.Limits{
		MaxCalls: l.MaxCalls, MaxWaiting: l.MaxWaiting, MaxWait: l.MaxWait, MaxCallsPerUser: l.MaxCallsPerUser,
		MaxStreamsPerUser: l.MaxStreamsPerUser, MaxConnections: l.MaxConnections, MaxConnectionsPerAddress: l.MaxConnectionsPerAddress,
		MaxHandshakes: l.MaxHandshakes, MaxStreamsPerConnection: l.MaxStreamsPerConnection, IdleTimeout: l.IdleTimeout,
	}
}

// Quota are the rates of calls.
func (l Limits) Quota() *quota.Quota { return quota.New(l.User.rates(), l.Team.rates()) }

func (r Rates) rates() quota.Rates {
	return quota.Rates{
		quota.Reads:    ratelimit.Rate{PerSecond: r.Reads, Burst: r.ReadsBurst},
		quota.Writes:   ratelimit.Rate{PerSecond: r.Writes, Burst: r.WritesBurst},
		quota.Accesses: ratelimit.Rate{PerSecond: r.Accesses, Burst: r.AccessesBurst},
	}
}
