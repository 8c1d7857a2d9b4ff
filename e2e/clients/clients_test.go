// Package clients tests the clients of every language against real daemons over TLS: each language's interop program does
// the same checks, and its quick start does what it shows.
package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/e2e/stack"
)

// language is a client to test. Commands run in the repository's root.
type language struct {
	name string
	// needs are files that a make target makes: file, from the root, to target.
	needs map[string]string
	// interop prints `ok NAME` for each of checks, and asks for restarts: see harness.
	interop []string
	// quickStart must print prints, each somewhere: an exec's output, a file's content, and an error's reason.
	quickStart []string
	prints     []string
}

// checks are the names that every interop program must print.
var checks = []string{
	"unary/secretsd", "unary/sandboxd", "server-stream/sandboxd", "bidi/sandboxd", "deadline/secretsd", "deadline/sandboxd",
	"cancel/sandboxd", "large/sandboxd", "large/secretsd", "checksum/secretsd", "restart/secretsd", "restart/sandboxd",
	"request-id/secretsd", "request-id/sandboxd", "typed-error/secretsd", "typed-error/sandboxd",
}

var languages = []language{
	{
		name:       "go",
		interop:    []string{"go", "run", "./e2e/clients/interop"},
		quickStart: []string{"go", "run", "./examples/go"},
		prints:     []string{"10 characters\n", "written from outside\n", "FILE_NOT_FOUND"},
	},
	{
		name:       "python",
		needs:      map[string]string{python: "clients-python"},
		interop:    []string{python, "clients/python/interop/interop.py"},
		quickStart: []string{python, "examples/python/quickstart.py"},
		prints:     []string{"2 the token has 15 characters\n", "hello from a file\n", "SECRET_NOT_FOUND"},
	},
	{
		name:       "typescript",
		needs:      map[string]string{compiled: "clients-typescript"},
		interop:    []string{"node", compiled + "/interop.js"},
		quickStart: []string{"node", compiled + "/quickstart.js"},
		prints:     []string{"7 characters\n", "hello from a file\n", "FILE_NOT_FOUND"},
	},
	{
		name:    "java",
		needs:   map[string]string{jar: "clients-java"},
		interop: []string{"java", "-jar", jar},
		// Offline: the build has fetched everything.
		quickStart: []string{"mvn", "-q", "-B", "-o", "-Dmaven.repo.local=.cache/maven", "-f", "examples/java/pom.xml", "compile", "exec:java"},
		prints:     []string{"hello from a secret\n", "hello from a file\n", "FILE_NOT_FOUND\n"},
	},
}

// What the packages' builds make, from the root.
const (
	python   = ".cache/python/venv/bin/python"
	compiled = ".cache/typescript/consumer/dist" // against the packed package
	jar      = "clients/java/interop/target/interop.jar"
)

// st is the pair of daemons that all tests here use, one after the other.
var st *stack.Stack

func TestMain(m *testing.M) {
	needs := map[string]string{}
	for _, l := range languages {
		for file, target := range l.needs {
			needs[filepath.Join(stack.Root, file)] = target
		}
	}
	os.Exit(stack.RunTests(m, needs, stack.Options{SandboxdTLS: true}, func(s *stack.Stack) { st = s }))
}

func TestInterop(t *testing.T) {
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			h := newHarness(ctx, t, "interop-"+l.name)
			h.interop(ctx, l.interop)
			h.nothingLeft(ctx)
		})
	}
}

func TestQuickStart(t *testing.T) {
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			h := newHarness(ctx, t, "quick-start-"+l.name)
			cmd := h.command(ctx, l.quickStart)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Errorf("%v\n%s%s", err, stdout.String(), stderr.String())
			}
			for _, want := range l.prints {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("it does not print %q, but\n%s", want, stdout.String())
				}
			}
			h.nothingLeft(ctx)
		})
	}
}

// harness runs programs in a team of their own.
type harness struct {
	t         *testing.T
	team, key string
}

func newHarness(ctx context.Context, t *testing.T, team string) *harness {
	t.Helper()
	if _, err := st.CLI(ctx, st.OperatorKey, "", "team", "create", team); err != nil {
		t.Fatal(err)
	}
	key, err := st.NewKey(ctx, team, "run", "manage", "read")
	if err != nil {
		t.Fatal(err)
	}
	return &harness{t: t, team: team, key: key}
}

// command prepares a program with the environment that clients are promised.
func (h *harness) command(ctx context.Context, argv []string) *exec.Cmd {
	h.t.Helper()
	config, err := filepath.Abs(filepath.Join(stack.Root, "proto/casemate/service_config.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	program := argv[0]
	if strings.Contains(program, "/") {
		if program, err = filepath.Abs(filepath.Join(stack.Root, program)); err != nil {
			h.t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(ctx, program, argv[1:]...)
	cmd.Dir = stack.Root
	cmd.Env = slices.Concat(os.Environ(), st.Env(h.key), []string{
		"CASEMATE_TEAM=" + h.team, "CASEMATE_IMAGE=python:3.11", "CASEMATE_SERVICE_CONFIG=" + config,
	})
	return cmd
}

// nothingLeft fails the test when the program left a sandbox running.
func (h *harness) nothingLeft(ctx context.Context) {
	h.t.Helper()
	out, err := st.CLI(ctx, h.key, "", "ps", "-o", "json")
	if err != nil {
		h.t.Fatal(err)
	}
	var list struct{ Sandboxes []struct{ Name string } }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		h.t.Fatalf("%v in %s", err, out)
	}
	if len(list.Sandboxes) > 0 {
		h.t.Errorf("left running: %v", list.Sandboxes)
	}
}
