package daemon_test

import (
	"context"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestSecretsReachTheEnvironment(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "HF_TOKEN", "one")
	e.Secretsd.AddVersion("red", "HF_TOKEN", "two with spaces\nand 'quotes'")
	e.Secretsd.SetAlias("red", "HF_TOKEN", "stable", 1)
	e.Secretsd.CreateSecret("red", "db-login", `{"user":"ada","password":"hunter2"}`)
	s := script(`printf 'main has %s\n' "$HF_TOKEN"; sleep 600`)
	s.Secrets = []*sandboxv1.SecretRef{
		{Secret: "HF_TOKEN"},
		{Secret: "HF_TOKEN", Version: "stable", EnvVar: "OLD"}, // an alias of version 1
		{Secret: "db-login", Field: "password", EnvVar: "DB_PASSWORD"},
		{Secret: "HF_TOKEN", Version: "1", EnvVar: "FROM_IMAGE"}, // the image has a variable of this name
	}
	sb := e.run(s)
	want := []string{"teams/red/secrets/HF_TOKEN/versions/2", "teams/red/secrets/HF_TOKEN/versions/1", "teams/red/secrets/db-login/versions/1", "teams/red/secrets/HF_TOKEN/versions/1"}
	if diff := cmp.Diff(want, sb.GetSecretVersions()); diff != "" {
		t.Error(diff)
	}
	inside := "two with spaces\nand 'quotes'|one|hunter2|one"
	const show = `printf '%s|%s|%s|%s' "$HF_TOKEN" "$OLD" "$DB_PASSWORD" "$FROM_IMAGE"`
	if got := e.shell(sb.GetName(), show); got != inside {
		t.Errorf("exec sees %q", got)
	}
	if got := string(e.exec(sb.GetName(), "sh", "-l", "-c", show).GetStdout()); got != inside {
		t.Errorf("a login shell sees %q", got)
	}
	if got := e.shell(sb.GetName(), `set -- $(ps | grep '[s]leep 600'); tr '\0' '\n' </proc/$1/environ | grep ^OLD=`); got != "OLD=one" {
		t.Errorf("the main process has %q", got)
	}
	waitForLog(e, sb.GetName(), "main has")
	if log := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()}); strings.Contains(log, "two with") {
		t.Errorf("the log is not masked: %q", log)
	}
	// A version that comes later changes nothing in here.
	e.Secretsd.AddVersion("red", "HF_TOKEN", "three")
	if got := e.shell(sb.GetName(), show); got != inside {
		t.Errorf("after a new version: %q", got)
	}
}

func TestEveryFailedReferenceIsNamedAndNothingIsLeft(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "GOOD", "v")
	e.Secretsd.CreateSecret("red", "PLAIN", "not an object")
	e.Secretsd.CreateSecret("red", "GONE", "v")
	e.Secretsd.DestroyVersion("red", "GONE", "1")
	s := script("sleep 600")
	s.Secrets = []*sandboxv1.SecretRef{
		secret("GOOD"), secret("MISSING"), {Secret: "GONE", Version: "1"}, {Secret: "GOOD", Version: "7", EnvVar: "SEVENTH"},
		{Secret: "PLAIN", Field: "f"},
	}
	_, err := e.tryRun(s)
	got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	types := map[string]string{}
	for _, v := range got.Violations {
		types[strings.TrimPrefix(v.Subject, "teams/red/secrets/")] = v.Type
	}
	want := map[string]string{
		"MISSING/versions/latest": "SECRET_NOT_FOUND", "GONE/versions/1": "VERSION_DESTROYED",
		"GOOD/versions/7": "VERSION_NOT_FOUND", "PLAIN/versions/latest": "NOT_STRUCTURED",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"red", "MISSING", "GONE", "GOOD", "PLAIN"} {
		if !strings.Contains(got.Message, name) {
			t.Errorf("the message does not name %s: %s", name, got.Message)
		}
	}
	e.nothingLeft()
}

func TestAnotherTeamsSecret(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateTeam("blue")
	e.Secretsd.CreateSecret("blue", "THEIRS", "blue's value")
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("THEIRS")}
	_, err := e.tryRun(s)
	got := wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	if len(got.Violations) != 1 || got.Violations[0].Type != "SECRET_NOT_FOUND" || strings.Contains(got.Message, "blue") {
		t.Errorf("%+v", got)
	}
	// Naming the team does not help one who is not in it, and tells nothing of it.
	for _, parent := range []string{"teams/blue", "teams/none"} {
		_, err = e.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Parent: parent, Spec: s})
		got := wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
		if want := `the caller may not use team "` + strings.TrimPrefix(parent, "teams/") + `"`; got.Message != want {
			t.Errorf("%s: %s", parent, got.Message)
		}
	}
	e.nothingLeft()
}

func TestTwoTeamsSideBySide(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateTeam("blue")
	blue := &env{Server: e.Server, t: t, key: e.Secretsd.CreateUser("blue", "bob", identity.RoleMember)}
	blue.api = e.Client(blue.key)
	for team, value := range map[string]string{"red": "red's", "blue": "blue's"} {
		e.Secretsd.CreateSecret(team, "TOKEN", value)
	}
	s := script("echo mine; sleep 600")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	red, other := e.run(s).GetName(), blue.run(s).GetName()
	if a, b := e.shell(red, "echo $TOKEN"), blue.shell(other, "echo $TOKEN"); a != "red's" || b != "blue's" {
		t.Errorf("red sees %q, blue %q", a, b)
	}
	if listed := blue.list(&sandboxv1.ListSandboxesRequest{}); len(listed) != 1 || listed[0].GetName() != other {
		t.Errorf("blue lists %v", listed)
	}
	// To blue, red's sandbox does not exist: under its name, and under one that claims it for blue, or for any team.
	id := red[strings.LastIndex(red, "/")+1:]
	for _, name := range []string{red, "teams/blue/sandboxes/" + id, "teams/-/sandboxes/" + id} {
		for what, call := range everyCall(blue, name) {
			t.Run(what+" "+strings.Replace(name, id, "ID", 1), func(t *testing.T) {
				wantError(t, call(), errdefs.NotFound, "SANDBOX_NOT_FOUND")
			})
		}
	}
	if _, err := blue.api.ListSandboxes(t.Context(), &sandboxv1.ListSandboxesRequest{Parent: "teams/red"}); err == nil {
		t.Error("blue lists red's sandboxes")
	}
	if e.shell(red, "echo up") != "up" {
		t.Error("red's sandbox is gone")
	}
	if sb := e.get("teams/-/sandboxes/" + id); sb.GetName() != red {
		t.Errorf("without a team: %v", sb)
	}
}

// everyCall is each rpc on a sandbox, by its name.
func everyCall(e *env, name string) map[string]func() error {
	ctx := e.t.Context()
	argv := &sandboxv1.ExecSpec{Command: []string{"true"}}
	calls := map[string]func() error{
		"GetSandbox":  func() error { _, err := e.api.GetSandbox(ctx, &sandboxv1.GetSandboxRequest{Name: name}); return err },
		"StopSandbox": func() error { _, err := e.api.StopSandbox(ctx, &sandboxv1.StopSandboxRequest{Name: name}); return err },
		"DeleteSandbox": func() error {
			_, err := e.api.DeleteSandbox(ctx, &sandboxv1.DeleteSandboxRequest{Name: name})
			return err
		},
		"WaitSandbox":   func() error { _, err := e.api.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name}); return err },
		"ExtendSandbox": func() error { _, err := e.extend(name, time.Hour); return err },
		"Exec":          func() error { _, err := e.api.Exec(ctx, &sandboxv1.ExecRequest{Name: name, Spec: argv}); return err },
		"ForwardPort": func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := e.api.ForwardPort(ctx)
			if err != nil {
				return err
			}
			start := &sandboxv1.ForwardPortStart{Name: name, Port: 7}
			if err := stream.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Start{Start: start}}); err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
		"UpdateNetwork": func() error {
			_, err := e.api.UpdateNetwork(ctx, &sandboxv1.UpdateNetworkRequest{Name: name, Network: &sandboxv1.Network{Mode: sandboxv1.NetworkMode_NETWORK_MODE_NONE}})
			return err
		},
		"WatchFiles": func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := e.api.WatchFiles(ctx, &sandboxv1.WatchFilesRequest{Name: name, Path: "/"})
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
		"ReadFile": func() error {
			_, err := e.api.ReadFile(ctx, &sandboxv1.ReadFileRequest{Name: name, Path: "/etc/passwd"})
			return err
		},
		"WriteFile": func() error {
			_, err := e.api.WriteFile(ctx, &sandboxv1.WriteFileRequest{Name: name, Path: "/x"})
			return err
		},
		"StreamExec": func() error {
			stream, err := e.api.StreamExec(ctx)
			if err != nil {
				return err
			}
			if err := stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{Name: name, Spec: argv}}}); err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
		"StreamLogs": func() error {
			stream, err := e.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: name})
			if err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
		"ListSandboxEvents": func() error {
			_, err := e.api.ListSandboxEvents(ctx, &sandboxv1.ListSandboxEventsRequest{Parent: name})
			return err
		},
	}
	maps.Copy(calls, processAndFileCalls(e, name))
	return calls
}

func TestNoValueOnDiskOrInTheLog(t *testing.T) {
	const marker = "MARKER-7f3a9c2e51"
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", marker)
	s := script(`echo "$TOKEN"; sleep 600`)
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	sb := e.run(s)
	if got := e.shell(sb.GetName(), "echo $TOKEN"); got != marker {
		t.Fatalf("inside: %q", got)
	}
	waitForLog(e, sb.GetName(), "\n")
	bad := spec()
	bad.Secrets = []*sandboxv1.SecretRef{secret("TOKEN"), secret("MISSING")}
	_, err := e.tryRun(bad)
	if strings.Contains(wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED").Error(), marker) {
		t.Error("the value is in an error")
	}
	search := func() {
		t.Helper()
		if strings.Contains(e.Logs(), marker) {
			t.Error("the value is in sandboxd's log")
		}
		err := filepath.WalkDir(e.StateDir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := sandboxdtest.ReadData(path)
			if strings.Contains(string(content), marker) {
				t.Errorf("the value is in %s", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	search()
	e.stop(sb.GetName())
	e.Stop()
	search()
}

// A login shell of a whole distribution reads /etc/profile, which sets PATH anew and must take nothing else away.
func TestSecretsSurviveALoginShell(t *testing.T) {
	e := start(t, sandboxdtest.WithPython())
	e.Secretsd.CreateSecret("red", "HF_TOKEN", "kept")
	s := &sandboxv1.SandboxSpec{Image: sandboxdtest.PythonImage, Secrets: []*sandboxv1.SecretRef{secret("HF_TOKEN")}}
	name := e.run(s).GetName()
	for _, argv := range [][]string{
		{"bash", "-lc", "printf %s $HF_TOKEN"},
		{"python", "-c", "import os; print(os.environ['HF_TOKEN'], end='')"},
		{"su", "-s", "/bin/bash", "-p", "nobody", "-c", "printf %s $HF_TOKEN"},
	} {
		if got := e.exec(name, argv...); string(got.GetStdout()) != "kept" {
			t.Errorf("%v: %v", argv, got)
		}
	}
}
