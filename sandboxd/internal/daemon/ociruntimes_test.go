package daemon_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// ociMarker is a secret's value that is looked for where it must not be.
const ociMarker = "marker-9d1b7c52"

// TestOCIRuntimes runs a sandbox on each OCI runtime beside native ones, of one image: it has its secret, which no file of the
// host's has; it outlives sandboxd; and its end leaves nothing.
func TestOCIRuntimes(t *testing.T) {
	e := start(t, sandboxdtest.WithRuntimes("native", "runc", "crun", "runsc"))
	e.Secretsd.CreateSecret("red", "TOKEN", ociMarker)
	if sb := e.run(spec()); sb.GetRuntime() != "native" {
		t.Errorf("where none is asked for it is %s", sb.GetRuntime())
	} else {
		e.stop(sb.GetName())
	}
	for _, runtime := range []string{"runc", "crun", "runsc"} {
		t.Run(runtime, func(t *testing.T) {
			before := e.Footprint()
			s := script("trap 'exit 5' TERM; echo up; while :; do sleep 0.02; done")
			s.Secrets, s.Runtime = []*sandboxv1.SecretRef{secret("TOKEN")}, runtime
			sb := e.run(s)
			if sb.GetRuntime() != runtime {
				t.Errorf("it runs on %s", sb.GetRuntime())
			}
			waitForLog(e, sb.GetName(), "up")
			ociHoldsToItself(t, e, sb)

			e.Restart()
			if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING || got.GetRuntime() != runtime {
				t.Errorf("after a restart: %v", got)
			}
			ociHoldsToItself(t, e, sb)
			if ended := e.stop(sb.GetName()); ended.GetExitCode() != 5 {
				t.Errorf("it ended as %v", ended)
			}
			if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, e.Footprint()); diff != "" {
				t.Errorf("left on the host (-before +after):\n%s", diff)
			}
		})
	}
}

// ociHoldsToItself looks at a running sandbox, from inside and from the host.
func ociHoldsToItself(t *testing.T, e *env, sb *sandboxv1.Sandbox) {
	t.Helper()
	if got := e.shell(sb.GetName(), "echo $TOKEN; hostname; id -u"); got != ociMarker+"\n"+idOf(sb)+"\n0" {
		t.Errorf("from inside: %q", got)
	}
	err := filepath.WalkDir(e.StateDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // it went meanwhile, or holds no text
		}
		if content, err := sandboxdtest.ReadData(path); err == nil && bytes.Contains(content, []byte(ociMarker)) {
			t.Errorf("%s has the secret", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), e.StateDir) {
		t.Errorf("the host's mounts have something of the sandbox's:\n%s", mounts)
	}
}

// The public SDK's API names runtimes too.
func TestOCIRuntimeByTheSDK(t *testing.T) {
	e := start(t, sandboxdtest.WithRuntimes("crun", "native"))
	api := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	for _, asked := range []string{"", "crun", "native"} {
		want := asked
		if want == "" {
			want = "crun" // the operator's default
		}
		sb, err := api.CreateSandbox(t.Context(), ociCreate(asked))
		if err != nil {
			t.Fatalf("%q: %v", asked, err)
		}
		if got := sb.GetStatus().GetEffectiveRuntimeClass(); got != want {
			t.Errorf("asked for %q it runs on %q", asked, got)
		}
	}
	_, err := api.CreateSandbox(t.Context(), ociCreate("runc"))
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

// A runtime that can't work stops the start of sandboxd, which says which one and what to do.
func TestRuntimeThatCantWork(t *testing.T) {
	e := start(t, sandboxdtest.WithRuntimes("native"))
	running := e.run(spec())
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct{ runtime, path, want string }{
		{"runc", none, "apt-get install runc"}, {"runc", "/bin/true", "is no runc"},
		{"runsc", none, "make runsc"}, {"runsc", "/usr/sbin/runc", "is not gVisor's"},
	} {
		e.Reconfigure(func(cfg *config.Config) {
			cfg.Runtimes, cfg.RuntimePaths = []string{"native", c.runtime}, config.Paths{c.runtime: c.path}
		})
		err := e.TryRestart()
		if err == nil || !strings.Contains(err.Error(), "runtime "+c.runtime+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %s: %v", c.runtime, c.path, err)
		}
	}
	e.Reconfigure(func(c *config.Config) { c.RuntimePaths = nil })
	e.Restart()
	if got := e.shell(running.GetName(), "echo still"); got != "still" {
		t.Errorf("what ran before says %q", got)
	}
}

// A runtime that sandboxes run on can't be taken away: sandboxd does not start, and says which sandbox it is.
func TestRuntimeInUseIsKept(t *testing.T) {
	e := start(t, sandboxdtest.WithRuntimes("native", "crun"))
	s := spec()
	s.Runtime = "crun"
	sb := e.run(s)
	e.Reconfigure(func(c *config.Config) { c.Runtimes = []string{"native"} })
	if err := e.TryRestart(); err == nil || !strings.Contains(err.Error(), idOf(sb)) || !strings.Contains(err.Error(), "not configured any more") {
		t.Errorf("without its runtime: %v", err)
	}
	e.Reconfigure(func(c *config.Config) { c.Runtimes = []string{"native", "crun"} })
	e.Restart()
	if got := e.shell(sb.GetName(), "echo still"); got != "still" {
		t.Errorf("it says %q", got)
	}
}

func ociCreate(runtime string) *coreweavev1.CreateSandboxRequest {
	return &coreweavev1.CreateSandboxRequest{Sandbox: &coreweavev1.Sandbox{Spec: &coreweavev1.SandboxSpec{
		Containers: []*coreweavev1.Container{{Image: sandboxdtest.BusyboxImage}}, RuntimeClass: runtime,
	}}}
}
