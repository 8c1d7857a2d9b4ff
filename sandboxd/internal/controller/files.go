package controller

import (
	"context"
	"io"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// A relative path of these methods starts at the sandbox's working directory.

// StatFile tells of a file in a sandbox; of a symbolic link only with follow what it leads to.
func (c *Controller) StatFile(ctx context.Context, caller identity.Caller, ref Ref, file string, follow bool) (agent.FileInfo, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return agent.FileInfo{}, err
	}
	info, err := s.agent.StatFile(ctx, s.absolute(file), follow)
	return info, s.explain(err)
}

// ListDirectory tells of the first limit files in a directory of a sandbox whose names sort after another one, and where to go
// on. limit 0 means 100, and what is above 1000 means that.
func (c *Controller) ListDirectory(ctx context.Context, caller identity.Caller, ref Ref, dir, after string, limit int) (files []agent.FileInfo, next string, err error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return nil, "", err
	}
	if limit == 0 {
		limit = 100
	}
	files, next, err = s.agent.ListDirectory(ctx, s.absolute(dir), after, min(limit, 1000))
	return files, next, s.explain(err)
}

// MakeDirectory makes a directory in a sandbox; with parents, those above it too. mode 0 means 0755.
func (c *Controller) MakeDirectory(ctx context.Context, caller identity.Caller, ref Ref, dir string, mode uint32, parents bool) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	return s.explain(s.agent.MakeDirectory(ctx, s.absolute(dir), mode, parents))
}

// RemoveFile removes a file or an empty directory in a sandbox; with recursive, a directory with all that is in it. With
// allowMissing, one that is not there is no error.
func (c *Controller) RemoveFile(ctx context.Context, caller identity.Caller, ref Ref, file string, recursive, allowMissing bool) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	err = s.agent.RemoveFile(ctx, s.absolute(file), recursive)
	if allowMissing && errdefs.ReasonOf(err) == "FILE_NOT_FOUND" {
		return nil
	}
	return s.explain(err)
}

// MoveFile gives a file in a sandbox another name.
func (c *Controller) MoveFile(ctx context.Context, caller identity.Caller, ref Ref, file, newPath string, overwrite bool) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	return s.explain(s.agent.MoveFile(ctx, s.absolute(file), s.absolute(newPath), overwrite))
}

// DownloadArchive gives the tar archive of a file or directory of a sandbox to send, piece by piece.
func (c *Controller) DownloadArchive(ctx context.Context, caller identity.Caller, ref Ref, file string, send func([]byte) error) (agent.ArchiveCount, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return agent.ArchiveCount{}, err
	}
	n, err := s.agent.Pack(ctx, s.absolute(file), send)
	return n, s.explain(err)
}

// UploadArchive unpacks a tar archive below a directory of a sandbox. With ignoreOwners everything belongs to the sandbox's
// user.
func (c *Controller) UploadArchive(ctx context.Context, caller identity.Caller, ref Ref, dir string, ignoreOwners bool, archive io.Reader) (agent.ArchiveCount, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return agent.ArchiveCount{}, err
	}
	n, err := s.agent.Unpack(ctx, s.absolute(dir), ignoreOwners, archive)
	return n, s.explain(err)
}
