package daemon_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// events are lines "KIND actor: detail", in two pages where there are enough.
func (e *env) events(parent string) []string {
	e.t.Helper()
	var lines []string
	req := &sandboxv1.ListSandboxEventsRequest{Parent: parent, PageSize: 3}
	var last int64
	for {
		resp, err := e.api.ListSandboxEvents(e.t.Context(), req)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, ev := range resp.GetEvents() {
			if ev.GetSequence() <= last || ev.GetTime() == nil || ev.GetKind() == 0 {
				e.t.Errorf("after %d: %v", last, ev)
			}
			last = ev.GetSequence()
			lines = append(lines, strings.TrimPrefix(ev.GetKind().String(), "SANDBOX_EVENT_KIND_")+" "+ev.GetActor()+": "+ev.GetDetail())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return lines
		}
	}
}

func TestEventsTellTheWholeLife(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "canary-value")
	s := script("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	sb := e.run(s)
	waitForLog(e, sb.GetName(), "up")
	e.Restart()
	if _, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(20 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"CREATED ada: " + sandboxdtest.BusyboxImage,
		"IMAGE_READY : " + sb.GetImageDigest(),
		"SECRETS_RESOLVED : teams/red/secrets/TOKEN/versions/1",
		"MAIN_STARTED : ",
		"RUNNING : ",
		"ADOPTED : ",
		"STOP_ORDERED ada: grace 20s",
		"STOPPING : stopped by ada",
		"ENDED : COMPLETED, stopped by ada, exit code 5",
	}
	got := e.events(sb.GetName())
	slices.Sort(got[1:3]) // image and secrets come at the same time
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Fatal(err)
	}
	_, err := e.api.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: sb.GetName()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
}

// TestFailedCreationIsTold: nothing of it is left, and its request id is free, but what happened is told.
func TestFailedCreationIsTold(t *testing.T) {
	e := start(t)
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("NONE")}
	if _, err := e.tryRun(s); err == nil {
		t.Fatal("it was made without its secret")
	}
	e.nothingLeft()
	all := e.events("teams/red/sandboxes/-")
	if len(all) < 2 || all[0] != "CREATED ada: "+sandboxdtest.BusyboxImage || !strings.Contains(all[len(all)-1], "UNDONE : ") || !strings.Contains(all[len(all)-1], "secret") {
		t.Errorf("events: %q", all)
	}
	// By its id too, which the list of all has.
	resp, err := e.api.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: "teams/red/sandboxes/-"})
	if err != nil {
		t.Fatal(err)
	}
	name := resp.GetEvents()[0].GetSandbox()
	if diff := cmp.Diff(all, e.events(name)); diff != "" {
		t.Errorf("by its id: %s", diff)
	}
	e.Secretsd.CreateTeam("blue")
	stranger := e.Client(e.Secretsd.CreateUser("blue", "bob", identity.RoleMember))
	_, err = stranger.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: "teams/-/sandboxes/" + idOfName(name)})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = stranger.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: "teams/red/sandboxes/-"})
	wantError(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
}

// TestManyStopOrdersPushOutNoEvent: whoever may stop a sandbox can do so again and again while it stops.
func TestManyStopOrdersPushOutNoEvent(t *testing.T) {
	e := start(t)
	sb := e.run(script("trap '' TERM; while :; do sleep 1; done"))
	const orders = 2 * sandbox.MaxEvents
	var wg sync.WaitGroup
	for range orders {
		wg.Go(func() {
			_, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(3 * time.Second)})
			if err != nil {
				t.Errorf("stop: %v", err)
			}
		})
	}
	wg.Wait()
	got := e.events(sb.GetName())
	if got[0] != "CREATED ada: "+sandboxdtest.BusyboxImage || !strings.HasPrefix(got[len(got)-1], "ENDED : ") {
		t.Errorf("after %d orders there are %d events, from %q to %q", orders, len(got), got[0], got[len(got)-1])
	}
}

// TestEventsArePruned: those of a failed creation go when the record of an ended sandbox does.
func TestEventsArePruned(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.RetainEnded = 200 * time.Millisecond }))
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("NONE")}
	_, _ = e.tryRun(s)
	sb := e.run(spec())
	e.stop(sb.GetName())
	for deadline := time.Now().Add(10 * time.Second); len(e.events("teams/red/sandboxes/-")) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("events are left: %q", e.events("teams/red/sandboxes/-"))
		}
	}
}

// TestEventsOfAPrivateSandbox: they tell what GetSandbox tells, so the team may see them.
func TestEventsOfAPrivateSandbox(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", "value")
	owner := e.Secretsd.CreateUser("red", "olga", identity.RoleOwner)
	e.Secretsd.Restrict("red", "TOKEN")
	member := e.api
	e.api = e.Client(owner)
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	sb := e.run(s)
	e.api = member
	_, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
	wantError(t, err, errdefs.PermissionDenied, "SANDBOX_PRIVATE")
	if got := e.events(sb.GetName()); len(got) != 4 || got[0] != "CREATED olga: "+sandboxdtest.BusyboxImage {
		t.Errorf("events: %q", got)
	}
}

func idOfName(name string) string { return name[strings.LastIndex(name, "/")+1:] }
