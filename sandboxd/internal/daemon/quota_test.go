package daemon_test

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	pkgconfig "github.com/casemate/casemate/pkg/config"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

func withQuota(q config.Quota) sandboxdtest.Option {
	return sandboxdtest.WithConfig(func(c *config.Config) { c.Quota = q })
}

// wantExceeded expects the team red to have met a quota.
func wantExceeded(t *testing.T, err error, quota, limit, used string) *errdefs.Error {
	t.Helper()
	e := wantError(t, err, errdefs.ResourceExhausted, "QUOTA_EXCEEDED")
	if m := e.Metadata; m["team"] != "red" || m["quota"] != quota || m["limit"] != limit || used != "" && m["used"] != used {
		t.Errorf("metadata %v, want quota %s, limit %s, used %s", m, quota, limit, used)
	}
	if e.RetryAfter <= 0 || e.RetryAfter > time.Minute {
		t.Errorf("try again after %v", e.RetryAfter)
	}
	return e
}

func TestParallelRunsFillAQuotaExactly(t *testing.T) {
	const asked, limit = 100, 10
	e := start(t, withQuota(config.Quota{Sandboxes: limit}))
	names, errs := make([]string, asked), make([]error, asked)
	var wg sync.WaitGroup
	for i := range asked {
		wg.Go(func() {
			var sb *sandboxv1.Sandbox
			sb, errs[i] = e.tryRun(spec())
			names[i] = sb.GetName()
		})
	}
	wg.Wait()
	var made []string
	for i, err := range errs {
		if err == nil {
			made = append(made, names[i])
			continue
		}
		wantExceeded(t, err, "sandboxes", "10", "10")
	}
	if listed := e.list(&sandboxv1.ListSandboxesRequest{ShowEnded: true}); len(made) != limit || len(listed) != limit {
		t.Fatalf("%d were made and %d are listed, of %d", len(made), len(listed), limit)
	}
	// Another team has a quota of its own.
	e.Secretsd.CreateTeam("blue")
	blue := e.Client(e.Secretsd.CreateUser("blue", "bob", identity.RoleMember))
	if _, err := blue.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: spec()}); err != nil {
		t.Error(err)
	}
	// A place is free when the call that ended its sandbox is answered, whichever of the ways it was ended.
	for _, end := range []func(string) error{
		func(name string) error { e.stop(name); return nil },
		func(name string) error {
			_, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: name})
			return err
		},
		func(name string) error {
			e.KillAgent(last(name))
			e.wait(name)
			return nil
		},
	} {
		if err := end(made[0]); err != nil {
			t.Fatal(err)
		}
		made = append(made[1:], e.run(spec()).GetName())
		_, err := e.tryRun(spec())
		wantExceeded(t, err, "sandboxes", "10", "10")
	}
}

func TestQuotasOfAllKinds(t *testing.T) {
	sized := func(memory, cpu int64) *sandboxv1.SandboxSpec {
		s := spec()
		s.Resources = &sandboxv1.Resources{MemoryBytes: memory, CpuMillis: cpu}
		return s
	}
	for name, c := range map[string]struct {
		quota         config.Quota
		first, second *sandboxv1.SandboxSpec // the second has no room beside the first
		limit, used   string
	}{
		"sandboxes":    {config.Quota{Sandboxes: 1}, spec(), spec(), "1", "1"},
		"cpu_millis":   {config.Quota{CPUMillis: 500}, sized(0, 300), sized(0, 201), "500", "300"},
		"memory_bytes": {config.Quota{Memory: 64 << 20}, sized(48<<20, 0), sized(17<<20, 0), "67108864", "50331648"},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, withQuota(c.quota))
			first := e.run(c.first)
			_, err := e.tryRun(c.second)
			wantExceeded(t, err, name, c.limit, c.used)
			e.stop(first.GetName())
			e.run(c.second)
		})
	}
}

func TestStartsPerSecond(t *testing.T) {
	e := start(t, withQuota(config.Quota{StartsPerSecond: 1}))
	began, made := time.Now(), 0
	for range 20 {
		sb, err := e.tryRun(spec())
		if err != nil {
			wantExceeded(t, err, "starts_per_second", "1", "")
			continue
		}
		made++
		e.stop(sb.GetName()) // a place that is free is no start
	}
	if most := 1 + int(time.Since(began)/time.Second); made < 1 || made > most {
		t.Errorf("%d sandboxes were started in %v", made, time.Since(began))
	}
}

// TestWhatNeverFits: another try would not help, so that it is no quota that was met but a request that is wrong.
func TestWhatNeverFits(t *testing.T) {
	e := start(t, withQuota(config.Quota{Memory: 64 << 20, CPUMillis: 500}))
	s := spec()
	s.Resources = &sandboxv1.Resources{MemoryBytes: 65 << 20, CpuMillis: 10}
	_, err := e.tryRun(s)
	if got := wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT"); got.Violations[0].Subject != "spec.resources.memory_bytes" || got.RetryAfter != 0 {
		t.Errorf("%+v", got)
	}
	e.nothingLeft()
}

func TestTeamsWithQuotasOfTheirOwn(t *testing.T) {
	two := int64(2)
	e := start(t, withQuota(config.Quota{Sandboxes: 1}), sandboxdtest.WithConfig(func(c *config.Config) {
		c.TeamQuotas = map[string]config.TeamQuota{"red": {Sandboxes: &two}}
	}))
	e.Secretsd.CreateTeam("blue")
	blue := e.Client(e.Secretsd.CreateUser("blue", "bob", identity.RoleMember))
	for limit, api := range map[int]sandboxv1.SandboxServiceClient{2: e.api, 1: blue} {
		for i := range limit + 1 {
			_, err := api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: spec()})
			if i < limit && err != nil {
				t.Errorf("sandbox %d of %d: %v", i+1, limit, err)
			}
			if i == limit && wantError(t, err, errdefs.ResourceExhausted, "QUOTA_EXCEEDED").Metadata["limit"] != strconv.Itoa(limit) {
				t.Errorf("sandbox %d of %d: %v", i+1, limit, err)
			}
		}
	}
}

func TestAdoptedSandboxesCount(t *testing.T) {
	e := start(t, withQuota(config.Quota{Sandboxes: 2}))
	first := e.run(spec())
	e.run(spec())
	e.Restart()
	_, err := e.tryRun(spec())
	wantExceeded(t, err, "sandboxes", "2", "2")
	e.stop(first.GetName())
	e.run(spec())
}

// TestWhatTakesNoPlace: creations that fail give theirs back, and a repeated request needs none.
func TestWhatTakesNoPlace(t *testing.T) {
	e := start(t, withQuota(config.Quota{Sandboxes: 1}))
	for _, wrong := range []func(*sandboxv1.SandboxSpec){
		func(s *sandboxv1.SandboxSpec) { s.Image = "nowhere.invalid/none:1" },
		func(s *sandboxv1.SandboxSpec) { s.Secrets = []*sandboxv1.SecretRef{secret("MISSING")} },
		func(s *sandboxv1.SandboxSpec) { s.User = "nobody-here" },
	} {
		s := spec()
		wrong(s)
		if _, err := e.tryRun(s); err == nil || errdefs.ReasonOf(errgrpc.FromError(err)) == "QUOTA_EXCEEDED" {
			t.Errorf("%v: %v", s, err)
		}
	}
	// Eight calls with one id at the same time are one sandbox and no quota that is met, now and when it is there.
	for range 2 {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := e.api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: spec(), RequestId: "one"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if listed := e.list(&sandboxv1.ListSandboxesRequest{}); len(listed) != 1 {
		t.Errorf("listed: %v", listed)
	}
}

// TestTheSDKIsToldToTryAgain has the other front say of a full quota and of a full host what its SDK retries for.
func TestTheSDKIsToldToTryAgain(t *testing.T) {
	for name, opt := range map[string]sandboxdtest.Option{
		"quota": withQuota(config.Quota{Sandboxes: 1}), "host": sandboxdtest.WithMaxSandboxes(1),
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, opt)
			api := coreweavev1.NewSandboxServiceClient(e.Conn(e.key))
			create := func() error {
				_, err := api.CreateSandbox(t.Context(), &coreweavev1.CreateSandboxRequest{Sandbox: &coreweavev1.Sandbox{
					Spec: &coreweavev1.SandboxSpec{Containers: []*coreweavev1.Container{{Image: sandboxdtest.BusyboxImage}}},
				}})
				return err
			}
			if err := create(); err != nil {
				t.Fatal(err)
			}
			err := create()
			if got := wantError(t, err, errdefs.ResourceExhausted, "CWSANDBOX_RUNNER_CAPACITY_EXHAUSTED"); got.RetryAfter <= 0 {
				t.Errorf("%v, try again after %v", err, got.RetryAfter)
			}
		})
	}
}

// TestQuotaMetrics: what a team uses goes up and down with its sandboxes, also with those that were adopted. Teams and kinds without
// a limit are in none.
func TestQuotaMetrics(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) {
		five, memory := int64(5), pkgconfig.Size(256<<20)
		c.TeamQuotas = map[string]config.TeamQuota{"red": {Sandboxes: &five, Memory: &memory}}
	}))
	e.Secretsd.CreateTeam("blue")
	blue := e.Client(e.Secretsd.CreateUser("blue", "bob", identity.RoleMember))
	if _, err := blue.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: spec()}); err != nil {
		t.Fatal(err)
	}
	s := spec()
	s.Resources = &sandboxv1.Resources{MemoryBytes: 48 << 20}
	first := e.run(s)
	e.run(s)
	want := func(when string, lines ...string) {
		t.Helper()
		got := regexp.MustCompile(`(?m)^casemate_team_quota.*$`).FindAllString(e.metrics(), -1)
		if diff := cmp.Diff(lines, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	const limits = `casemate_team_quota_limit{quota="memory_bytes",team="red"} 2.68435456e+08|casemate_team_quota_limit{quota="sandboxes",team="red"} 5`
	both := append(strings.Split(limits, "|"), `casemate_team_quota_used{quota="memory_bytes",team="red"} 1.00663296e+08`, `casemate_team_quota_used{quota="sandboxes",team="red"} 2`)
	want("two run", both...)
	e.Restart()
	want("two were adopted", both...)
	e.stop(first.GetName())
	want("one runs", append(strings.Split(limits, "|"), `casemate_team_quota_used{quota="memory_bytes",team="red"} 5.0331648e+07`, `casemate_team_quota_used{quota="sandboxes",team="red"} 1`)...)
}
