package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// creation is the making of one sandbox, from CREATING to RUNNING.
type creation struct {
	c      *Controller
	s      *live
	sb     sandbox.Sandbox
	caller identity.Caller
	files  []sandbox.File

	values resolve.Values
	image  image.Image
	rootFS runtime.RootFS
}

// steps is the whole way, read from top to bottom.
func (r *creation) steps() []step {
	return []step{
		{name: "admitting sandbox", do: r.admit},
		{name: "resolving secrets and fetching image", do: r.fetch},
		{name: "creating sandbox", do: r.create, undo: r.remove},
		{name: "configuring sandbox", do: r.configure},
		{name: "starting main process", do: r.startMain, undo: r.removeLog},
		{name: "recording sandbox", do: r.recordRunning},
	}
}

func (r *creation) admit(context.Context) error {
	c := r.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.MaxSandboxes > 0 && len(c.live) > c.MaxSandboxes { // this one is among them
		return errdefs.New(errdefs.ResourceExhausted, "TOO_MANY_SANDBOXES",
			"there are %d sandboxes already, the most that the operator allows; stop one, or try later", c.MaxSandboxes)
	}
	return nil
}

// fetch asks secretsd and the image store at the same time.
func (r *creation) fetch(ctx context.Context) error {
	name, err := image.FullName(r.sb.Spec.Image)
	if err != nil {
		return err
	}
	req := resolve.Request{
		Team: r.sb.Team, SandboxID: r.sb.ID, Refs: r.sb.Spec.Secrets,
		Image: name, Network: r.sb.Spec.Network, Source: r.caller.Address,
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		r.values, err = r.c.Secrets.Resolve(ctx, req)
		return err
	})
	group.Go(func() (err error) {
		r.image, r.rootFS, err = r.c.Images.Ensure(ctx, r.sb.Spec.Image)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	r.sb.ImageDigest = r.image.Digest
	r.sb.Spec.WorkingDir = cmp.Or(r.sb.Spec.WorkingDir, r.image.Config.WorkingDir)
	r.sb.Spec.User = cmp.Or(r.sb.Spec.User, r.image.Config.User)
	for _, v := range r.values {
		r.sb.SecretVersions = append(r.sb.SecretVersions, v.Version)
		if v.Restricted {
			r.sb.PrivateTo = r.caller.APIKeyID
		}
	}
	return nil
}

func (r *creation) create(ctx context.Context) error {
	rt, ok := r.c.runtimes[r.sb.Runtime]
	if !ok {
		return fmt.Errorf("runtime %q is allowed but not there", r.sb.Runtime)
	}
	ctx, cancel := context.WithTimeout(ctx, runtime.CreateTimeout)
	defer cancel()
	cfg := runtime.Config{ID: r.sb.ID, Hostname: r.sb.ID, RootFS: r.rootFS, Limits: runtime.Limits(r.sb.Spec.Resources)}
	r.c.connectTo(&cfg, r.sb.Spec.Network)
	instance, err := rt.Create(ctx, cfg)
	if err != nil {
		return errors.Join(err, r.c.disconnect(context.WithoutCancel(ctx), r.sb.ID))
	}
	r.s.instance = instance
	r.s.agent = agent.NewClient(instance.Dial)
	return nil
}

func (r *creation) remove(ctx context.Context) error {
	return r.c.removeFromHost(ctx, r.c.runtimes[r.sb.Runtime], r.sb.ID)
}

// configure hands the values over: they leave sandboxd here and nowhere else, and are wiped.
func (r *creation) configure(ctx context.Context) error {
	defer r.wipe()
	if err := r.s.errRevoked(); err != nil {
		return err
	}
	cfg := agent.Config{
		Env:        environment(r.image.Config.Env, r.sb.Spec.Environment, r.values),
		WorkingDir: r.sb.Spec.WorkingDir,
		User:       r.sb.Spec.User,
	}
	for _, f := range r.files {
		cfg.Files = append(cfg.Files, agent.File(f))
	}
	return r.s.agent.Configure(ctx, cfg)
}

// wipe overwrites the values; doing so twice does no harm.
func (r *creation) wipe() { r.values.Wipe() }

func (r *creation) startMain(ctx context.Context) (err error) {
	if len(r.sb.Spec.Command) == 0 {
		return nil
	}
	if r.s.log, err = mainlog.Open(r.c.logPath(r.sb.ID), 0); err != nil {
		return err
	}
	if _, err := r.s.agent.StartMain(ctx, r.sb.Spec.Command); err != nil {
		_ = r.removeLog(ctx)
		return err
	}
	return nil
}

func (r *creation) removeLog(context.Context) error {
	if r.s.log == nil {
		return nil
	}
	_ = r.s.log.Close() // it is about to go
	return mainlog.Remove(r.c.logPath(r.sb.ID))
}

func (r *creation) recordRunning(ctx context.Context) error {
	sb, err := moved(r.sb, sandbox.Running)
	if err != nil {
		return err
	}
	sb.StartTime = r.c.Now().UTC()
	sb.ExpireTime = sb.StartTime.Add(sb.Spec.MaxLifetime)
	if err := r.c.Store.Update(ctx, sb); err != nil {
		return err
	}
	r.sb = sb
	r.s.publish(sb)
	return nil
}
