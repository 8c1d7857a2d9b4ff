// Package secret holds the nouns of secretsd: teams, members, API keys, secrets and their versions, with their names
// and limits. It is pure: no database, no wire, no cryptography, and no value of a secret outside Field's argument.
package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/resource"
)

// Limits. Beyond them a call fails; what exists already stays.
const (
	// MaxTeams is the most teams of an installation.
	MaxTeams = 10_000
	// MaxPayload is the largest value of a version, in bytes.
	MaxPayload = 64 << 10
	// MaxVersions is the most versions of a secret that are not destroyed.
	MaxVersions = 1000
	// MaxSecrets is the most secrets of a team.
	MaxSecrets = 5000
	// MaxMembers is the most members of a team.
	MaxMembers = 1000
	// MaxAPIKeys is the most keys of a user in a team that are neither revoked nor expired.
	MaxAPIKeys = 100
	// MaxTrusts is the most OIDC trusts of a team.
	MaxTrusts = 100
	// MaxExchangedKeys is the most valid keys that were exchanged under one trust.
	MaxExchangedKeys = 1000
	// MaxKeyTeams is the most teams that one key acts in.
	MaxKeyTeams = 32
	// MaxDescription is the longest description of a secret, in characters.
	MaxDescription = 500
	// MaxLabels is the most labels of a secret.
	MaxLabels = 32
	// MaxLabel is the longest key and the longest value of a label, in characters.
	MaxLabel = 63
)

// Team owns secrets, and its members share them.
type Team struct {
	ID         string
	CreateTime time.Time
	// Revision counts the changes of the team itself, its data key's included, from 0.
	Revision int64
	// MaskOutput has sandboxes mask the team's values in all that they give out.
	MaskOutput bool
}

// ETag names one revision of a team.
func (t Team) ETag() string { return etag(t.ID, t.Revision) }

// User is someone or something that API keys stand for. A user exists from the moment a team has it as a member.
type User struct {
	ID string
	// Operator users may create teams and verify the whole audit log. It makes them members of nothing.
	Operator   bool
	CreateTime time.Time
}

// Member is a user's place in a team.
type Member struct {
	Team, UserID string
	Role         identity.Role
	CreateTime   time.Time
}

// APIKey is the record of an API key. The key itself is stored nowhere.
type APIKey struct {
	// ID is the public part of the key; it may be shown and logged.
	ID string
	// Hash is SHA-256 over the whole key.
	Hash   [32]byte
	UserID string
	// Team is the key's home; empty for the operator's first key, which acts in all teams of its user.
	Team string
	// OtherTeams are those that the key acts in besides its home, by name.
	OtherTeams  []string
	Scopes      []identity.Scope
	Description string
	CreateTime  time.Time
	// ExpireTime is when the key stops being valid; zero means never.
	ExpireTime time.Time
	// RevokeTime is when the key was revoked; zero means it was not.
	RevokeTime time.Time
	// Personal is as in identity.Caller.
	Personal bool
	// LastUseTime is when the key was used last, to the minute; zero means never, or not since it was stored last.
	LastUseTime time.Time
	// RotatedFrom is the id of the key that this one replaced; empty where it replaced none.
	RotatedFrom string
	// Heir says that the key it replaced made this one without being allowed to make keys: they are revoked together.
	Heir bool
	// Trust is the id, in the home team, of the trust that the key was exchanged under, and Subject the token's; empty for a
	// key that was made.
	Trust, Subject string
}

// KeyUse is when a key was used last, to the minute.
type KeyUse struct {
	ID   string
	Time time.Time
}

// KeyPosition is a place in a list of API keys, which is ordered by creation time and id. The zero value is the start.
type KeyPosition struct {
	CreateTime time.Time
	ID         string
}

// ValidAt reports whether the key is neither revoked nor expired at a time.
func (k APIKey) ValidAt(t time.Time) bool {
	return k.RevokeTime.IsZero() && (k.ExpireTime.IsZero() || t.Before(k.ExpireTime))
}

// Teams returns the teams that the key acts in, its home first; none for the operator's first key.
func (k APIKey) Teams() []string {
	if k.Team == "" {
		return nil
	}
	return append([]string{k.Team}, k.OtherTeams...)
}

// Secret is a named value of a team's, in versions; here without any value.
type Secret struct {
	// UID is random and made with the secret, so that a secret made again under the same name is another one.
	UID         string
	Team, Name  string
	Description string
	Labels      map[string]string
	CreateTime  time.Time
	UpdateTime  time.Time
	// Revision counts the changes of the secret and its versions, from 1.
	Revision int64
	// LatestVersion is the highest version number ever given, in whatever state that version is; 0 before the first.
	LatestVersion int64
	// Restricted says that the rights of roles to use and read the value do not count, those of owners apart: only grants.
	Restricted bool
	// Injection says how the value may reach a sandbox.
	Injection Injection
	// Granted says whether the secret has grants.
	Granted bool
	// Aliases are names for versions.
	Aliases map[string]int64
	// VersionDestroyTTL is how long a version that is to be destroyed can be had back; 0 destroys at once.
	VersionDestroyTTL time.Duration
	// ExpireTime is from when on nobody gets a value; zero means never.
	ExpireTime time.Time
	// DeleteTime is when it was deleted, and PurgeTime when it is to be erased; both zero unless it was deleted.
	DeleteTime, PurgeTime time.Time
}

// ETag names one revision of one secret. It changes with every change, and with a secret made again.
func (s Secret) ETag() string { return etag(s.UID, s.Revision) }

func etag(id string, revision int64) string {
	sum := sha256.Sum256([]byte(id + "/" + strconv.FormatInt(revision, 10)))
	return hex.EncodeToString(sum[:8])
}

// State says what can be done with a version.
type State string

// The states. ENABLED and DISABLED may alternate; DESTROYED is for good.
const (
	Enabled   State = "ENABLED"
	Disabled  State = "DISABLED"
	Destroyed State = "DESTROYED"
)

// Version is one immutable value of a secret; here without the value.
type Version struct {
	Number     int64
	State      State
	CreateTime time.Time
	// DestroyTime is zero unless the state is Destroyed.
	DestroyTime time.Time
	// Creator is the id of the user who added it.
	Creator string
	// Size is the value's length in bytes; 0 when destroyed.
	Size int64
	// DataKeyID is the key of the team's that sealed the value, in hex; empty when destroyed.
	DataKeyID string
	// ScheduledDestroyTime is when a version that waits for it is destroyed; zero for all others.
	ScheduledDestroyTime time.Time
	// Revision counts the changes of the version, from 1.
	Revision int64
}

// ETag names one revision of one version. The version of a secret made again has another one.
func (v Version) ETag() string {
	return etag(fmt.Sprintf("version/%d/%d", v.Number, v.CreateTime.UnixNano()), v.Revision)
}

// WrappedDEK is a team's data key as it is stored: encrypted by the key-encryption key.
type WrappedDEK struct {
	// KEKID names the key-encryption key that wrapped it.
	KEKID      string
	Ciphertext []byte
}

// Ref names one value: a version of a secret, or one field of it.
type Ref struct {
	Team, Name string
	// Version is the number; 0 means `latest`, the newest version that is not destroyed, unless there is an Alias.
	Version int64
	// Alias is one of the secret's names for versions, in place of a number.
	Alias string
	// Field is a member of a structured secret; empty for the whole value.
	Field string
}

// VersionName returns the resource name of the version as it was asked for.
func (r Ref) VersionName() string {
	if r.Alias != "" {
		return resource.SecretVersion{Team: r.Team, Secret: r.Name, Version: r.Alias}.String()
	}
	return VersionName(r.Team, r.Name, r.Version)
}
