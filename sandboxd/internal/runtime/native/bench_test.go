package native_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
)

// timings are durations of one kind of thing.
type timings []time.Duration

func (d *timings) measure(f func()) {
	start := time.Now()
	f()
	*d = append(*d, time.Since(start))
}

func (d timings) quantile(q float64) time.Duration {
	slices.Sort(d)
	return d[min(int(q*float64(len(d))), len(d)-1)]
}

// BenchmarkLife measures a sandbox from its making to its end, with a bounded disk and without, and beside it, in the same moments of a busy machine, the
// floor: fork and execution of /bin/true on the host.
func BenchmarkLife(b *testing.B) {
	unbounded := runtimetest.Limits
	unbounded.DiskBytes, unbounded.Inodes = 0, 0
	b.Run("disk=loop", func(b *testing.B) { benchmarkLife(b, onhost.DiskLoop, runtimetest.Limits) })
	b.Run("disk=off", func(b *testing.B) { benchmarkLife(b, onhost.DiskOff, unbounded) })
}

func benchmarkLife(b *testing.B, disks onhost.DiskLimits, limits runtime.Limits) {
	cfg := config(b)
	cfg.DiskLimits = disks
	r := open(b, cfg)
	root := runtimetest.BusyboxRoot(b)
	ctx := runtimetest.Context(b)
	var floor, create, first, exec, destroy timings
	for i := 0; b.Loop(); i++ {
		for range 5 {
			floor.measure(func() { forkExecTrue(b) })
		}
		id := fmt.Sprintf("bench-%d", i)
		var inst runtime.Instance
		var err error
		var client *agent.Client
		start := time.Now()
		create.measure(func() {
			inst, err = r.Create(ctx, runtime.Config{
				ID: id, Hostname: "bench", RootFS: runtime.RootFS{Layers: []string{root}}, Limits: limits,
			})
		})
		if err != nil {
			b.Fatal(err)
		}
		client = agent.NewClient(inst.Dial)
		if err := client.Configure(ctx, agent.Config{}); err != nil {
			b.Fatal(err)
		}
		execTrue(b, client)
		first = append(first, time.Since(start))
		for range 5 {
			exec.measure(func() { execTrue(b, client) })
		}
		destroy.measure(func() { err = r.Remove(ctx, id) })
		if err != nil {
			b.Fatal(err)
		}
	}
	report := func(name string, d timings) {
		unit := "ms-" + strings.ReplaceAll(name, " ", "-")
		b.ReportMetric(float64(d.quantile(0.5).Microseconds())/1000, unit)
		b.Logf("%-24s min %6.2f  p50 %6.2f  p95 %6.2f ms; p50 is %5.1f times fork+exec", name, float64(d.quantile(0))/1e6,
			float64(d.quantile(0.5))/1e6, float64(d.quantile(0.95))/1e6, float64(d.quantile(0.5))/float64(floor.quantile(0.5)))
	}
	report("floor", floor)
	report("create", create)
	report("create+configure+exec", first)
	report("exec", exec)
	report("destroy", destroy)
}

func forkExecTrue(b *testing.B) {
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := syscall.Wait4(pid, nil, 0, nil); err != nil {
		b.Fatal(err)
	}
}

func execTrue(b *testing.B, client *agent.Client) {
	p, err := client.Exec(runtimetest.Context(b), agent.ExecRequest{Argv: []string{"true"}})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	if r := runtimetest.Collect(b, p); r.Code != 0 {
		b.Fatalf("true: %+v", r)
	}
}
