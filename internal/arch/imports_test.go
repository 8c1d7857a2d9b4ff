// Package arch holds the tests that keep the repository's shape: which package may know of which.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/casemate/casemate/"

// rule forbids packages that match from to depend on packages that match any of to. A pattern ends in `/...` to mean a
// package and all below it; a pattern without a dot in its first element is relative to this module.
type rule struct {
	from []string
	not  []string
	// except are packages among `not` that are allowed after all.
	except []string
	// direct checks the package's own imports only; otherwise everything it pulls in counts.
	direct bool
	why    string
}

var rules = []rule{
	{
		from: []string{"secretsd/internal/..."}, not: []string{"sandboxd/..."},
		why: "the daemons meet on the wire only: the trust boundary is guarded by the compiler",
	},
	{
		from: []string{"sandboxd/..."}, not: []string{"secretsd/..."}, except: []string{"secretsd/secretsdtest"},
		why: "the daemons meet on the wire only: the trust boundary is guarded by the compiler",
	},
	{
		from: []string{"pkg/..."}, not: []string{"secretsd/...", "sandboxd/...", "casemate/..."},
		why: "what both daemons share must not know either of them",
	},
	{
		from: []string{"secretsd/internal/secret", "sandboxd/internal/sandbox"},
		not:  []string{"google.golang.org/grpc/...", "gen/...", "database/sql", "go.uber.org/zap/...", "pkg/redact"},
		why:  "nouns are pure: they are tested without a machine, and hold no value",
	},
	{
		from: []string{"secretsd/internal/store/...", "sandboxd/internal/store/..."},
		not:  []string{"pkg/redact", "google.golang.org/grpc/...", "gen/..."},
		why:  "a store sees ciphertext or nothing",
	},
	{
		from: []string{"secretsd/internal/envelope/..."},
		not:  []string{"secretsd/internal/store/...", "secretsd/internal/rpc/...", "go.uber.org/zap/..."},
		why:  "the envelope holds plaintext, so it knows nothing that writes",
	},
	{
		from: []string{"secretsd/internal/envelope/..."}, not: []string{"gocloud.dev/...", "google.golang.org/grpc/...", "net/http"},
		why: "the libraries of key management services are large: what holds the keys is reached by an interface only",
	},
	{
		from: []string{"secretsd/internal/kms"}, not: []string{"secretsd/internal/store/...", "secretsd/internal/manager"},
		why: "what talks to others' services sees one key that it wraps, and nothing else",
	},
	{
		from: []string{"secretsd/internal/audit", "pkg/auditlog/..."}, not: []string{"pkg/redact", "secretsd/internal/envelope/..."},
		why: "an audit entry must be unable to hold a value",
	},
	{
		from: []string{"secretsd/internal/authz"},
		not:  []string{"secretsd/internal/store/...", "google.golang.org/grpc/..."},
		why:  "a decision is a pure function of the grants it is given",
	},
	{
		from: []string{"secretsd/internal/manager", "sandboxd/internal/controller"}, direct: true,
		not: []string{"google.golang.org/grpc/...", "gen/..."},
		why: "the core does not know the wire",
	},
	{
		from: []string{"sandboxd/internal/resolve"}, not: []string{"sandboxd/internal/store/...", "sandboxd/internal/runtime/..."},
		why: "what fetches values must not reach what writes to disk",
	},
	{
		from: []string{"sandboxd/internal/runtime/...", "sandboxd/internal/image", "sandboxd/internal/network/..."},
		not:  []string{"pkg/redact", "sandboxd/internal/resolve"},
		why:  "what goes to disk is free of values by construction",
	},
	{
		from: []string{"secretsd/internal/rpc/..."}, direct: true,
		not: []string{"secretsd/internal/store/...", "secretsd/internal/envelope/..."},
		why: "an rpc calls the core, which decides and audits; there is no way round it",
	},
	{
		from: []string{"sandboxd/internal/rpc/..."}, direct: true,
		not: []string{"sandboxd/internal/store/...", "sandboxd/internal/runtime/..."},
		why: "an rpc calls the core, which decides; there is no way round it",
	},
	{
		from: []string{"sandboxd/internal/rpc/native"}, not: []string{"sandboxd/internal/rpc/coreweave", "gen/go/coreweave/..."},
		why: "the two fronts share the core and nothing else",
	},
	{
		from: []string{"sandboxd/internal/rpc/coreweave"}, not: []string{"sandboxd/internal/rpc/native"},
		why: "the two fronts share the core and nothing else",
	},
	{
		from: []string{"sandboxd/cmd/sandbox-agent"},
		not:  []string{"google.golang.org/grpc/...", "net/http", "go.uber.org/zap/...", "database/sql"},
		why:  "one agent runs in every sandbox: it stays small",
	},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportRules(t *testing.T) {
	pkgs := listPackages(t)
	for _, r := range rules {
		for _, from := range r.from {
			matched := false
			for _, p := range pkgs {
				if !matches(from, p.ImportPath) {
					continue
				}
				matched = true
				check(t, r, p)
			}
			if !matched && !strings.Contains(from, "/...") {
				t.Errorf("rule for %s matches no package: is it renamed?", from)
			}
		}
	}
}

func check(t *testing.T, r rule, p goPackage) {
	t.Helper()
	used := p.Deps
	if r.direct {
		used = p.Imports
	}
	for _, dep := range used {
		forbidden := slices.ContainsFunc(r.not, func(pat string) bool { return matches(pat, dep) })
		excepted := slices.ContainsFunc(r.except, func(pat string) bool { return matches(pat, dep) })
		// The test doors of the daemons may open each other's test door.
		testDoor := strings.HasSuffix(path.Base(p.ImportPath), "test")
		if forbidden && !excepted && !testDoor {
			t.Errorf("%s depends on %s: %s", strings.TrimPrefix(p.ImportPath, module), strings.TrimPrefix(dep, module), r.why)
		}
	}
}

func matches(pattern, pkg string) bool {
	if first, _, _ := strings.Cut(pattern, "/"); !strings.Contains(first, ".") && first != "database" && first != "net" {
		pattern = module + pattern
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pkg == pattern
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			pkgs = append(pkgs, p)
		}
	}
}
