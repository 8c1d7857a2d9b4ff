// Package apidoc holds the tests that keep the API's documentation whole: nothing in the protos without a comment, nothing
// of them missing on docs/api.md, and every reason that the daemons can answer with is explained there.
package apidoc

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// uncommented has one of everything, without a comment but for one that is there to be no excuse.
const uncommented = `syntax = "proto3";
package PACKAGE;
service BareService {
  rpc Bare(BareRequest) returns (BareResponse);
}
message BareRequest {
  string name = 1;
  map<string, string> labels = 2;
  oneof choice {
    string one = 3;
  }
  // buf:lint:ignore COMMENT_FIELD
  string excused = 4;
  message Nested {
    enum Inner {
      INNER_UNSPECIFIED = 0;
    }
  }
}
message BareResponse {}
enum Bare {
  BARE_UNSPECIFIED = 0;
}
`

// wanted are the findings of the linter in uncommented: rule, and line.
var wanted = []finding{
	{"COMMENT_SERVICE", 3}, {"COMMENT_RPC", 4},
	{"COMMENT_MESSAGE", 6}, {"COMMENT_FIELD", 7}, {"COMMENT_FIELD", 8}, {"COMMENT_ONEOF", 9}, {"COMMENT_FIELD", 10}, {"COMMENT_FIELD", 13},
	{"COMMENT_MESSAGE", 14}, {"COMMENT_ENUM", 15}, {"COMMENT_ENUM_VALUE", 16},
	{"COMMENT_MESSAGE", 20}, {"COMMENT_ENUM", 21}, {"COMMENT_ENUM_VALUE", 22},
}

type finding struct {
	Type string `json:"type"`
	Line int    `json:"start_line"`
}

// TestLintWantsACommentOnEverything shows that `buf lint`, as buf.yaml sets it up, lets nothing pass: neither in our own packages
// nor in those whose names are somebody else's. That it finds nothing in proto/ itself is what `make lint` sees to.
func TestLintWantsACommentOnEverything(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"proto", "third_party"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	config, err := os.ReadFile(filepath.Join(root, "buf.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "buf.yaml"), string(config))
	packages := []string{"casemate.bare.v1", "coreweave.bare.v1"}
	for _, p := range packages {
		write(t, bare(dir, p), strings.ReplaceAll(uncommented, "PACKAGE", p))
	}
	found := lint(t, dir)
	for _, p := range packages {
		if diff := cmp.Diff(wanted, found[filepath.Base(bare(dir, p))]); diff != "" {
			t.Errorf("package %s (-want +found):\n%s", p, diff)
		}
	}
}

// bare is the path of the file of a package.
func bare(dir, pkg string) string {
	return filepath.Join(dir, "proto", strings.ReplaceAll(pkg, ".", "/"), strings.ReplaceAll(pkg, ".", "_")+".proto")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lint returns what buf finds about comments, by the file's name, in the order of lines.
func lint(t *testing.T, dir string) map[string][]finding {
	t.Helper()
	cmd := exec.Command("go", "tool", "-modfile=tools/go.mod", "buf", "lint", "--error-format=json", dir)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	found := map[string][]finding{}
	for line := range strings.Lines(string(out)) {
		var f struct {
			finding

			Path string `json:"path"`
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if strings.HasPrefix(f.Type, "COMMENT_") {
			name := filepath.Base(f.Path)
			found[name] = append(found[name], f.finding)
		}
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b finding) int { return a.Line - b.Line })
	}
	return found
}
