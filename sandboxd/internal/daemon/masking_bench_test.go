package daemon_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// BenchmarkMaskedOutput streams 32 MiB of a log out of a sandbox that masks 100 secrets, and out of one that does not, by turns. What
// counts is "masked/plain-cpu", the ratio of what processor time client, sandboxd and agent took together, which depends least on
// what else the machine does, and "masked/plain", that of the medians of their times. "mask-cpu-ns/B" is how much more processor
// time the agent took for a byte.
func BenchmarkMaskedOutput(b *testing.B) {
	srv := sandboxdtest.Start(b)
	srv.Secretsd.CreateTeam("red")
	api := srv.Client(srv.Secretsd.CreateUser("red", "ada", identity.RoleMember))
	var refs []*sandboxv1.SecretRef
	for i := range 100 {
		name := fmt.Sprintf("S%d", i)
		srv.Secretsd.CreateSecret("red", name, fmt.Sprintf("%s%d-%x", []string{"sk-", "ghp_", "hf_", "AKIA", "ey"}[i%5], i, i*i*7919+1<<40))
		refs = append(refs, secret(name))
	}
	const size = 32 << 20
	boxes := [2]*maskingBox{}
	for i := range boxes {
		resp, err := api.RunSandbox(b.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
			Image: sandboxdtest.BusyboxImage, Secrets: refs, MaskOutput: i == 1,
		}})
		if err != nil {
			b.Fatal(err)
		}
		boxes[i] = &maskingBox{b: b, api: api, name: resp.GetSandbox().GetName()}
		boxes[i].run(fmt.Sprintf(`yes 'epoch 12/100: loss 0.4312 accuracy 0.98 skipped 3 of 1000 steps' | head -c %d >/tmp/log`, size))
	}
	for _, box := range boxes {
		box.agent = -box.agentCPU()
	}
	n := 0
	for b.Loop() {
		for _, box := range boxes {
			began, cpu := time.Now(), processCPU(b)
			if got := len(box.run("cat /tmp/log")); got != size {
				b.Fatalf("%d bytes came", got)
			}
			box.times = append(box.times, time.Since(began))
			box.others += processCPU(b) - cpu
		}
		n++
	}
	for _, box := range boxes {
		box.agent += box.agentCPU()
		slices.Sort(box.times)
	}
	plain, masked := boxes[0].times[n/2], boxes[1].times[n/2]
	b.ReportMetric(float64(masked)/float64(plain), "masked/plain")
	b.ReportMetric(float64(boxes[1].agent+boxes[1].others)/float64(boxes[0].agent+boxes[0].others), "masked/plain-cpu")
	b.ReportMetric(float64(size)/(1<<20)/plain.Seconds(), "plain-MiB/s")
	b.ReportMetric(float64(size)/(1<<20)/masked.Seconds(), "masked-MiB/s")
	b.ReportMetric(float64(boxes[1].agent-boxes[0].agent)/float64(n)/size, "mask-cpu-ns/B")
}

// maskingBox is a sandbox that is measured.
type maskingBox struct {
	b             *testing.B
	api           sandboxv1.SandboxServiceClient
	name          string
	times         []time.Duration
	agent, others time.Duration // processor time
}

// processCPU is the processor time of this process, which is sandboxd, secretsd and the client.
func processCPU(b *testing.B) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// run returns a script's output.
func (m *maskingBox) run(script string) []byte {
	stream, err := m.api.StreamExec(m.b.Context())
	if err != nil {
		m.b.Fatal(err)
	}
	err = stream.Send(&sandboxv1.StreamExecRequest{Message: &sandboxv1.StreamExecRequest_Start{Start: &sandboxv1.StreamExecStart{
		Name: m.name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", script}},
	}}})
	out := make([]byte, 0, 33<<20)
	for err == nil {
		var resp *sandboxv1.StreamExecResponse
		if resp, err = stream.Recv(); err == nil {
			out = append(out, resp.GetStdout()...)
		}
	}
	if !errors.Is(err, io.EOF) {
		m.b.Fatal(err)
	}
	return out
}

// agentCPU is the processor time that the agent has used, in clock ticks of 10 ms.
func (m *maskingBox) agentCPU() time.Duration {
	var sum int
	for _, field := range strings.Fields(string(m.run(`cut -d' ' -f14,15 /proc/1/stat`))) {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			m.b.Fatal(err)
		}
		sum += ticks
	}
	return time.Duration(sum) * 10 * time.Millisecond
}
