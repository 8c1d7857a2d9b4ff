package canary

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/casemate/casemate/e2e/stack"
	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	cwv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/pkg/oidctest"
)

const team = "canary"

// recorder notes which rpcs were called, and keeps every error as the client saw it, details and all.
type recorder struct {
	mu     sync.Mutex
	called map[string]bool
	errors bytes.Buffer
}

func (r *recorder) note(method string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.called[method] = true
	if err != nil {
		fmt.Fprintf(&r.errors, "%s: %v %s\n", method, err, protojson.Format(status.Convert(err).Proto()))
	}
}

func (r *recorder) options() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			err := invoke(ctx, method, req, reply, cc, opts...)
			r.note(method, err)
			return err
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			s, err := streamer(ctx, desc, cc, method, opts...)
			r.note(method, err)
			return s, err
		}),
	}
}

func TestNoValueLeaks(t *testing.T) {
	bin, err := stack.Bin(map[string]string{stack.Image: "image"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	issuer := oidctest.New(t)
	st, err := stack.Start(ctx, stack.Options{
		Dir: t.TempDir(), Bin: bin, LogLevel: "debug", SecretsdExtra: fmt.Sprintf("oidc:\n  issuers: [%s]\n  ca_file: %s\n", issuer.URL, issuer.CAFile),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()

	marker := "canary-" + randomHex(t, 24)
	rec := &recorder{called: map[string]bool{}}
	j := newJourney(ctx, t, st, rec, marker, issuer)

	j.everySecretsRPC()
	j.everySandboxRPC()
	j.everySDKRPC()
	j.requireAllCalled()

	keys := append([]string{st.OperatorKey, j.runKey, j.readKey}, j.presented...)
	look := func(when string) int {
		h := newHaystack(append([]string{marker}, keys...)...)
		h.search("an error that a client got", rec.errors.Bytes())
		// The operator's first key is a file by design, with mode 0600.
		rootKey := filepath.Join(st.SecretsdDir, "root.key")
		if err := h.searchTree(filepath.Dir(st.SecretsdDir), func(p string) bool { return p == rootKey }); err != nil {
			t.Fatal(err)
		}
		for _, admin := range st.AdminAddresses {
			h.search("the metrics of "+admin, httpGet(ctx, t, "http://"+admin+"/metrics"))
		}
		inside, err := h.searchProcesses()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range h.found {
			t.Errorf("%s: %s", when, f)
		}
		t.Logf("%s: searched %d bytes; %d sandboxed processes hold the value", when, h.size, inside)
		return inside
	}

	// While it runs, the sandbox's own processes have the value, and nothing else.
	if n := look("while the sandbox runs"); n == 0 {
		t.Error("no process inside the sandbox has the value: the test looked in the wrong place")
	}
	// What the code inside does with its secret is its own affair while it lives; after that it is gone too.
	j.exec(j.sandbox, "sh", "-c", "env > /leaked; env | base64 > /leaked64; env >&2")
	j.endEverything()
	if n := look("after the sandboxes ended"); n != 0 {
		t.Errorf("%d processes still hold the value", n)
	}
}

// journey sends the marker through the rpcs.
type journey struct {
	ctx     context.Context
	t       *testing.T
	rec     *recorder
	marker  string
	runKey  string
	readKey string
	issuer  *oidctest.Issuer
	// presented are the keys and tokens that were sent to be combined or exchanged, and what they were made to.
	presented []string

	root, admin, member, asSandboxd secretsv1.SecretsManagerClient
	sandboxes, operator             sandboxv1.SandboxServiceClient
	sdk                             cwv1.SandboxServiceClient
	sandbox, ended                  string
}

func newJourney(ctx context.Context, t *testing.T, st *stack.Stack, rec *recorder, marker string, issuer *oidctest.Issuer) *journey {
	j := &journey{ctx: ctx, t: t, rec: rec, marker: marker, issuer: issuer}
	if _, err := st.CLI(ctx, st.OperatorKey, "", "team", "create", team); err != nil {
		t.Fatal(err)
	}
	if _, err := st.CLI(ctx, st.OperatorKey, "", "image", "import", stack.Image, "python:3.11"); err != nil {
		t.Fatal(err)
	}
	var err error
	if j.readKey, err = st.NewKey(ctx, team, "run", "manage", "read"); err != nil {
		t.Fatal(err)
	}
	if j.runKey, err = st.NewKey(ctx, team); err != nil {
		t.Fatal(err)
	}
	conn := func(dial func(string, ...grpc.DialOption) (*grpc.ClientConn, error), key string) *grpc.ClientConn {
		c, err := dial(key, rec.options()...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	j.admin = secretsv1.NewSecretsManagerClient(conn(st.DialSecretsd, j.readKey))
	j.member = secretsv1.NewSecretsManagerClient(conn(st.DialSecretsd, j.runKey))
	j.root = secretsv1.NewSecretsManagerClient(conn(st.DialSecretsd, st.OperatorKey))
	j.asSandboxd = secretsv1.NewSecretsManagerClient(conn(st.DialSecretsdAsSandboxd, j.runKey))
	j.sandboxes = sandboxv1.NewSandboxServiceClient(conn(st.DialSandboxd, j.runKey))
	j.operator = sandboxv1.NewSandboxServiceClient(conn(st.DialSandboxd, st.OperatorKey))
	j.sdk = cwv1.NewSandboxServiceClient(conn(st.DialSandboxd, j.runKey))
	return j
}

func (j *journey) ok(what string, err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatalf("%s: %v", what, err)
	}
}

func (j *journey) refused(what string, err error) {
	j.t.Helper()
	if err == nil {
		j.t.Fatalf("%s was answered, want an error", what)
	}
}

func (j *journey) everySecretsRPC() {
	c, ctx := j.admin, j.ctx
	value, parent := []byte(j.marker), "teams/"+team
	secret := parent + "/secrets/HF_TOKEN"

	_, err := c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: "HF_TOKEN", Data: value})
	j.ok("CreateSecret", err)
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: "HF_TOKEN", Data: value})
	j.refused("CreateSecret of one that exists", err)
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: "not a name", Data: value})
	j.refused("CreateSecret with a bad name", err)
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/other", SecretId: "HF_TOKEN", Data: value})
	j.refused("CreateSecret in another team", err)
	_, err = j.member.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: parent, SecretId: "MINE", Data: value})
	j.refused("CreateSecret with a key that may only run", err)
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: secret, Data: value})
	j.ok("AddSecretVersion", err)
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: secret, Data: bytes.Repeat(value, 4096)})
	j.refused("AddSecretVersion of too large a value", err)
	once := &secretsv1.AddSecretVersionRequest{Parent: secret, Data: value, RequestId: "canary", IfChanged: true, DataCrc32C: proto.Int64(crc32c.Sum(value))}
	for range 2 {
		_, err = c.AddSecretVersion(ctx, once)
		j.ok("AddSecretVersion under a request id, of the same value", err)
	}
	once.Data, once.DataCrc32C = bytes.Repeat(value, 2), nil
	_, err = c.AddSecretVersion(ctx, once)
	j.refused("AddSecretVersion of another value under the same request id", err)
	_, err = c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: secret, Data: value, DataCrc32C: proto.Int64(1)})
	j.refused("AddSecretVersion with a wrong checksum", err)
	_, err = c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{
		Parent: parent, SecretId: "STRUCTURED", Data: []byte(`{"token": "` + j.marker + `", "bad": `),
	})
	j.ok("CreateSecret of a broken JSON object", err)

	got, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: secret + "/versions/latest"})
	j.ok("AccessSecretVersion", err)
	if string(got.GetData()) != j.marker {
		j.t.Fatal("AccessSecretVersion returned another value")
	}
	_, err = c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: parent + "/secrets/STRUCTURED/versions/1", Field: "token"})
	j.refused("AccessSecretVersion of a field of a broken object", err)
	_, err = j.member.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: secret + "/versions/1"})
	j.refused("AccessSecretVersion with a key that may only run", err)

	batch := &secretsv1.BatchAccessSecretVersionsRequest{
		Parent: parent, SandboxId: "canary", Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
		References: []*secretsv1.SecretVersionReference{{SecretId: "HF_TOKEN"}},
	}
	_, err = j.asSandboxd.BatchAccessSecretVersions(ctx, batch)
	j.ok("BatchAccessSecretVersions", err)
	_, err = j.member.BatchAccessSecretVersions(ctx, batch)
	j.refused("BatchAccessSecretVersions without sandboxd's certificate", err)
	_, err = j.asSandboxd.BatchAccessSecretVersions(ctx, batch)
	j.refused("BatchAccessSecretVersions for a sandbox that has its values", err)
	batch.SandboxId = "canary-2"
	batch.References = append(batch.References, &secretsv1.SecretVersionReference{SecretId: "NONE"}, &secretsv1.SecretVersionReference{SecretId: "STRUCTURED", Field: "token"})
	_, err = j.asSandboxd.BatchAccessSecretVersions(ctx, batch)
	j.refused("BatchAccessSecretVersions with references that fail", err)
	j.everyUseRPC(secret)

	_, err = c.GetSecret(ctx, &secretsv1.GetSecretRequest{Name: secret})
	j.ok("GetSecret", err)
	_, err = c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: parent})
	j.ok("ListSecrets", err)
	_, err = c.UpdateSecret(ctx, &secretsv1.UpdateSecretRequest{Secret: &secretsv1.Secret{Name: secret, Description: "watched"}})
	j.ok("UpdateSecret", err)
	_, err = c.GetSecretVersion(ctx, &secretsv1.GetSecretVersionRequest{Name: secret + "/versions/1"})
	j.ok("GetSecretVersion", err)
	_, err = c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: secret})
	j.ok("ListSecretVersions", err)
	j.rights(parent, secret)
	_, err = c.DisableSecretVersion(ctx, &secretsv1.DisableSecretVersionRequest{Name: secret + "/versions/1"})
	j.ok("DisableSecretVersion", err)
	_, err = c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: secret + "/versions/1"})
	j.refused("AccessSecretVersion of a disabled version", err)
	_, err = c.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: secret + "/versions/1"})
	j.ok("EnableSecretVersion", err)
	_, err = c.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{Name: secret + "/versions/1"})
	j.ok("DestroySecretVersion", err)
	_, err = c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: parent + "/secrets/STRUCTURED"})
	j.ok("DeleteSecret", err)
	_, err = c.UndeleteSecret(ctx, &secretsv1.UndeleteSecretRequest{Name: parent + "/secrets/STRUCTURED"})
	j.ok("UndeleteSecret", err)
	_, err = c.DeleteSecret(ctx, &secretsv1.DeleteSecretRequest{Name: parent + "/secrets/STRUCTURED", Purge: true})
	j.ok("DeleteSecret for good", err)
	j.everyOtherSecretsRPC(parent)
}

// everyUseRPC calls the rpcs about who holds a secret, and takes version 2 back from a sandbox that there is not.
func (j *journey) everyUseRPC(secret string) {
	ctx := j.ctx
	_, err := j.admin.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{Parent: secret})
	j.ok("ListSecretUses", err)
	_, err = j.member.ListSecretUses(ctx, &secretsv1.ListSecretUsesRequest{Parent: secret})
	j.refused("ListSecretUses with a key that may only run", err)
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := j.asSandboxd.WatchRevocations(watching, &secretsv1.WatchRevocationsRequest{})
	j.ok("WatchRevocations", err)
	_, err = stream.Recv()
	j.ok("WatchRevocations", err)
	_, err = j.admin.RevokeSecretVersion(ctx, &secretsv1.RevokeSecretVersionRequest{
		Name: secret + "/versions/2", Action: secretsv1.RevokeAction_REVOKE_ACTION_STOP,
	})
	j.ok("RevokeSecretVersion", err)
	_, err = j.asSandboxd.ReportSandboxes(ctx, &secretsv1.ReportSandboxesRequest{EndedSandboxIds: []string{"canary"}})
	j.ok("ReportSandboxes", err)
	_, err = j.root.EndWorkloadInstance(ctx, &secretsv1.EndWorkloadInstanceRequest{Workload: "spiffe://casemate.local/sandboxd", WorkloadInstance: "gone"})
	j.ok("EndWorkloadInstance", err)
	_, err = j.admin.EnableSecretVersion(ctx, &secretsv1.EnableSecretVersionRequest{Name: secret + "/versions/2"})
	j.ok("EnableSecretVersion", err)
}

// rights calls the rpcs about who may do what with a secret.
func (j *journey) rights(parent, secret string) {
	grant := &secretsv1.SecretGrant{
		Principal: &secretsv1.SecretGrant_Role{Role: secretsv1.Role_ROLE_MEMBER}, Rights: []secretsv1.SecretRight{secretsv1.SecretRight_SECRET_RIGHT_USE},
		Conditions: &secretsv1.GrantConditions{Images: []string{"python:3.11"}},
	}
	made, err := j.admin.CreateSecretGrant(j.ctx, &secretsv1.CreateSecretGrantRequest{Parent: secret, Grant: grant})
	j.ok("CreateSecretGrant", err)
	_, err = j.admin.CreateSecretGrant(j.ctx, &secretsv1.CreateSecretGrantRequest{Parent: parent + "/secrets/NONE", Grant: grant})
	j.refused("CreateSecretGrant on a secret that is not there", err)
	_, err = j.admin.ListSecretGrants(j.ctx, &secretsv1.ListSecretGrantsRequest{Parent: secret})
	j.ok("ListSecretGrants", err)
	_, err = j.admin.TestPermissions(j.ctx, &secretsv1.TestPermissionsRequest{Resource: secret})
	j.ok("TestPermissions", err)
	_, err = j.admin.DeleteSecretGrant(j.ctx, &secretsv1.DeleteSecretGrantRequest{Name: made.GetGrant().GetName()})
	j.ok("DeleteSecretGrant", err)
}

// everyOtherSecretsRPC calls the rpcs about teams, members, keys and the audit log.
func (j *journey) everyOtherSecretsRPC(parent string) {
	c, ctx := j.admin, j.ctx
	_, err := j.root.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "second"})
	j.ok("CreateTeam", err)
	_, err = c.GetTeam(ctx, &secretsv1.GetTeamRequest{Name: parent})
	j.ok("GetTeam", err)
	_, err = c.ListTeams(ctx, &secretsv1.ListTeamsRequest{})
	j.ok("ListTeams", err)
	j.everyKeyRPC(parent)
	_, err = c.CreateMember(ctx, &secretsv1.CreateMemberRequest{Parent: parent, UserId: "ada", Role: secretsv1.Role_ROLE_MEMBER})
	j.ok("CreateMember", err)
	_, err = c.ListMembers(ctx, &secretsv1.ListMembersRequest{Parent: parent})
	j.ok("ListMembers", err)
	_, err = c.UpdateTeam(ctx, &secretsv1.UpdateTeamRequest{Team: &secretsv1.Team{Name: parent}})
	j.ok("UpdateTeam", err)
	_, err = c.UpdateMember(ctx, &secretsv1.UpdateMemberRequest{Name: parent + "/members/ada", Role: secretsv1.Role_ROLE_ADMIN})
	j.ok("UpdateMember", err)
	key, err := c.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, UserId: "ada"})
	j.ok("CreateAPIKey", err)
	j.combineKeys(parent)
	_, err = c.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: parent})
	j.ok("ListAPIKeys", err)
	rotated, err := c.RotateAPIKey(ctx, &secretsv1.RotateAPIKeyRequest{Name: key.GetApiKey().GetName()})
	j.ok("RotateAPIKey", err)
	_, err = c.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: key.GetApiKey().GetName()})
	j.ok("RevokeAPIKey", err)
	j.presented = append(j.presented, rotated.GetKey())
	j.exchange(parent)
	_, err = c.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: parent + "/members/ada"})
	j.ok("DeleteMember", err)
	_, err = c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{})
	j.ok("WhoAmI", err)
	_, err = c.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: parent, PageSize: 1000})
	j.ok("ListAuditEntries", err)
	tail, err := c.TailAuditEntries(ctx, &secretsv1.TailAuditEntriesRequest{Parent: parent, Last: 1000})
	j.ok("TailAuditEntries", err)
	_, err = tail.Recv()
	j.ok("TailAuditEntries", err)
	export, err := j.root.ExportAuditLog(ctx, &secretsv1.ExportAuditLogRequest{})
	j.ok("ExportAuditLog", err)
	_, err = export.Recv()
	j.ok("ExportAuditLog", err)
	log, err := j.root.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	j.ok("VerifyAuditLog", err)
	if !log.GetIntact() {
		j.t.Fatalf("the audit log is broken: %s", log.GetDetail())
	}
}

// everyKeyRPC rotates keys, and deletes a team with a value.
func (j *journey) everyKeyRPC(parent string) {
	c, ctx := j.admin, j.ctx
	_, err := j.root.RotateKEK(ctx, &secretsv1.RotateKEKRequest{})
	j.ok("RotateKEK", err)
	_, err = c.RotateDataKey(ctx, &secretsv1.RotateDataKeyRequest{Name: parent})
	j.ok("RotateDataKey", err)
	_, err = c.GetKeyStatus(ctx, &secretsv1.GetKeyStatusRequest{Name: parent})
	j.ok("GetKeyStatus", err)
	_, err = j.root.CreateTeam(ctx, &secretsv1.CreateTeamRequest{TeamId: "third"})
	j.ok("CreateTeam", err)
	_, err = j.root.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/third", SecretId: "A", Data: []byte(j.marker)})
	j.ok("CreateSecret in a team that ends", err)
	_, err = j.root.DeleteTeam(ctx, &secretsv1.DeleteTeamRequest{Name: "teams/third"})
	j.ok("DeleteTeam", err)
}

// exchange has a token be one for a key: taken once, and then refused.
func (j *journey) exchange(parent string) {
	const audience = "https://secrets.example"
	made, err := j.admin.CreateOIDCTrust(j.ctx, &secretsv1.CreateOIDCTrustRequest{Parent: parent, TrustId: "ci", Trust: &secretsv1.OIDCTrust{
		Issuer: j.issuer.URL, Audience: audience, Subject: "repo:octo-org/app:ref:refs/heads/main", UserId: "ada",
	}})
	j.ok("CreateOIDCTrust", err)
	name, token := made.GetTrust().GetName(), j.issuer.Token(j.issuer.GitHub(audience, "octo-org/app", "refs/heads/main", nil))
	got, err := j.admin.ExchangeToken(j.ctx, &secretsv1.ExchangeTokenRequest{Name: name, Token: token})
	j.ok("ExchangeToken", err)
	_, err = j.admin.ExchangeToken(j.ctx, &secretsv1.ExchangeTokenRequest{Name: name, Token: token})
	j.refused("ExchangeToken with a token that was used", err)
	_, err = j.admin.ExchangeToken(j.ctx, &secretsv1.ExchangeTokenRequest{Name: name, Token: j.marker})
	j.refused("ExchangeToken with what is no token", err)
	_, err = j.admin.ListOIDCTrusts(j.ctx, &secretsv1.ListOIDCTrustsRequest{Parent: parent})
	j.ok("ListOIDCTrusts", err)
	_, err = j.admin.DeleteOIDCTrust(j.ctx, &secretsv1.DeleteOIDCTrustRequest{Name: name})
	j.ok("DeleteOIDCTrust", err)
	j.presented = append(j.presented, got.GetKey(), token)
}

// combineKeys presents keys of another team for a new one: to be taken, and to be refused.
func (j *journey) combineKeys(parent string) {
	manage := []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_RUN, secretsv1.KeyScope_KEY_SCOPE_MANAGE}
	for _, scopes := range [][]secretsv1.KeyScope{manage, nil} {
		made, err := j.root.CreateAPIKey(j.ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/second", Scopes: scopes})
		j.ok("CreateAPIKey in another team", err)
		j.presented = append(j.presented, made.GetKey())
	}
	good, runOnly := j.presented[0], j.presented[1]
	both, err := j.admin.CreateAPIKey(j.ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, OtherKeys: []string{good}})
	j.ok("CreateAPIKey with another key", err)
	_, err = j.admin.CreateAPIKey(j.ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, OtherKeys: []string{good, runOnly}})
	j.refused("CreateAPIKey with a key that may only run", err)
	_, err = j.admin.CreateAPIKey(j.ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, OtherKeys: []string{good, j.marker}})
	j.refused("CreateAPIKey with what is no key", err)
	_, err = j.member.CreateAPIKey(j.ctx, &secretsv1.CreateAPIKeyRequest{Parent: parent, OtherKeys: []string{good}})
	j.refused("CreateAPIKey with a key that may make none", err)
	j.presented = append(j.presented, both.GetKey())
}

func (j *journey) everySandboxRPC() {
	c, ctx := j.sandboxes, j.ctx
	spec := &sandboxv1.SandboxSpec{
		Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}, {Secret: "HF_TOKEN", EnvVar: "AGAIN"}},
	}
	resp, err := c.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: spec, RequestId: "canary-1"})
	j.ok("RunSandbox", err)
	j.sandbox = resp.GetSandbox().GetName()
	if out := j.exec(j.sandbox, "printenv", "HF_TOKEN"); out != j.marker+"\n" {
		j.t.Fatal("the sandbox does not have its secret")
	}
	if out := j.exec(j.sandbox, "bash", "-lc", "printenv AGAIN"); out != j.marker+"\n" {
		j.t.Fatal("a login shell does not have its secret")
	}
	// A process that stays holds the value while everything is searched.
	j.streamExec(j.sandbox, []string{"sh", "-c", "sleep 300 >/dev/null 2>&1 & echo started"})

	for what, bad := range map[string]*sandboxv1.SandboxSpec{
		"a secret that is not there":  {Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}, {Secret: "NONE"}}},
		"a destroyed version":         {Image: "python:3.11", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}, {Secret: "HF_TOKEN", EnvVar: "OLD", Version: "1"}}},
		"an image that is not there":  {Image: "localhost:1/none:1", Secrets: []*sandboxv1.SecretRef{{Secret: "HF_TOKEN"}}},
		"a variable given twice":      {Image: "python:3.11", Environment: map[string]string{"HF_TOKEN": "x"}, Secrets: spec.GetSecrets()},
		"a user that is not there":    {Image: "python:3.11", User: "nobody-here", Command: []string{"true"}, Secrets: spec.GetSecrets()},
		"a working directory in /etc": {Image: "python:3.11", WorkingDir: "/etc/passwd/x", Command: []string{"true"}, Secrets: spec.GetSecrets()},
	} {
		_, err := c.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: bad})
		j.refused("RunSandbox with "+what, err)
	}
	_, err = c.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: j.sandbox})
	j.ok("GetSandbox", err)
	_, err = c.ListSandboxes(ctx, &sandboxv1.ListSandboxesRequest{ShowEnded: true})
	j.ok("ListSandboxes", err)
	_, err = c.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: j.sandbox, Timeout: durationpb.New(0)})
	j.ok("WaitSandbox", err)
	_, err = c.ExtendSandbox(ctx, &sandboxv1.ExtendSandboxRequest{
		Name: j.sandbox, Expiration: &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(time.Hour)},
	})
	j.ok("ExtendSandbox", err)
	_, err = c.UpdateNetwork(ctx, &sandboxv1.UpdateNetworkRequest{Name: j.sandbox, Network: &sandboxv1.Network{
		Deny: []*sandboxv1.Destination{{Cidr: "203.0.113.0/24"}},
	}})
	j.ok("UpdateNetwork", err)
	_, err = c.ListSandboxEvents(ctx, &sandboxv1.ListSandboxEventsRequest{Parent: "teams/-/sandboxes/-"})
	j.ok("ListSandboxEvents", err)
	_, err = c.Exec(ctx, &sandboxv1.ExecRequest{Name: j.sandbox, Spec: &sandboxv1.ExecSpec{Command: []string{"no-such-command"}}})
	j.ok("Exec of a missing command", err)
	_, err = c.Exec(ctx, &sandboxv1.ExecRequest{Name: j.sandbox, Spec: &sandboxv1.ExecSpec{Command: []string{"true"}, Environment: map[string]string{"HF_TOKEN": "x"}}})
	j.refused("Exec that changes a secret's variable", err)
	_, err = c.WriteFile(ctx, &sandboxv1.WriteFileRequest{Name: j.sandbox, Path: "/tmp/file", Content: []byte("harmless")})
	j.ok("WriteFile", err)
	_, err = c.ReadFile(ctx, &sandboxv1.ReadFileRequest{Name: j.sandbox, Path: "/proc/1/environ"})
	j.refused("ReadFile of the agent's environment", err)
	j.everyProcessRPC()
	j.everyFileRPC()
	j.forwardPort()
	_, err = c.ListImages(ctx, &sandboxv1.ListImagesRequest{})
	j.ok("ListImages", err)
	j.importGarbage()

	// A main process that prints its secret in three encodings: what is kept of its log must not have it.
	talk := &sandboxv1.SandboxSpec{
		Image: "python:3.11", Secrets: spec.GetSecrets(),
		Command: []string{"python", "-c", "import os, base64; v = os.environb[b'HF_TOKEN']; print(v.decode(), base64.b64encode(v).decode(), v.hex(), flush=True)"},
	}
	resp, err = c.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: talk})
	j.ok("RunSandbox of a main process", err)
	j.ended = resp.GetSandbox().GetName()
	wait, err := c.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: j.ended})
	j.ok("WaitSandbox", err)
	if wait.GetSandbox().ExitCode == nil || wait.GetSandbox().GetExitCode() != 0 {
		j.t.Fatalf("the main process did not end well: %v", wait.GetSandbox())
	}
	if log := j.logs(j.ended); !strings.Contains(log, "***") || strings.Contains(log, j.marker) {
		j.t.Fatalf("the log of the main process is not masked: %d bytes", len(log))
	}
	_, err = c.Exec(ctx, &sandboxv1.ExecRequest{Name: j.ended, Spec: &sandboxv1.ExecSpec{Command: []string{"env"}}})
	j.refused("Exec in an ended sandbox", err)
}

// everyFileRPC calls the rpcs about files, where the value is in a file's content, in its name, and in what a link says.
func (j *journey) everyFileRPC() {
	c, ctx := j.sandboxes, j.ctx
	j.exec(j.sandbox, "sh", "-c", `mkdir /tmp/tree; cd /tmp/tree; printenv HF_TOKEN >f; ln -s "$HF_TOKEN" link; : >"$HF_TOKEN"`)
	secretName := "/tmp/tree/" + j.marker
	stat, err := c.StatFile(ctx, &sandboxv1.StatFileRequest{Name: j.sandbox, Path: "/tmp/tree/link"})
	j.ok("StatFile", err)
	if stat.GetFile().GetLinkTarget() != j.marker {
		j.t.Fatal("StatFile tells of another link")
	}
	_, err = c.StatFile(ctx, &sandboxv1.StatFileRequest{Name: j.sandbox, Path: "/proc/1/environ"})
	j.refused("StatFile of the agent's environment", err)
	_, err = c.ListDirectory(ctx, &sandboxv1.ListDirectoryRequest{Name: j.sandbox, Path: "/tmp/tree"})
	j.ok("ListDirectory", err)
	_, err = c.MakeDirectory(ctx, &sandboxv1.MakeDirectoryRequest{Name: j.sandbox, Path: "/tmp/tree/d"})
	j.ok("MakeDirectory", err)
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	watch, err := c.WatchFiles(watching, &sandboxv1.WatchFilesRequest{Name: j.sandbox, Path: "/tmp/tree", Recursive: true})
	j.ok("WatchFiles", err)
	_, err = watch.Recv()
	j.ok("WatchFiles stands", err)
	_, err = c.MoveFile(ctx, &sandboxv1.MoveFileRequest{Name: j.sandbox, Path: secretName, NewPath: "/tmp/tree/d/moved"})
	j.ok("MoveFile", err)
	moved, err := watch.Recv()
	j.ok("WatchFiles", err)
	if moved.GetEvents()[0].GetOldPath() != j.marker {
		j.t.Fatalf("WatchFiles tells of another file: %v", moved)
	}
	unwatch()
	download, err := c.DownloadArchive(ctx, &sandboxv1.DownloadArchiveRequest{Name: j.sandbox, Path: "/tmp/tree"})
	j.ok("DownloadArchive", err)
	up, err := c.UploadArchive(ctx)
	j.ok("UploadArchive", err)
	j.ok("UploadArchive start", up.Send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{
		Start: &sandboxv1.UploadArchiveStart{Name: j.sandbox, Path: "/tmp/copy"},
	}}))
	for {
		msg, err := download.Recv()
		if err == io.EOF {
			break
		}
		j.ok("DownloadArchive", err)
		req := &sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Data{Data: msg.GetData()}}
		if end := msg.GetEnd(); end != nil {
			req.Message = &sandboxv1.UploadArchiveRequest_End{End: &sandboxv1.UploadArchiveEnd{Sha256: end.GetSha256()}}
		}
		j.ok("UploadArchive data", up.Send(req))
	}
	_, err = up.CloseAndRecv()
	j.ok("UploadArchive", err)
	if out := j.exec(j.sandbox, "cat", "/tmp/copy/f"); out != j.marker+"\n" {
		j.t.Fatal("the archive did not carry the value")
	}
	for _, dir := range []string{"/tmp/tree", "/tmp/copy"} {
		_, err = c.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: j.sandbox, Path: dir, Recursive: true})
		j.ok("RemoveFile", err)
	}
}

// everyProcessRPC has a background process get the value as its input and write it, with its own, to its output.
func (j *journey) everyProcessRPC() {
	c, ctx := j.sandboxes, j.ctx
	started, err := c.StartProcess(ctx, &sandboxv1.StartProcessRequest{
		Name: j.sandbox, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "printenv HF_TOKEN; cat >&2; sleep 600"}}, Stdin: true,
	})
	j.ok("StartProcess", err)
	process := started.GetProcess().GetId()
	_, err = c.SendProcessInput(ctx, &sandboxv1.SendProcessInputRequest{Name: j.sandbox, Process: process, Stdin: []byte(j.marker), CloseStdin: true})
	j.ok("SendProcessInput", err)
	_, err = c.SendProcessInput(ctx, &sandboxv1.SendProcessInputRequest{Name: j.sandbox, Process: process, Stdin: []byte(j.marker)})
	j.refused("SendProcessInput after its end", err)
	output, err := c.AttachProcess(ctx, &sandboxv1.AttachProcessRequest{Name: j.sandbox, Process: process})
	j.ok("AttachProcess", err)
	for text := ""; strings.Count(text, j.marker) < 2; {
		m, err := output.Recv()
		j.ok("AttachProcess", err)
		text += string(m.GetStdout()) + string(m.GetStderr())
	}
	_, err = c.SignalProcess(ctx, &sandboxv1.SignalProcessRequest{Name: j.sandbox, Process: process, Signal: 9})
	j.ok("SignalProcess", err)
	_, err = c.WaitProcess(ctx, &sandboxv1.WaitProcessRequest{Name: j.sandbox, Process: process})
	j.ok("WaitProcess", err)
	_, err = c.ListProcesses(ctx, &sandboxv1.ListProcessesRequest{Name: j.sandbox})
	j.ok("ListProcesses", err)
}

func (j *journey) exec(sandbox string, argv ...string) string {
	j.t.Helper()
	resp, err := j.sandboxes.Exec(j.ctx, &sandboxv1.ExecRequest{Name: sandbox, Spec: &sandboxv1.ExecSpec{Command: argv}})
	j.ok("Exec", err)
	if resp.GetExitCode() != 0 {
		j.t.Fatalf("exec of %q exited with %d", argv[0], resp.GetExitCode())
	}
	return string(resp.GetStdout())
}

func (j *journey) streamExec(sandbox string, argv []string) {
	stream, err := j.sandboxes.StreamExec(j.ctx)
	j.ok("StreamExec", err)
	j.ok("StreamExec start", stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{
		Start: &sandboxv1.StreamExecStart{Name: sandbox, Spec: &sandboxv1.ExecSpec{Command: argv}},
	}}))
	j.ok("StreamExec close", stream.CloseSend())
	for {
		if _, err := stream.Recv(); err == io.EOF {
			return
		} else if err != nil {
			j.t.Fatalf("StreamExec: %v", err)
		}
	}
}

// forwardPort has a program answer with the value.
func (j *journey) forwardPort() {
	j.exec(j.sandbox, "sh", "-c", `python -c '
import os, socket
listener = socket.create_server(("127.0.0.1", 7))
if os.fork() == 0:
    conn, _ = listener.accept()
    while conn.recv(4096): pass
    conn.sendall(os.environ["HF_TOKEN"].encode())
' >/dev/null 2>&1`)
	stream, err := j.sandboxes.ForwardPort(j.ctx)
	j.ok("ForwardPort", err)
	j.ok("ForwardPort start", stream.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Start{
		Start: &sandboxv1.ForwardPortStart{Name: j.sandbox, Port: 7},
	}}))
	j.ok("ForwardPort data", stream.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Data{Data: []byte(j.marker)}}))
	j.ok("ForwardPort close", stream.CloseSend())
	var got []byte
	for {
		msg, err := stream.Recv()
		if err != nil || msg.GetEnd() != nil {
			break
		}
		got = append(got, msg.GetData()...)
	}
	if !strings.Contains(string(got), j.marker) {
		j.t.Fatal("ForwardPort carries something else")
	}
	refused, err := j.sandboxes.ForwardPort(j.ctx)
	j.ok("ForwardPort", err)
	j.ok("ForwardPort start", refused.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Start{
		Start: &sandboxv1.ForwardPortStart{Name: j.sandbox, Port: 8},
	}}))
	_, err = refused.Recv()
	j.refused("ForwardPort to nobody", err)
}

func (j *journey) logs(sandbox string) string {
	stream, err := j.sandboxes.StreamLogs(j.ctx, &sandboxv1.StreamLogsRequest{Name: sandbox, Follow: true})
	j.ok("StreamLogs", err)
	var log strings.Builder
	for {
		msg, err := stream.Recv()
		if err == io.EOF {
			return log.String()
		}
		j.ok("StreamLogs", err)
		log.Write(msg.GetData())
	}
}

func (j *journey) importGarbage() {
	stream, err := j.operator.ImportImage(j.ctx)
	j.ok("ImportImage", err)
	j.ok("ImportImage metadata", stream.Send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Metadata{
		Metadata: &sandboxv1.ImportImageMetadata{Image: "garbage:1"},
	}}))
	_ = stream.Send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Data{Data: []byte("no archive")}})
	_, err = stream.CloseAndRecv()
	j.rec.note(sandboxv1.SandboxService_ImportImage_FullMethodName, err)
	j.refused("ImportImage of garbage", err)
}

func (j *journey) everySDKRPC() {
	sb, err := j.sdk.CreateSandbox(j.ctx, &cwv1.CreateSandboxRequest{RequestId: "canary-sdk", Sandbox: &cwv1.Sandbox{Spec: &cwv1.SandboxSpec{
		Containers: []*cwv1.Container{{
			Name: "main", Image: "python:3.11", Command: "sleep", Args: []string{"300"},
			SecretStores: []*cwv1.SecretStoreReference{{StoreName: "wandb-team-secrets", Secrets: []*cwv1.SecretMapping{{Path: "HF_TOKEN", EnvVar: "HF_TOKEN"}}}},
		}},
	}}})
	j.ok("the SDK's CreateSandbox", err)
	_, err = j.sdk.CreateSandbox(j.ctx, &cwv1.CreateSandboxRequest{Sandbox: &cwv1.Sandbox{Spec: &cwv1.SandboxSpec{
		Containers: []*cwv1.Container{{
			Name: "main", Image: "python:3.11", Command: "true",
			SecretStores: []*cwv1.SecretStoreReference{{StoreName: "vault", Secrets: []*cwv1.SecretMapping{{Path: "HF_TOKEN", EnvVar: "HF_TOKEN"}}}},
		}},
	}}})
	j.refused("the SDK's CreateSandbox with an unknown store", err)
	_, err = j.sdk.GetSandbox(j.ctx, &cwv1.GetSandboxRequest{SandboxId: sb.GetSandboxId()})
	j.ok("the SDK's GetSandbox", err)
	_, err = j.sdk.ReadFile(j.ctx, &cwv1.ReadFileRequest{SandboxId: sb.GetSandboxId(), Path: "/nothing"})
	j.refused("the SDK's ReadFile of a missing file", err)
	_, err = j.sdk.DeleteSandbox(j.ctx, &cwv1.DeleteSandboxRequest{SandboxId: sb.GetSandboxId()})
	j.ok("the SDK's DeleteSandbox", err)
}

func (j *journey) endEverything() {
	_, err := j.sandboxes.StopSandbox(j.ctx, &sandboxv1.StopSandboxRequest{Name: j.sandbox, GracePeriod: durationpb.New(0)})
	j.ok("StopSandbox", err)
	_, err = j.sandboxes.DeleteSandbox(j.ctx, &sandboxv1.DeleteSandboxRequest{Name: j.ended})
	j.ok("DeleteSandbox", err)
}

// requireAllCalled fails for an rpc of ours that the journey left out, so that a new one is not forgotten. Those that end
// sandboxes are called last.
func (j *journey) requireAllCalled() {
	last := []string{sandboxv1.SandboxService_StopSandbox_FullMethodName, sandboxv1.SandboxService_DeleteSandbox_FullMethodName}
	for _, desc := range []grpc.ServiceDesc{secretsv1.SecretsManager_ServiceDesc, sandboxv1.SandboxService_ServiceDesc} {
		var methods []string
		for _, m := range desc.Methods {
			methods = append(methods, "/"+desc.ServiceName+"/"+m.MethodName)
		}
		for _, s := range desc.Streams {
			methods = append(methods, "/"+desc.ServiceName+"/"+s.StreamName)
		}
		for _, m := range methods {
			if !j.rec.called[m] && !slices.Contains(last, m) {
				j.t.Errorf("the marker did not go through %s", m)
			}
		}
	}
}

func randomHex(t *testing.T, n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func httpGet(ctx context.Context, t *testing.T, url string) []byte {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
