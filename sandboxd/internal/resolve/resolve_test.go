package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func connect(t *testing.T, s *secretsdtest.Server, workload, address string) *resolve.Client {
	t.Helper()
	id, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSecretsd)
	if err != nil {
		t.Fatal(err)
	}
	tlsConfig, err := mtls.ClientConfig(s.Certs.Files(workload), id)
	if err != nil {
		t.Fatal(err)
	}
	c, err := resolve.New(resolve.Config{Address: address, TLS: tlsConfig, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func start(t *testing.T) (*secretsdtest.Server, *resolve.Client) {
	t.Helper()
	s := secretsdtest.Start(t)
	s.CreateTeam("red")
	return s, connect(t, s, identity.WorkloadSandboxd, s.HostPort())
}

func as(t *testing.T, key string) context.Context {
	t.Helper()
	return apikey.NewContext(t.Context(), parse(t, key))
}

func parse(t *testing.T, key string) apikey.Key {
	t.Helper()
	k, err := apikey.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhoAmI(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	got, err := c.WhoAmI(t.Context(), parse(t, key))
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Caller{
		UserID: "ada", APIKeyID: parse(t, key).ID(), Team: "red",
		Teams: map[string]identity.Role{"red": identity.RoleMember}, Scopes: []identity.Scope{identity.ScopeRun}, Personal: true,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
	operator, err := c.WhoAmI(t.Context(), parse(t, s.OperatorKey))
	if err != nil || !operator.Operator || operator.Team != "" {
		t.Errorf("operator %+v, %v", operator, err)
	}
}

func TestRevocationIsSeenWithinASecond(t *testing.T) {
	s, c := start(t)
	key := parse(t, s.CreateUser("red", "ada", identity.RoleMember))
	if _, err := c.WhoAmI(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	revoked := time.Now()
	s.RevokeKey("red", key.Reveal())
	for {
		_, err := c.WhoAmI(t.Context(), key)
		if errdefs.KindOf(err) == errdefs.Unauthenticated {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(revoked) > 1500*time.Millisecond {
			t.Fatal("the key still works")
		}
	}
}

func TestManyAtOnceAreOneQuestion(t *testing.T) {
	s, c := start(t)
	key := parse(t, s.CreateUser("red", "ada", identity.RoleMember))
	before := strings.Count(s.Logs(), "/WhoAmI") + strings.Count(s.Logs(), `"grpc.method":"WhoAmI"`)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := c.WhoAmI(context.Background(), key); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(s.Logs(), `"grpc.method":"WhoAmI"`) - before; n > 2 {
		t.Errorf("secretsd was asked %d times", n)
	}
}

func TestACallerThatGivesUpDoesNotSpoilTheAnswer(t *testing.T) {
	s, c := start(t)
	key := parse(t, s.CreateUser("red", "ada", identity.RoleMember))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.WhoAmI(gone, key); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := c.WhoAmI(t.Context(), key); err != nil {
		t.Error(err)
	}
}

func TestResolve(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "HF_TOKEN", "one")
	s.AddVersion("red", "HF_TOKEN", "two")
	s.CreateSecret("red", "db", `{"password":"hunter2"}`)
	s.SetAlias("red", "HF_TOKEN", "stable", 1)
	values, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-1", Refs: []sandbox.SecretRef{
		{Secret: "HF_TOKEN", EnvVar: "HF_TOKEN"},
		{Secret: "HF_TOKEN", Version: "1", EnvVar: "OLD"},
		{Secret: "HF_TOKEN", Version: "stable", EnvVar: "STABLE"},
		{Secret: "db", Field: "password", EnvVar: "DB"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range values {
		got = append(got, fmt.Sprintf("%s %s %s", v.EnvVar, v.Version, v.Data.Reveal()))
	}
	want := []string{
		"HF_TOKEN teams/red/secrets/HF_TOKEN/versions/2 two",
		"OLD teams/red/secrets/HF_TOKEN/versions/1 one",
		"STABLE teams/red/secrets/HF_TOKEN/versions/1 one",
		"DB teams/red/secrets/db/versions/1 hunter2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s := fmt.Sprintf("%v %+v %#v", values, values, values); strings.Contains(s, "hunter2") {
		t.Errorf("printed: %s", s)
	}
	values.Wipe()
	if b := values[0].Data.Reveal(); string(b) != "\x00\x00\x00" {
		t.Errorf("after Wipe: %q", b)
	}
}

// TestWhatGrantsDependOn says of a sandbox what secretsd decides by.
func TestWhatGrantsDependOn(t *testing.T) {
	s, c := start(t)
	ctx := as(t, s.CreateUser("red", "ada", identity.RoleMember))
	allow := func(cidrs ...string) (list []sandbox.Destination) {
		for _, d := range cidrs {
			list = append(list, sandbox.Destination{CIDR: d})
		}
		return list
	}
	none, restricted, internet := secretsv1.SandboxNetwork_SANDBOX_NETWORK_NONE, secretsv1.SandboxNetwork_SANDBOX_NETWORK_RESTRICTED, secretsv1.SandboxNetwork_SANDBOX_NETWORK_INTERNET
	requests := map[string]struct {
		network sandbox.Network
		is      secretsv1.SandboxNetwork
	}{
		"none":     {sandbox.Network{Mode: sandbox.NetworkNone}, none},
		"internet": {sandbox.Network{Mode: sandbox.NetworkInternet}, internet},
		"but some": {sandbox.Network{Mode: sandbox.NetworkInternet, Deny: allow("192.0.2.0/24")}, internet},
		"a list":   {sandbox.Network{Mode: sandbox.NetworkInternet, Allow: allow("198.51.100.0/24", "203.0.0.0/16", "2001:db8::/32")}, restricted},
		"a list, reachable": {sandbox.Network{
			Mode: sandbox.NetworkInternet, Allow: allow("198.51.100.0/24"), Ingress: []sandbox.IngressRule{{Port: 80, Protocol: "tcp"}},
		}, internet},
		"a list of all":   {sandbox.Network{Mode: sandbox.NetworkInternet, Allow: allow("198.51.100.0/24", "0.0.0.0/0")}, internet},
		"a list of many":  {sandbox.Network{Mode: sandbox.NetworkInternet, Allow: allow("198.0.0.0/15")}, internet},
		"of IPv6 as well": {sandbox.Network{Mode: sandbox.NetworkInternet, Allow: allow("2001:db8::/31")}, internet},
		"not said":        {sandbox.Network{}, secretsv1.SandboxNetwork_SANDBOX_NETWORK_UNSPECIFIED},
	}
	conditions := map[string]*secretsv1.GrantConditions{"IMAGE": {Images: []string{"python:3.11"}}, "SOURCE": {Sources: []string{"10.0.0.0/8"}}}
	for name, mode := range secretsv1.SandboxNetwork_value {
		if mode != 0 {
			conditions[name] = &secretsv1.GrantConditions{Networks: []secretsv1.SandboxNetwork{secretsv1.SandboxNetwork(mode)}}
		}
	}
	for name, condition := range conditions {
		s.CreateSecret("red", name, "v")
		s.Restrict("red", name)
		s.Grant("red", name, &secretsv1.SecretGrant{
			Principal: &secretsv1.SecretGrant_UserId{UserId: "ada"}, Rights: []secretsv1.SecretRight{secretsv1.SecretRight_SECRET_RIGHT_USE}, Conditions: condition,
		})
	}
	sandboxes := 0
	use := func(secret string, req resolve.Request) bool {
		sandboxes++
		req.Team, req.SandboxID, req.Refs = "red", fmt.Sprint("sb-", sandboxes), []sandbox.SecretRef{{Secret: secret, EnvVar: "X"}}
		values, err := c.Resolve(ctx, req)
		if err == nil && !values[0].Restricted {
			t.Errorf("%s: the value is not marked as restricted", secret)
		}
		return err == nil
	}
	for name, request := range requests {
		for secret, condition := range conditions {
			if len(condition.GetNetworks()) == 0 {
				continue
			}
			if got, want := use(secret, resolve.Request{Network: request.network}), condition.GetNetworks()[0] == request.is; got != want {
				t.Errorf("a network of %s is one of %s: %v", name, secret, got)
			}
		}
	}
	if !use("IMAGE", resolve.Request{Image: "docker.io/library/python:3.11"}) || use("IMAGE", resolve.Request{Image: "docker.io/library/python:3.12"}) {
		t.Error("the image is not passed along")
	}
	if !use("SOURCE", resolve.Request{Source: netip.MustParseAddr("10.9.9.9")}) || use("SOURCE", resolve.Request{Source: netip.MustParseAddr("192.0.2.1")}) || use("SOURCE", resolve.Request{}) {
		t.Error("the source is not passed along")
	}
}

func TestEveryFailedReferenceIsNamed(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "GOOD", "v")
	s.CreateSecret("red", "GONE", "v")
	s.DestroyVersion("red", "GONE", "1")
	_, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-1", Refs: []sandbox.SecretRef{
		{Secret: "GOOD", EnvVar: "GOOD"}, {Secret: "NOPE", EnvVar: "NOPE"}, {Secret: "GONE", Version: "1", EnvVar: "GONE"},
	}})
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.FailedPrecondition || e.Reason != resolve.ReasonUnresolved {
		t.Fatalf("error %v", err)
	}
	var got []string
	for _, v := range e.Violations {
		got = append(got, v.Type+" "+v.Subject)
	}
	want := []string{"SECRET_NOT_FOUND teams/red/secrets/NOPE/versions/latest", "VERSION_DESTROYED teams/red/secrets/GONE/versions/1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\nmessage: %s", diff, e.Message)
	}
	for _, name := range []string{"NOPE", "GONE", "red"} {
		if !strings.Contains(e.Message, name) {
			t.Errorf("the message does not name %s: %s", name, e.Message)
		}
	}
}

func TestValuesThatNoVariableCanHold(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "NUL", "marker\x00value")
	_, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-1", Refs: []sandbox.SecretRef{{Secret: "NUL", EnvVar: "NUL"}}})
	e, ok := errdefs.As(err)
	if !ok || e.Reason != resolve.ReasonUnresolved || len(e.Violations) != 1 {
		t.Fatalf("error %v", err)
	}
	if strings.Contains(fmt.Sprintf("%+v", e), "marker") {
		t.Errorf("the value is in the error: %+v", e)
	}
}

func TestWorkloadThatMayNotResolve(t *testing.T) {
	s, _ := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "A", "v")
	s.Certs.Issue(t, "intruder")
	c := connect(t, s, "intruder", s.HostPort())
	_, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: "sb-1", Refs: []sandbox.SecretRef{{Secret: "A", EnvVar: "A"}}})
	if errdefs.ReasonOf(err) != "WORKLOAD_NOT_ALLOWED" {
		t.Errorf("error %v", err)
	}
}

func TestUnreachableIsToldFastAndRecoveredFrom(t *testing.T) {
	s, c := start(t)
	key := s.CreateUser("red", "ada", identity.RoleMember)
	s.CreateSecret("red", "A", "v")
	asked := 0
	ask := func() error {
		asked++
		values, err := c.Resolve(as(t, key), resolve.Request{Team: "red", SandboxID: fmt.Sprint("sb-", asked), Refs: []sandbox.SecretRef{{Secret: "A", EnvVar: "A"}}})
		values.Wipe()
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	began := time.Now()
	err := ask()
	if e, ok := errdefs.As(err); !ok || e.Kind != errdefs.Unavailable || e.Reason != resolve.ReasonUnavailable || e.RetryAfter == 0 {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("it took %v to say so", took)
	}
	s.Restart()
	for began := time.Now(); ask() != nil; {
		if time.Since(began) > 5*time.Second {
			t.Fatal("never connected again")
		}
	}
}

func TestSilentServerIsUnavailable(t *testing.T) {
	s, _ := start(t)
	lis, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	c := connect(t, s, identity.WorkloadSandboxd, lis.Addr().String())
	_, err = c.WhoAmI(t.Context(), parse(t, s.OperatorKey))
	if errdefs.ReasonOf(err) != resolve.ReasonUnavailable {
		t.Errorf("error %v", err)
	}
}
