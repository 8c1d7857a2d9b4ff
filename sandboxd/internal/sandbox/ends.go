package sandbox

import (
	"cmp"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// DefaultStopGrace is the time between SIGTERM and SIGKILL when nobody says otherwise.
	DefaultStopGrace = 10 * time.Second
	// MaxStopGrace is the most that anybody may say.
	MaxStopGrace = 5 * time.Minute
)

func (s *Spec) applyIdleTimeout(p Policy, v *violations) {
	switch {
	case s.IdleTimeout == 0:
		s.IdleTimeout = cmp.Or(p.DefaultIdleTimeout, p.MaxIdleTimeout)
	case s.IdleTimeout < 0:
		v.add("spec.idle_timeout", "is negative")
	case p.MaxIdleTimeout > 0 && s.IdleTimeout > p.MaxIdleTimeout:
		v.add("spec.idle_timeout", "%v is more than %v, the most the operator allows", s.IdleTimeout, p.MaxIdleTimeout)
	}
}

func (s *Spec) applyStopGrace(v *violations) {
	if s.StopGrace == nil {
		grace := DefaultStopGrace
		s.StopGrace = &grace
	}
	v.addError(CheckGrace("spec.stop_grace_period", *s.StopGrace))
}

// Grace is the time between SIGTERM and SIGKILL where a stop does not say.
func (s Spec) Grace() time.Duration {
	if s.StopGrace == nil { // recorded before there was such a field
		return DefaultStopGrace
	}
	return *s.StopGrace
}

// CheckGrace says what is wrong with the time between SIGTERM and SIGKILL, under the field of a request that named it.
func CheckGrace(field string, grace time.Duration) error {
	if grace < 0 || grace > MaxStopGrace {
		return errdefs.InvalidField(field, "must be from 0 to %v", MaxStopGrace)
	}
	return nil
}

// Extended is s, which runs at the time now, with a new end. Its MaxLifetime is then the time from its start to that. The error is
// InvalidArgument for an end that is not in the future, or later than the policy lets a sandbox live.
func (s Sandbox) Extended(end, now time.Time, p Policy) (Sandbox, error) {
	if !end.After(now) {
		return s, errdefs.InvalidField("expire_time", "%s is not in the future; StopSandbox ends a sandbox now", end.Format(time.RFC3339))
	}
	if last := s.StartTime.Add(p.MaxLifetime); end.After(last) {
		return s, errdefs.InvalidField("expire_time", "%s is later than %s, after which the operator lets this sandbox live no longer (%v from its start)",
			end.Format(time.RFC3339), last.Format(time.RFC3339), p.MaxLifetime)
	}
	s.ExpireTime, s.Spec.MaxLifetime = end, end.Sub(s.StartTime)
	return s, nil
}
