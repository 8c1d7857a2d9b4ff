package daemon

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"

	"go.uber.org/zap"

	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// openNotary opens the key that signs checkpoints, and proves that the audit log still contains what was signed.
func (d *Daemon) openNotary(ctx context.Context) error {
	key, err := d.openCheckpointKey(ctx)
	if err != nil {
		return err
	}
	if err := notary.WritePublic(d.cfg.CheckpointKeyFile(), key); err != nil {
		return err
	}
	former, err := notary.ReadPublic(d.cfg.Audit.FormerPublicKeys)
	if err != nil {
		return fmt.Errorf("audit.former_public_keys: %w", err)
	}
	d.notary = notary.New(notary.Config{
		Store: d.store, Key: key, FormerKeys: former, File: d.cfg.Audit.CheckpointFile, Retention: d.cfg.Audit.Retention,
		ArchiveDir: d.cfg.Audit.ArchiveDir, Now: now,
	})
	d.logger.Info("checkpoints of the audit log are signed", zap.String("key_file", d.cfg.CheckpointKeyFile()),
		zap.String("public_key", base64.StdEncoding.EncodeToString(d.notary.PublicKey())))
	return d.notary.Check(ctx, d.cfg.Audit.AcceptLoss)
}

// openCheckpointKey makes a new key only where nothing was signed yet.
func (d *Daemon) openCheckpointKey(ctx context.Context) (ed25519.PrivateKey, error) {
	path := d.cfg.CheckpointKeyFile()
	key, err := notary.OpenKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	var signed bool
	err = d.store.View(ctx, func(r store.Reader) (err error) {
		_, signed, err = r.LastAuditCheckpoint(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if signed {
		return nil, fmt.Errorf("the audit log has signed checkpoints, but the key that signs them, %s, is missing: restore it, or make "+
			"another (openssl genpkey -algorithm ed25519 -out %s) and name the old public key in audit.former_public_keys", path, path)
	}
	return notary.CreateKey(path)
}

// checkpoint signs the log as it is now.
func (d *Daemon) checkpoint(ctx context.Context) error {
	d.newEntries.Store(0)
	_, err := d.notary.Checkpoint(ctx)
	return err
}

// grown counts the entries since the last checkpoint, and has one made when there are many.
func (d *Daemon) grown(entries int) {
	d.feed.Notify()
	most := int64(d.cfg.Audit.CheckpointEntries)
	if count := d.newEntries.Add(int64(entries)); most > 0 && count >= most {
		select {
		case d.manyEntries <- struct{}{}:
		default: // one is asked for already
		}
	}
}
