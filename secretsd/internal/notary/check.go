package notary

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/secretsd/internal/audit"
)

// LossError says that the log does not contain what was signed.
type LossError struct {
	// Detail says what is wrong, and where.
	Detail string
	// Signed is the checkpoint that shows it; nil when there is none.
	Signed *audit.Checkpoint
}

// Error says what is wrong.
func (e *LossError) Error() string {
	return "the audit log was tampered with or is damaged: " + e.Detail
}

// name is what an operator must write to accept the loss: it fits this one only.
func (e *LossError) name() string {
	if e.Signed == nil {
		return "unsigned"
	}
	hash := e.Signed.Hash()
	return hex.EncodeToString(hash[:])
}

// Check says whether the log still contains the newest checkpoint of the database and of the file, and goes on from there
// as it should. It reads what was added since, not the whole log. An operator who has looked into a loss accepts it by the
// name that the error gives: the log is signed again from its present head on, an entry says so, and the file that shows
// the loss is moved aside. Any other error is refused all the same.
func (n *Notary) Check(ctx context.Context, accept string) error {
	for _, step := range []struct{ check, accept func(context.Context) error }{
		{n.checkDatabase, n.acceptHead}, {n.checkFile, n.acceptFile},
	} {
		err := step.check(ctx)
		var loss *LossError
		if !errors.As(err, &loss) {
			if err != nil {
				return err
			}
			continue
		}
		if accept != loss.name() {
			return fmt.Errorf("%w (when that is looked into: audit.accept_loss: %s starts all the same)", err, loss.name())
		}
		if err := n.recordLoss(ctx, loss); err != nil {
			return err
		}
		if err := step.accept(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notary) checkDatabase(ctx context.Context) error {
	last, err := n.log.last(ctx)
	if err != nil {
		return err
	}
	if last != nil {
		if detail := n.keys.Check(*last); detail != "" {
			return &LossError{detail, last}
		}
	}
	_, err = n.unsigned(ctx, last, math.MaxInt64)
	return err
}

// checkFile says whether the database contains the file's newest checkpoint, and writes to the file what it lacks.
func (n *Notary) checkFile(ctx context.Context) error {
	if n.file == nil {
		return nil
	}
	newest, err := n.log.last(ctx)
	if err != nil {
		return err
	}
	last, err := n.file.open(newest == nil)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("audit.checkpoint_file %s is missing, and the audit log has checkpoints: it was removed, or is new; "+
			"put it back, or make an empty one: install -m 600 /dev/null %s", n.file.path, n.file.path)
	}
	if err != nil || last == nil {
		return err
	}
	if detail := n.keys.Check(*last); detail != "" {
		return &LossError{"in " + n.file.path + ", " + detail, last}
	}
	return n.contains(ctx, *last)
}

// contains says whether a checkpoint is in the database, with the entry that it signs. The entry alone may be missing where
// the log begins.
func (n *Notary) contains(ctx context.Context, c audit.Checkpoint) error {
	lost := func(format string, args ...any) error { return &LossError{fmt.Sprintf(format, args...), &c} }
	start, err := n.log.start(ctx)
	if err != nil {
		return err
	}
	at, err := n.log.AuditEntries(ctx, "", c.Sequence-1, 1)
	if err != nil {
		return err
	}
	stored, err := n.log.AuditCheckpoints(ctx, c.Sequence-1, 1)
	if err != nil {
		return err
	}
	switch {
	case c.Sequence < start: // removed by retention since
		return nil
	case c.Sequence > start && (len(at) == 0 || at[0].Sequence != c.Sequence):
		return lost("entry %d, which a checkpoint signs, is missing", c.Sequence)
	case c.Sequence > start && at[0].Hash != c.HeadHash:
		return lost("entry %d has another hash than was signed: it or one before it was replaced", c.Sequence)
	case len(stored) == 0 || stored[0].Hash() != c.Hash():
		return lost("the checkpoint at entry %d is missing, or is another one", c.Sequence)
	}
	return nil
}

// recordLoss writes to the log that a loss was accepted.
func (n *Notary) recordLoss(ctx context.Context, loss *LossError) error {
	resource := "auditCheckpoints"
	if loss.Signed != nil {
		resource = auditlog.CheckpointName(loss.Signed.Sequence)
	}
	return n.cfg.Store.AppendAudit(ctx, []audit.Entry{{
		Time: n.cfg.Now(), Action: "audit.accept_loss", Resource: resource, Decision: audit.Allowed,
	}})
}

// acceptHead has the log signed from its present head on.
func (n *Notary) acceptHead(ctx context.Context) error {
	head, err := n.log.head(ctx)
	n.accepted = &head
	return err
}

// acceptFile begins a new file.
func (n *Notary) acceptFile(context.Context) error { return n.file.moveAside() }
