// Package notary keeps the audit log provable: it signs checkpoints of it, keeps them in a file outside of the database as
// well, finds at the start that the log does not contain any more what was signed, and removes what retention lets go, in
// whole segments that were archived first.
//
// It signs nothing that it has found broken, and removes nothing that it has not found whole.
package notary

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Config is what a Notary works with.
type Config struct {
	Store store.Store
	// Key signs.
	Key ed25519.PrivateKey
	// FormerKeys signed before Key did.
	FormerKeys []ed25519.PublicKey
	// File is where checkpoints are kept as well; empty: nowhere.
	File string
	// Retention is how long entries stay; 0: for ever.
	Retention time.Duration
	// ArchiveDir is where segments are written before they are removed; empty: nowhere.
	ArchiveDir string
	// Now tells the time.
	Now func() time.Time
}

// Notary signs, checks and removes. It is safe for concurrent use.
type Notary struct {
	cfg  Config
	keys auditlog.Keyring
	log  paged
	file *file // nil: none

	// signing is held while a checkpoint is made, so that they follow one another.
	signing sync.Mutex
	// accepted is the head from which on the log is verified before it is signed, where that is not the newest checkpoint:
	// the operator has accepted a loss.
	accepted *audit.Head
	// reading is held by those who read the log from its start, and alone by who removes that.
	reading sync.RWMutex
}

// New returns a notary of a log. Check must follow before anything is signed.
func New(cfg Config) *Notary {
	n := &Notary{
		cfg: cfg, log: paged{cfg.Store},
		keys: auditlog.NewKeyring(append([]ed25519.PublicKey{cfg.Key.Public().(ed25519.PublicKey)}, cfg.FormerKeys...)...),
	}
	if cfg.File != "" {
		n.file = &file{path: cfg.File}
	}
	return n
}

// PublicKey is the key that checkpoints are verified with.
func (n *Notary) PublicKey() ed25519.PublicKey { return n.cfg.Key.Public().(ed25519.PublicKey) }

// verifyMost is how many entries are verified before they are signed. More come under load only, when reading all of them
// again would take the time of those who wait; an edit of one stays as findable as any, by Verify.
const verifyMost = 2000

// Checkpoint signs the head of the log, unless it is signed already, and returns the newest checkpoint; nil for an empty
// log. It signs only what contains the newest checkpoint, and verifies the entries since, up to verifyMost.
func (n *Notary) Checkpoint(ctx context.Context) (*audit.Checkpoint, error) {
	n.signing.Lock()
	defer n.signing.Unlock()
	last, err := n.log.last(ctx)
	if err != nil {
		return nil, err
	}
	head, err := n.unsigned(ctx, last, verifyMost)
	if err != nil {
		return nil, err
	}
	if head.Sequence > 0 && (last == nil || head.Sequence > last.Sequence) {
		next := auditlog.Sign(n.cfg.Key, head, last, n.cfg.Now())
		if err := n.cfg.Store.AppendAuditCheckpoint(ctx, next); err != nil {
			return nil, fmt.Errorf("store a checkpoint of the audit log: %w", err)
		}
		last, n.accepted = &next, nil
	}
	if n.file != nil {
		// What failed to be written the last time is written now.
		if err := n.file.catchUp(ctx, n.log); err != nil {
			return nil, err
		}
	}
	return last, nil
}

// unsigned returns the head of the log, and verifies the entries after a checkpoint, nil for all, unless they are more than
// most.
func (n *Notary) unsigned(ctx context.Context, last *audit.Checkpoint, most int64) (audit.Head, error) {
	from := audit.Head{}
	switch {
	case n.accepted != nil:
		from = *n.accepted
	case last != nil:
		from = last.Head()
		if err := n.contains(ctx, *last); err != nil {
			return from, err
		}
	}
	head, err := n.log.head(ctx)
	if err != nil || head.Sequence-from.Sequence > most {
		return head, err
	}
	v := auditlog.NewVerifier(auditlog.Options{})
	v.Begin(from)
	err = auditlog.Walk(ctx, n.log, from.Sequence, func(r audit.Record) bool { return r.Entry == nil || v.Next(r) })
	if err != nil {
		return from, err
	}
	if rep := v.Report(); rep.Broken != 0 {
		return from, &LossError{Detail: rep.Detail, Signed: last}
	}
	return v.Report().Head, nil
}

// Verify verifies the whole log: its chain, its signatures, and that it contains every checkpoint of the file.
func (n *Notary) Verify(ctx context.Context) (audit.Report, error) {
	n.reading.RLock()
	defer n.reading.RUnlock()
	opts := auditlog.Options{Keys: n.keys, Whole: true}
	if n.file != nil {
		n.signing.Lock() // a line may be being written
		witness, err := n.file.all()
		n.signing.Unlock()
		if err != nil {
			return audit.Report{}, err
		}
		opts.Witness = witness
	}
	return auditlog.Verify(ctx, n.log, opts)
}

// Export calls visit with the records after a checkpoint, which is the first of them, or after 0 with the whole log, up to a
// checkpoint that it makes: all that it gives is signed. It ends with visit's error. A sequence that is no checkpoint's is
// CHECKPOINT_NOT_FOUND.
func (n *Notary) Export(ctx context.Context, after int64, visit func(audit.Record) error) error {
	last, err := n.Checkpoint(ctx)
	if err != nil {
		return err
	}
	n.reading.RLock()
	defer n.reading.RUnlock()
	if after > 0 {
		at, err := n.log.checkpointAt(ctx, after)
		if err != nil {
			return err
		}
		if err := visit(audit.Record{Checkpoint: &at}); err != nil {
			return err
		}
	}
	var failed error
	err = auditlog.Walk(ctx, n.log, after, func(r audit.Record) bool {
		if r.Entry != nil && (last == nil || r.Entry.Sequence > last.Sequence) {
			return false
		}
		failed = visit(r)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}
