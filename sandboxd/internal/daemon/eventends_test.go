package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
)

// TestEventsTellTheEndsApart has each of the ends that nobody ordered, and what is told from RUNNING on.
func TestEventsTellTheEndsApart(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "one")
	const ignores = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
	idle, short, holder, greedy := script("sleep 600"), script("sleep 600"), script(ignores), script("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")
	idle.IdleTimeout = durationpb.New(500 * time.Millisecond)
	short.MaxLifetime = durationpb.New(500 * time.Millisecond)
	holder.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	greedy.Resources = &sandboxv1.Resources{MemoryBytes: 32 << 20}
	const revoked = "teams/red/secrets/TOKEN/versions/1"
	for name, road := range map[string]struct {
		spec *sandboxv1.SandboxSpec
		end  func(id string) // nil: it ends by itself
		want []string
	}{
		"idle": {idle, nil, []string{
			"STOPPING : idle: nothing was done in it for 500ms",
			"ENDED : COMPLETED, idle: nothing was done in it for 500ms, exit code 143",
		}},
		"lifetime over": {short, nil, []string{
			"STOPPING : max lifetime of 500ms reached",
			"ENDED : COMPLETED, max lifetime of 500ms reached, exit code 143",
		}},
		"secret revoked": {holder, func(string) { e.Secretsd.RevokeVersion("red", "TOKEN", "1") }, []string{
			"REVOKED : " + revoked,
			"STOPPING : SECRET_REVOKED: " + revoked + " was revoked",
			"ENDED : COMPLETED, SECRET_REVOKED: " + revoked + " was revoked, exit code 137",
		}},
		"out of memory": {greedy, nil, []string{
			"OUT_OF_MEMORY : ",
			"ENDED : COMPLETED, the main process was killed, out of memory: the sandbox may use 32 MiB, exit code 137",
		}},
		"agent killed while sandboxd was away": {script(ignores), func(id string) {
			e.Stop()
			e.KillAgent(id)
			e.Restart()
		}, []string{
			"LOST : ",
			"ENDED : FAILED, lost while sandboxd was down",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			sb := e.run(road.spec)
			if road.end != nil {
				waitForLog(e, sb.GetName(), "ready")
				road.end(last(sb.GetName()))
			}
			e.wait(sb.GetName())
			got := e.events(sb.GetName())
			for len(got) > 0 && got[0] != "RUNNING : " {
				got = got[1:]
			}
			if diff := cmp.Diff(append([]string{"RUNNING : "}, road.want...), got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExtensionIsTold with who gave the new end. One that was refused, or that could not be recorded, is not told.
func TestExtensionIsTold(t *testing.T) {
	e := start(t)
	bob := e.Client(e.Secretsd.CreateUser("red", "bob", identity.RoleMember))
	sb := e.run(script("sleep 600"))
	ada := e.api
	e.mustExtend(sb.GetName(), time.Hour)
	first := e.mustExtend(sb.GetName(), 2*time.Hour)
	e.api = bob
	second := e.mustExtend(sb.GetName(), 30*time.Minute)
	e.api = ada
	if _, err := e.extend(sb.GetName(), 1000*time.Hour); err == nil {
		t.Error("it may live for 1000 hours")
	}
	until := func(sb *sandboxv1.Sandbox) string { return "until " + sb.GetExpireTime().AsTime().Format(time.RFC3339) }
	want := []string{"EXTENDED ada: " + until(first), "EXTENDED bob: " + until(second)}
	if got := e.events(sb.GetName()); len(got) < 2 || !cmp.Equal(want, got[len(got)-2:]) {
		t.Errorf("events %q, want %q last", got, want)
	}
}

// TestUnrecordedExtensionIsNotTold: the next change that can be recorded must not tell of it.
func TestUnrecordedExtensionIsNotTold(t *testing.T) {
	e := start(t)
	sb := e.run(script("sleep 600"))
	e.refuseWrites(`NEW.state = 'RUNNING'`)
	if _, err := e.extend(sb.GetName(), time.Hour); err == nil {
		t.Fatal("it was recorded")
	}
	e.stop(sb.GetName())
	if got := strings.Join(e.events(sb.GetName()), "\n"); strings.Contains(got, "EXTENDED") || !strings.Contains(got, "ENDED : ") {
		t.Errorf("events:\n%s", got)
	}
}
