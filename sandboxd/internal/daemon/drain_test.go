package daemon_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/internal/daemon"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func (e *env) ready() (code int, says string) {
	e.t.Helper()
	resp, err := http.Get("http://" + e.AdminAddress() + "/readyz")
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(body))
}

// awaitHealth waits until gRPC health says that of making sandboxes; the call comes back at each change.
func (e *env) awaitHealth(want grpc_health_v1.HealthCheckResponse_ServingStatus) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	watch, err := grpc_health_v1.NewHealthClient(e.Conn("")).Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: daemon.RunHealth})
	for err == nil {
		var resp *grpc_health_v1.HealthCheckResponse
		if resp, err = watch.Recv(); resp.GetStatus() == want {
			return
		}
	}
	e.t.Fatalf("health never became %v: %v", want, err)
}

func TestDrain(t *testing.T) {
	e := start(t)
	if code, says := e.ready(); code != http.StatusOK {
		t.Errorf("before: %d %s", code, says)
	}
	request := &sandboxv1.RunSandboxRequest{Spec: script("echo up; sleep 600"), RequestId: "once"}
	first, err := e.api.RunSandbox(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	sb, other := first.GetSandbox(), e.run(spec())
	e.Drain()
	e.awaitHealth(grpc_health_v1.HealthCheckResponse_NOT_SERVING)

	_, err = e.tryRun(spec())
	if refused := wantError(t, err, errdefs.Unavailable, "SANDBOXD_DRAINING"); refused.RetryAfter != 10*time.Second {
		t.Errorf("the refusal says to come back after %v", refused.RetryAfter)
	}
	_, err = coreweavev1.NewSandboxServiceClient(e.Conn(e.key)).CreateSandbox(t.Context(), &coreweavev1.CreateSandboxRequest{
		Sandbox: &coreweavev1.Sandbox{Spec: &coreweavev1.SandboxSpec{Containers: []*coreweavev1.Container{{Image: sandboxdtest.BusyboxImage}}}},
	})
	if code, reason := status.Code(err), sdkReason(err); code != codes.Unavailable || reason != "CWSANDBOX_RUNNER_UNAVAILABLE" {
		t.Errorf("by the SDK's API: %v %s (%v)", code, reason, err)
	}
	// A request that has its sandbox is answered with it, and what runs is served.
	if again, err := e.api.RunSandbox(t.Context(), request); err != nil || again.GetSandbox().GetName() != sb.GetName() {
		t.Errorf("a repeated request: %v, %v", again, err)
	}
	if got := e.shell(sb.GetName(), "echo served"); got != "served" {
		t.Errorf("exec: %q", got)
	}
	if code, says := e.ready(); code != http.StatusServiceUnavailable || says != "draining: 2 sandboxes run on" {
		t.Errorf("/readyz: %d %s", code, says)
	}
	if draining, live := e.metric("casemate_draining"), e.metric("casemate_live_sandboxes"); draining != 1 || live != 2 {
		t.Errorf("metrics: draining %v, live %v", draining, live)
	}
	all := e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if len(all) != 2 {
		t.Errorf("refused requests have left records: %v", all)
	}

	e.Undrain()
	e.awaitHealth(grpc_health_v1.HealthCheckResponse_SERVING)
	third := e.run(spec())
	if code, says := e.ready(); code != http.StatusOK {
		t.Errorf("/readyz after it was taken back: %d %s", code, says)
	}

	e.Drain()
	for _, name := range []string{sb.GetName(), other.GetName(), third.GetName()} {
		e.stop(name)
	}
	e.Drained()
	if left := e.Leftovers(); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
	e.Restart()
	e.run(spec())
}

// sdkReason is the reason of an error in the SDK's own words, empty for others'.
func sdkReason(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == "cwsandbox.com" {
			return info.GetReason()
		}
	}
	return ""
}

// A drain with an end stops what still runs then, with the grace that every stop has.
func TestDrainTimeout(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.DrainTimeout = 300 * time.Millisecond }))
	sb := e.run(script("trap 'exit 4' TERM; echo up; while :; do sleep 0.01; done"))
	waitForLog(e, sb.GetName(), "up")
	e.Drain()
	e.Drained()
	e.Restart()
	if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || got.GetReason() != "sandboxd was drained" || got.GetExitCode() != 4 {
		t.Errorf("after the drain: %v", got)
	}
}

// A stop while draining is a stop: sandboxes run on, and the next start serves as any other.
func TestStopWhileDraining(t *testing.T) {
	e := start(t)
	sb := e.run(script("sleep 600"))
	e.Drain()
	e.awaitHealth(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	e.Restart()
	if got := e.get(sb.GetName()); got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("after the restart: %v", got)
	}
	e.stop(sb.GetName())
	e.run(spec())
}
