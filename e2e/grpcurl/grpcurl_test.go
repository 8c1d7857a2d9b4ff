// Package grpcurl runs every call of docs/grpcurl.md with the real grpcurl against real daemons, in the page's order.
package grpcurl

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/casemate/casemate/e2e/stack"
	"github.com/casemate/casemate/pkg/oidctest"
)

const page = stack.Root + "/docs/grpcurl.md"

var update = flag.Bool("update", false, "write the answers into docs/grpcurl.md instead of comparing them")

// own are the services that the page is about.
var own = []string{"casemate.secrets.v1.SecretsManager", "casemate.sandbox.v1.SandboxService"}

func TestPage(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	sh := startShell(ctx, t)
	lines, examples, err := readPage(page)
	if err != nil {
		t.Fatal(err)
	}
	worked := map[string]bool{}
	var answers []string
	for _, e := range examples {
		got := sh.run(t, e.command)
		answers = append(answers, got.answer(e.kind))
		if *update && (e.kind == "text" || got.code == 0) {
			continue
		}
		check(t, e, got)
		if got.code == 0 {
			for _, call := range regexp.MustCompile(`casemate\.\w+\.v1\.\w+/\w+`).FindAllString(e.command, -1) {
				worked[call] = true
			}
		}
	}
	if *update {
		if t.Failed() {
			t.Fatal("the page is left as it is")
		}
		if err := writeAnswers(lines, examples, answers); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, rpc := range sh.rpcs(t) {
		if !worked[rpc] {
			t.Errorf("the page has no call of %s that works", rpc)
		}
	}
}

// sandboxID is what is new in each answer that is shown as text.
var sandboxID = regexp.MustCompile(`sb-[a-z2-7]{16}`)

func check(t *testing.T, e example, got result) {
	t.Helper()
	want := 0
	if name, fails := e.fails(); fails {
		want = 64 + int(codeOf(t, name))
	}
	if got.code != want {
		t.Errorf("%s:%d: exit code %d, want %d\n%s%s", page, e.line, got.code, want, got.stdout, got.stderr)
		return
	}
	switch e.kind {
	case "json":
		shown, err := shape(e.answer)
		if err != nil {
			t.Errorf("%s:%d: the shown answer is no JSON: %v", page, e.line, err)
		}
		answered, err := shape(got.stdout)
		if err != nil {
			t.Errorf("%s:%d: the answer is no JSON: %v", page, e.line, err)
		}
		if len(shown) == 0 {
			t.Errorf("%s:%d: no answer is shown", page, e.line)
		}
		if diff := cmp.Diff(shown, answered); diff != "" {
			t.Errorf("%s:%d: the answer has other fields than the page shows (-page +answer; `go test ./e2e/grpcurl -update` writes it):\n%s", page, e.line, diff)
		}
	case "text":
		if diff := cmp.Diff(sandboxID.ReplaceAllString(e.answer, "sb-"), sandboxID.ReplaceAllString(got.answer("text"), "sb-")); diff != "" {
			t.Errorf("%s:%d: (-page +answer):\n%s", page, e.line, diff)
		}
	}
}

// codeOf returns the status code that grpcurl writes as name, such as NotFound.
func codeOf(t *testing.T, name string) codes.Code {
	t.Helper()
	for c := codes.OK; c <= codes.Unauthenticated; c++ {
		if c.String() == name {
			return c
		}
	}
	t.Fatalf("%q is no status code", name)
	return 0
}

// writeAnswers writes the page anew, with these answers.
func writeAnswers(lines []string, examples []example, answers []string) error {
	for i, e := range slices.Backward(examples) {
		if e.kind != "" {
			lines = slices.Replace(lines, e.first, e.last, strings.Split(answers[i], "\n")...)
		}
	}
	return os.WriteFile(page, []byte(strings.Join(lines, "\n")), 0o644)
}

// rpcs returns service/method for all that the daemons' reflection tells of the services that the page is about.
func (s *shell) rpcs(t *testing.T) []string {
	t.Helper()
	services := s.run(t, `call "$SECRETSD" list && call "$SANDBOXD" list`).stdout
	var all []string
	for i, service := range own {
		if !slices.Contains(strings.Fields(services), service) {
			t.Errorf("no daemon serves %s, but %s", service, services)
		}
		methods := s.run(t, []string{`call "$SECRETSD" list `, `call "$SANDBOXD" list `}[i]+service).stdout
		for _, m := range strings.Fields(methods) {
			dot := strings.LastIndexByte(m, '.')
			all = append(all, m[:dot]+"/"+m[dot+1:])
		}
	}
	if len(all) < 30 {
		t.Errorf("reflection tells of %d rpcs only: %v", len(all), all)
	}
	return all
}

// startShell starts fresh daemons, and a shell with the environment that the page asks for.
func startShell(ctx context.Context, t *testing.T) *shell {
	t.Helper()
	grpcurl, err := filepath.Abs(filepath.Join(stack.Root, "bin/grpcurl"))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := filepath.Abs(stack.Image)
	if err != nil {
		t.Fatal(err)
	}
	bin, err := stack.Bin(map[string]string{archive: "image", grpcurl: "grpcurl"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	issuer := oidctest.New(t)
	st, err := stack.Start(ctx, stack.Options{
		Dir: dir, Bin: bin, SandboxdTLS: true, SecretsdExtra: fmt.Sprintf("oidc:\n  issuers: [%s]\n  ca_file: %s\n", issuer.URL, issuer.CAFile),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	work := filepath.Join(dir, "work") // commands of the page write files, and start bin/grpcurl
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(bin, filepath.Join(work, "bin")); err != nil {
		t.Fatal(err)
	}
	env := slices.Concat(os.Environ(), st.Env(st.OperatorKey), []string{
		"CERTS=" + st.CertDir, "ARCHIVE=" + archive, "OIDC_ISSUER=" + issuer.URL,
		"OIDC_TOKEN=" + issuer.Token(issuer.Kubernetes("https://secrets.example", "ml", "train", nil)),
	})
	return newShell(ctx, t, work, env)
}
