package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// The loads, as they are called in the report.
const (
	echoLoad   = "bare gRPC mTLS echo"
	floorLoad  = "echo that commits"
	commitLoad = "one durable SQLite commit"
	setecLoad  = "setec, get"
	accessLoad = "AccessSecretVersion"
	batch1Load = "BatchAccessSecretVersions, 1"
	batchNLoad = "BatchAccessSecretVersions, 20"
	addLoad    = "AddSecretVersion"
)

// results has what was measured by number of clients and name of the load.
type results map[int]map[string]sample

// table prints one line for each number of clients and load.
func (r results) table(w io.Writer, loads []load, clients []int) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "clients\twhat\tcalls/s\tof echo's\tp50 ms\tp99 ms\tp50 / echo's\tserver's CPU us\t")
	for _, n := range clients {
		floor := r[n][echoLoad]
		for _, l := range loads {
			s := r[n][l.name]
			fmt.Fprintf(tw, "%d\t%s\t%.0f\t%.0f %%\t%.2f\t%.2f\t%.2f\t%s\t\n", n, l.name, s.rate(), 100*s.rate()/floor.rate(),
				ms(s.quantile(0.5)), ms(s.quantile(0.99)), float64(s.quantile(0.5))/float64(floor.quantile(0.5)), s.perCall())
		}
	}
	return tw.Flush()
}

// targets prints what was to be reached, what was, and whether that is enough. They are of 1 and 64 clients.
func (r results) targets(w io.Writer) error {
	one, many := r[1], r[64]
	p50 := func(name string) time.Duration { return one[name].quantile(0.5) }
	access := many[accessLoad]
	bound := p50(echoLoad) + p50(commitLoad)*3/2
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(what, target, got string, met bool) {
		verdict := "missed"
		if met {
			verdict = "met"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", what, target, got, verdict)
	}
	atMost := func(what, how string, got, limit float64, format string) {
		line(what, "at most "+how+fmt.Sprintf(" ("+format+")", limit), fmt.Sprintf(format, got), got <= limit)
	}
	atLeast := func(what, how string, got, limit float64) {
		line(what, how+fmt.Sprintf(" (%.0f/s)", limit), fmt.Sprintf("%.0f/s", got), got >= limit)
	}
	fmt.Fprintln(tw, "what\ttarget\tmeasured\t")
	atMost(accessLoad+", p50 at 1 client", "echo + 1.5 commits", ms(p50(accessLoad)), ms(bound), "%.2f ms")
	atLeast(accessLoad+" at 64 clients", "at least 45 % of the echo's", access.rate(), 0.45*many[echoLoad].rate())
	atLeast(accessLoad+" at 64 clients", "ahead of setec", access.rate(), many[setecLoad].rate())
	atMost(accessLoad+", p99 at 64 clients", "10 times its p50", ms(access.quantile(0.99)), 10*ms(access.quantile(0.5)), "%.2f ms")
	atLeast(addLoad+" at 64 clients", "at least 60 % of the commits'", many[addLoad].rate(), 0.6*many[commitLoad].rate())
	atMost("a batch of 20, p50 at 1 client", "1.5 times a batch of 1", ms(p50(batchNLoad)), 1.5*ms(p50(batch1Load)), "%.2f ms")
	return tw.Flush()
}

// perCall is the server's processor time for a call, in microseconds.
func (s sample) perCall() string {
	if s.cpu == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", float64(s.cpu.Microseconds())/float64(len(s.took)))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
