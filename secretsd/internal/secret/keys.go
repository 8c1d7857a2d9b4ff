package secret

import (
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

// SealedVersion is a version's value as it is stored.
type SealedVersion struct {
	SecretUID  string
	Number     int64
	Ciphertext []byte
}

// sealedRetry is when a caller who was told ErrSealed should ask again.
const sealedRetry = 5 * time.Second

// ErrSealed says that secretsd waits for its key-encryption key.
func ErrSealed() error {
	e := errdefs.New(errdefs.Unavailable, "SEALED",
		"secretsd is sealed: its key-encryption key can't be had at the moment, so no value can be read, used or stored")
	e.RetryAfter = sealedRetry
	return e
}

// ErrTeamDeleted says that a team's name can't be used again.
func ErrTeamDeleted(team string) error {
	return errdefs.New(errdefs.AlreadyExists, "TEAM_DELETED",
		"team %s was deleted, and its name stays taken, so that the audit log names one team by it", team)
}
