package sandbox_test

import (
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

func TestIdleTimeoutOfThePolicy(t *testing.T) {
	for _, c := range []struct {
		asked, def, most time.Duration
		want             time.Duration // -1: refused
	}{
		{0, 0, 0, 0},
		{time.Hour, 0, 0, time.Hour},
		{0, time.Minute, 0, time.Minute},
		{time.Hour, time.Minute, 0, time.Hour},
		{0, time.Minute, time.Hour, time.Minute},
		{0, 0, time.Hour, time.Hour}, // who asks for none gets the most
		{time.Hour, 0, time.Hour, time.Hour},
		{time.Hour + 1, 0, time.Hour, -1},
		{-1, 0, 0, -1},
	} {
		p := policy
		p.DefaultIdleTimeout, p.MaxIdleTimeout = c.def, c.most
		got, err := sandbox.Spec{Image: "i", IdleTimeout: c.asked}.Normalize(p)
		if c.want == -1 {
			if e, ok := errdefs.As(err); !ok || e.Violations[0].Subject != "spec.idle_timeout" {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil || got.IdleTimeout != c.want {
			t.Errorf("%+v: %v, %v", c, got.IdleTimeout, err)
		}
	}
}

func TestStopGrace(t *testing.T) {
	if got := (sandbox.Spec{}).Grace(); got != 10*time.Second { // as recorded by an older sandboxd
		t.Errorf("of an old record: %v", got)
	}
	for grace, ok := range map[time.Duration]bool{-1: false, 0: true, time.Second: true, 5 * time.Minute: true, 5*time.Minute + 1: false} {
		got, err := sandbox.Spec{Image: "i", StopGrace: &grace}.Normalize(policy)
		if (err == nil) != ok || ok && got.Grace() != grace {
			t.Errorf("%v: %v, %v", grace, got.Grace(), err)
		}
	}
}

func TestExtended(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	sb := sandbox.Sandbox{StartTime: now.Add(-time.Hour), ExpireTime: now.Add(time.Minute), Spec: sandbox.Spec{MaxLifetime: 61 * time.Minute}}
	for in, ok := range map[time.Duration]bool{
		-time.Hour: false, 0: false, 1: true, time.Second: true, 30 * time.Minute: true, time.Hour: true, time.Hour + 1: false, // of two hours, one is over
	} {
		got, err := sb.Extended(now.Add(in), now, policy)
		switch {
		case !ok && (errdefs.KindOf(err) != errdefs.InvalidArgument || !got.ExpireTime.Equal(sb.ExpireTime)):
			t.Errorf("in %v: %v, %v", in, got.ExpireTime, err)
		case ok && (err != nil || !got.ExpireTime.Equal(now.Add(in)) || got.Spec.MaxLifetime != time.Hour+in):
			t.Errorf("in %v: %v, lifetime %v, %v", in, got.ExpireTime, got.Spec.MaxLifetime, err)
		}
	}
}
