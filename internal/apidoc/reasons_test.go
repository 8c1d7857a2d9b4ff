package apidoc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/code"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
)

// servers is where errors are made that a caller of the daemons can get.
var servers = []string{"secretsd/internal", "sandboxd/internal", "pkg/apikey", "pkg/archive", "pkg/errdefs", "pkg/grpcserver", "pkg/throttle"}

// elsewhere are reasons in the daemons' code that no caller of the two public packages gets, and why.
var elsewhere = map[string]string{
	"ADDRESS_INVALID": atStart, "AGENT_MISSING": atStart, "AGENT_UNUSABLE": atStart, "CGROUPS_MISSING": atStart,
	"PLAINTEXT_REFUSED": atStart, "RUNTIME_NEEDS_ROOT": atStart, "RUNTIME_UNUSABLE": atStart, "STATE_DIR_IN_USE": atStart,
	"CGROUP_BUSY": atStart, "DISK_LIMITS_UNAVAILABLE": atStart, "NETWORK_UNAVAILABLE": atStart,
	"ROOTLESS_UNAVAILABLE": atStart, "ROOTLESS_WITHOUT_LIMITS": atStart,
	"AGENT_CONFIGURED": inside, "AGENT_NOT_CONFIGURED": inside, "MAIN_PROCESS_STARTED": inside, "NO_MAIN_PROCESS": inside,
	"MALFORMED_REQUEST": inside, "SANDBOX_EXISTS": inside, "NETWORK_ATTACHED": inside,
	"FSS_NOT_SUPPORTED": sdk, "NOT_IMPLEMENTED": sdk, "TEAM_DENIED": sdk, "TEAM_MISSING": sdk,
	"CWSANDBOX_SANDBOX_NOT_FOUND": sdk, "CWSANDBOX_NOT_IMPLEMENTED": sdk, "CWSANDBOX_FSS_NOT_SUPPORTED": sdk,
	"CWSANDBOX_RUNNER_CAPACITY_EXHAUSTED": sdk,
}

const (
	atStart = "the daemon does not start"
	inside  = "between parts of sandboxd, its agent among them, which sandboxd sees to"
	sdk     = "of coreweave.sandbox.v1"
)

var reasonWord = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// madeReasons returns the reasons in the daemons' code, each with where it is made: literals that are given to errdefs.New,
// or to something that is called a reason.
func madeReasons(t *testing.T) map[string]string {
	t.Helper()
	made := map[string]string{}
	fset := token.NewFileSet()
	add := func(e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if word, err := strconv.Unquote(lit.Value); err == nil && reasonWord.MatchString(word) {
			made[word] = fset.Position(lit.Pos()).String()
		}
	}
	named := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && strings.HasPrefix(strings.ToLower(id.Name), "reason")
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "New" && len(n.Args) > 2 {
				if p, ok := f.X.(*ast.Ident); ok && p.Name == "errdefs" {
					add(n.Args[1])
				}
			}
		case *ast.KeyValueExpr:
			if named(n.Key) {
				add(n.Value)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if named(to) && len(n.Rhs) == len(n.Lhs) {
					add(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, v := range n.Values {
				if named(n.Names[i]) {
					add(v)
				}
			}
		}
		return true
	}
	for _, dir := range servers {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			test := strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test")
			if err != nil || d.IsDir() || test || !strings.HasSuffix(path, ".go") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err == nil {
				ast.Inspect(file, visit)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// Every reason that a caller can get is in the page's table of errors, and nothing else is.
func TestEveryReasonIsExplained(t *testing.T) {
	shown, names := map[string]bool{}, codeNames()
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\| ([A-Z_, ]+) \\| .+\\. \\|$").FindAllStringSubmatch(sections(t)["Errors"], -1) {
		if shown[m[1]] {
			t.Errorf("%s is there twice", m[1])
		}
		shown[m[1]] = true
		for name := range strings.SplitSeq(m[2], ", ") {
			if !names[name] {
				t.Errorf("%s: %q is no status code that Casemate answers with", m[1], name)
			}
		}
	}
	made := madeReasons(t)
	if len(made) < 60 {
		t.Errorf("only %d reasons are found in the code: %v", len(made), made)
	}
	for reason, where := range made {
		switch why, hidden := elsewhere[reason]; {
		case hidden && shown[reason]:
			t.Errorf("%s is explained, although it is %q", reason, why)
		case !hidden && !shown[reason]:
			t.Errorf("%s: %s is not explained: add it to the table in proto/api.md.tmpl and `make generate`, or say in elsewhere why no caller gets it", where, reason)
		}
	}
	for reason := range shown {
		if made[reason] == "" {
			t.Errorf("%s is explained, but nothing in %v makes it", reason, servers)
		}
	}
	for reason := range elsewhere {
		if made[reason] == "" {
			t.Errorf("elsewhere has %s, which nothing makes", reason)
		}
	}
}

// codeNames are the names of the status codes that the kinds of errors have, as gRPC's documentation writes them.
func codeNames() map[string]bool {
	names := map[string]bool{}
	for kind := errdefs.Internal; kind <= errdefs.Canceled; kind++ {
		names[code.Code(errgrpc.ToStatus(errdefs.New(kind, "R", "m"), "").Code()).String()] = true
	}
	return names
}

// Reasons that the command line has a hint for exist.
func TestHintsAreForReasonsThatExist(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "casemate/internal/cmd/errors.go"))
	if err != nil {
		t.Fatal(err)
	}
	made := madeReasons(t)
	own := map[string]bool{
		"ADDRESS_MISSING": true, "CA_FILE_INVALID": true, "CERTS_EXIST": true, "CHECKPOINT_KEY_DIFFERS": true, "TEAM_MISSING": true,
	}
	found := 0
	for _, m := range regexp.MustCompile(`(?m)^\t"([A-Z_]+)": `).FindAllStringSubmatch(string(raw), -1) {
		found++
		if made[m[1]] == "" && !own[m[1]] {
			t.Errorf("the command line has a hint for %s, which nothing makes", m[1])
		}
	}
	if found < 30 {
		t.Errorf("%d hints found", found)
	}
}
