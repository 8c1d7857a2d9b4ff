package controller

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// claim records sb as CREATING, under a new id, and returns its live part; or nil and the sandbox that its request id made
// before. While that one is being made, claim waits for what becomes of it; if it fails, its record goes and this call
// has the request id for itself.
func (c *Controller) claim(ctx context.Context, sb sandbox.Sandbox, digest [32]byte) (*live, sandbox.Sandbox, error) {
	for {
		sb.ID, sb.CreateTime = c.NewID(), c.Now().UTC()
		s, before, err := c.tryClaim(ctx, sb, digest)
		if err != nil || s != nil {
			return s, sandbox.Sandbox{}, err
		}
		if err := c.waitSettled(ctx, before.ID); err != nil {
			return nil, sandbox.Sandbox{}, err
		}
		before, err = c.Store.Get(ctx, before.ID)
		if errdefs.KindOf(err) != errdefs.NotFound {
			return nil, before, err
		}
	}
}

// tryClaim returns nil and the sandbox that has the request id, if there is one.
func (c *Controller) tryClaim(ctx context.Context, sb sandbox.Sandbox, digest [32]byte) (*live, sandbox.Sandbox, error) {
	s := newLive(sb)
	c.addLive(s) // first: who finds the record must find this too
	before, created, err := c.Store.Create(ctx, sb, digest,
		sandbox.Event{Time: sb.CreateTime, Kind: sandbox.EventCreated, Actor: sb.Creator, Detail: sb.Spec.Image})
	if err == nil && created {
		return s, sandbox.Sandbox{}, nil
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
		c.forget(ctx, s, err) // the transaction may have been committed when ctx ended
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

// forget removes the record of a sandbox that could not be made. What happened stays, with the reason.
func (c *Controller) forget(ctx context.Context, s *live, failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	sb := s.snapshot()
	id := sb.ID
	c.note(s, sandbox.EventUndone, "", whyUndone(failed))
	if err := c.Store.Forget(ctx, sb, s.story.take()...); err != nil {
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
