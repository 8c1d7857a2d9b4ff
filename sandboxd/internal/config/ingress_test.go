package config_test

import (
	"strings"
	"testing"

	daemon "github.com/casemate/casemate/sandboxd/internal/config"
)

func TestIngress(t *testing.T) {
	ingress := func() daemon.Config {
		c := valid()
		c.Network.Enabled = true
		c.Network.Ingress = daemon.Ingress{Addresses: []string{"203.0.113.1"}, Ports: "31000-31999", Sources: []string{"10.0.0.0/8"}}
		return c
	}
	c := ingress()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if first, last := c.Network.Ingress.PortRange(); first != 31000 || last != 31999 || len(c.Policy().Network.IngressFrom) != 1 {
		t.Errorf("ports %d to %d, policy %+v", first, last, c.Policy().Network)
	}
	c.Network.Ingress.Addresses = nil
	if err := c.Validate(); err != nil || len(c.Policy().Network.IngressFrom) > 0 {
		t.Errorf("without addresses nobody is let in: %v, %+v", err, c.Policy().Network)
	}

	for name, tc := range map[string]struct {
		spoil     func(*daemon.Config, *daemon.Ingress)
		key, says string
	}{
		"no address":     {func(_ *daemon.Config, i *daemon.Ingress) { i.Addresses = []string{"example.org"} }, "addresses", "no address of this host"},
		"loopback":       {func(_ *daemon.Config, i *daemon.Ingress) { i.Addresses = []string{"127.0.0.1"} }, "addresses", "others can reach"},
		"every address":  {func(_ *daemon.Config, i *daemon.Ingress) { i.Addresses = []string{"0.0.0.0"} }, "addresses", "others can reach"},
		"without IPv6":   {func(_ *daemon.Config, i *daemon.Ingress) { i.Addresses = []string{"2001:db8::1"} }, "addresses", "network.pool6"},
		"no network":     {func(c *daemon.Config, _ *daemon.Ingress) { c.Network.Enabled = false }, "addresses", "network.enabled"},
		"no range":       {func(_ *daemon.Config, i *daemon.Ingress) { i.Ports = "31000" }, "ports", "no range"},
		"backwards":      {func(_ *daemon.Config, i *daemon.Ingress) { i.Ports = "31001-31000" }, "ports", "no range"},
		"from 0":         {func(_ *daemon.Config, i *daemon.Ingress) { i.Ports = "0-31000" }, "ports", "no range"},
		"too large":      {func(_ *daemon.Config, i *daemon.Ingress) { i.Ports = "31000-65536" }, "ports", "no range"},
		"who":            {func(_ *daemon.Config, i *daemon.Ingress) { i.Sources = nil }, "sources", "0.0.0.0/0 for everybody"},
		"who exactly":    {func(_ *daemon.Config, i *daemon.Ingress) { i.Sources = []string{"10.1.2.3/8"} }, "sources", "no block"},
		"sandboxd's own": {func(c *daemon.Config, _ *daemon.Ingress) { c.AdminListen = "127.0.0.1:31007" }, "ports", "admin_listen"},
	} {
		c := ingress()
		tc.spoil(&c, &c.Network.Ingress)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "network.ingress."+tc.key+": ") || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
