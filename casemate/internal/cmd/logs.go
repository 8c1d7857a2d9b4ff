package cmd

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/casemate"
)

func (a *app) logs() *cobra.Command {
	var options casemate.LogOptions
	var since time.Duration
	var timestamps bool
	c := &cobra.Command{
		Use: "logs SANDBOX", Args: exactArgs(1), Short: "Show the output of a sandbox's main process; secret values are masked",
		Long: `Show the output of a sandbox's main process, stdout on stdout and stderr on stderr; secret values are masked. An ended
sandbox's is kept as long as its record. With --follow it ends when the main process does, and goes on over a restart of sandboxd.
Where output is missing, since the log is bounded, a warning on stderr says how much.`,
		Example: `  casemate logs -f --tail 20 sb-4yhq2k5d3m6c7n2p
  casemate logs -t --since 10m sb-4yhq2k5d3m6c7n2p`,
		RunE: func(c *cobra.Command, args []string) error {
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			switch {
			case since < 0:
				return usagef("--since %v: say how long ago, such as 10m", since)
			case options.Tail < 0:
				return usagef("--tail %d: want a number of lines; 0 means all", options.Tail)
			case since > 0:
				options.Since = time.Now().Add(-since)
			}
			streams := logStreams{out: lineTimes{w: a.Out, on: timestamps}, errs: lineTimes{w: a.Err, on: timestamps}}
			for piece, err := range sandbox.Logs(c.Context(), options) {
				if err != nil {
					return err
				}
				if err := streams.show(piece); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := c.Flags()
	f.BoolVarP(&options.Follow, "follow", "f", false, "go on until the main process ends")
	f.Int32Var(&options.Tail, "tail", 0, "only the last `N` lines; 0: all")
	f.DurationVar(&since, "since", 0, "only the output of this last time, such as 10m")
	f.BoolVarP(&timestamps, "timestamps", "t", false, "begin each line with the time when it was written")
	return c
}

// logStreams are where the two streams of a log go.
type logStreams struct{ out, errs lineTimes }

func (s *logStreams) show(piece *sandboxv1.StreamLogsResponse) error {
	if lost := piece.GetLostBytes(); lost > 0 {
		if err := s.errs.note(fmt.Sprintf("casemate: warning: %d bytes of output are missing here\n", lost)); err != nil {
			return err
		}
		s.out.midLine = false
	}
	to := &s.out
	if piece.GetStream() == sandboxv1.LogStream_LOG_STREAM_STDERR {
		to = &s.errs
	}
	return to.write(piece.GetData(), piece.GetTime().AsTime())
}

// lineTimes writes one stream, with on each line after the time of the piece that it began in.
type lineTimes struct {
	w       io.Writer
	on      bool
	midLine bool
}

func (l *lineTimes) write(data []byte, at time.Time) error {
	var out []byte
	for line := range bytes.Lines(data) {
		if l.on && !l.midLine {
			out = at.UTC().AppendFormat(out, "2006-01-02T15:04:05.000000Z ")
		}
		out = append(out, line...)
		l.midLine = line[len(line)-1] != '\n'
	}
	_, err := l.w.Write(out)
	return err
}

// note writes a line of our own, which no line of the stream's is mixed with.
func (l *lineTimes) note(text string) error {
	if l.midLine {
		text = "\n" + text
	}
	l.midLine = false
	_, err := io.WriteString(l.w, text)
	return err
}
