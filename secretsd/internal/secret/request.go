package secret

import "time"

// RequestIDLifetime is how long a request id is remembered.
const RequestIDLifetime = 24 * time.Hour

// Request is a change that was made under a request id, so that a repeat of it is told from a new one. It holds nothing of
// the value.
type Request struct {
	// UserID and Method say whose id it is: ids of different users and of different rpcs never meet.
	UserID, Method string
	ID             string
	// Team is the team of the secret.
	Team string
	// Digest is SHA-256 over everything in the request but the value, which is compared with what was stored.
	Digest [32]byte
	// Secret is the name of the secret that it made or added to, SecretUID its uid, and Version the number of the version;
	// 0 for a secret without one.
	Secret, SecretUID string
	Version           int64
	// Unchanged says that Version was there before, with the same value.
	Unchanged  bool
	CreateTime time.Time
}
