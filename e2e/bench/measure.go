package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// series is the latencies of one thing, measured in rounds that alternate with the other series, so that a noisy moment of
// the machine hits all of them alike.
type series struct {
	name  string
	call  func() error
	floor *series // what it is compared with; nil for a floor itself
	per   int     // calls in a round

	took []time.Duration
}

func (s *series) round() error {
	for range s.per {
		start := time.Now()
		if err := s.call(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		s.took = append(s.took, time.Since(start))
	}
	return nil
}

// quantile returns the q-quantile (0 to 1) of what was measured, by nearest rank.
func (s *series) quantile(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(s.took))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func measure(all []*series, rounds int) error {
	for _, s := range all { // warm up, not counted
		if err := s.round(); err != nil {
			return err
		}
		s.took = s.took[:0]
	}
	for range rounds {
		for _, s := range all {
			if err := s.round(); err != nil {
				return err
			}
		}
	}
	return nil
}

func report(w io.Writer, all []*series) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "what\tn\tp50 ms\tp99 ms\tp50 / floor's\tfloor\t")
	for _, s := range all {
		ratio, floor := "", "(floor)"
		if s.floor != nil {
			ratio = fmt.Sprintf("%.2f", float64(s.quantile(0.5))/float64(s.floor.quantile(0.5)))
			floor = s.floor.name
		}
		fmt.Fprintf(tw, "%s\t%d\t%.2f\t%.2f\t%s\t%s\t\n", s.name, len(s.took), ms(s.quantile(0.5)), ms(s.quantile(0.99)), ratio, floor)
	}
	return tw.Flush()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
