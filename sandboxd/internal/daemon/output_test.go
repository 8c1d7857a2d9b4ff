package daemon_test

import (
	"path"
	"strings"
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// A command that writes more than its sandbox's limit is killed, and every way to run one says so. What is not waited for, and
// the operator's word, are as they are documented.
func TestOutputLimit(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.Default.Output, c.Max.Output = 1<<20, 2<<20 }))
	if got := e.run(spec()).GetSpec().GetResources().GetOutputBytes(); got != 1<<20 {
		t.Errorf("by default %d bytes, want the operator's 1 MiB", got)
	}
	s := spec()
	s.Resources = &sandboxv1.Resources{OutputBytes: 10_000}
	name := e.run(s).GetName()

	got := e.exec(name, "yes")
	if len(got.GetStdout()) != 10_000 || got.GetExitCode() != 137 || !got.GetOutputExceeded() || got.GetOomKilled() || got.GetTimedOut() {
		t.Errorf("Exec: %d bytes, exit code %d, %v", len(got.GetStdout()), got.GetExitCode(), got.GetOutputExceeded())
	}
	if got := e.exec(name, "sh", "-c", "yes | head -n 100; exit 5"); got.GetExitCode() != 5 || got.GetOutputExceeded() {
		t.Errorf("a command that writes little: %v", got)
	}
	stream := e.streamExec(t.Context(), &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"yes"}}})
	for n := 0; ; {
		m := stream.recv()
		n += len(m.GetStdout())
		if exit := m.GetExit(); exit != nil {
			if n != 10_000 || exit.GetExitCode() != 137 || !exit.GetOutputExceeded() {
				t.Errorf("StreamExec: %d bytes, then %v", n, exit)
			}
			break
		}
	}
	sdk := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	answer, err := sdk.Exec(t.Context(), &coreweavev1.ExecRequest{SandboxId: path.Base(name), Command: []string{"yes"}})
	if want := "casemate: killed: the command wrote more than the sandbox's limit of output\n"; err != nil || answer.GetExitCode() != 137 || string(answer.GetStderr()) != want {
		t.Errorf("the SDK's Exec: exit code %d, %q, %v", answer.GetExitCode(), answer.GetStderr(), err)
	}
	// Of a background process the newest output is kept, and it goes on.
	if p := e.waitProcess(name, e.background(name, "yes | head -c 100000; exit 5").GetId()); p.GetExitCode() != 5 || p.GetOutputBytes() != 100_000 {
		t.Errorf("a background process that writes more: %v", p)
	}

	s.Resources.OutputBytes = 3 << 20
	if _, err := e.tryRun(s); err == nil || !strings.Contains(err.Error(), "spec.resources.output_bytes") {
		t.Errorf("more than the operator allows: %v", err)
	}
}
