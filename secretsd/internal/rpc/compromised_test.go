package rpc_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// These tests play a sandboxd that somebody else has taken over: its real certificate and key, and whatever requests they
// like.

const sandboxdID = "spiffe://casemate.local/sandboxd"

// answers keeps every message that a client gets.
type answers struct {
	mu   sync.Mutex
	wire strings.Builder
}

func (a *answers) keep(m any) {
	b, _ := proto.Marshal(m.(proto.Message))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wire.Write(b)
}

func (a *answers) options() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			err := invoke(ctx, method, req, reply, cc, opts...)
			a.keep(reply)
			return err
		}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			s, err := streamer(ctx, desc, cc, method, opts...)
			return keptStream{s, a}, err
		}),
	}
}

type keptStream struct {
	grpc.ClientStream
	answers *answers
}

func (s keptStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	s.answers.keep(m)
	return err
}

// denials are the entries after a number of them, all of which must be denials of sandboxd.
func denials(t *testing.T, s *secretsdtest.Server, after int) []*secretsv1.AuditEntry {
	t.Helper()
	entries := s.AuditEntries()[after:]
	for _, e := range entries {
		if e.GetDecision() != secretsv1.AuditDecision_AUDIT_DECISION_DENIED || e.GetPeer() != sandboxdID {
			t.Errorf("entry %v, want a denial of sandboxd", e)
		}
	}
	return entries
}

func TestSandboxdAloneGetsNothing(t *testing.T) {
	s := start(t)
	s.CreateSecret("ml", "WANTED", marker)
	member := s.CreateUser("ml", "bob", identity.RoleMember)
	must(t, second(s.SandboxdClient(member).BatchAccessSecretVersions(t.Context(), batchOf("ml", "WANTED")))) // there is something to know
	var got answers
	alone := secretsv1.NewSecretsManagerClient(s.WorkloadConn(identity.WorkloadSandboxd, "", got.options()...))
	methods := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager").Methods()
	started, tried := len(s.AuditEntries()), map[string]bool{}
	for i := range methods.Len() {
		method := string(methods.Get(i).Name())
		t.Run(method, func(t *testing.T) {
			before := len(s.AuditEntries())
			call := calls[method]
			if method == "CreateAPIKey" { // whose call in the list asks WhoAmI first
				call = func(ctx context.Context, c secretsv1.SecretsManagerClient, _ target) error {
					return second(c.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml"}))
				}
			}
			err := call(t.Context(), alone, target{"ml", "WANTED", "1", "bob", "k"})
			switch action, _ := authz.ActionOf(servicePrefix + method); action {
			case authz.Workload: // sandboxd's own: it is told ids of its sandboxes and names of versions
				must(t, err)
			case authz.Anyone: // its credential is in the request
				wantError(t, err, errdefs.Unauthenticated, "OIDC_TOKEN_INVALID")
			default:
				wantError(t, err, errdefs.Unauthenticated, "API_KEY_MISSING")
				tried[strings.TrimPrefix(servicePrefix, "/")+method+"#attempts=1"] = true
			}
			if entries := s.AuditEntries()[before:]; len(entries) != 0 {
				t.Errorf("entries %v: each would be a durable write", entries)
			}
		})
	}
	if got.wire.Len() == 0 || holds(got.wire.String(), marker) {
		t.Errorf("%d bytes of answers; the value is in them: %v", got.wire.Len(), holds(got.wire.String(), marker))
	}

	// What it tried is in the log when the minute is over, or secretsd stops.
	s.Restart()
	for _, e := range denials(t, s, started) {
		if e.GetReason() == "OIDC_TOKEN_INVALID" {
			continue
		}
		if e.GetAction() != "key.authenticate" || e.GetReason() != "API_KEY_MISSING" || !tried[e.GetResource()] {
			t.Errorf("entry %v", e)
		}
		delete(tried, e.GetResource())
	}
	if len(tried) != 0 {
		t.Errorf("no entries of %v", tried)
	}
}

func TestSandboxdWithACallersKeyGetsNoMoreThanTheCaller(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	s.CreateSecret("ml", "MINE", "bob may use this")
	s.CreateSecret("ops", "THEIRS", marker)
	s.CreateSecret("ml", "READ", marker)
	bob := s.CreateUser("ml", "bob", identity.RoleMember) // RUN: what a user of the SDK hands to sandboxd
	var got answers
	client := secretsv1.NewSecretsManagerClient(s.WorkloadConn(identity.WorkloadSandboxd, bob, got.options()...))
	ctx := t.Context()

	resp, err := client.BatchAccessSecretVersions(ctx, batchOf("ml", "MINE"))
	must(t, err)
	if string(resp.GetValues()[0].GetData()) != "bob may use this" {
		t.Error("the caller's own secret is another one")
	}
	theirs := target{"ops", "THEIRS", "1", "root", "k"}
	read := target{"ml", "READ", "1", "root", "k"}
	for what, try := range map[string]struct {
		call, reason string
		on           target
	}{
		"another team's":     {"BatchAccessSecretVersions", "PERMISSION_DENIED", theirs},
		"one without a name": {"BatchAccessSecretVersions", "SECRET_NOT_FOUND", target{team: "ml", secret: "GUESSED"}},
		"to read":            {"AccessSecretVersion", "PERMISSION_DENIED", read},
		"to read theirs":     {"AccessSecretVersion", "PERMISSION_DENIED", theirs},
		"to see who has it":  {"ListSecretUses", "PERMISSION_DENIED", read},
		"to revoke":          {"RevokeSecretVersion", "PERMISSION_DENIED", read},
		"to enable":          {"EnableSecretVersion", "PERMISSION_DENIED", read},
		"to add":             {"AddSecretVersion", "PERMISSION_DENIED", read},
		"to delete":          {"DeleteSecret", "PERMISSION_DENIED", read},
		"to be an admin":     {"CreateMember", "PERMISSION_DENIED", read},
		"to have a key":      {"CreateAPIKey", "PERMISSION_DENIED", read},
		"to see the log":     {"ListAuditEntries", "PERMISSION_DENIED", read},
	} {
		t.Run(what, func(t *testing.T) {
			before := len(s.AuditEntries())
			if err := calls[try.call](ctx, client, try.on); err == nil {
				t.Error("it was allowed")
			}
			entries := denials(t, s, before)
			if len(entries) != 1 || entries[0].GetReason() != try.reason || entries[0].GetUserId() != "bob" {
				t.Errorf("entries %v, want one denial of bob: %s", entries, try.reason)
			}
		})
	}
	if holds(got.wire.String(), marker) {
		t.Error("sandboxd has got a value that its caller may not use")
	}
}

func TestReplaysFail(t *testing.T) {
	s := start(t)
	s.Certs.Issue(t, "other")
	s.CreateTeam("ops")
	bob, ada := s.CreateUser("ml", "bob", identity.RoleMember), s.CreateUser("ml", "ada", identity.RoleMember)
	eve := s.CreateUser("ops", "eve", identity.RoleAdmin, secretsdtest.AllScopes...)
	ctx := t.Context()
	s.CreateSecret("ml", "OTHER", "v")
	captured := batchOf("ml", "HF_TOKEN")
	must(t, second(s.SandboxdClient(bob).BatchAccessSecretVersions(ctx, captured)))

	refused := func(c secretsv1.SecretsManagerClient, req *secretsv1.BatchAccessSecretVersionsRequest, kind errdefs.Kind, reason, audited string) {
		t.Helper()
		before := len(s.AuditEntries())
		wantError(t, second(c.BatchAccessSecretVersions(ctx, req)), kind, reason)
		entries := s.AuditEntries()[before:]
		if len(entries) != 1 || entries[0].GetReason() != audited || entries[0].GetDecision() != secretsv1.AuditDecision_AUDIT_DECISION_DENIED {
			t.Errorf("entries %v, want one denial: %s", entries, audited)
		}
	}
	const resolved = "SANDBOX_ALREADY_RESOLVED"
	refused(s.SandboxdClient(bob), captured, errdefs.FailedPrecondition, resolved, resolved)
	refused(s.SandboxdClient(ada), captured, errdefs.FailedPrecondition, resolved, resolved)
	more := batchOf("ml", "OTHER")
	more.SandboxId = captured.GetSandboxId()
	refused(s.SandboxdClient(bob), more, errdefs.FailedPrecondition, resolved, resolved)
	s.Restart()
	refused(s.SandboxdClient(bob), captured, errdefs.FailedPrecondition, resolved, resolved)

	// Sent on by somebody else, under a new id too.
	for _, req := range []*secretsv1.BatchAccessSecretVersionsRequest{captured, batchOf("ml", "HF_TOKEN")} {
		refused(secretsv1.NewSecretsManagerClient(s.WorkloadConn("other", bob)), req, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED", "WORKLOAD_NOT_ALLOWED")
		refused(s.Client(bob), req, errdefs.PermissionDenied, "WORKLOAD_NOT_ALLOWED", "WORKLOAD_NOT_ALLOWED")
		refused(s.SandboxdClient(eve), req, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED", "PERMISSION_DENIED")
	}

	// With a key that is not valid any more.
	short, err := s.Client(s.OperatorKey).CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{
		Parent: "teams/ml", UserId: "bob", TtlSeconds: 1,
	})
	must(t, err)
	expires := s.SandboxdClient(short.GetKey())
	for { // until it has expired
		_, err := expires.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
		if errdefs.KindOf(errgrpc.FromError(err)) == errdefs.Unauthenticated {
			break
		}
	}
	wantError(t, second(expires.BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))), errdefs.Unauthenticated, "API_KEY_INVALID")
	s.RevokeKey("ml", bob)
	before := len(s.AuditEntries())
	wantError(t, second(s.SandboxdClient(bob).BatchAccessSecretVersions(ctx, batchOf("ml", "HF_TOKEN"))), errdefs.Unauthenticated, "API_KEY_INVALID")
	if n := len(s.AuditEntries()) - before; n != 0 {
		t.Errorf("%d entries: an attempt with a wrong key would be a durable write", n)
	}

	if uses := s.Uses("ml", "HF_TOKEN"); len(uses) != 1 {
		t.Errorf("%d receipts of one release: %v", len(uses), uses)
	}
}
