package secret

import (
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

// Limits of a secret's times.
const (
	// MinDestroyTTL and MaxDestroyTTL bound how long a version that is to be destroyed can be had back.
	MinDestroyTTL = 24 * time.Hour
	MaxDestroyTTL = 1000 * 24 * time.Hour
	// MinTTL and MaxTTL bound the time from now to a secret's expiry.
	MinTTL = time.Second
	MaxTTL = 100 * 365 * 24 * time.Hour
	// DefaultRetention is how long a deleted secret can be had back, unless the operator says otherwise.
	DefaultRetention = 30 * 24 * time.Hour
)

// ExpiredAt reports whether nobody gets a value of the secret any more because its time is over.
func (s Secret) ExpiredAt(t time.Time) bool { return !s.ExpireTime.IsZero() && !t.Before(s.ExpireTime) }

// Deleted reports whether the secret was deleted and not brought back.
func (s Secret) Deleted() bool { return !s.DeleteTime.IsZero() }

// PurgeableAt reports whether the secret is deleted for good: it is erased at the next occasion.
func (s Secret) PurgeableAt(t time.Time) bool { return s.Deleted() && !t.Before(s.PurgeTime) }

// DueAt reports whether the version was to be destroyed by a time. Its value must not leave then, erased or not.
func (v Version) DueAt(t time.Time) bool {
	return v.State != Destroyed && !v.ScheduledDestroyTime.IsZero() && !t.Before(v.ScheduledDestroyTime)
}

// CheckTTL refuses what is neither 0 nor within the limits.
func CheckTTL(field string, ttl time.Duration) error {
	if ttl != 0 && (ttl < MinTTL || ttl > MaxTTL) {
		return errdefs.InvalidField(field, "must be from a second to 100 years")
	}
	return nil
}

// CheckDestroyTTL refuses what is neither 0 nor whole seconds within the limits.
func CheckDestroyTTL(field string, ttl time.Duration) error {
	if ttl != 0 && (ttl < MinDestroyTTL || ttl > MaxDestroyTTL || ttl%time.Second != 0) {
		return errdefs.InvalidField(field, "must be 0, or from 1 to 1000 days in whole seconds")
	}
	return nil
}
