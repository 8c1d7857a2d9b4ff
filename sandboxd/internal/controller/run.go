package controller

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Run makes a sandbox and returns it RUNNING: its main process runs, with its secrets in its environment. With a RequestID
// that the caller used in this team before, it returns that sandbox. On an error no sandbox is left behind, neither
// process nor record, and the same RequestID starts afresh. When ctx ends first, the creation is undone too. The caller's
// API key must be in ctx, see apikey.NewContext.
//
// Errors: InvalidArgument; PermissionDenied; FailedPrecondition (SECRETS_UNRESOLVED, SECRET_REVOKED); NotFound (IMAGE_NOT_FOUND);
// AlreadyExists (REQUEST_ID_CONFLICT); ResourceExhausted (TOO_MANY_SANDBOXES); Unavailable (SECRETSD_UNAVAILABLE).
func (c *Controller) Run(ctx context.Context, caller identity.Caller, req RunRequest) (sandbox.Sandbox, error) {
	team, err := workingTeam(caller, req.Team)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	policy := c.Policy
	if req.DefaultLifetime > 0 {
		policy.DefaultLifetime = min(req.DefaultLifetime, policy.MaxLifetime)
	}
	spec, err := req.Spec.Normalize(policy)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	if err := sandbox.ValidateFiles(req.Files); err != nil {
		return sandbox.Sandbox{}, err
	}
	digest, err := requestDigest(req)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	sb := sandbox.Sandbox{
		Team: team, Creator: caller.UserID, RequestID: req.RequestID, Front: req.Front, FrontData: req.FrontData,
		Spec: spec, State: sandbox.Creating, Runtime: spec.Runtime,
	}
	for {
		sb.ID, sb.CreateTime = c.NewID(), c.Now().UTC()
		s, before, err := c.claim(ctx, sb, digest)
		switch {
		case err != nil:
			return sandbox.Sandbox{}, err
		case s != nil:
			return c.create(ctx, s, caller, req.Files)
		}
		// The request id was used before. If that creation is still going on, wait for what becomes of it; if it
		// fails, its record goes and this call claims the id for itself.
		if err := c.waitSettled(ctx, before.ID); err != nil {
			return sandbox.Sandbox{}, err
		}
		sb, err := c.Store.Get(ctx, before.ID)
		if errdefs.KindOf(err) != errdefs.NotFound {
			return sb, err
		}
	}
}

// claim records sb as CREATING and returns its live part; or nil and the sandbox that has the request id already.
func (c *Controller) claim(ctx context.Context, sb sandbox.Sandbox, digest [32]byte) (*live, sandbox.Sandbox, error) {
	s := newLive(sb)
	c.addLive(s) // first: who finds the record must find this too
	before, created, err := c.Store.Create(ctx, sb, digest)
	if err == nil && created {
		return s, sandbox.Sandbox{}, nil
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
		c.forget(ctx, s) // the transaction may have been committed when ctx ended
	}
	c.dropLive(sb.ID)
	close(s.settled)
	close(s.done)
	return nil, before, err
}

func (c *Controller) waitSettled(ctx context.Context, id string) error {
	s := c.findLive(id)
	if s == nil {
		return nil
	}
	select {
	case <-s.settled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// create takes a recorded sandbox through the steps to RUNNING, or removes every trace of it.
func (c *Controller) create(ctx context.Context, s *live, caller identity.Caller, files []sandbox.File) (sandbox.Sandbox, error) {
	began := time.Now()
	sb := s.snapshot()
	logger := c.Logger.With(zap.String(logging.KeySandbox, sb.ID), zap.String(logging.KeyTeam, sb.Team))
	r := &creation{c: c, s: s, sb: sb, caller: caller, files: files}
	defer r.wipe()
	defer c.Images.Hold()() // until the record says what image it is made of, or there is nothing of it
	failed, left := runSteps(ctx, r.steps())
	if left != nil {
		logger.Error("a failed creation could not be undone; the next start of sandboxd clears it", zap.Error(left))
	}
	if failed != nil {
		c.forget(ctx, s)
		close(s.settled)
		close(s.done)
		if err := ctx.Err(); err != nil {
			return sandbox.Sandbox{}, err
		}
		return sandbox.Sandbox{}, failed
	}
	logger.Info("sandbox runs", zap.String(logging.KeyImage, r.sb.Spec.Image), zap.Duration("took", time.Since(began)))
	c.startKeeper(s)
	close(s.settled)
	return r.sb, nil
}

// forget removes the record of a sandbox that could not be made.
func (c *Controller) forget(ctx context.Context, s *live) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	id := s.snapshot().ID
	if err := c.Store.Delete(ctx, id); err != nil {
		c.Logger.Error("the record of a failed creation can't be removed", zap.String(logging.KeySandbox, id), zap.Error(err))
	}
	c.dropLive(id)
}

// requestDigest is what two requests with one request id must share. It is one hash over everything, so that it tells
// nothing of a file's content by itself.
func requestDigest(req RunRequest) (sum [32]byte, err error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(req.Spec); err != nil {
		return sum, fmt.Errorf("hashing request: %w", err)
	}
	for _, f := range req.Files {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(f.Path))))
		h.Write([]byte(f.Path))
		h.Write(binary.BigEndian.AppendUint32(nil, f.Mode))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(f.Content))))
		h.Write(f.Content)
	}
	return [32]byte(h.Sum(nil)), nil
}
