package faultpoint_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/sandboxd/sandboxdtest/footprint"
)

var update = flag.Bool("update", false, "write the points that are reached to testdata")

// TestKilledAtEveryPoint kills sandboxd (-9) at every point of making, ending and taking up sandboxes, starts it again, and
// looks at what there is: what ran runs on, with its secret, its log and its deadline; what was half made is gone; and
// nothing else is on the host or in the records.
func TestKilledAtEveryPoint(t *testing.T) {
	h := newHost(t)
	for _, s := range []scenario{making, makingWhatFails, narrowing, stopping, starting, making.on("runc"), stopping.on("runc"), making.on("runsc"), stopping.on("runsc")} {
		points := h.points(t, s)
		t.Run(s.name, func(t *testing.T) {
			checkPoints(t, s.name, points)
			for _, point := range points {
				t.Run(point, func(t *testing.T) { h.killAt(t, s, point) })
			}
		})
	}
}

// scenario is what goes on while sandboxd is killed.
type scenario struct {
	name string
	// runtime is the victim's; empty: the default, native.
	runtime string
	// prepare is called while a sandboxd runs, and may leave none running.
	prepare func(t *testing.T, h *host)
	// act is called while the sandboxd runs that will be killed.
	act func(h *host) error
	// env is more of that one's environment; nil: nothing.
	env func(h *host) []string
	// check is called when the next one serves; it removes what the scenario made.
	check func(t *testing.T, h *host)
}

func (s scenario) environment(h *host) []string {
	if s.env == nil {
		return nil
	}
	return s.env(h)
}

var making = scenario{
	name: "making",
	act:  func(h *host) error { _, err := h.makeVictim("sleep", "600"); return err },
	check: func(t *testing.T, h *host) {
		there := h.others(t)
		if len(there) > 1 {
			t.Fatalf("one sandbox was asked for: %v", there)
		}
		for _, sb := range there { // it runs, or has never been
			if sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
				t.Errorf("it is %v", sb)
			}
		}
		if told := h.toldOfUndone(t); told != (len(there) == 0) {
			t.Errorf("there are %d, and that one was undone is told: %v", len(there), told)
		}
		sb, err := h.makeVictim("sleep", "600") // with the same request id
		if err != nil {
			t.Fatal(err)
		}
		if len(there) == 1 && sb.GetName() != there[0].GetName() {
			t.Errorf("one request id made %s and %s", there[0].GetName(), sb.GetName())
		}
		if got := h.shell(t, sb.GetName(), "echo $TOKEN; cat /etc/greeting"); got != "still here\nhello" {
			t.Errorf("it says %q", got)
		}
		h.remove(t, sb)
	},
}

// on is the scenario with another runtime than native, at the points that are the runtime's own: others are the same.
func (s scenario) on(runtime string) scenario {
	s.name, s.runtime = s.name+" on "+runtime, runtime
	return s
}

// makingWhatFails is a sandbox whose agent ends when its log was opened, so that everything is undone.
var makingWhatFails = scenario{
	name: "making what fails",
	act: func(h *host) error {
		_, err := h.makeVictim("sleep", "600")
		return err
	},
	env: func(h *host) []string {
		return []string{killAgentAt + "=run: opening log", stateDir + "=" + h.StateDir}
	},
	check: func(t *testing.T, h *host) {
		for _, sb := range h.others(t) {
			t.Errorf("there is %v", sb)
			h.remove(t, sb)
		}
		if !h.toldOfUndone(t) {
			t.Error("that it was undone is not told")
		}
	},
}

// narrowing takes the name service and the published port away: the rules that hold after a restart are those that the record tells.
var narrowing = scenario{
	name: "narrowing",
	prepare: func(t *testing.T, h *host) {
		sb, err := h.makeVictim("sleep", "600")
		if err != nil {
			t.Fatal(err)
		}
		if !h.asksNames(t, sb.GetName()) {
			t.Error("it has no name service to begin with")
		}
	},
	act: func(h *host) error { _, err := h.narrow(); return err },
	check: func(t *testing.T, h *host) {
		resp, err := h.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: h.victim})
		if err != nil {
			t.Fatal(err)
		}
		if told, asks := resp.GetSandbox().GetSpec().GetNetwork(), h.asksNames(t, h.victim); asks == told.GetNoDns() {
			t.Errorf("its rules are said to be %v, and that it asks for names is %v", told, asks)
		}
		if sb := resp.GetSandbox(); len(sb.GetEndpoints()) != len(sb.GetSpec().GetNetwork().GetIngress()) {
			t.Errorf("its ports are said to be published at %v", sb)
		}
		sb, err := h.narrow()
		if err != nil || h.asksNames(t, h.victim) {
			t.Errorf("narrowed once more, it asks for names: %v, %v", sb, err)
		}
		h.remove(t, sb)
	},
}

func (h *host) narrow() (*sandboxv1.Sandbox, error) {
	resp, err := h.api.UpdateNetwork(context.Background(), &sandboxv1.UpdateNetworkRequest{
		Name: h.victim, Network: &sandboxv1.Network{NoDns: true, Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32"}}},
	})
	return resp.GetSandbox(), err
}

// asksNames says whether a sandbox reaches the name service.
func (h *host) asksNames(t *testing.T, name string) bool {
	t.Helper()
	return h.shell(t, name, "nc -w 10 $(sed -n 's/nameserver //p' /etc/resolv.conf) 53 </dev/null >/dev/null 2>&1 && echo yes || echo no") == "yes"
}

// deaf is a main process that SIGTERM does not end, once it says so.
const deaf = "trap '' TERM; mkfifo /f; exec 3<>/f; echo deaf; read x <&3"

var stopping = scenario{
	name: "stopping",
	prepare: func(t *testing.T, h *host) {
		if _, err := h.makeVictim("sh", "-c", deaf); err != nil {
			t.Fatal(err)
		}
	},
	act: func(h *host) error {
		_, err := h.api.StopSandbox(context.Background(), &sandboxv1.StopSandboxRequest{Name: h.victim, GracePeriod: durationpb.New(50 * time.Millisecond)})
		return err
	},
	check: func(t *testing.T, h *host) {
		// It runs as if nothing had been said, or the stop is carried out.
		resp, err := h.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: h.victim, GracePeriod: durationpb.New(0)})
		if err != nil {
			t.Fatal(err)
		}
		if sb := resp.GetSandbox(); sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || sb.GetReason() != "stopped by ada" {
			t.Errorf("it ended so: %v", sb)
		}
		h.remove(t, resp.GetSandbox())
	},
}

// starting takes up, in one start, sandboxes in all the states that a kill can have left them in.
var starting = scenario{
	name: "starting",
	prepare: func(t *testing.T, h *host) {
		if _, err := h.makeVictim("sh", "-c", deaf); err != nil {
			t.Fatal(err)
		}
		lost := h.makeIdle(t)
		h.run(t, "run: creating sandbox", func() error {
			go func() {
				_, _ = h.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: h.victim, GracePeriod: durationpb.New(time.Minute)})
			}()
			for { // until the stop is recorded
				resp, err := h.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: h.victim})
				if err != nil {
					return err
				}
				if resp.GetSandbox().GetState() == sandboxv1.SandboxState_SANDBOX_STATE_STOPPING {
					break
				}
			}
			_, err := h.make("half", "sleep", "600")
			return err
		})
		h.RemoveSandbox(filepath.Base(lost))
	},
	act: func(h *host) error {
		_, err := h.api.WaitSandbox(context.Background(), &sandboxv1.WaitSandboxRequest{Name: h.victim, Timeout: durationpb.New(20 * time.Second)})
		return err
	},
	env: func(*host) []string { return []string{fromStart + "=1"} },
	check: func(t *testing.T, h *host) {
		states := map[string]string{}
		for _, sb := range h.others(t) {
			resp, err := h.api.WaitSandbox(t.Context(), &sandboxv1.WaitSandboxRequest{Name: sb.GetName(), Timeout: durationpb.New(20 * time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			states[resp.GetSandbox().GetState().String()] = resp.GetSandbox().GetReason()
			h.remove(t, sb)
		}
		want := map[string]string{
			"SANDBOX_STATE_COMPLETED": "stopped by ada",
			"SANDBOX_STATE_FAILED":    "lost while sandboxd was down",
		}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Errorf("what became of those that did not run: %s", diff)
		}
	},
}

// host is a sandboxd with one sandbox that runs through it all.
type host struct {
	*sandboxdtest.Server

	api    sandboxv1.SandboxServiceClient
	old    *sandboxv1.Sandbox
	base   footprint.Footprint
	victim string
	round  int
	// runtime is that of the round's scenario.
	runtime string
	seen    int64 // the last event of all sandboxes that was looked at
}

func newHost(t *testing.T) *host {
	h := &host{Server: sandboxdtest.Start(t, sandboxdtest.WithRuntimes("native", "runc", "runsc"),
		sandboxdtest.WithConfig(func(c *config.Config) {
			c.Network.Enabled = true
			c.Network.Ingress = config.Ingress{Addresses: []string{"203.0.113.1"}, Ports: "31000-31099", Sources: []string{"203.0.113.0/24"}}
		}))}
	h.Secretsd.CreateTeam("red")
	h.Secretsd.CreateSecret("red", "TOKEN", "still here")
	h.api = h.Client(h.Secretsd.CreateUser("red", "ada", identity.RoleMember))
	// Only builtins: what a shell forks would make two looks at the host differ.
	sb, err := h.make("old", "sh", "-c", "mkfifo /f; exec 3<>/f; i=0; while :; do echo tick $i; i=$((i+1)); read -t 1 x <&3; done")
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Logs())
	}
	h.old = sb
	h.awaitTick(t)
	h.base = h.Footprint()
	return h
}

// awaitTick waits until something of the old sandbox's output is in its log, and so the log has a file.
func (h *host) awaitTick(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := h.api.StreamLogs(ctx, &sandboxv1.StreamLogsRequest{Name: h.old.GetName(), Follow: true})
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (h *host) make(requestID string, command ...string) (*sandboxv1.Sandbox, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	resp, err := h.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{RequestId: requestID, Spec: &sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Runtime: h.runtime, Command: command, Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}},
		Files: []*sandboxv1.File{{Path: "/etc/greeting", Content: []byte("hello")}},
		Network: &sandboxv1.Network{
			Mode:  sandboxv1.NetworkMode_NETWORK_MODE_INTERNET,
			Allow: []*sandboxv1.Destination{{Cidr: "203.0.113.2/32"}}, Ingress: []*sandboxv1.IngressRule{{Port: 80}},
		},
	}})
	return resp.GetSandbox(), err
}

// makeVictim makes the sandbox of this round, under one request id.
func (h *host) makeVictim(command ...string) (*sandboxv1.Sandbox, error) {
	sb, err := h.make(fmt.Sprint("round ", h.round), command...)
	if err == nil {
		h.victim = sb.GetName()
	}
	return sb, err
}

func (h *host) makeIdle(t *testing.T) string {
	t.Helper()
	resp, err := h.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage}})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetSandbox().GetName()
}

// points returns the points that a scenario reaches, in order and each once.
func (h *host) points(t *testing.T, s scenario) []string {
	t.Helper()
	h.round++
	h.runtime = s.runtime
	h.toldOfUndone(t) // those of another scenario are none of this one's
	if s.prepare != nil {
		s.prepare(t, h)
	}
	file := filepath.Join(t.TempDir(), "points")
	p := h.StartProcess(append(s.environment(h), writeTo+"="+file)...)
	if !p.Serves {
		t.Fatalf("it does not start\n%s", h.Logs())
	}
	_ = s.act(h) // some are to fail
	p.Kill()
	all, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h.Restart()
	s.check(t, h)
	h.checkOld(t)
	var points []string
	for point := range strings.Lines(string(all)) {
		point = strings.TrimSpace(point)
		if s.runtime != "" && !strings.HasPrefix(point, s.runtime+": ") {
			continue
		}
		if !slices.Contains(points, point) {
			points = append(points, point)
		}
	}
	return points
}

// checkPoints holds the points to the list in testdata, so that one that is not reached any more is missed.
func checkPoints(t *testing.T, scenario string, points []string) {
	t.Helper()
	file := filepath.Join("testdata", strings.ReplaceAll(scenario, " ", "-")+".txt")
	sorted := slices.Sorted(slices.Values(points)) // some come at the same time
	got := strings.Join(sorted, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the points that are reached (-update writes them): %s", diff)
	}
}

func (h *host) killAt(t *testing.T, s scenario, point string) {
	h.round++
	h.runtime = s.runtime
	if s.prepare != nil {
		s.prepare(t, h)
	}
	h.run(t, point, func() error { return s.act(h) }, s.environment(h)...)
	h.Restart()
	s.check(t, h)
	h.checkOld(t)
}

// run starts a sandboxd that dies at a point, lets it do something, and returns when it is dead.
func (h *host) run(t *testing.T, point string, act func() error, env ...string) {
	t.Helper()
	p := h.StartProcess(append(env, dieAt+"="+point)...)
	var err error
	if p.Serves {
		err = act()
	}
	select {
	case <-p.Exited:
	case <-time.After(20 * time.Second):
		t.Fatalf("it did not come to %q: %v\n%s", point, err, h.Logs())
	}
}

// checkOld looks at the sandbox that runs through it all, and that there is nothing else.
func (h *host) checkOld(t *testing.T) {
	t.Helper()
	resp, err := h.api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: h.old.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	if sb := resp.GetSandbox(); sb.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING || !sb.GetExpireTime().AsTime().Equal(h.old.GetExpireTime().AsTime()) {
		t.Errorf("what ran all the time: %v", sb)
	}
	if got := h.shell(t, h.old.GetName(), "echo $TOKEN"); got != "still here" {
		t.Errorf("its secret is %q", got)
	}
	for i, line := range slices.Collect(strings.Lines(h.log(t))) {
		if line != fmt.Sprintf("tick %d\n", i) {
			t.Fatalf("line %d of its log is %q", i, line)
		}
	}
	if diff := cmp.Diff(h.base, h.Footprint()); diff != "" {
		t.Errorf("the host is not as it was (-before +after):\n%s", diff)
	}
}

// others are the sandboxes of the team, ended ones too, without the old one.
func (h *host) others(t *testing.T) []*sandboxv1.Sandbox {
	t.Helper()
	resp, err := h.api.ListSandboxes(t.Context(), &sandboxv1.ListSandboxesRequest{ShowEnded: true})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(resp.GetSandboxes(), func(sb *sandboxv1.Sandbox) bool { return sb.GetName() == h.old.GetName() })
}

// toldOfUndone says whether one of the events since it was last asked tells of a creation that was undone.
func (h *host) toldOfUndone(t *testing.T) (told bool) {
	t.Helper()
	for {
		resp, err := h.api.ListSandboxEvents(t.Context(), &sandboxv1.ListSandboxEventsRequest{Parent: "teams/red/sandboxes/-", AfterSequence: h.seen})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range resp.GetEvents() {
			h.seen = e.GetSequence()
			told = told || e.GetKind() == sandboxv1.SandboxEventKind_SANDBOX_EVENT_KIND_UNDONE
		}
		if resp.GetNextPageToken() == "" {
			return told
		}
	}
}

func (h *host) remove(t *testing.T, sb *sandboxv1.Sandbox) {
	t.Helper()
	if _, err := h.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
		t.Error(err)
	}
}

func (h *host) shell(t *testing.T, name, script string) string {
	t.Helper()
	resp, err := h.api.Exec(t.Context(), &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", script}}})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(resp.GetStdout()))
}

func (h *host) log(t *testing.T) string {
	t.Helper()
	stream, err := h.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: h.old.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Write(resp.GetData())
	}
}
