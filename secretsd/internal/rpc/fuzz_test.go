package rpc_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/pkg/rpcfuzz"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// sent stands for a value that goes into any field. No id may look like it, so that an error has no reason to repeat it.
const sent = "SENT canary/7d2 %s"

// FuzzRPC calls every rpc with random requests and metadata, as everybody. No answer is INTERNAL or UNKNOWN, every error has
// a documented reason, no value comes to whom it must not or into an error or the log, and no answer is over its bound.
func FuzzRPC(f *testing.F) {
	issuer := oidctest.New(f)
	workload := oidcWorkload{issuer.URL, issuer.Token(issuer.GitHub(audience, "octo-org/app", "refs/heads/main", map[string]any{
		"exp": time.Now().Add(24 * time.Hour).Unix(),
	}))}
	s := secretsdtest.Start(f, secretsdtest.WithIssuers(issuer.CAFile, issuer.URL), secretsdtest.WithFailedAttempts(0, 0), secretsdtest.WithLimits(func(l *config.Limits) { l.User, l.Team = config.Rates{}, config.Rates{} }))
	plain, sandboxd := s.Conn(""), s.WorkloadConn(identity.WorkloadSandboxd, "")
	operator := secretsv1.NewSecretsManagerClient(s.Conn(s.OperatorKey))
	// The operator's key makes the teams: it must not replace itself by the way.
	asOperator := s.Conn("", grpc.WithUnaryInterceptor(func(
		ctx context.Context, method string, req, resp any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		if r, ok := req.(proto.Message); ok && strings.HasSuffix(method, "/RotateAPIKey") {
			r.ProtoReflect().Set(r.ProtoReflect().Descriptor().Fields().ByName("name"), protoreflect.ValueOfString("teams/none/apiKeys/none"))
		}
		return invoke(ctx, method, req, resp, cc, opts...)
	}))
	cfg := rpcfuzz.Config{
		Services:  []protoreflect.ServiceDescriptor{secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager")},
		Hidden:    []string{marker, sent},
		Value:     marker,
		Reasons:   map[string][]string{errgrpc.Domain: documentedReasons(f)},
		MaxAnswer: 8 << 20,
	}
	var (
		mu         sync.Mutex
		sessions   int
		searched   int
		team       string
		callers    []rpcfuzz.Caller
		teamsWords rpcfuzz.Words
	)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		data := make([]byte, 64)
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], rnd.Uint64())
		}
		f.Add(data)
	}
	answered := map[string]int{}
	f.Cleanup(func() {
		for i := range cfg.Services[0].Methods().Len() {
			if rpc := string(cfg.Services[0].Methods().Get(i).Name()); sessions >= 300 && answered[rpc] == 0 {
				f.Errorf("%d sessions had no call of %s without an error: its requests do not get far, give them words", sessions, rpc)
			}
		}
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		mu.Lock()
		defer mu.Unlock()
		if sessions%5 == 0 { // what is called changes its team: members go, keys are revoked
			team = fmt.Sprint("f", sessions)
			callers, teamsWords = newVictim(t, operator, workload, team, plain, sandboxd)
			root := rpcfuzz.Caller{Name: "operator", Conn: asOperator, Key: s.OperatorKey, MayGet: []string{"AccessSecretVersion"}}
			callers = append(callers, root, root, root) // whose calls get furthest
		}
		sessions++
		cfg.Words = teamsWords
		for _, rpc := range rpcfuzz.New(t, cfg, data).Run(callers, 12) {
			answered[rpc]++
		}
		logs := s.Logs()
		for _, word := range []string{marker, sent, "panic"} {
			if i := strings.Index(logs[searched:], word); i >= 0 {
				t.Errorf("the log has %q: %s", word, logs[searched:][max(0, i-300):min(len(logs)-searched, i+1000)])
			}
		}
		searched = len(logs)
	})
}

// sandboxIDs are some that nobody has used: each can be resolved once.
func sandboxIDs(team string) (ids []string) {
	for i := range 50 {
		ids = append(ids, fmt.Sprint(team, "-", i))
	}
	return ids
}

// newVictim makes a team with secrets, and everybody who may be interested in it.
func newVictim(
	t *testing.T, operator secretsv1.SecretsManagerClient, workload oidcWorkload, team string, plain, sandboxd *grpc.ClientConn,
) ([]rpcfuzz.Caller, rpcfuzz.Words) {
	t.Helper()
	ctx, parent := t.Context(), "teams/"+team
	must(t, second(operator.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: team})))
	secrets := map[string]string{"PLAIN": marker, "OBJECT": `{"a": "` + marker + `", "b": 1}`, "NUL": marker + "\x00"}
	for name, value := range secrets {
		must(t, second(operator.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: name, Data: []byte(value)})))
	}
	var keys []string
	callers := []rpcfuzz.Caller{{Name: "nobody through sandboxd", Conn: sandboxd}}
	for _, who := range []struct {
		user   string
		role   secretsv1.Role
		scopes []secretsv1.KeyScope
		mayGet []string
	}{
		{"olga", secretsv1.Role_ROLE_OWNER, allScopes, []string{"AccessSecretVersion"}},
		{"ada", secretsv1.Role_ROLE_ADMIN, allScopes, []string{"AccessSecretVersion"}},
		// No READ: calls may make bob an owner, or grant him access. What his key was not made for, they can't give it.
		{"bob", secretsv1.Role_ROLE_MEMBER, allScopes[:2], nil},
		{"cyd", secretsv1.Role_ROLE_ADMIN, allScopes[:1], nil},
	} {
		must(t, second(operator.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: parent, UserId: who.user, Role: who.role})))
		resp, err := operator.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, UserId: who.user, Scopes: who.scopes})
		must(t, err)
		callers = append(callers,
			rpcfuzz.Caller{Name: who.user, Conn: plain, Key: resp.GetKey(), MayGet: who.mayGet},
			rpcfuzz.Caller{Name: who.user + " through sandboxd", Conn: sandboxd, Key: resp.GetKey(), MayGet: append(who.mayGet, "BatchAccessSecretVersions")},
		)
		keys = append(keys, resp.GetKey())
	}
	spares, grants := toLose(t, operator, workload, parent)
	words := rpcfuzz.Words{
		Any: []string{
			sent, team, parent, "teams/-", "PLAIN", "OBJECT", "NUL", "a", "1", "latest", "ada", "bob", "*", "description", "labels", "secret",
			parent + "/secrets/PLAIN", parent + "/secrets/OBJECT", parent + "/secrets/NUL/versions/1", parent + "/secrets/PLAIN/versions/latest",
			parent + "/members/ada", parent + "/members/bob", "spiffe://casemate.local/sandboxd", "00", "AAAA",
		},
		ByField: map[string][]string{
			"parent": {parent}, "name": {parent},
			"secret_id": {"PLAIN", "OBJECT", "NUL", "NEW", "NEWER"}, "user_id": {"ada", "bob", "cyd", "olga"}, "version": {"1", "latest", "2"},
			"field": {"a", "b", "", ""}, "etag": {"", ""}, "page_token": {"", ""}, "paths": {"description", "labels", "*"},
			"sandbox_id": sandboxIDs(team), "team_id": {team + "y", team}, "data": {sent, "value", marker},
			"resource": {parent, parent + "/secrets/PLAIN"}, "permissions": {"secret.list", "version.use", "version.access", "secret.manage"},
			"references": nil, "purpose": nil, "trust": nil, "grant": nil, "rights": nil, "role": nil, "action": nil,
			"request_id": {"", "", "r1"}, "filter": {"", `name:"PLAIN"`, `state=ENABLED`, `labels.env="a" OR NOT name:"x"`},
			"key": {"env", "app"}, "hosts": {"api.example.com"}, // of labels and aliases; of injection
			"images": {"docker.io/library/python:*"}, "spiffe_ids": {"spiffe://casemate.local/sandboxd"}, "sources": {"127.0.0.0/8"},
			"image": {"docker.io/library/python:3.11"}, "source_address": {"127.0.0.1"},
			"trust_id": {"made", "another"}, "issuer": {workload.issuer}, "audience": {audience}, "subject": {workloadSubject, "repo:octo-org/*"},
			"claim": {"repository"}, "pattern": {"octo-org/*"}, "token": {workload.token},
		},
	}
	secretNames := []string{parent + "/secrets/PLAIN", parent + "/secrets/OBJECT", parent + "/secrets/NEW"}
	versions := []string{parent + "/secrets/PLAIN/versions/1", parent + "/secrets/OBJECT/versions/latest", parent + "/secrets/NUL/versions/2"}
	words.ByMethod = map[string]map[string][]string{
		"dSecretVersion": {"parent": secretNames}, "ListSecretVersions": {"parent": secretNames}, "SecretVersion": {"name": versions},
		"Secret": {"name": secretNames}, "Member": {"name": {parent + "/members/bob", parent + "/members/cyd"}},
		"SecretGrant": {"parent": secretNames, "name": grants}, "SecretGrants": {"parent": secretNames}, "ListSecretUses": {"parent": secretNames},
		"AuditEntries": {"parent": {parent, "teams/-"}},
		"APIKey":       {"name": spares}, "OIDCTrust": {"name": {parent + "/oidcTrusts/spare", parent + "/oidcTrusts/made"}},
		"ExchangeToken":  {"name": {parent + "/oidcTrusts/ci"}},
		"GetKeyStatus":   {"name": {parent, ""}},
		"UndeleteSecret": {"name": {parent + "/secrets/GONE", parent + "/secrets/PLAIN"}},
		"DeleteTeam":     {"name": {parent + "x", parent + "y"}}, // not the team itself, without which there is nothing left to call
	}
	words.Any = append(append(words.Any, keys...), words.ByField["token"]...) // also in places where they are wrong
	stranger, err := apikey.Generate()
	must(t, err)
	return append(callers, rpcfuzz.Caller{Name: "a guess", Conn: plain, Key: stranger.Reveal()}), words
}

const workloadSubject = "repo:octo-org/app:ref:refs/heads/main"

// oidcWorkload is somebody with a token that the teams' trusts are met by.
type oidcWorkload struct{ issuer, token string }

// toLose makes what calls may revoke, delete and bring back: keys and grants, whose names it returns; trusts, of which ci is to
// stay; a team; and a secret.
func toLose(
	t *testing.T, operator secretsv1.SecretsManagerClient, workload oidcWorkload, parent string,
) (keys, grants []string) {
	t.Helper()
	ctx := t.Context()
	for range 4 {
		key, err := operator.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, UserId: "bob"})
		must(t, err)
		keys = append(keys, key.GetApiKey().GetName())
	}
	for _, name := range []string{"PLAIN", "OBJECT", "NUL"} {
		made, err := operator.CreateSecretGrant(ctx, &secretsv1.CreateSecretGrantRequest{Parent: parent + "/secrets/" + name, Grant: &secretsv1.SecretGrant{
			Principal: &secretsv1.SecretGrant_UserId{UserId: "bob"}, Rights: []secretsv1.SecretRight{secretsv1.SecretRight_SECRET_RIGHT_LIST},
		}})
		must(t, err)
		grants = append(grants, made.GetGrant().GetName())
	}
	must(t, second(operator.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: strings.TrimPrefix(parent, "teams/") + "x"})))
	must(t, second(operator.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: "GONE", Data: []byte(marker)})))
	must(t, second(operator.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: parent + "/secrets/GONE"})))
	for _, id := range []string{"ci", "spare"} {
		must(t, second(operator.CreateOIDCTrust(ctx, &secretsv1.CreateOIDCTrustRequest{Parent: parent, TrustId: id, Trust: &secretsv1.OIDCTrust{
			Issuer: workload.issuer, Audience: audience, Subject: workloadSubject, UserId: "bob", ReusableTokens: true,
		}})))
	}
	return keys, grants
}

var allScopes = []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_RUN, secretsv1.KeyScope_KEY_SCOPE_MANAGE, secretsv1.KeyScope_KEY_SCOPE_READ}

// documentedReasons are those in the table of the API reference.
func documentedReasons(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("../../../proto/api.md.tmpl")
	must(t, err)
	var reasons []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		reasons = append(reasons, row[1])
	}
	if len(reasons) < 30 {
		t.Fatalf("the API reference has only the reasons %v", reasons)
	}
	return reasons
}
