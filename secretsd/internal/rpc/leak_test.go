package rpc_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

const marker = "LEAK-CANARY-5f0c2ab1d94e"

// errorTexts gathers every error that clients see, with its details.
type errorTexts struct {
	mu   sync.Mutex
	text strings.Builder
	n    int
}

func (e *errorTexts) intercept(
	ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	var header, trailer metadata.MD
	err := invoke(ctx, method, req, reply, cc, append(opts, grpc.Header(&header), grpc.Trailer(&trailer))...)
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintln(&e.text, header, trailer)
	if err != nil {
		e.n++
		fmt.Fprintln(&e.text, method, err, status.Convert(err).Proto())
	}
	return err
}

// TestNothingLeaks sends a marker value through every rpc, on success and on failure, at log level debug, and searches
// everything that is written or answered, but the two answers that are meant to carry it.
func TestNothingLeaks(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	var seen errorTexts
	intercept := grpc.WithChainUnaryInterceptor(seen.intercept)
	root := secretsv1.NewSecretsManagerClient(s.Conn(s.OperatorKey, intercept))

	// Success: as a value, inside a structured value, as an old version and as a destroyed one.
	object, err := json.Marshal(map[string]any{"token": marker, "more": map[string]string{"deep": marker}})
	must(t, err)
	for name, value := range map[string][]byte{"PLAIN": []byte(marker), "OBJECT": object, "BROKEN": []byte(`{"a":` + marker), "NUL": []byte(marker + "\x00")} {
		must(t, second(root.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: value})))
		must(t, second(root.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/" + name, Data: value})))
	}
	// Under a request id, twice; and to be compared with the one there is.
	for range 2 {
		must(t, second(root.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "ONCE", Data: []byte(marker), RequestId: "r1"})))
		must(t, second(root.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/ONCE", Data: []byte(marker), IfChanged: true, RequestId: "r1"})))
	}
	access := func(c secretsv1.SecretsManagerClient, secret, field string) ([]byte, error) {
		a, err := c.AccessSecretVersion(ctx, &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/" + secret + "/versions/latest", Field: field})
		return a.GetData(), err
	}
	for _, ask := range [][2]string{{"PLAIN", ""}, {"OBJECT", "token"}, {"OBJECT", "more"}} {
		if got, err := access(root, ask[0], ask[1]); err != nil || !bytes.Contains(got, []byte(marker)) {
			t.Fatalf("%v: the value did not come back: %v", ask, err)
		}
	}
	memberKey := s.CreateUser("ml", "bob", identity.RoleMember, secretsdtest.AllScopes...)
	batch, err := s.SandboxdClient(memberKey).BatchAccessSecretVersions(ctx, batchOf("ml", "PLAIN", "OBJECT"))
	if err != nil || string(batch.GetValues()[0].GetData()) != marker {
		t.Fatalf("the batch did not give the value: %v", err)
	}

	// Failure: of every kind that has the value in its hands.
	bob := secretsv1.NewSecretsManagerClient(s.Conn(memberKey, intercept))
	large := bytes.Repeat([]byte(marker), 65536/len(marker)+1)
	fail := func(err error) {
		t.Helper()
		if err == nil {
			t.Error("a call that must fail did not")
		}
	}
	wrong := int64(7)
	for _, c := range []secretsv1.SecretsManagerClient{root, bob} {
		fail(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "ONCE", Data: []byte(marker + "x"), RequestId: "r1"})))
		fail(second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/ONCE", Data: []byte(marker), DataCrc32C: &wrong})))
		fail(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "PLAIN", Data: []byte(marker)})))
		fail(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "LARGE", Data: large})))
		fail(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: "no good", Data: []byte(marker)})))
		fail(second(c.CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/other", SecretId: "X", Data: []byte(marker)})))
		fail(second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/MISSING", Data: []byte(marker)})))
		fail(second(c.AddSecretVersion(ctx, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/PLAIN", Data: large})))
		for _, ask := range [][2]string{{"PLAIN", "x"}, {"OBJECT", "x"}, {"BROKEN", "a"}, {"MISSING", ""}} {
			fail(second(access(c, ask[0], ask[1])))
		}
		fail(second(c.BatchAccessSecretVersions(ctx, batchOf("ml", "PLAIN"))))
	}
	sandboxd := secretsv1.NewSecretsManagerClient(s.WorkloadConn(identity.WorkloadSandboxd, memberKey))
	for _, names := range [][]string{{"PLAIN", "MISSING"}, {"NUL"}, {"PLAIN", "NUL"}} {
		fail(second(sandboxd.BatchAccessSecretVersions(ctx, batchOf("ml", names...))))
	}
	// Keys that are presented for another one: taken, refused, and no keys at all.
	s.CreateTeam("ops")
	opsKey := s.CreateUser("ops", "bob", identity.RoleMember, secretsdtest.AllScopes...)
	evesKey := s.CreateUser("ops", "eve", identity.RoleMember, secretsdtest.AllScopes...)
	combine := func(others ...string) (*secretsv1.CreateAPIKeyResponse, error) {
		return bob.CreateAPIKey(ctx, &secretsv1.CreateAPIKeyRequest{Parent: "teams/ml", OtherKeys: others})
	}
	both, err := combine(opsKey)
	must(t, err)
	fail(second(combine(opsKey, evesKey)))
	fail(second(combine(opsKey, marker)))
	fail(second(combine(opsKey, strings.Repeat(marker, 10))))
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	fail(second(root.AddSecretVersion(canceled, &secretsv1.AddSecretVersionRequest{Parent: "teams/ml/secrets/PLAIN", Data: []byte(marker)})))
	for _, call := range calls {
		for _, c := range []secretsv1.SecretsManagerClient{root, bob} {
			_ = call(ctx, c, target{"ml", "PLAIN", "1", "bob2", "k"})
			_ = call(ctx, c, target{"ml", "OBJECT", "latest", "bob2", "k"})
		}
	}

	for _, hidden := range []string{marker, base64.StdEncoding.EncodeToString([]byte("x" + marker + "yz")), base64.URLEncoding.EncodeToString([]byte("xy" + marker)), hex.EncodeToString([]byte(marker))} {
		if !holds(hidden, marker) {
			t.Fatalf("the search does not find the value in %s", hidden)
		}
	}
	if seen.n < 20 || len(s.Logs()) < 10000 {
		t.Fatalf("%d errors and %d bytes of log: the test does not see what it should", seen.n, len(s.Logs()))
	}
	everywhere := map[string]string{"the log": s.Logs(), "errors and headers": seen.text.String(), "metrics": metrics(t, s)}
	for path, content := range files(t, s.DataDir) {
		everywhere[path] = content
	}
	s.Stop()
	everywhere["the log at the end"] = s.Logs()
	for path, content := range files(t, s.DataDir) {
		everywhere[path+" at the end"] = content
	}
	if everywhere["secretsd.db"] == "" || everywhere["secretsd.db-wal"] == "" {
		t.Fatal("the database was not searched")
	}
	for where, content := range everywhere {
		if holds(content, marker) {
			t.Errorf("%s holds the value", where)
		}
		for user, key := range map[string]string{"bob": memberKey, "bob in ops": opsKey, "bob in both": both.GetKey(), "eve": evesKey, "root": s.OperatorKey} {
			if strings.Contains(content, key) && !strings.HasPrefix(where, "root.key") {
				t.Errorf("%s holds the API key of %s", where, user)
			}
		}
	}
}

// holds says whether a value is in a text: raw, in hex, or in base64, there in each of the three ways that depend on
// where in a group of three bytes it starts.
func holds(content, value string) bool {
	texts := []string{value, hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value)))}
	for shift := range 3 {
		padded := append(make([]byte, shift), value...)
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString(padded)
			// Without the characters that depend on what stands before and after.
			texts = append(texts, text[(shift*8+5)/6:len(text)-2])
		}
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(content, text) })
}

func metrics(t *testing.T, s *secretsdtest.Server) string {
	t.Helper()
	resp, err := http.Get("http://" + s.AdminAddress() + "/metrics")
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	if !bytes.Contains(text, []byte("grpc_server_handled_total")) {
		t.Fatal("no metrics of calls")
	}
	return string(text)
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		out[filepath.Base(path)] = string(content)
		return err
	}))
	return out
}
