package config_test

import (
	"strings"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	daemon "github.com/casemate/casemate/sandboxd/internal/config"
)

func TestForAnOrdinaryUser(t *testing.T) {
	accepted := func() daemon.Config {
		c := valid()
		c.Rootless.WithoutLimits = true
		return c
	}
	t.Setenv("HOME", "/home/ada")
	t.Setenv("XDG_STATE_HOME", "")

	c := accepted()
	if err := c.ForUser(); err != nil || c.StateDir != "/home/ada/.local/state/casemate/sandboxd" {
		t.Errorf("state_dir of ada: %q, %v", c.StateDir, err)
	}
	if p := c.Policy(); c.DiskLimits != daemon.DiskLimitsOff || p.Default.DiskBytes != 0 || p.Max.Inodes != 0 || p.Default.OpenFiles == 0 {
		t.Errorf("limits: disk_limits %q, default %+v, max %+v", c.DiskLimits, p.Default, p.Max)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}

	c = accepted()
	c.StateDir = "/srv/sandboxes"
	if err := c.ForUser(); err != nil || c.StateDir != "/srv/sandboxes" {
		t.Errorf("a state_dir that was named: %q, %v", c.StateDir, err)
	}

	t.Setenv("XDG_STATE_HOME", "/state")
	c = accepted()
	if err := c.ForUser(); err != nil || c.StateDir != "/state/casemate/sandboxd" {
		t.Errorf("state_dir below $XDG_STATE_HOME: %q, %v", c.StateDir, err)
	}

	for key, tc := range map[string]struct {
		reason string
		spoil  func(*daemon.Config)
	}{
		"rootless.without_limits":   {"ROOTLESS_WITHOUT_LIMITS", func(c *daemon.Config) { c.Rootless.WithoutLimits = false }},
		"runtimes":                  {"RUNTIME_NEEDS_ROOT", func(c *daemon.Config) { c.Runtimes = []string{"native", "runsc"} }},
		"network.pool6":             {"ROOTLESS_UNAVAILABLE", func(c *daemon.Config) { c.Network.Pool6 = "fd63:6d00::/64" }},
		"network.ingress.addresses": {"ROOTLESS_UNAVAILABLE", func(c *daemon.Config) { c.Network.Ingress.Addresses = []string{"203.0.113.1"} }},
	} {
		c := accepted()
		tc.spoil(&c)
		err := c.ForUser()
		if errdefs.ReasonOf(err) != tc.reason || !strings.HasPrefix(err.Error(), key+": ") || errdefs.KindOf(err) != errdefs.FailedPrecondition || !strings.Contains(err.Error(), "or run sandboxd as root") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
