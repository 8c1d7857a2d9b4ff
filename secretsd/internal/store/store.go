// Package store is where secretsd keeps its records. It sees ciphertext, wrapped keys and hashes of API keys, never a
// value or a key.
//
// The promise that everything else builds on: a change and its audit entries are one transaction. Change fails without an
// entry, so no implementation and no caller can separate them.
//
// storetest is the suite that every implementation passes.
package store

import (
	"context"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Store is a transactional database. It is safe for concurrent use.
//
// What is asked for and does not exist is an errdefs error of kind NotFound, and what exists already one of kind
// AlreadyExists, with the reasons of the API. Any other error is internal.
type Store interface {
	// View runs fn on one consistent snapshot, which has every change that was answered before View was called. An
	// implementation may run fn again. What fn reads is others' too: it must not be changed.
	View(ctx context.Context, fn func(Reader) error) error
	// Change runs fn in a serializable transaction, appends the audit entries that fn returns, at least one, and commits
	// all or nothing. It returns nil only when all is durable. When fn fails, nothing happened and Change returns fn's
	// error; when the entries (none is one that fails) or the commit fail, nothing happened and the error is
	// audit.Unavailable. An implementation may run fn again, and in another goroutine, while Change waits for it; a panic
	// of fn comes out of Change. Changes and entries that come at the same time may share a commit, but never a fate that
	// is one caller's own: a failure, a panic, a context that ends.
	Change(ctx context.Context, fn func(Writer) ([]audit.Entry, error)) error
	AuditSigner
	// AppendAudit makes entries, at least one, and their receipts durable, linked to those stored, in one transaction, in
	// their order and without others between them. Its error is audit.Unavailable, or ctx's when that has ended, or
	// secret.ErrResolved for receipts of a sandbox that there are receipts of; then nothing is stored.
	AppendAudit(ctx context.Context, entries []audit.Entry) error
	// Tidy erases what is left of destroyed ciphertext and keys since a change could not: somebody was reading it. It does
	// nothing where there is nothing left.
	Tidy(ctx context.Context) error
	KeyKeeper
	// Close releases the store. Calls under way must have ended.
	Close() error
}

// Reader reads within one transaction. Lists return at most limit items, those after the given position.
type Reader interface {
	TeamReader
	KeyReader
	APIKeyReader
	TrustReader
	SecretReader
	GrantReader
	UseReader
	AuditReader
	LifecycleReader
	RequestReader
}

// Writer reads and changes within one transaction.
type Writer interface {
	Reader
	TeamWriter
	KeyWriter
	APIKeyWriter
	TrustWriter
	SecretWriter
	GrantWriter
	UseWriter
	AuditWriter
	RequestWriter
	Forgetter
}

// TeamReader reads teams, users and members.
type TeamReader interface {
	Team(ctx context.Context, id string) (secret.Team, error)
	// Teams lists all teams by id, ascending.
	Teams(ctx context.Context, after string, limit int) ([]secret.Team, error)
	CountTeams(ctx context.Context) (int, error)
	// User returns the user and whether there is one of that id.
	User(ctx context.Context, id string) (secret.User, bool, error)
	Member(ctx context.Context, team, user string) (secret.Member, error)
	// Members lists a team's members by user, ascending.
	Members(ctx context.Context, team, after string, limit int) ([]secret.Member, error)
	// Memberships lists all teams of a user by team, ascending.
	Memberships(ctx context.Context, user string) ([]secret.Member, error)
	CountMembers(ctx context.Context, team string) (int, error)
	// CountOtherOwners returns how many owners of a team there are besides a user that have a personal key, valid at a time
	// and not exchanged for a token: that one makes no others.
	CountOtherOwners(ctx context.Context, team, user string, at time.Time) (int, error)
}

// TeamWriter changes teams, users and members.
type TeamWriter interface {
	CreateTeam(ctx context.Context, t secret.Team, dek secret.WrappedDEK) error
	// UpdateTeam stores all but id and create time.
	UpdateTeam(ctx context.Context, t secret.Team) error
	// EnsureUser makes the user unless there is one of that id, which stays as it is.
	EnsureUser(ctx context.Context, u secret.User) error
	CreateMember(ctx context.Context, m secret.Member) error
	SetRole(ctx context.Context, team, user string, role identity.Role) error
	// DeleteMember removes a member, and the team's OIDC trusts whose tokens stand for it.
	DeleteMember(ctx context.Context, team, user string) error
}

// APIKeyReader reads the records of API keys.
type APIKeyReader interface {
	APIKey(ctx context.Context, id string) (secret.APIKey, error)
	// APIKeys lists the keys that act in a team, newest first; only the user's when user is not "". A zero position is the
	// start.
	APIKeys(ctx context.Context, team, user string, after secret.KeyPosition, limit int) ([]secret.APIKey, error)
	// CountAPIKeys returns how many keys of the user that act in the team are valid at a time.
	// Keys that a token was exchanged for do not count.
	CountAPIKeys(ctx context.Context, team, user string, at time.Time) (int, error)
	// Successor returns the key that replaced a key, and whether there is one.
	Successor(ctx context.Context, id string) (secret.APIKey, bool, error)
}

// APIKeyWriter changes the records of API keys.
type APIKeyWriter interface {
	CreateAPIKey(ctx context.Context, k secret.APIKey) error
	// RevokeAPIKey revokes a key that exists. One that was revoked before keeps its time.
	RevokeAPIKey(ctx context.Context, id string, at time.Time) error
	// ExpireAPIKey sets when a key that exists expires.
	ExpireAPIKey(ctx context.Context, id string, at time.Time) error
	// RevokeAPIKeys revokes all keys of a user whose home is the team, takes the team from the user's other keys that act
	// in it, and returns those that it revoked.
	RevokeAPIKeys(ctx context.Context, team, user string, at time.Time) ([]secret.APIKey, error)
}

// SecretReader reads secrets and their versions.
type SecretReader interface {
	Secret(ctx context.Context, team, name string) (secret.Secret, error)
	// Secrets lists a team's secrets by name, ascending.
	Secrets(ctx context.Context, team, after string, limit int) ([]secret.Secret, error)
	CountSecrets(ctx context.Context, team string) (int, error)
	Version(ctx context.Context, s secret.Secret, number int64) (secret.Version, error)
	// NewestVersion returns the version of the highest number that is not destroyed, and whether there is one.
	NewestVersion(ctx context.Context, s secret.Secret) (secret.Version, bool, error)
	// Versions lists a secret's versions below a number, newest first; before is 0 for the start.
	Versions(ctx context.Context, s secret.Secret, before int64, limit int) ([]secret.Version, error)
	// CountVersions returns how many versions are not destroyed.
	CountVersions(ctx context.Context, s secret.Secret) (int, error)
	// Ciphertext returns the sealed value of a version that is not destroyed.
	Ciphertext(ctx context.Context, s secret.Secret, number int64) ([]byte, error)
}

// SecretWriter changes secrets and their versions.
type SecretWriter interface {
	CreateSecret(ctx context.Context, s secret.Secret) error
	// UpdateSecret stores all but uid, team, name and create time.
	UpdateSecret(ctx context.Context, s secret.Secret) error
	// DeleteSecret removes the secret with all its versions and erases their ciphertext.
	DeleteSecret(ctx context.Context, s secret.Secret) error
	CreateVersion(ctx context.Context, s secret.Secret, v secret.Version, ciphertext []byte) error
	// UpdateVersion stores state, destroy times and revision. The state Destroyed erases ciphertext, size and the scheduled
	// destroy time.
	UpdateVersion(ctx context.Context, s secret.Secret, v secret.Version) error
}
