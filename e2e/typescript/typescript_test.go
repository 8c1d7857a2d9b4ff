// Package typescript runs the programs that use the npm package @casemate/client, as `make clients-typescript` has
// compiled them against the packed package, with real daemons that are spoken to over TLS.
package typescript

import (
	"context"
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
	"github.com/casemate/casemate/pkg/version"
)

const (
	team    = "vision"
	image   = "python:3.11"
	project = stack.Root + "/.cache/typescript/consumer/dist"
	source  = stack.Root + "/clients/typescript"
)

func TestVersion(t *testing.T) {
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Version  string
			Packages map[string]struct{ Version string }
		}
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatal(err)
		}
		if file.Version != version.Version {
			t.Errorf("%s has version %s, want that of pkg/version, %s", name, file.Version, version.Version)
		}
		if root, ok := file.Packages[""]; ok && root.Version != version.Version {
			t.Errorf("%s has version %s for the package itself, want that of pkg/version, %s", name, root.Version, version.Version)
		}
	}
}

func TestClientAlone(t *testing.T) {
	if _, err := stack.Bin(map[string]string{project: "clients-typescript"}); err != nil {
		t.Fatal(err)
	}
	tests, err := filepath.Glob(project + "/*.test.js")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests in %s: %v", project, err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"--test"}, tests...)...)
	// Nothing of this machine's CASEMATE_ variables.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

func TestAgainstDaemons(t *testing.T) {
	bin, err := stack.Bin(map[string]string{stack.Image: "image", project: "clients-typescript"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	address := freeAddress(t)
	st, err := stack.Start(ctx, stack.Options{Dir: dir, Bin: bin, SandboxdExtra: fmt.Sprintf(
		"tls:\n  listen: %s\n  cert_file: %[2]s/certs/sandboxd.pem\n  key_file: %[2]s/certs/sandboxd-key.pem\n", address, dir,
	)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	for _, args := range [][]string{{"image", "import", stack.Image, image}, {"team", "create", team}} {
		if _, err := st.CLI(ctx, st.OperatorKey, "", args...); err != nil {
			t.Fatal(err)
		}
	}
	key, err := st.NewKey(ctx, team, "run", "manage", "read")
	if err != nil {
		t.Fatal(err)
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "CASEMATE_SANDBOXD=https://" + address, "CASEMATE_SECRETSD=" + st.SecretsdAddress,
		"CASEMATE_CA_FILE=" + st.CAFile, "CASEMATE_API_KEY=" + key, "CASEMATE_TEAM=" + team, "CASEMATE_IMAGE=" + image,
		"CASEMATE_SERVICE_CONFIG=" + stack.Root + "/proto/casemate/service_config.json",
	}

	// What each of the README's programs prints, in their order.
	for i, want := range []string{
		"42\n",
		"8\n9\n10\nexit code 0\n",
		"no such secret\nSECRET_NOT_FOUND teams/vision/secrets/NO_SUCH_ONE/versions/latest\nrequest id true\n",
	} {
		name := fmt.Sprintf("readme%d.js", i+1)
		t.Run(name, func(t *testing.T) {
			if got := run(ctx, t, env, name); got != want {
				t.Errorf("it printed %q, want %q", got, want)
			}
		})
	}
	t.Run("quickstart", func(t *testing.T) {
		want := "7 characters\nexit code 0\nhello from a file\nFILE_NOT_FOUND\n"
		if got := run(ctx, t, env, "quickstart.js"); got != want {
			t.Errorf("it printed %q, want %q", got, want)
		}
	})
	t.Run("interop", func(t *testing.T) { interop(ctx, t, st, env) })
}

func freeAddress(t *testing.T) string {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	return lis.Addr().String()
}

// run runs a program to its end and returns its stdout.
func run(ctx context.Context, t *testing.T, env []string, program string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, "node", filepath.Join(project, program))
	cmd.Env = env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, out, stderr.String())
	}
	return string(out)
}
