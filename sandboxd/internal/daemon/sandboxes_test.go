package daemon_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func TestSandboxFromRunToDelete(t *testing.T) {
	e := start(t)
	s := script("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")
	s.Environment = map[string]string{"GREETING": "hello there"}
	s.Tags = []string{"a", "b"}
	s.Files = []*sandboxv1.File{{Path: "/data/deep/f", Content: []byte("content"), Mode: 0o600}}
	sb := e.run(s)
	if sb.GetCreator() != "ada" || sb.GetRuntime() != "native" || !strings.HasPrefix(sb.GetImageDigest(), "sha256:") ||
		sb.GetSpec().GetResources().GetPids() != 512 || sb.GetSpec().GetMaxLifetime().AsDuration() != time.Hour || len(sb.GetSpec().GetFiles()) != 0 {
		t.Errorf("answered %v", sb)
	}
	if lifetime := sb.GetExpireTime().AsTime().Sub(sb.GetStartTime().AsTime()); lifetime != time.Hour {
		t.Errorf("lifetime %v", lifetime)
	}
	if got := e.shell(sb.GetName(), `echo "$GREETING $FROM_IMAGE $PATH $PWD"; cat /data/deep/f; stat -c ' %a' /data/deep/f`); got != "hello there yes /bin /srv\ncontent 600" {
		t.Errorf("inside: %q", got)
	}
	if listed := e.list(&sandboxv1.ListSandboxesRequest{Tags: []string{"b"}}); len(listed) != 1 || listed[0].GetName() != sb.GetName() {
		t.Errorf("listed %v", listed)
	}
	if listed := e.list(&sandboxv1.ListSandboxesRequest{Tags: []string{"b", "c"}}); len(listed) != 0 {
		t.Errorf("listed %v", listed)
	}
	e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()}) // may be empty still

	stopped := e.stop(sb.GetName())
	if stopped.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || stopped.ExitCode == nil || stopped.GetExitCode() != 7 || stopped.GetReason() != "stopped by ada" || stopped.GetEndTime() == nil {
		t.Errorf("stopped: %v", stopped)
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	if again := e.stop(sb.GetName()); again.GetExitCode() != 7 {
		t.Errorf("stopped again: %v", again)
	}
	if listed := e.list(&sandboxv1.ListSandboxesRequest{}); len(listed) != 0 {
		t.Errorf("listed without show_ended: %v", listed)
	}
	_, err := e.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")

	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Fatal(err)
	}
	_, err = e.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: sb.GetName()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	_, err = e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName(), AllowMissing: true}); err != nil {
		t.Error(err)
	}
	e.nothingLeft()
}

func TestWithoutMainProcessStopIsImmediate(t *testing.T) {
	e := start(t)
	sb := e.run(spec())
	began := time.Now()
	stopped := e.stop(sb.GetName())
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if stopped.ExitCode != nil || stopped.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED {
		t.Errorf("stopped: %v", stopped)
	}
}

func TestGraceEndsInSIGKILL(t *testing.T) {
	e := start(t)
	sb := e.run(script("trap '' TERM; echo trapped; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "trapped")
	resp, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(100 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	if resp.GetSandbox().GetExitCode() != 137 {
		t.Errorf("stopped: %v", resp.GetSandbox())
	}
}

func TestDeleteCutsAStopShort(t *testing.T) {
	e := start(t)
	sb := e.run(script("trap '' TERM; echo trapped; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "trapped")
	stopping := make(chan error, 1)
	go func() {
		_, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName(), GracePeriod: durationpb.New(time.Minute)})
		stopping <- err
	}()
	for e.get(sb.GetName()).GetState() != sandboxv1.SandboxState_SANDBOX_STATE_STOPPING {
	}
	if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Fatal(err)
	}
	<-stopping // answered with the end, or with NOT_FOUND when the record went first
	e.nothingLeft()
}

func TestMainExitEndsTheSandbox(t *testing.T) {
	e := start(t)
	for code, text := range map[int32]string{0: "true", 3: "echo out; exit 3", 137: "kill -9 $$"} {
		sb := e.run(script(text))
		ended := e.wait(sb.GetName())
		if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.ExitCode == nil || ended.GetExitCode() != code {
			t.Errorf("%s: %v", text, ended)
		}
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	missing := spec()
	missing.Command = []string{"no-such-program"}
	sb := e.run(missing)
	if ended := e.wait(sb.GetName()); ended.GetExitCode() != 127 {
		t.Errorf("missing program: %v", ended)
	}
	if log := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()}); !strings.Contains(log, "no-such-program") {
		t.Errorf("its log: %q", log)
	}
}

func TestOutOfMemoryIsSaid(t *testing.T) {
	e := start(t)
	s := script("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")
	s.Resources = &sandboxv1.Resources{MemoryBytes: 32 << 20}
	ended := e.wait(e.run(s).GetName())
	if !strings.Contains(ended.GetReason(), "out of memory") || !strings.Contains(ended.GetReason(), "32 MiB") {
		t.Errorf("ended: %v", ended)
	}
}

func TestLostAgentFailsTheSandbox(t *testing.T) {
	e := start(t)
	sb := e.run(script("sleep 600"))
	e.KillAgent(idOf(sb))
	ended := e.wait(sb.GetName())
	if ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_FAILED || ended.GetReason() != "the sandbox's agent ended unexpectedly" || ended.ExitCode != nil {
		t.Errorf("ended: %v", ended)
	}
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

func TestLifetime(t *testing.T) {
	e := start(t)
	s := script("sleep 600")
	s.MaxLifetime = durationpb.New(300 * time.Millisecond)
	ended := e.wait(e.run(s).GetName())
	if ended.GetReason() != "max lifetime of 300ms reached" || ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetExitCode() != 143 {
		t.Errorf("ended: %v", ended)
	}
	if lived := ended.GetEndTime().AsTime().Sub(ended.GetStartTime().AsTime()); lived < 300*time.Millisecond || lived > 5*time.Second {
		t.Errorf("it lived for %v", lived)
	}
}

func TestWaitAnswersAtItsTimeout(t *testing.T) {
	e := start(t)
	sb := e.run(spec())
	for _, timeout := range []time.Duration{0, 10 * time.Millisecond} {
		resp, err := e.api.WaitSandbox(t.Context(), &sandboxv1.WaitSandboxRequest{Name: sb.GetName(), Timeout: durationpb.New(timeout)})
		if err != nil || resp.GetSandbox().GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
			t.Errorf("%v: %v, %v", timeout, resp, err)
		}
	}
}

func TestRunRefusesWhatIsWrong(t *testing.T) {
	e := start(t)
	for name, tc := range map[string]struct {
		change func(*sandboxv1.SandboxSpec)
		kind   errdefs.Kind
		reason string
	}{
		"no image":          {func(s *sandboxv1.SandboxSpec) { s.Image = "" }, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"unknown runtime":   {func(s *sandboxv1.SandboxSpec) { s.Runtime = "qemu" }, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"too long a life":   {func(s *sandboxv1.SandboxSpec) { s.MaxLifetime = durationpb.New(48 * time.Hour) }, errdefs.InvalidArgument, "INVALID_ARGUMENT"},
		"unknown user":      {func(s *sandboxv1.SandboxSpec) { s.User = "nobody-here" }, errdefs.InvalidArgument, "USER_NOT_FOUND"},
		"file on directory": {func(s *sandboxv1.SandboxSpec) { s.Files = []*sandboxv1.File{{Path: "/etc"}} }, errdefs.FailedPrecondition, "FILE_IS_DIRECTORY"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script("sleep 600")
			tc.change(s)
			_, err := e.tryRun(s)
			wantError(t, err, tc.kind, tc.reason)
		})
	}
	_, err := e.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Parent: "team/red", Spec: spec()})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
	e.nothingLeft()
}

func TestMaxSandboxes(t *testing.T) {
	e := start(t, sandboxdtest.WithMaxSandboxes(2))
	first := e.run(spec())
	e.run(spec())
	_, err := e.tryRun(spec())
	wantError(t, err, errdefs.ResourceExhausted, "TOO_MANY_SANDBOXES")
	e.stop(first.GetName())
	e.run(spec())
}

func TestRequestID(t *testing.T) {
	e := start(t)
	request := func(id string, s *sandboxv1.SandboxSpec) (*sandboxv1.Sandbox, error) {
		resp, err := e.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: s, RequestId: id})
		return resp.GetSandbox(), err
	}
	names := make([]string, 8)
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			sb, err := request("one", script("sleep 600"))
			if err != nil {
				t.Error(err)
			}
			names[i] = sb.GetName()
		})
	}
	wg.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Fatalf("one request, several sandboxes: %v", names)
		}
	}
	if all := e.list(&sandboxv1.ListSandboxesRequest{}); len(all) != 1 {
		t.Errorf("listed: %v", all)
	}
	_, err := request("one", script("sleep 601"))
	wantError(t, err, errdefs.AlreadyExists, "REQUEST_ID_CONFLICT")

	// A failed request leaves its id free.
	bad := spec()
	bad.Secrets = []*sandboxv1.SecretRef{secret("LATER")}
	_, err = request("two", bad)
	wantError(t, err, errdefs.FailedPrecondition, "SECRETS_UNRESOLVED")
	e.Secretsd.CreateSecret("red", "LATER", "v")
	sb, err := request("two", bad)
	if err != nil {
		t.Fatal(err)
	}
	// An ended one answers for its id still.
	e.stop(sb.GetName())
	again, err := request("two", bad)
	if err != nil || again.GetName() != sb.GetName() || again.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED {
		t.Errorf("again: %v, %v", again, err)
	}
}

func TestCancelledCreationLeavesNothing(t *testing.T) {
	e := start(t)
	e.Secretsd.CreateSecret("red", "A", "v")
	var made []string
	for i := range 25 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*2*time.Millisecond)
		s := script("sleep 600")
		s.Secrets = []*sandboxv1.SecretRef{secret("A")}
		resp, err := e.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: s, RequestId: fmt.Sprint("r", i)})
		cancel()
		if err == nil {
			made = append(made, resp.GetSandbox().GetName())
		}
	}
	// A request with the same id either finds the sandbox, made in the last moment, or makes it; it never hangs or fails.
	for i := range 25 {
		s := script("sleep 600")
		s.Secrets = []*sandboxv1.SecretRef{secret("A")}
		resp, err := e.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: s, RequestId: fmt.Sprint("r", i)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: resp.GetSandbox().GetName()}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 25 were made before their time was over", len(made))
	e.nothingLeft()
}

func TestListPages(t *testing.T) {
	e := start(t)
	var want []string
	for range 5 {
		want = append([]string{e.run(spec()).GetName()}, want...)
	}
	var got []string
	req := &sandboxv1.ListSandboxesRequest{Parent: "teams/red", PageSize: 2}
	for {
		resp, err := e.api.ListSandboxes(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, sb := range resp.GetSandboxes() {
			got = append(got, sb.GetName())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
	req.PageToken = "nonsense!"
	_, err := e.api.ListSandboxes(t.Context(), req)
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}
