// Package sdk runs the public Python SDK, unmodified, against a real pair of daemons: the suite in tests/ with pytest,
// with the two teams, keys and secrets that it needs.
package sdk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
)

const (
	ours   = "vision"
	theirs = "speech"
	narrow = "narrow" // may have one sandbox at a time
	masked = "masked" // its policy masks what its sandboxes print
)

func TestPythonSDK(t *testing.T) {
	bin, err := stack.Bin(map[string]string{stack.Python: "venv", stack.Image: "image"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	dir := t.TempDir()
	publishing, err := stack.Publishing("38200-38299")
	if err != nil {
		t.Fatal(err)
	}
	tlsPort := freePort(t)
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, SandboxdExtra: fmt.Sprintf(
		"tls:\n  listen: 127.0.0.1:%s\n  cert_file: %[2]s/certs/sandboxd.pem\n  key_file: %[2]s/certs/sandboxd-key.pem\n"+
			"team_quotas:\n  %[3]s: {sandboxes: 1}\n", tlsPort, dir, narrow,
	) + publishing})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)

	if _, err := st.CLI(ctx, st.OperatorKey, "", "image", "import", stack.Image, "python:3.11"); err != nil {
		t.Fatal(err)
	}
	f := newFixture(ctx, t, st)
	f.TLSURL, f.CAFile = "https://localhost:"+tlsPort, st.CAFile
	about := filepath.Join(dir, "e2e.json")
	if err := os.WriteFile(about, f.json(), 0o600); err != nil {
		t.Fatal(err)
	}
	runPytest(ctx, t, append(st.Env(f.Key), "CASEMATE_E2E="+about, "HOME="+dir))
	if t.Failed() {
		logTail(t, st.Sandboxd.LogPath)
		logTail(t, st.Secretsd.LogPath)
	}
}

// freePort is a port of the loopback address that nothing listened on a moment ago.
func freePort(t *testing.T) string {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	_, port, err := net.SplitHostPort(lis.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// runPytest runs the suite, or the part of it that the environment's PYTEST_ARGS names.
func runPytest(ctx context.Context, t *testing.T, env []string) {
	args := []string{"-m", "pytest", "--color=no", "--durations=5"}
	if extra := os.Getenv("PYTEST_ARGS"); extra != "" {
		args = append(args, "-k", extra)
	}
	cmd := exec.CommandContext(ctx, stack.Python, args...)
	// A proxy would catch even loopback addresses.
	cmd.Env = append(env, "PATH="+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "PYTHONUTF8=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("pytest: %v", err)
	}
	t.Logf("%s", out)
}

func logTail(t *testing.T, path string) {
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the end of %s:\n%s", path, log[max(0, len(log)-8192):])
}

// fixture is what tests/conftest.py calls Stack.
type fixture struct {
	Key            string         `json:"-"` // a member's of ours
	Team           string         `json:"team"`
	OtherTeam      string         `json:"other_team"`
	OneKey         string         `json:"one_key"`
	BothKey        string         `json:"both_key"`
	LostKey        string         `json:"lost_key"`
	RevokedBothKey string         `json:"revoked_both_key"`
	OtherKey       string         `json:"other_key"`
	NarrowKey      string         `json:"narrow_key"`
	RevokedKey     string         `json:"revoked_key"`
	MaskedKey      string         `json:"masked_key"`
	Values         map[string]any `json:"values"`
	TLSURL         string         `json:"tls_url"`
	CAFile         string         `json:"ca_file"`
}

func (f fixture) json() []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and maps of them
	}
	return b
}

// newFixture makes two teams with members, keys and secrets, as an operator would by the API.
func newFixture(ctx context.Context, t *testing.T, st *stack.Stack) fixture {
	conn, err := st.DialSecretsd(st.OperatorKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	m := maker{ctx: ctx, t: t, api: secretsv1.NewSecretsManagerClient(conn)}

	m.team(ours, "ada", "bob", "dan")
	m.team(theirs, "bob", "eve", "dan")
	m.team(narrow, "fay")
	f := fixture{
		Team: ours, OtherTeam: theirs,
		Key: m.key(ours, "ada").GetKey(), OneKey: m.key(ours, "bob").GetKey(), OtherKey: m.key(theirs, "eve").GetKey(),
		NarrowKey: m.key(narrow, "fay").GetKey(),
		BothKey:   m.keyOfBoth(st, "bob"), LostKey: m.keyOfBoth(st, "dan"), RevokedBothKey: m.keyOfBoth(st, "bob"),
	}
	_, err = m.api.DeleteMember(ctx, &secretsv1.DeleteMemberRequest{Name: "teams/" + theirs + "/members/dan"})
	m.must(err)
	id, err := apikey.Parse(f.RevokedBothKey)
	m.must(err)
	_, err = m.api.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: "teams/" + theirs + "/apiKeys/" + id.ID()})
	m.must(err)
	revoked := m.key(ours, "ada")
	_, err = m.api.RevokeAPIKey(ctx, &secretsv1.RevokeAPIKeyRequest{Name: revoked.GetApiKey().GetName()})
	m.must(err)
	f.RevokedKey = revoked.GetKey()

	m.team(masked, "ada")
	_, err = m.api.UpdateTeam(ctx, &secretsv1.UpdateTeamRequest{Team: &secretsv1.Team{Name: "teams/" + masked, MaskOutput: true}})
	m.must(err)
	f.MaskedKey = m.key(masked, "ada").GetKey()

	db := map[string]string{"user": "app", "password": rand.Text()}
	encoded, err := json.Marshal(db)
	m.must(err)
	m.secret(ours, "DB", string(encoded))
	f.Values = map[string]any{
		"DB":             db,
		"HF_TOKEN":       m.secret(ours, "HF_TOKEN", "hf_"+rand.Text()),
		"masked":         m.secret(masked, "HF_TOKEN", "hf_"+rand.Text()+"/+é"),
		"OPENAI_API_KEY": m.secret(ours, "OPENAI_API_KEY", "sk-"+rand.Text()),
		"other": map[string]string{
			"HF_TOKEN":    m.secret(theirs, "HF_TOKEN", "hf_"+rand.Text()),
			"OTHERS_ONLY": m.secret(theirs, "OTHERS_ONLY", rand.Text()),
		},
	}
	m.secret(ours, "DESTROYED_ONE", rand.Text())
	_, err = m.api.DestroySecretVersion(ctx, &secretsv1.DestroySecretVersionRequest{
		Name: "teams/" + ours + "/secrets/DESTROYED_ONE/versions/1",
	})
	m.must(err)
	return f
}

// maker makes things through secretsd's API and ends the test where it can't.
type maker struct {
	ctx context.Context
	t   *testing.T
	api secretsv1.SecretsManagerClient
}

func (m maker) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m maker) team(id string, members ...string) {
	m.t.Helper()
	_, err := m.api.CreateTeam(m.ctx, &secretsv1.CreateTeamRequest{TeamId: id})
	m.must(err)
	for _, user := range members {
		_, err := m.api.CreateMember(m.ctx, &secretsv1.CreateMemberRequest{
			Parent: "teams/" + id, UserId: user, Role: secretsv1.Role_ROLE_MEMBER,
		})
		m.must(err)
	}
}

func (m maker) key(team, user string, scopes ...secretsv1.KeyScope) *secretsv1.CreateAPIKeyResponse {
	m.t.Helper()
	resp, err := m.api.CreateAPIKey(m.ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/" + team, UserId: user, Scopes: scopes})
	m.must(err)
	return resp
}

// keyOfBoth makes a key that acts in both teams as its user would: with the command line, from a key of each.
func (m maker) keyOfBoth(st *stack.Stack, user string) string {
	m.t.Helper()
	scopes := []secretsv1.KeyScope{secretsv1.KeyScope_KEY_SCOPE_RUN, secretsv1.KeyScope_KEY_SCOPE_MANAGE}
	inOurs, inTheirs := m.key(ours, user, scopes...).GetKey(), m.key(theirs, user, scopes...).GetKey()
	out, err := st.CLI(m.ctx, inOurs, inTheirs, "key", "create", "--with-key-file", "-")
	m.must(err)
	return strings.TrimSpace(out)
}

func (m maker) secret(team, id, value string) string {
	m.t.Helper()
	_, err := m.api.CreateSecret(m.ctx, &secretsv1.CreateSecretRequest{
		Parent: "teams/" + team, SecretId: id, Data: []byte(value),
	})
	m.must(err)
	return value
}
