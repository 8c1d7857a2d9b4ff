package main

import (
	"context"

	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// ociRuntimes are those that are measured beside the default, native.
var ociRuntimes = []string{"runc", "crun", "runsc"}

// onOthers are the cold start and the exec of other runtimes, each in a sandbox that stays. run are their floors by their names.
func (b *bench) onOthers(ctx context.Context, run map[string]*series, fork *series) ([]*series, error) {
	var all []*series
	for _, runtime := range ociRuntimes {
		spec := proto.CloneOf(b.spec)
		spec.Runtime = runtime
		resp, err := b.sandboxes.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: spec})
		if err != nil {
			return nil, err
		}
		name := resp.GetSandbox().GetName()
		b.started = append(b.started, name)
		all = append(all,
			&series{name: "RunSandbox on " + runtime + ", the same", call: func() error { return b.coldStart(ctx, runtime) }, floor: run[runtime], per: 1},
			&series{name: "Exec /bin/true on " + runtime, call: func() error { return b.execIn(ctx, name) }, floor: fork, per: 10},
		)
	}
	return all, nil
}
