package main

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// load is one thing that is measured: calls has one function for each client, with a connection of its own where it needs
// one.
type load struct {
	name  string
	calls []func() error
}

// sample is what was measured of a load at one number of clients.
type sample struct {
	took []time.Duration
	busy time.Duration // the time in which it was measured
}

// rate returns calls per second.
func (s sample) rate() float64 { return float64(len(s.took)) / s.busy.Seconds() }

// quantile returns the q-quantile (0 to 1), by nearest rank. It wants sort before.
func (s sample) quantile(q float64) time.Duration {
	return s.took[min(int(q*float64(len(s.took))), len(s.took)-1)]
}

func (s sample) sort() { slices.Sort(s.took) }

// run has that many clients call again and again for a time, each waiting for its answer before it calls again.
func (l load) run(clients int, d time.Duration) (sample, error) {
	took, errs := make([][]time.Duration, clients), make([]error, clients)
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
	for _, err := range errs {
		if err != nil {
			return sample{}, err
		}
	}
	return sample{took: slices.Concat(took...), busy: time.Since(begin)}, nil
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
				samples[l.name] = sample{took: append(sum.took, s.took...), busy: sum.busy + s.busy}
			}
		}
	}
	for _, s := range samples {
		s.sort()
	}
	return samples, nil
}
