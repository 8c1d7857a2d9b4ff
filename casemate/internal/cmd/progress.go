package cmd

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// patience is how long a transfer takes before it shows a bar.
const patience = time.Second

// progress counts what is written to it, and shows a bar on a terminal for what takes longer. Close it.
type progress struct {
	app   *app
	what  string
	size  int64 // -1: not known
	began time.Time
	bytes int64
	bar   *progressbar.ProgressBar // nil while there is none
}

// progress begins a transfer of size bytes, -1 for an unknown number.
func (a *app) progress(size int64, what string) *progress {
	return &progress{app: a, what: what, size: size, began: time.Now()}
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	p.bytes += int64(len(b))
	if p.bar == nil && time.Since(p.began) > patience {
		if f, ok := p.app.Err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			p.bar = progressbar.NewOptions64(p.size, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(p.what),
				progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
	}
	if p.bar != nil {
		_ = p.bar.Set64(p.bytes) // a bar that can't be shown is no reason to stop
	}
	return len(b), nil
}

// Close takes the bar away.
func (p *progress) Close() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
