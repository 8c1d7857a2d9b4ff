package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is one thing that is measured: calls has one function for each client, with a connection of its own where it needs
// one.
type load struct {
	name  string
	calls []func() error
	// server is the process that answers; 0 when there is none.
	server int
}

// sample is what was measured of a load at one number of clients.
type sample struct {
	took []time.Duration
	busy time.Duration // the time in which it was measured
	cpu  time.Duration // the server's processor time
}

// rate returns calls per second.
func (s sample) rate() float64 { return float64(len(s.took)) / s.busy.Seconds() }

// quantile returns the q-quantile (0 to 1), by nearest rank. It wants sort before.
func (s sample) quantile(q float64) time.Duration {
	return s.took[min(int(q*float64(len(s.took))), len(s.took)-1)]
}

func (s sample) sort() { slices.Sort(s.took) }

// cpuTime returns the processor time that a process has used, in the kernel's ticks of 10 ms.
func cpuTime(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in parentheses, which may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks int64
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// run has that many clients call again and again for a time, each waiting for its answer before it calls again.
func (l load) run(clients int, d time.Duration) (sample, error) {
	took, errs := make([][]time.Duration, clients), make([]error, clients)
	cpu, err := cpuTime(l.server)
	if err != nil {
		return sample{}, err
	}
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range clients {
		call := l.calls[i]
		wg.Go(func() {
			for last := begin; last.Sub(begin) < d; {
				if err := call(); err != nil {
					errs[i] = fmt.Errorf("%s: %w", l.name, err)
					return
				}
				now := time.Now()
				took[i] = append(took[i], now.Sub(last))
				last = now
			}
		})
	}
	wg.Wait()
	busy := time.Since(begin)
	after, err := cpuTime(l.server)
	errs = append(errs, err)
	for _, err := range errs {
		if err != nil {
			return sample{}, err
		}
	}
	return sample{took: slices.Concat(took...), busy: busy, cpu: after - cpu}, nil
}

// measure runs all loads at one number of clients, in rounds that alternate, so that a noisy moment of the machine hits all
// of them alike. The first round only warms up.
func measure(loads []load, clients, rounds int, d time.Duration) (map[string]sample, error) {
	samples := map[string]sample{}
	for round := range rounds + 1 {
		for _, l := range loads {
			s, err := l.run(clients, d)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				sum := samples[l.name]
				samples[l.name] = sample{took: append(sum.took, s.took...), busy: sum.busy + s.busy, cpu: sum.cpu + s.cpu}
			}
		}
	}
	for _, s := range samples {
		s.sort()
	}
	return samples, nil
}
