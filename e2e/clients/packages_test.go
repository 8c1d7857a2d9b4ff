package clients

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/casemate/casemate/e2e/stack"
)

// TestPythonPackage runs the Python package's own tests: its sandboxes and errors, both of the hosted product's programs, and
// the snippets of its README.
func TestPythonPackage(t *testing.T) {
	ctx := t.Context()
	h := newHarness(ctx, t, "python-package")
	runOnly, err := st.NewKey(ctx, h.team)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HF_TOKEN", "OPENAI_API_KEY"} {
		if _, err := st.CLI(ctx, h.key, "value-of-"+name, "secret", "set", name, "--team", h.team); err != nil {
			t.Fatal(err)
		}
	}
	cmd := h.command(ctx, []string{python, "-m", "pytest", "--color=no", "--durations=5"})
	cmd.Dir = stack.Root + "/clients/python"
	cmd.Env = append(cmd.Env, "CASEMATE_RUN_KEY="+runOnly, "CASEMATE_SANDBOXD_PLAINTEXT="+st.SandboxdPlaintext,
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "PYTHONUTF8=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("pytest: %v", err)
	}
	t.Logf("%s", out)
}

// TestTypeScriptPackage runs what of the TypeScript package needs no daemon.
func TestTypeScriptPackage(t *testing.T) {
	tests, err := filepath.Glob(filepath.Join(stack.Root, compiled, "*.test.js"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests in %s: %v", compiled, err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"--test"}, tests...)...)
	// Nothing of this machine's CASEMATE_ variables.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// TestTypeScriptReadme runs the programs of the TypeScript package's README.
func TestTypeScriptReadme(t *testing.T) {
	h := newHarness(t.Context(), t, "vision") // the team that they name
	for program, want := range map[string]string{
		"readme1.js": "42\n",
		"readme2.js": "8\n9\n10\nexit code 0\n",
		"readme4.js": "all of it came: true\nentries: 1n\n",
		"readme3.js": "no such secret\nSECRET_NOT_FOUND teams/vision/secrets/NO_SUCH_ONE/versions/latest\nrequest id true\n",
	} {
		cmd := h.command(t.Context(), []string{"node", compiled + "/" + program})
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if out, err := cmd.Output(); err != nil || string(out) != want {
			t.Errorf("%s printed %q, want %q (%v)\n%s", program, out, want, err, strings.TrimSpace(stderr.String()))
		}
	}
}
