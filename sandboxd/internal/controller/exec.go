package controller

import (
	"context"
	"path"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Exec starts a command in a sandbox. The command is killed when ctx ends, and when the process is closed before its
// exit. The error for a sandbox that does not run is FailedPrecondition (SANDBOX_NOT_RUNNING); for one that has as much to do
// as it may, ResourceExhausted (TOO_MANY_EXECS, PROCESS_LIMIT, FILE_LIMIT), to be tried again.
func (c *Controller) Exec(ctx context.Context, caller identity.Caller, ref Ref, req agent.ExecRequest) (*agent.Process, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	if err := sandbox.ValidateExec(req.Argv, req.Env, req.WorkingDir, req.User); err != nil {
		return nil, err
	}
	release, err := c.execs.take(s.snapshot())
	if err != nil {
		return nil, err
	}
	req.MaxOutput = s.snapshot().Spec.Resources.OutputBytes
	p, err := s.agent.Exec(ctx, req)
	if err != nil {
		release()
		return nil, s.explain(tryAgain(err))
	}
	p.OnEnd(release)
	return p, nil
}

// ReadFile returns a regular file of a sandbox, of at most sandbox.MaxFileBytes. A relative path starts at the sandbox's
// working directory.
func (c *Controller) ReadFile(ctx context.Context, caller identity.Caller, ref Ref, file string) ([]byte, error) {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	content, err := s.agent.ReadFile(ctx, s.absolute(file), sandbox.MaxFileBytes)
	return content, s.explain(err)
}

// WriteFile writes a whole file in a sandbox, making the directories above it. mode 0 means 0644 for a new file and no
// change for an old one. A relative path starts at the sandbox's working directory.
func (c *Controller) WriteFile(ctx context.Context, caller identity.Caller, ref Ref, file string, mode uint32, data []byte) error {
	s, err := c.findRunning(ctx, caller, ref)
	if err != nil {
		return err
	}
	if len(data) > sandbox.MaxFileBytes {
		return errdefs.InvalidField("content", "has %d bytes, at most %d are allowed: UploadArchive takes more",
			len(data), sandbox.MaxFileBytes)
	}
	return s.explain(s.agent.WriteFile(ctx, s.absolute(file), mode, data))
}

func (s *live) absolute(file string) string {
	if path.IsAbs(file) {
		return file
	}
	return path.Join("/", s.snapshot().Spec.WorkingDir, file)
}

// endIsSeen is how long after the loss of an agent's connection its end may take to be seen.
const endIsSeen = time.Second

// explain turns the loss of an agent into what the caller can understand, when the sandbox ended during the call.
func (s *live) explain(err error) error {
	if errdefs.ReasonOf(err) != "SANDBOX_LOST" {
		return err
	}
	wait := time.NewTimer(endIsSeen)
	defer wait.Stop()
	select {
	case <-s.instance.Done():
		return errNotRunning(s.snapshotEnding())
	case <-wait.C:
		return err
	}
}

// snapshotEnding is the sandbox as it is about to be recorded: its agent is gone.
func (s *live) snapshotEnding() sandbox.Sandbox {
	sb := s.snapshot()
	if sb.State == sandbox.Running {
		sb.State = sandbox.Stopping
	}
	return sb
}
