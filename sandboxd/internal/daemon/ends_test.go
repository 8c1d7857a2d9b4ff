package daemon_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
)

// TestEveryEndSaysWhy has each of the roads on which a sandbox ends, what it says, and the main process's exit code, where
// somebody saw it. The roads on which it can't even be made are errors of RunSandbox: TestRunRefusesWhatIsWrong and others.
func TestEveryEndSaysWhy(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "one")
	bob := e.Client(e.Secretsd.CreateUser("red", "bob", identity.RoleMember))
	other := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
	const (
		completed = sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED
		failed    = sandboxv1.SandboxState_SANDBOX_STATE_FAILED
		none      = -1
	)
	const (
		obeys   = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"
		ignores = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
	)
	with := func(s *sandboxv1.SandboxSpec, change func(*sandboxv1.SandboxSpec)) *sandboxv1.SandboxSpec {
		change(s)
		return s
	}
	missing := with(spec(), func(s *sandboxv1.SandboxSpec) { s.Command = []string{"no-such-program"} })
	greedy := with(script("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done"), func(s *sandboxv1.SandboxSpec) {
		s.Resources = &sandboxv1.Resources{MemoryBytes: 32 << 20}
	})
	short := with(script("sleep 600"), func(s *sandboxv1.SandboxSpec) { s.MaxLifetime = durationpb.New(500 * time.Millisecond) })
	idle := with(script("sleep 600"), func(s *sandboxv1.SandboxSpec) { s.IdleTimeout = durationpb.New(500 * time.Millisecond) })
	holder := with(script(ignores), func(s *sandboxv1.SandboxSpec) { s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")} })

	for name, road := range map[string]struct {
		spec   *sandboxv1.SandboxSpec
		end    func(name string) // nil: it ends by itself
		state  sandboxv1.SandboxState
		reason string
		code   int32
	}{
		"main process exits":         {script("exit 3"), nil, completed, "", 3},
		"main process missing":       {missing, nil, completed, "", 127},
		"main process killed":        {script("kill -9 $$"), nil, completed, "", 137},
		"main process out of memory": {greedy, nil, completed, "the main process was killed, out of memory: the sandbox may use 32 MiB", 137},
		"lifetime over":              {short, nil, completed, "max lifetime of 500ms reached", 143},
		"idle":                       {idle, nil, completed, "idle: nothing was done in it for 500ms", 143},
		"stopped by another user": {script(obeys), func(name string) {
			if _, err := bob.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: name}); err != nil {
				t.Error(err)
			}
		}, completed, "stopped by bob", 7},
		"stopped by the other API": {script(obeys), func(name string) {
			resp, err := other.DeleteSandbox(t.Context(), &coreweavev1.DeleteSandboxRequest{SandboxId: last(name), GracePeriodSeconds: 60})
			if st := resp.GetSandbox().GetStatus(); err != nil || st.GetStateReason() != "stopped by ada" || st.GetExitCode() != 7 {
				t.Errorf("%v, %v", resp, err)
			}
		}, completed, "stopped by ada", 7},
		"stopped without a main process": {spec(), func(name string) { e.stop(name) }, completed, "stopped by ada", none},
		"secret revoked": {holder, func(string) { e.Secretsd.RevokeVersion("red", "TOKEN", "1") }, completed,
			"SECRET_REVOKED: teams/red/secrets/TOKEN/versions/1 was revoked", 137},
		"agent died": {script(obeys), func(name string) { e.KillAgent(last(name)) }, failed, "the sandbox's agent ended unexpectedly", none},
		"lost while down": {script(obeys), func(name string) {
			e.Stop()
			e.RemoveSandbox(last(name))
			e.Restart()
		}, failed, "lost while sandboxd was down", none},
	} {
		t.Run(name, func(t *testing.T) {
			sb := e.run(road.spec)
			if road.end != nil {
				if len(road.spec.GetCommand()) > 0 {
					waitForLog(e, sb.GetName(), "ready")
				}
				road.end(sb.GetName())
			}
			ended := e.wait(sb.GetName())
			code := int32(none)
			if ended.ExitCode != nil {
				code = ended.GetExitCode()
			}
			if ended.GetState() != road.state || ended.GetReason() != road.reason || code != road.code || ended.GetEndTime() == nil {
				t.Errorf("it ended as %v (%q, exit code %d) at %v, want %v (%q, %d)", ended.GetState(), ended.GetReason(), code,
					ended.GetEndTime(), road.state, road.reason, road.code)
			}
		})
	}
}

// last is the last part of a name.
func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }
