package daemon_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

func (e *env) extend(name string, end any) (*sandboxv1.Sandbox, error) {
	req := &sandboxv1.ExtendSandboxRequest{Name: name}
	switch end := end.(type) {
	case time.Duration:
		req.Expiration = &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(end)}
	case time.Time:
		req.Expiration = &sandboxv1.ExtendSandboxRequest_ExpireTime{ExpireTime: timestamppb.New(end)}
	}
	resp, err := e.api.ExtendSandbox(e.t.Context(), req)
	return resp.GetSandbox(), err
}

func (e *env) mustExtend(name string, end any) *sandboxv1.Sandbox {
	e.t.Helper()
	sb, err := e.extend(name, end)
	if err != nil {
		e.t.Fatal(err)
	}
	return sb
}

func TestExtendedSandboxOutlivesItsFirstEnd(t *testing.T) {
	e := start(t)
	s := script("sleep 600")
	s.MaxLifetime = durationpb.New(time.Second)
	sb := e.run(s)
	asked := time.Now()
	extended := e.mustExtend(sb.GetName(), time.Hour)
	if in := extended.GetExpireTime().AsTime().Sub(asked); in < time.Hour || in > time.Hour+10*time.Second {
		t.Errorf("it ends in %v", in)
	}
	if life := extended.GetExpireTime().AsTime().Sub(extended.GetStartTime().AsTime()); extended.GetSpec().GetMaxLifetime().AsDuration() != life {
		t.Errorf("max_lifetime %v, from start to end %v", extended.GetSpec().GetMaxLifetime().AsDuration(), life)
	}
	// Past its first end, on its way to a third, which is earlier than the second.
	third := sb.GetExpireTime().AsTime().Add(500 * time.Millisecond)
	if got := e.mustExtend(sb.GetName(), third); !got.GetExpireTime().AsTime().Equal(third) {
		t.Errorf("it ends at %v, want %v", got.GetExpireTime().AsTime(), third)
	}
	ended := e.wait(sb.GetName())
	if at := ended.GetEndTime().AsTime(); at.Before(third) || ended.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_COMPLETED || ended.GetExitCode() != 143 {
		t.Errorf("it was to end at %v: %v", third, ended)
	}
	if got, want := ended.GetReason(), "max lifetime of "; len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("reason %q", got)
	}
	_, err := e.extend(sb.GetName(), time.Hour)
	wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
}

func TestExtensionOutlivesRestarts(t *testing.T) {
	e := start(t)
	s := script("sleep 600")
	s.MaxLifetime = durationpb.New(time.Minute)
	kept, shortened := e.run(s), e.run(s)
	want := e.mustExtend(kept.GetName(), 2*time.Hour).GetExpireTime().AsTime()
	soon := e.mustExtend(shortened.GetName(), 300*time.Millisecond).GetExpireTime().AsTime()
	e.Restart()
	if got := e.get(kept.GetName()); !got.GetExpireTime().AsTime().Equal(want) || got.GetState() != sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
		t.Errorf("after the restart it ends at %v, want %v", got.GetExpireTime().AsTime(), want)
	}
	if ended := e.wait(shortened.GetName()); ended.GetEndTime().AsTime().Before(soon) || !ended.GetExpireTime().AsTime().Equal(soon) {
		t.Errorf("it was to end at %v: %v", soon, ended)
	}
}

func TestExtensionsThatAreRefused(t *testing.T) {
	e := start(t)
	sb := e.run(script("sleep 600"))
	for name, c := range map[string]struct {
		end   any
		field string
	}{
		"nothing":               {nil, "expiration"},
		"no time":               {time.Duration(0), "ttl"},
		"a negative time":       {-time.Second, "ttl"},
		"the past":              {time.Now().Add(-time.Second), "expire_time"},
		"beyond the operator's": {sb.GetStartTime().AsTime().Add(24*time.Hour + time.Nanosecond), "expire_time"},
	} {
		_, err := e.extend(sb.GetName(), c.end)
		if got := wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT"); got.Violations[0].Subject != c.field {
			t.Errorf("%s: %+v", name, got)
		}
	}
	last := sb.GetStartTime().AsTime().Add(24 * time.Hour)
	if got := e.mustExtend(sb.GetName(), last); !got.GetExpireTime().AsTime().Equal(last) {
		t.Errorf("the operator's own limit: %v", got)
	}
	_, err := e.extend("teams/red/sandboxes/none", time.Hour)
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
	e.Secretsd.CreateTeam("blue")
	eve := e.Client(e.Secretsd.CreateUser("blue", "eve", identity.RoleMember))
	_, err = eve.ExtendSandbox(t.Context(), &sandboxv1.ExtendSandboxRequest{
		Name: sb.GetName(), Expiration: &sandboxv1.ExtendSandboxRequest_Ttl{Ttl: durationpb.New(time.Hour)},
	})
	wantError(t, err, errdefs.NotFound, "SANDBOX_NOT_FOUND")
}

// TestExtendDuringTheGrace: an extension that comes while the sandbox is being stopped does not wait for the end, even where the
// record says RUNNING still.
func TestExtendDuringTheGrace(t *testing.T) {
	for name, unrecorded := range map[string]bool{"recorded": false, "not recorded": true} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			sb := e.deaf(time.Minute, nil)
			if unrecorded {
				e.refuseWrites(`NEW.state = 'STOPPING'`)
			}
			stopped := make(chan error, 1)
			go func() {
				_, err := e.api.StopSandbox(t.Context(), &sandboxv1.StopSandboxRequest{Name: sb.GetName()})
				stopped <- err
			}()
			for e.get(sb.GetName()).GetState() == sandboxv1.SandboxState_SANDBOX_STATE_RUNNING &&
				!strings.Contains(e.Logs(), "stopping sandbox can't be recorded") {
			}
			began := time.Now()
			_, err := e.extend(sb.GetName(), time.Hour)
			wantError(t, err, errdefs.FailedPrecondition, "SANDBOX_NOT_RUNNING")
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the refusal took %v", took)
			}
			if _, err := e.api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: sb.GetName()}); err != nil {
				t.Error(err)
			}
			<-stopped // answered with the end, or with NOT_FOUND when the record went first
		})
	}
}
