package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Run makes a sandbox and returns it RUNNING: its main process runs, with its secrets in its environment. With a RequestID
// that the caller used in this team before, it returns that sandbox. On an error no sandbox is left behind, neither
// process nor record, and the same RequestID starts afresh; its metadata names the sandbox, whose events stay. When ctx ends first, the creation is undone too. The caller's
// API key must be in ctx, see apikey.NewContext.
//
// Errors: InvalidArgument; PermissionDenied; FailedPrecondition (SECRETS_UNRESOLVED, SECRET_REVOKED); NotFound (IMAGE_NOT_FOUND);
// AlreadyExists (REQUEST_ID_CONFLICT); ResourceExhausted (TOO_MANY_SANDBOXES, QUOTA_EXCEEDED, HOST_DISK_FULL); Unavailable (SECRETSD_UNAVAILABLE,
// SANDBOXD_DRAINING).
func (c *Controller) Run(ctx context.Context, caller identity.Caller, req RunRequest) (sandbox.Sandbox, error) {
	sb, digest, err := c.check(caller, req)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	s, before, err := c.claim(ctx, sb, digest)
	if err != nil || s == nil {
		return c.shown(before), err
	}
	r := &creation{c: c, s: s, sb: s.snapshot(), caller: caller, files: req.Files}
	return r.run(ctx)
}

// check returns the sandbox that req asks for, without an id, and what two requests with one request id must share.
func (c *Controller) check(caller identity.Caller, req RunRequest) (_ sandbox.Sandbox, digest [32]byte, _ error) {
	team, err := workingTeam(caller, req.Team)
	if err != nil {
		return sandbox.Sandbox{}, digest, err
	}
	policy := c.Policy
	if req.DefaultLifetime > 0 {
		policy.DefaultLifetime = min(req.DefaultLifetime, policy.MaxLifetime)
	}
	spec, err := req.Spec.Normalize(policy)
	if err != nil {
		return sandbox.Sandbox{}, digest, err
	}
	if err := sandbox.ValidateFiles(req.Files, spec.Security.ReadOnlyRoot); err != nil {
		return sandbox.Sandbox{}, digest, err
	}
	digest, err = requestDigest(req)
	return sandbox.Sandbox{
		Team: team, Creator: caller.UserID, RequestID: req.RequestID, Front: req.Front, FrontData: req.FrontData,
		Spec: spec, State: sandbox.Creating, Runtime: spec.Runtime,
	}, digest, err
}

// creation is the making of one sandbox, from CREATING to RUNNING.
type creation struct {
	c      *Controller
	s      *live
	sb     sandbox.Sandbox
	caller identity.Caller
	files  []sandbox.File

	values resolve.Values
	image  image.Image
	rootFS runtime.RootFS // where the runtime needs it
}

// steps is the whole way, read from top to bottom.
func (r *creation) steps() []step {
	return []step{
		{name: "checking for a drain", do: r.welcome},
		{name: "admitting sandbox", do: r.admit},
		{name: "resolving secrets and fetching image", do: r.fetch},
		{name: "creating sandbox", do: r.create, undo: r.remove},
		{name: "configuring sandbox", do: r.configure},
		{name: "opening log", done: r.withoutMain, do: r.openLog, undo: r.removeLog},
		{name: "starting main process", done: r.withoutMain, do: r.startMain},
		{name: "recording sandbox", do: r.recordRunning},
	}
}

func (r *creation) work() work { return r.c.work("run", r.sb.ID) }

// run takes a recorded sandbox through the steps to RUNNING, or removes every trace of it.
func (r *creation) run(ctx context.Context) (sandbox.Sandbox, error) {
	c, s, began := r.c, r.s, time.Now()
	logger := c.Logger.With(zap.String(logging.KeySandbox, r.sb.ID), zap.String(logging.KeyTeam, r.sb.Team))
	defer r.wipe()
	defer c.Images.Hold()() // until the record says what image it is made of, or there is nothing of it
	failed, left := r.work().run(ctx, r.steps())
	if left != nil {
		logger.Error("a failed creation could not be undone; the reaper tries again", zap.Error(left))
	}
	if failed != nil {
		c.forget(ctx, s, failed)
		close(s.settled)
		close(s.done)
		if err := ctx.Err(); err != nil {
			return sandbox.Sandbox{}, err
		}
		return sandbox.Sandbox{}, naming(r.sb.ID, failed)
	}
	logger.Info("sandbox runs", zap.String(logging.KeyImage, r.sb.Spec.Image), zap.Duration("took", time.Since(began)))
	c.startKeeper(s)
	close(s.settled)
	return c.shown(r.sb), nil
}

// fetch asks secretsd and the image store at the same time.
func (r *creation) fetch(ctx context.Context) error {
	return r.work().atOnce(ctx,
		step{name: "resolving secrets", do: r.resolve},
		step{name: "fetching image", do: r.fetchImage},
	)
}

func (r *creation) resolve(ctx context.Context) (err error) {
	name, err := image.FullName(r.sb.Spec.Image)
	if err != nil {
		return err
	}
	r.values, err = r.c.Secrets.Resolve(ctx, resolve.Request{
		Team: r.sb.Team, SandboxID: r.sb.ID, Refs: r.sb.Spec.Secrets,
		Image: name, Network: r.sb.Spec.Network, Source: r.caller.Address,
	})
	if err == nil && len(r.values) > 0 {
		r.c.note(r.s, sandbox.EventSecretsResolved, "", versionNames(r.values))
	}
	return err
}

func (r *creation) fetchImage(ctx context.Context) error {
	rt, err := r.c.runtimeOf(r.sb)
	if err != nil {
		return err
	}
	if rt.Needs().Layers {
		r.image, r.rootFS, err = r.c.Images.Ensure(ctx, r.sb.Spec.Image)
	} else {
		r.image, err = r.c.Images.Describe(ctx, r.sb.Spec.Image)
	}
	if err == nil {
		r.c.note(r.s, sandbox.EventImageReady, "", r.image.Digest)
	}
	return err
}

func (r *creation) create(ctx context.Context) error {
	r.fillIn()
	rt, err := r.c.runtimeOf(r.sb)
	if err != nil {
		return err
	}
	name, err := image.FullName(r.sb.Spec.Image)
	if err != nil {
		return err
	}
	if err := r.publish(rt); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, runtime.CreateTimeout)
	defer cancel()
	cfg := runtime.Config{
		ID: r.sb.ID, Hostname: r.sb.ID, Image: runtime.Image{Name: name, Digest: r.image.Digest}, RootFS: r.rootFS,
		Limits: limits(r.sb.Spec.Resources), Network: r.sb.Spec.Network, Security: security(r.sb.Spec.Security),
	}
	if rt.Needs().Link {
		r.c.connectTo(&cfg)
	}
	instance, err := rt.Create(ctx, cfg)
	if err != nil {
		return errors.Join(err, r.c.disconnect(context.WithoutCancel(ctx), r.sb.ID))
	}
	r.s.connect(instance, r.c.Now)
	return nil
}

func (c *Controller) runtimeOf(sb sandbox.Sandbox) (runtime.Runtime, error) {
	rt, ok := c.runtimes[sb.Runtime]
	if !ok {
		return nil, fmt.Errorf("runtime %q is allowed but not there", sb.Runtime)
	}
	return rt, nil
}

// fillIn adds to the sandbox what secretsd and the image said.
func (r *creation) fillIn() {
	r.sb.Masking = masks(r.sb.Spec, r.values)
	r.sb.ImageDigest = r.image.Digest
	r.sb.Spec.WorkingDir = cmp.Or(r.sb.Spec.WorkingDir, r.image.Config.WorkingDir)
	r.sb.Spec.User = cmp.Or(r.sb.Spec.User, r.image.Config.User)
	for _, v := range r.values {
		r.sb.SecretVersions = append(r.sb.SecretVersions, v.Version)
		if v.Restricted {
			r.sb.PrivateTo = r.caller.APIKeyID
		}
	}
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
		MaskOutput: r.sb.Masking.Output,
		NonRoot:    r.sb.Spec.Security.NonRoot,
		Dropped:    dropped(r.sb.Spec.Security),
	}
	for _, f := range r.files {
		cfg.Files = append(cfg.Files, agent.File(f))
	}
	return r.s.agent.Configure(ctx, cfg)
}

// wipe overwrites the values; doing so twice does no harm.
func (r *creation) wipe() { r.values.Wipe() }

func (r *creation) withoutMain() bool { return len(r.sb.Spec.Command) == 0 }

func (r *creation) openLog(context.Context) (err error) {
	r.s.log, err = r.c.MainLogs.Write(r.sb.ID)
	return err
}

func (r *creation) removeLog(context.Context) error {
	_ = r.s.log.Close() // it is about to go
	_, err := r.c.MainLogs.Remove(r.sb.ID)
	return err
}

func (r *creation) startMain(ctx context.Context) error {
	_, err := r.s.agent.StartMain(ctx, r.sb.Spec.Command)
	if err == nil {
		r.c.note(r.s, sandbox.EventMainStarted, "", "")
	}
	return err
}

func (r *creation) recordRunning(ctx context.Context) error {
	sb, err := moved(r.sb, sandbox.Running)
	if err != nil {
		return err
	}
	sb.StartTime = r.c.Now().UTC()
	sb.ExpireTime = sb.StartTime.Add(sb.Spec.MaxLifetime)
	r.c.note(r.s, sandbox.EventRunning, "", "")
	if err := r.c.update(ctx, r.s, sb); err != nil {
		return err
	}
	r.sb = sb
	r.s.publish(sb)
	return nil
}
