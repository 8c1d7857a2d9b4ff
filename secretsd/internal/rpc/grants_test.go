package rpc_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

const closedName = "teams/ml/secrets/CLOSED"

// startClosed starts a secretsd with the open secret HF_TOKEN and the restricted one CLOSED.
func startClosed(t *testing.T) (*secretsdtest.Server, secretsv1.SecretsManagerClient) {
	t.Helper()
	s := start(t)
	root := s.Client(s.OperatorKey)
	must(t, second(root.CreateSecret(t.Context(), &secretsv1.CreateSecretRequest{
		Parent: "teams/ml", SecretId: "CLOSED", Data: []byte("v"), Secret: &secretsv1.Secret{Restricted: true},
	})))
	return s, root
}

func toUser(user string, rights ...secretsv1.SecretRight) *secretsv1.SecretGrant {
	return &secretsv1.SecretGrant{Principal: &secretsv1.SecretGrant_UserId{UserId: user}, Rights: rights}
}

func grant(t *testing.T, c secretsv1.SecretsManagerClient, parent string, g *secretsv1.SecretGrant) *secretsv1.SecretGrant {
	t.Helper()
	resp, err := c.CreateSecretGrant(t.Context(), &secretsv1.CreateSecretGrantRequest{Parent: parent, Grant: g})
	must(t, err)
	return resp.GetGrant()
}

func TestGrantLifecycle(t *testing.T) {
	s, root := startClosed(t)
	ctx := t.Context()
	bob := s.Client(s.CreateUser("ml", "bob", identity.RoleMember, secretsdtest.AllScopes...))
	access := func() error {
		return second(bob.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: closedName + "/versions/1"}))
	}
	wantError(t, access(), errdefs.PermissionDenied, "PERMISSION_DENIED")
	expires := timestamppb.New(time.Now().Add(time.Hour))
	g := toUser("bob", secretsv1.SecretRight_SECRET_RIGHT_ACCESS, secretsv1.SecretRight_SECRET_RIGHT_AUDIT)
	g.Conditions, g.ExpireTime = &secretsv1.GrantConditions{Sources: []string{"192.0.2.0/24", "127.0.0.0/8"}}, expires
	made := grant(t, root, closedName, g)
	must(t, access())
	list, err := bob.ListSecretGrants(ctx, &secretsv1.ListSecretGrantsRequest{Parent: closedName})
	must(t, err)
	if len(list.GetGrants()) != 1 || list.GetGrants()[0].String() != made.String() || made.GetUserId() != "bob" || made.GetCreator() != "root" ||
		!strings.HasPrefix(made.GetName(), closedName+"/grants/user-bob-access-audit-") || len(made.GetRights()) != 2 ||
		!slices.Equal(made.GetConditions().GetSources(), g.GetConditions().GetSources()) || made.GetExpireTime().AsTime() != expires.AsTime() {
		t.Errorf("grants %v, made %v", list, made)
	}
	// The right to audit: what was done with this secret, and with no other.
	entries, err := bob.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: closedName})
	must(t, err)
	var log []string
	for _, e := range entries.GetEntries() {
		log = append(log, e.GetUserId()+" "+e.GetAction()+" "+cmp.Or(e.GetReason(), "-")+" "+e.GetResource())
	}
	want := []string{
		"root secret.create - " + closedName, "bob version.access PERMISSION_DENIED " + closedName + "/versions/1",
		"root grant.create - " + made.GetName(), "bob version.access - " + closedName + "/versions/1",
	}
	if !slices.Equal(log, want) {
		t.Errorf("log %q, want %q", log, want)
	}
	wantError(t, second(bob.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml"})), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantError(t, second(bob.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml/secrets/HF_TOKEN"})), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantError(t, second(root.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml/secrets/NONE"})), errdefs.NotFound, "SECRET_NOT_FOUND")

	must(t, second(root.DeleteSecretGrant(ctx, &secretsv1.DeleteSecretGrantRequest{Name: made.GetName()})))
	wantError(t, access(), errdefs.PermissionDenied, "PERMISSION_DENIED")
	// Opened to all, it is a secret like others; a member still does not read.
	closed := &secretsv1.Secret{Name: closedName}
	resp, err := root.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{Secret: closed, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"restricted"}}})
	must(t, err)
	if resp.GetSecret().GetRestricted() {
		t.Error("the secret is still restricted")
	}
	wantError(t, access(), errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestConditionsOverTheWire is a sandboxd that says what it does of the sandbox.
func TestConditionsOverTheWire(t *testing.T) {
	s, root := startClosed(t)
	key := s.CreateUser("ml", "bob", identity.RoleMember)
	sandboxd := s.SandboxdClient(key)
	use := func(change func(*secretsv1.BatchAccessSecretVersionsRequest)) error {
		req := batchOf("ml", "CLOSED")
		req.Image, req.Network, req.SourceAddress = "docker.io/library/python:3.11", secretsv1.SandboxNetwork_SANDBOX_NETWORK_NONE, "10.1.2.3"
		change(req)
		resp, err := sandboxd.BatchAccessSecretVersions(t.Context(), req)
		if err == nil && !resp.GetRestricted() {
			t.Error("sandboxd is not told that the value is not for everybody")
		}
		return err
	}
	asItIs := func(*secretsv1.BatchAccessSecretVersionsRequest) {}
	digest := "@sha256:" + strings.Repeat("a", 64)
	for _, test := range []struct {
		name       string
		conditions *secretsv1.GrantConditions
		right      func(*secretsv1.BatchAccessSecretVersionsRequest)
		wrong      func(*secretsv1.BatchAccessSecretVersionsRequest)
		says       string
	}{
		{"image", &secretsv1.GrantConditions{Images: []string{"python:3.11"}}, asItIs,
			func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.Image = "docker.io/library/python:3.12" }, "for the image docker.io/library/python:3.11"},
		{"repository", &secretsv1.GrantConditions{Images: []string{"python:*"}}, asItIs,
			func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.Image = "" }, "for the image docker.io/library/python:*"},
		{"digest", &secretsv1.GrantConditions{Images: []string{"python" + digest}},
			func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.Image = "docker.io/library/python" + digest }, asItIs, "for the image docker.io/library/python" + digest},
		{"network", &secretsv1.GrantConditions{Networks: []secretsv1.SandboxNetwork{1, 2}}, asItIs,
			func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.Network = 3 }, "for the sandbox network none or restricted"},
		{"source", &secretsv1.GrantConditions{Sources: []string{"10.0.0.0/8"}}, asItIs,
			func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.SourceAddress = "" }, "for calls from 10.0.0.0/8"},
		{"workload", &secretsv1.GrantConditions{Workloads: []string{"spiffe://casemate.local/sandboxd"}}, asItIs, nil, ""},
		{"another workload", &secretsv1.GrantConditions{Workloads: []string{"spiffe://casemate.local/other"}}, nil, asItIs, "for the workload spiffe://casemate.local/other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := toUser("bob", secretsv1.SecretRight_SECRET_RIGHT_USE)
			g.Conditions = test.conditions
			made := grant(t, root, closedName, g)
			if test.right != nil {
				must(t, use(test.right))
			}
			if test.wrong != nil {
				err := use(test.wrong)
				e := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
				if len(e.Violations) != 1 || e.Violations[0].Type != "PERMISSION_DENIED" || !strings.Contains(e.Message, test.says) {
					t.Errorf("error %v, want one that says %q", e, test.says)
				}
			}
			must(t, second(root.DeleteSecretGrant(t.Context(), &secretsv1.DeleteSecretGrantRequest{Name: made.GetName()})))
		})
	}
	wantError(t, use(func(r *secretsv1.BatchAccessSecretVersionsRequest) { r.SourceAddress = "10.0.0.1:80" }), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	// Who is called directly is no sandbox, whatever its certificate.
	g := toUser("bob", secretsv1.SecretRight_SECRET_RIGHT_ACCESS)
	g.Conditions = &secretsv1.GrantConditions{Sources: []string{"10.0.0.0/8"}}
	grant(t, root, closedName, g)
	reads := s.SandboxdClient(s.CreateKey("ml", "bob", secretsdtest.AllScopes...))
	err := second(reads.AccessSecretVersion(t.Context(), &secretsv1.AccessSecretVersionRequest{Name: closedName + "/versions/1"}))
	e := wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
	if !strings.Contains(e.Message, "for calls from 10.0.0.0/8") {
		t.Error(e)
	}
}

// TestServiceSeesNothing: who may not list gets the same words for a secret that is there and for one that is not, in every
// rpc, and sees in lists what is granted.
func TestServiceSeesNothing(t *testing.T) {
	s, root := startClosed(t)
	ctx := t.Context()
	s.CreateUser("ml", "ci", identity.RoleService)
	// One grant that does not count makes no difference.
	g := toUser("ci", secretsv1.SecretRight_SECRET_RIGHT_USE)
	g.Conditions = &secretsv1.GrantConditions{Images: []string{"python:3.12"}}
	grant(t, root, closedName, g)
	closed, none := target{"ml", "CLOSED", "1", "root", "k"}, target{"ml", "NONE", "1", "root", "k"}
	for _, scopes := range [][]identity.Scope{{identity.ScopeRun}, {identity.ScopeManage}, {identity.ScopeRead}, secretsdtest.AllScopes} {
		client := s.SandboxdClient(s.CreateKey("ml", "ci", scopes...))
		for method, call := range calls {
			if slices.Contains([]string{"WhoAmI", "ListTeams", "ListSecrets", "TestPermissions", "WatchRevocations", "ReportSandboxes"}, method) {
				continue
			}
			if action, _ := authz.ActionOf(servicePrefix + method); action == authz.Workload || action == authz.Anyone {
				continue // they take no key
			}
			a, b := call(ctx, client, closed), call(ctx, client, none)
			if !isDenied(a) || !isDenied(b) || anonymous(a, closed) != anonymous(b, none) {
				t.Errorf("%s with %v: what is there:\n%v\nand what is not:\n%v", method, scopes, a, b)
			}
		}
	}
	ci := s.SandboxdClient(s.CreateKey("ml", "ci", secretsdtest.AllScopes...))
	wantError(t, second(ci.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/HF_TOKEN"})), errdefs.PermissionDenied, "PERMISSION_DENIED")
	must(t, second(ci.BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))))
	for _, resource := range []string{closedName, "teams/ml/secrets/NONE"} {
		resp, err := ci.TestPermissions(ctx, &secretsv1.TestPermissionsRequest{Resource: resource, Permissions: []string{"secret.list", "version.access", "secret.manage"}})
		if err != nil || len(resp.GetPermissions())+len(resp.GetConditionalPermissions()) != 0 {
			t.Errorf("permissions on %s: %v, %v", resource, resp, err)
		}
	}

	// Lists are cut where the rights end, over pages.
	for i := range 5 {
		s.CreateSecret("ml", fmt.Sprint("S", i), "v")
	}
	for _, name := range []string{"S0", "S2", "S4"} {
		grant(t, root, "teams/ml/secrets/"+name, toUser("ci", secretsv1.SecretRight_SECRET_RIGHT_LIST))
	}
	grant(t, root, "teams/ml/secrets/S1", toUser("root", secretsv1.SecretRight_SECRET_RIGHT_LIST))
	var seen []string
	req := &secretsv1.ListSecretsRequest{Parent: "teams/ml", PageSize: 2}
	for {
		resp, err := ci.ListSecrets(ctx, req)
		must(t, err)
		seen = append(seen, names(resp.GetSecrets())...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if want := []string{"teams/ml/secrets/S0", "teams/ml/secrets/S2", "teams/ml/secrets/S4"}; !slices.Equal(seen, want) {
		t.Errorf("secrets %q, want %q", seen, want)
	}
	must(t, second(ci.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: "teams/ml/secrets/S0"})))
}

// TestTestPermissionsTellsNothing compares the answers to a stranger about what there is and what there is not.
func TestTestPermissionsTellsNothing(t *testing.T) {
	s, root := startClosed(t)
	s.CreateTeam("ops")
	eve := s.Client(s.CreateUser("ops", "eve", identity.RoleOwner, secretsdtest.AllScopes...))
	for _, resource := range []string{"teams/ml", "teams/nowhere", closedName, "teams/ml/secrets/NONE", "teams/nowhere/secrets/X"} {
		resp, err := eve.TestPermissions(t.Context(), &secretsv1.TestPermissionsRequest{Resource: resource})
		if err != nil || len(resp.GetPermissions())+len(resp.GetConditionalPermissions()) != 0 {
			t.Errorf("%s: %v, %v", resource, resp, err)
		}
	}
	resp, err := root.TestPermissions(t.Context(), &secretsv1.TestPermissionsRequest{Resource: closedName, Permissions: []string{"version.access", "secret.list"}})
	if err != nil || !slices.Equal(resp.GetPermissions(), []string{"version.access", "secret.list"}) {
		t.Errorf("the owner's: %v, %v", resp, err)
	}
	for _, bad := range []*secretsv1.TestPermissionsRequest{
		{Resource: "teams/ml/members/root"}, {Resource: "teams/-"}, {Resource: "teams/ml", Permissions: []string{"secret.eat"}},
		{Resource: closedName, Permissions: []string{"member.manage"}}, {Resource: "teams/ml", Permissions: []string{"audit.verify"}},
	} {
		wantError(t, second(eve.TestPermissions(t.Context(), bad)), errdefs.InvalidArgument, "INVALID_ARGUMENT")
	}
}

func TestMalformedGrants(t *testing.T) {
	_, root := startClosed(t)
	use, access := secretsv1.SecretRight_SECRET_RIGHT_USE, secretsv1.SecretRight_SECRET_RIGHT_ACCESS
	conditions := func(c *secretsv1.GrantConditions, rights ...secretsv1.SecretRight) *secretsv1.SecretGrant {
		g := toUser("root", rights...)
		g.Conditions = c
		return g
	}
	past := toUser("root", use)
	past.ExpireTime = timestamppb.New(time.Now().Add(-time.Second))
	for name, g := range map[string]*secretsv1.SecretGrant{
		"nobody":            {Rights: []secretsv1.SecretRight{use}},
		"no user":           toUser("", use),
		"no user's id":      toUser("A B", use),
		"no right":          toUser("root"),
		"unspecified right": toUser("root", 0),
		"unknown right":     toUser("root", 99),
		"right twice":       toUser("root", use, use),
		"owners":            {Principal: &secretsv1.SecretGrant_Role{Role: secretsv1.Role_ROLE_OWNER}, Rights: []secretsv1.SecretRight{use}},
		"no role":           {Principal: &secretsv1.SecretGrant_Role{}, Rights: []secretsv1.SecretRight{use}},
		"past":              past,
		"workload":          conditions(&secretsv1.GrantConditions{Workloads: []string{"sandboxd"}}, use),
		"image":             conditions(&secretsv1.GrantConditions{Images: []string{"NOT AN IMAGE"}}, use),
		"any image":         conditions(&secretsv1.GrantConditions{Images: []string{"*"}}, use),
		"tag of all":        conditions(&secretsv1.GrantConditions{Images: []string{"python:3.11:*"}}, use),
		"path with a tag":   conditions(&secretsv1.GrantConditions{Images: []string{"python:3.11/*"}}, use),
		"network":           conditions(&secretsv1.GrantConditions{Networks: []secretsv1.SandboxNetwork{0}}, use),
		"source":            conditions(&secretsv1.GrantConditions{Sources: []string{"10.0.0.1"}}, use),
		"source's rest":     conditions(&secretsv1.GrantConditions{Sources: []string{"10.0.0.1/8"}}, use),
		"sandbox to read":   conditions(&secretsv1.GrantConditions{Images: []string{"python:3.11"}}, access),
		"sandbox to both":   conditions(&secretsv1.GrantConditions{Networks: []secretsv1.SandboxNetwork{1}}, use, access),
	} {
		_, err := root.CreateSecretGrant(t.Context(), &secretsv1.CreateSecretGrantRequest{Parent: closedName, Grant: g})
		if errdefs.KindOf(errgrpc.FromError(err)) != errdefs.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInjectionPolicy(t *testing.T) {
	s := start(t)
	root, ctx := s.Client(s.OperatorKey), t.Context()
	set := func(p *secretsv1.InjectionPolicy) (*secretsv1.UpdateSecretResponse, error) {
		return root.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{
			Secret:     &secretsv1.Secret{Name: "teams/ml/secrets/HF_TOKEN", Injection: p, Description: "not in the mask"},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"injection"}},
		})
	}
	broker := func(hosts ...string) *secretsv1.InjectionPolicy {
		return &secretsv1.InjectionPolicy{Mode: secretsv1.InjectionMode_INJECTION_MODE_BROKER_ONLY, Hosts: hosts}
	}
	resp, err := set(broker("b.example.com", "*.example.org"))
	must(t, err)
	if got := resp.GetSecret().GetInjection(); !slices.Equal(got.GetHosts(), []string{"*.example.org", "b.example.com"}) || resp.GetSecret().GetDescription() != "" {
		t.Errorf("secret %v", resp.GetSecret())
	}
	e := wantError(t, useOf(ctx, s, "HF_TOKEN"), errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(e.Violations) != 1 || e.Violations[0].Type != "INJECTION_NOT_AVAILABLE" || !strings.Contains(e.Message, "may enter no sandbox") {
		t.Errorf("error %v", e)
	}
	for name, bad := range map[string]*secretsv1.InjectionPolicy{
		"no hosts": broker(), "environment with hosts": {Mode: secretsv1.InjectionMode_INJECTION_MODE_ENVIRONMENT, Hosts: []string{"a.example.com"}},
		"a port": broker("a.example.com:443"), "upper case": broker("A.example.com"), "any": broker("*"), "inner": broker("a.*.com"),
		"empty": broker(""), "twice": broker("a.example.com", "a.example.com"), "a URL": broker("https://a.example.com"), "mode": {Mode: 9},
	} {
		if _, err := set(bad); errdefs.KindOf(errgrpc.FromError(err)) != errdefs.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, second(set(nil)))
	must(t, useOf(ctx, s, "HF_TOKEN"))
}

func useOf(ctx context.Context, s *secretsdtest.Server, name string) error {
	return second(s.SandboxdClient(s.OperatorKey).BatchAccessSecretVersions(ctx, batchOf("ml", name)))
}
