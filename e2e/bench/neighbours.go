package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// bombs are what a hostile sandbox's main process does without end.
var bombs = []struct{ name, script string }{
	{"processes", forkBomb},
	{"memory", `while :; do python3 -c 'b"x" * (1 << 36)'; done`},
	{"disk", `while :; do head -c 1000000000000 /dev/zero >/f 2>/dev/null; rm /f; done`},
	{"inodes", `while :; do mkdir /d; i=0; while : >/d/$i; do i=$((i+1)); done 2>/dev/null; rm -r /d; done`},
	{"output", `yes flood`},
	{"calculation", `for i in 1 2 3 4; do while :; do :; done & done; wait`},
}

// forkBomb goes on where no more processes can be had, in all that there are.
const forkBomb = `exec python3 -c '
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
'`

// beside is how long an exec takes in one sandbox while another one runs a script.
type beside struct {
	*series
	runtime, script string
}

// besideHostile measures an exec in the sandbox that stays, alternately alone and beside a hostile sandbox, and reports the 99th percentile
// of the second as a multiple of that of the first. A round is a hundred calls. Only those whose name has only in it are measured.
func (b *bench) besideHostile(ctx context.Context, w io.Writer, rounds int, only string) error {
	exec := func(name string) *series {
		return &series{name: name, call: func() error { return b.exec(ctx) }, per: 100}
	}
	quiet := exec("nothing")
	var all []beside
	for _, runtime := range append([]string{"native"}, ociRuntimes...) {
		for _, bomb := range bombs {
			if s := exec(bomb.name + " on " + runtime); strings.Contains(s.name, only) {
				all = append(all, beside{s, runtime, bomb.script})
			}
		}
	}
	for range max(rounds, 1) {
		for _, s := range all {
			if err := quiet.round(); err != nil {
				return err
			}
			if err := b.withHostile(ctx, s.runtime, s.script, s.round); err != nil {
				return err
			}
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "Exec /bin/true beside a sandbox that takes\tn\tp50 ms\tp99 ms\tp99 / quiet's\t")
	for _, s := range append([]beside{{series: quiet}}, all...) {
		fmt.Fprintf(tw, "%s\t%d\t%.2f\t%.2f\t%.2f\t\n", s.name, len(s.took), ms(s.quantile(0.5)), ms(s.quantile(0.99)),
			float64(s.quantile(0.99))/float64(quiet.quantile(0.99)))
	}
	return tw.Flush()
}

// withHostile calls f while a sandbox runs a script that harms as much as it may. One that ends by that, as of gVisor's those do that
// want memory, is followed by another.
func (b *bench) withHostile(ctx context.Context, runtime, script string, f func() error) error {
	spec := proto.CloneOf(b.spec)
	spec.Runtime, spec.Command = runtime, []string{"sh", "-c", script}
	// A disk that is full soon, and again and again.
	spec.Resources = &sandboxv1.Resources{DiskBytes: 256 << 20, Inodes: 20_000}
	hostile, stop := context.WithCancel(ctx)
	defer stop()
	begun, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() { ended <- b.oneAfterAnother(hostile, spec, begun) }()
	select {
	case <-begun:
	case err := <-ended:
		return err
	}
	err := f()
	stop()
	return errors.Join(err, <-ended)
}

// oneAfterAnother makes a sandbox, and a new one whenever it has ended, until ctx ends; then it removes what runs. It tells of each on begun,
// as long as somebody hears it.
func (b *bench) oneAfterAnother(ctx context.Context, spec *sandboxv1.SandboxSpec, begun chan<- struct{}) error {
	for {
		resp, err := b.sandboxes.RunSandbox(context.WithoutCancel(ctx), &sandboxv1.RunSandboxRequest{Spec: spec})
		if err != nil {
			return err
		}
		select {
		case begun <- struct{}{}:
		default:
		}
		name := resp.GetSandbox().GetName()
		_, err = b.sandboxes.WaitSandbox(ctx, &sandboxv1.WaitSandboxRequest{Name: name})
		_, deleted := b.sandboxes.DeleteSandbox(context.WithoutCancel(ctx), &sandboxv1.DeleteSandboxRequest{Name: name})
		if ctx.Err() != nil || deleted != nil {
			return deleted
		}
		if err != nil {
			return err
		}
	}
}
