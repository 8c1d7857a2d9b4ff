// Package casemate is the Go client of Casemate for what the generated stubs make tedious: connecting from the environment,
// running a sandbox with a team's secrets, streaming commands, files and logs, and errors that programs can tell apart.
//
//	client, err := casemate.Connect(casemate.FromEnvironment())
//	sandbox, err := client.Run(ctx, casemate.RunOptions{Image: "python:3.11", Secrets: []casemate.Secret{{Name: "HF_TOKEN"}}})
//	out, err := sandbox.Output(ctx, "python", "-c", "print('hello')")
//
// Everything else is one step away: Client.Secrets and Client.Sandboxes are the stubs themselves, on the same connections
// and with the same errors.
package casemate

import (
	"context"
	"errors"
	"os"
	"sync"

	"google.golang.org/grpc"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/errdefs"
)

// Options say where the daemons are, and as whom to call them.
type Options struct {
	// Sandboxd and Secretsd are the daemons' addresses: https://host[:port], http://host[:port] on loopback, or
	// unix:///path. A daemon without one can't be called.
	Sandboxd, Secretsd string
	// CAFile is a PEM file of the authorities to trust with https. Empty: the system's.
	CAFile string
	// APIKey is the key that every call carries. Required.
	APIKey string
	// Team is the id of the team to act in. Empty: the key's own.
	Team string
	// NoRetry makes every call fail at once when its daemon can't be reached. False: calls that may be repeated ride out
	// a restart, for some 6 seconds.
	NoRetry bool
}

// FromEnvironment returns the options that the environment names, as the command line reads it: CASEMATE_SANDBOXD,
// CASEMATE_SECRETSD, CASEMATE_CA_FILE, CASEMATE_API_KEY and CASEMATE_TEAM.
func FromEnvironment() Options {
	return Options{
		Sandboxd: os.Getenv("CASEMATE_SANDBOXD"), Secretsd: os.Getenv("CASEMATE_SECRETSD"), CAFile: os.Getenv("CASEMATE_CA_FILE"),
		APIKey: os.Getenv("CASEMATE_API_KEY"), Team: os.Getenv("CASEMATE_TEAM"),
	}
}

// Client calls both daemons. It may be used by several goroutines. Close it.
type Client struct {
	secretsd, sandboxd connection
	team               string // the options', else empty

	mu  sync.Mutex
	own string // the key's own team, `teams/{team}`, once secretsd was asked for it
}

// connection is a daemon's, or says that it has no address.
type connection interface {
	grpc.ClientConnInterface
	Close() error
}

// Connect makes a client. It takes no context, since nothing is dialed before the first call; its errors say which of the
// options is wrong: reasons API_KEY_MISSING, API_KEY_MALFORMED, ADDRESS_INVALID and CA_FILE_INVALID.
func Connect(o Options) (*Client, error) {
	if o.APIKey == "" {
		return nil, typed(errdefs.New(errdefs.Unauthenticated, "API_KEY_MISSING", "no API key is set"))
	}
	key, err := apikey.Parse(o.APIKey)
	if err != nil {
		return nil, typed(err)
	}
	c := &Client{team: o.Team}
	if c.secretsd, err = dial("secretsd", o.Secretsd, &key, o); err != nil {
		return nil, typed(err)
	}
	if c.sandboxd, err = dial("sandboxd", o.Sandboxd, &key, o); err != nil {
		return nil, errors.Join(typed(err), c.secretsd.Close())
	}
	return c, nil
}

func dial(what, address string, key *apikey.Key, o Options) (connection, error) {
	if address == "" {
		return unset{what}, nil
	}
	return client.Dial(client.Options{
		Address: address, CAFile: o.CAFile, Key: key, NoRetry: o.NoRetry, DialOptions: wire{what, address}.dialOptions(),
	})
}

// Close ends the connections, and with them what still runs on them: commands of Exec are killed, sandboxes stay.
func (c *Client) Close() error { return errors.Join(c.secretsd.Close(), c.sandboxd.Close()) }

// Secrets returns the generated client of secretsd. Its errors are *Error, too.
func (c *Client) Secrets() secretsv1.SecretsManagerClient {
	return secretsv1.NewSecretsManagerClient(c.secretsd)
}

// Sandboxes returns the generated client of sandboxd. Its errors are *Error, too.
func (c *Client) Sandboxes() sandboxv1.SandboxServiceClient {
	return sandboxv1.NewSandboxServiceClient(c.sandboxd)
}

// Team returns the team that the client acts in, as `teams/{team}`: that of the options, else the key's own, which
// secretsd is asked for. The operator's first key has none (reason TEAM_MISSING).
func (c *Client) Team(ctx context.Context) (string, error) {
	if c.team != "" {
		return c.parent(), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == "" {
		me, err := c.Secrets().WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		if err != nil {
			return "", err
		}
		if me.GetTeam() == "" {
			return "", typed(errdefs.New(errdefs.InvalidArgument, "TEAM_MISSING", "this key belongs to no team"))
		}
		c.own = me.GetTeam()
	}
	return c.own, nil
}

// parent is the team of the options as `teams/{team}`; empty where sandboxd is to take the key's own.
func (c *Client) parent() string {
	if c.team == "" {
		return ""
	}
	return "teams/" + c.team
}

// SetSecret makes a secret with its first version, or adds a version to one that exists. The value has 1 byte to 64 KiB.
func (c *Client) SetSecret(ctx context.Context, name string, value []byte) (*secretsv1.SecretVersion, error) {
	v, _, err := c.StoreSecret(ctx, name, Value{Data: value})
	return v, err
}

// Value is what StoreSecret stores.
type Value struct {
	// Data has 1 byte to 64 KiB.
	Data []byte
	// Generate has secretsd make the value, in place of Data; nobody sees it.
	Generate *secretsv1.GeneratedValue
	// IfChanged adds no version when the newest one is enabled and has this very Data.
	IfChanged bool
}

// StoreSecret is SetSecret with more to say about the value. It reports whether nothing was stored because of IfChanged.
func (c *Client) StoreSecret(ctx context.Context, name string, v Value) (_ *secretsv1.SecretVersion, unchanged bool, err error) {
	parent, err := c.Team(ctx)
	if err != nil {
		return nil, false, err
	}
	made, err := c.Secrets().CreateSecret(ctx, &secretsv1.CreateSecretRequest{
		Parent: parent, SecretId: name, Data: v.Data, Generate: v.Generate,
	})
	if err == nil {
		return made.GetVersion(), false, nil
	}
	if errdefs.ReasonOf(err) != "SECRET_EXISTS" {
		return nil, false, err
	}
	added, err := c.Secrets().AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{
		Parent: parent + "/secrets/" + name, Data: v.Data, Generate: v.Generate, IfChanged: v.IfChanged,
	})
	return added.GetVersion(), added.GetUnchanged(), err
}

// unset is the connection to a daemon whose address nobody has set: each call says so.
type unset struct{ what string }

func (u unset) err() error {
	return typed(errdefs.New(errdefs.InvalidArgument, "ADDRESS_MISSING", "%s's address is not set", u.what))
}

// Invoke implements grpc.ClientConnInterface.
func (u unset) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return u.err() }

// NewStream implements grpc.ClientConnInterface.
func (u unset) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, u.err()
}

// Close does nothing.
func (unset) Close() error { return nil }
