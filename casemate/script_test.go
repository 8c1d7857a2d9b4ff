package main_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/casemate/casemate/casemate/internal/cmd"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/oidctest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"casemate": func() {
			os.Exit(cmd.Main(context.Background(), cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Args[1:], "v0.0.0-test"))
		},
	})
}

// serverKey is the key of a script's secretsd.
type serverKey struct{}

// TestScripts runs testdata/script/*.txtar, each against a secretsd of its own that serves team ml. Variables of a script:
// OPERATOR_KEY, ADMIN_KEY (all scopes) and MEMBER_KEY (run) of that team; DATABASE, CHECKPOINTS and PUBLIC_KEY, files of that
// secretsd's. CASEMATE_API_KEY is ADMIN_KEY at first. The command `env-from-stdout NAME` sets a variable to what the last command printed.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			checkpoints := filepath.Join(env.WorkDir, "secretsd-checkpoints.jsonl")
			issuer := oidctest.New(env.T().(testing.TB))
			s := secretsdtest.Start(env.T().(testing.TB), secretsdtest.WithCheckpointFile(checkpoints),
				secretsdtest.WithIssuers(issuer.CAFile, issuer.URL))
			s.CreateTeam("ml")
			admin := s.CreateUser("ml", "ada", identity.RoleAdmin, secretsdtest.AllScopes...)
			member := s.CreateUser("ml", "bob", identity.RoleMember)
			env.Setenv("CASEMATE_SECRETSD", s.Address())
			env.Setenv("CASEMATE_CA_FILE", s.CAFile())
			env.Setenv("CASEMATE_CONFIG", filepath.Join(env.WorkDir, "config", "casemate.yaml"))
			env.Setenv("CASEMATE_API_KEY", admin)
			env.Setenv("OPERATOR_KEY", s.OperatorKey)
			env.Setenv("DATABASE", filepath.Join(s.DataDir, "secretsd.db"))
			env.Setenv("CHECKPOINTS", checkpoints)
			env.Setenv("PUBLIC_KEY", s.CheckpointPublicKeyFile())
			env.Setenv("ADMIN_KEY", admin)
			env.Setenv("MEMBER_KEY", member)
			env.Values[serverKey{}] = s
			env.Setenv("OIDC_ISSUER", issuer.URL)
			env.Setenv("OIDC_TOKEN", issuer.Token(issuer.GitHub("https://secrets.example", "octo-org/app", "refs/heads/main", nil)))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"env-from-stdout": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
			},
			// resolve SANDBOX SECRET VARIABLE resolves a secret for a sandbox of bob's, as sandboxd does.
			"resolve": func(ts *testscript.TestScript, _ bool, args []string) {
				s := ts.Value(serverKey{}).(*secretsdtest.Server)
				_, err := s.SandboxdClient(ts.Getenv("MEMBER_KEY")).BatchAccessSecretVersions(context.Background(), &secretsv1.BatchAccessSecretVersionsRequest{
					Parent: "teams/ml", SandboxId: args[0], Purpose: secretsv1.AccessPurpose_ACCESS_PURPOSE_SANDBOX_ENVIRONMENT,
					References: []*secretsv1.SecretVersionReference{{SecretId: args[1], EnvVar: args[2]}},
				})
				ts.Check(err)
			},
			// ended SANDBOX reports its end, as sandboxd does.
			"ended": func(ts *testscript.TestScript, _ bool, args []string) {
				s := ts.Value(serverKey{}).(*secretsdtest.Server)
				_, err := s.SandboxdClient("").ReportSandboxes(context.Background(), &secretsv1.ReportSandboxesRequest{EndedSandboxIds: args})
				ts.Check(err)
			},
			// id NAME KEY sets a variable to the public id of a key.
			"id": func(ts *testscript.TestScript, _ bool, args []string) {
				k, err := apikey.Parse(args[1])
				ts.Check(err)
				ts.Setenv(args[0], k.ID())
			},
			// key-file FILE KEY writes a key to a file, as login and --api-key-file read it.
			"key-file": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]+"\n"), 0o600))
			},
			// padded-key-file is key-file with empty lines around the key, and CRLF at the ends of lines.
			"padded-key-file": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("\r\n  "+args[1]+"\r\n\r\n"), 0o600))
			},
			// edit FILE OLD NEW replaces the first OLD of a file; without NEW it cuts the file off before OLD.
			"edit": func(ts *testscript.TestScript, _ bool, args []string) {
				before, after, found := strings.Cut(ts.ReadFile(args[0]), args[1])
				if !found {
					ts.Fatalf("%s has no %q", args[0], args[1])
				}
				if len(args) > 2 {
					before += args[2] + after
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(before), 0o600))
			},
			// sql FILE STATEMENT... runs statements on a SQLite database.
			"sql": func(ts *testscript.TestScript, _ bool, args []string) {
				db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
				ts.Check(err)
				defer db.Close()
				for _, statement := range args[1:] {
					_, err := db.ExecContext(context.Background(), statement)
					ts.Check(err)
				}
			},
			// size stdout N fails unless the last command printed exactly N bytes.
			"size": func(ts *testscript.TestScript, _ bool, args []string) {
				if got := strconv.Itoa(len(ts.ReadFile(args[0]))); got != args[1] {
					ts.Fatalf("%s has %s bytes, want %s", args[0], got, args[1])
				}
			},
			// mode FILE PERM fails unless the file has exactly these permission bits.
			"mode": func(ts *testscript.TestScript, _ bool, args []string) {
				info, err := os.Stat(ts.MkAbs(args[0]))
				ts.Check(err)
				if got := info.Mode().Perm().String(); got != args[1] {
					ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
				}
			},
		},
	})
}
