package casemate

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// Sandbox is a sandbox by its name. It may be used by several goroutines.
type Sandbox struct {
	// Name is `teams/{team}/sandboxes/{sandbox}`.
	Name string

	api sandboxv1.SandboxServiceClient
}

// Sandbox returns the sandbox of that name, without asking whether it exists. A bare id means the sandbox of that id in
// any of the caller's teams.
func (c *Client) Sandbox(name string) *Sandbox {
	if !strings.Contains(name, "/") {
		name = "teams/-/sandboxes/" + name
	}
	return &Sandbox{Name: name, api: c.Sandboxes()}
}

// Info returns what sandboxd knows of it: its state, and how it ended.
func (s *Sandbox) Info(ctx context.Context) (*sandboxv1.Sandbox, error) {
	resp, err := s.api.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: s.Name})
	return resp.GetSandbox(), err
}

// Wait returns when the sandbox has ended, with how it did: its exit code is that of its main process.
func (s *Sandbox) Wait(ctx context.Context) (*sandboxv1.Sandbox, error) {
	resp, err := s.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: s.Name})
	return resp.GetSandbox(), err
}

// Extend gives it another end, so long from now, later or earlier than the one that it has, and returns when that is. The operator
// bounds how long a sandbox lives in all.
func (s *Sandbox) Extend(ctx context.Context, ttl time.Duration) (time.Time, error) {
	resp, err := s.api.ExtendSandbox(ctx, &sandboxv1.ExtendSandboxRequest{
		Name: s.Name, Expiration: &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(ttl)},
	})
	if err != nil {
		return time.Time{}, err
	}
	return resp.GetSandbox().GetExpireTime().AsTime(), nil
}

// NarrowNetwork gives it narrower rules for its network, all of them, and returns when connections that they refuse are cut. With the mode
// unset it is the one that the sandbox has. Wider rules are an error of the reason NETWORK_NOT_NARROWER, which names them.
func (s *Sandbox) NarrowNetwork(ctx context.Context, rules *sandboxv1.Network) error {
	_, err := s.api.UpdateNetwork(ctx, &sandboxv1.UpdateNetworkRequest{Name: s.Name, Network: rules})
	return err
}

// Stop ends it: SIGTERM to the main process, SIGKILL to everything after RunOptions.StopGrace. Its record and log stay for a while.
// Stopping a stopped sandbox is no error.
func (s *Sandbox) Stop(ctx context.Context) error {
	_, err := s.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: s.Name})
	return err
}

// Delete ends it at once and removes its record and log. Deleting what is gone is no error.
func (s *Sandbox) Delete(ctx context.Context) error {
	_, err := s.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: s.Name, AllowMissing: true})
	return err
}
