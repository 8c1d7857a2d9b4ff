package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"time"
)

// Audit is what keeps the audit log provable, and for how long it is kept.
type Audit struct {
	CheckpointKey      string        `yaml:"checkpoint_key" usage:"file of the Ed25519 key that signs checkpoints of the audit log, PKCS #8 in PEM; made by the first start when missing, with the public key beside it in .pub; keep it on another volume than the database; empty: audit-key/checkpoint.pem in data_dir"`
	FormerPublicKeys   []string      `yaml:"former_public_keys" usage:"PEM files of the public keys that signed checkpoints before checkpoint_key did; empty: it always did"`
	CheckpointFile     string        `yaml:"checkpoint_file" usage:"file outside of the database that each checkpoint is appended to, so that a database that was cut off or put back is found; empty: none"`
	CheckpointInterval time.Duration `yaml:"checkpoint_interval" usage:"how often a checkpoint is made while there are new entries"`
	CheckpointEntries  int           `yaml:"checkpoint_entries" usage:"after how many new entries a checkpoint is made before that; 0: only by time"`
	Retention          time.Duration `yaml:"retention" usage:"how long entries are kept; older ones are removed in whole segments that end in a checkpoint, and receipts with them whose sandbox has ended as long ago; 0: for ever"`
	ArchiveDir         string        `yaml:"archive_dir" usage:"directory where each segment is written as a file of JSON lines, which stays verifiable, before it is removed; empty: it is only removed"`
	AcceptLoss         string        `yaml:"accept_loss" usage:"starts although the audit log has lost what was signed; its value is in the error that refuses to start, and fits that loss only"`
}

func (a Audit) validate() error {
	if a.CheckpointInterval <= 0 {
		return fmt.Errorf("audit.checkpoint_interval: %v: want more than 0", a.CheckpointInterval)
	}
	if a.CheckpointEntries < 0 {
		return fmt.Errorf("audit.checkpoint_entries: %d is negative", a.CheckpointEntries)
	}
	if a.Retention < 0 {
		return fmt.Errorf("audit.retention: %v is negative", a.Retention)
	}
	if a.ArchiveDir != "" && a.Retention == 0 {
		return fmt.Errorf("audit.archive_dir is set, but without audit.retention nothing is ever archived")
	}
	return nil
}

// CheckpointKeyFile is the key that signs checkpoints of the audit log.
func (c Config) CheckpointKeyFile() string {
	return cmp.Or(c.Audit.CheckpointKey, filepath.Join(c.DataDir, "audit-key", "checkpoint.pem"))
}
