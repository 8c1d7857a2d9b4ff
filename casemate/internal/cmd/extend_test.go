package cmd

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func TestExtend(t *testing.T) {
	startHost(t)
	got := commandLine(t, "", "extend", "--for", "2h30m", "sb-1", "other", "sb-2")
	if got.code != exitError || got.stdout != "sb-1 ends at 2030-01-01 02:30:00\nsb-2 ends at 2030-01-01 02:30:00\n" ||
		!strings.Contains(got.stderr, "sandbox other does") {
		t.Errorf("got %+v", got)
	}
	for _, args := range [][]string{{"extend", "sb-1"}, {"extend", "--for", "0s", "sb-1"}, {"extend", "--for", "-1h", "sb-1"}, {"extend", "--for", "1h"}} {
		if got := commandLine(t, "", args...); got.code != exitUsage {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := commandLine(t, "", "-o", "json", "extend", "--for", "1h", "sb-1"); !strings.Contains(got.stdout, `"expire_time"`) {
		t.Errorf("got %+v", got)
	}
}

func TestEnds(t *testing.T) {
	const running, stopping = sandboxv1.SandboxState_SANDBOX_STATE_RUNNING, sandboxv1.SandboxState_SANDBOX_STATE_STOPPING
	in := func(d time.Duration) *timestamppb.Timestamp {
		return timestamppb.New(time.Now().Add(d + time.Minute/2))
	}
	for want, s := range map[string]*sandboxv1.Sandbox{
		"3 hours from now":              {State: running, ExpireTime: in(3 * time.Hour)},
		"5 minutes from now, when idle": {State: running, ExpireTime: in(3 * time.Hour), IdleExpireTime: in(5 * time.Minute)},
		"2 hours from now":              {State: running, ExpireTime: in(2 * time.Hour), IdleExpireTime: in(3 * time.Hour)},
		"-":                             {State: stopping, ExpireTime: in(3 * time.Hour)},
	} {
		if got := ends(s); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}

// TestStopLeavesTheGraceToTheSandbox unless it is told.
func TestStopLeavesTheGraceToTheSandbox(t *testing.T) {
	h := startHost(t)
	commandLine(t, "", "stop", "sb-1")
	commandLine(t, "", "stop", "--grace", "0s", "sb-1")
	commandLine(t, "", "stop", "--grace", "3s", "sb-1")
	if len(h.graces) != 3 || h.graces[0] != nil || h.graces[1].AsDuration() != 0 || h.graces[1] == nil || h.graces[2].AsDuration() != 3*time.Second {
		t.Errorf("graces %v", h.graces)
	}
}

func TestRunSetsEnds(t *testing.T) {
	h := startHost(t)
	if got := commandLine(t, "", "run", "-d", "--idle-timeout", "10m", "--grace", "1m", "x"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if got := commandLine(t, "", "run", "-d", "x"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	asked := h.runs[0].GetSpec()
	if asked.GetIdleTimeout().AsDuration() != 10*time.Minute || asked.GetStopGracePeriod().AsDuration() != time.Minute {
		t.Errorf("asked for %v", asked)
	}
	var none *durationpb.Duration
	if asked := h.runs[1].GetSpec(); asked.GetIdleTimeout() != none || asked.GetStopGracePeriod() != none {
		t.Errorf("without flags: %v", asked)
	}
}
