package client

import (
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
)

func TestParseAddress(t *testing.T) {
	for address, want := range map[string]struct {
		target string
		secure bool
		fails  bool
	}{
		"https://casemate.example:7443": {target: "dns:///casemate.example:7443", secure: true},
		"https://casemate.example/":     {target: "dns:///casemate.example:443", secure: true},
		"http://127.0.0.1:7470":         {target: "dns:///127.0.0.1:7470"},
		"http://localhost":              {target: "dns:///localhost:80"},
		"http://[::1]:7470":             {target: "dns:///[::1]:7470"},
		"unix:///run/casemate.sock":     {target: "unix:///run/casemate.sock"},
		"unix://run/casemate.sock":      {fails: true},
		"http://casemate.example:7470":  {fails: true},
		"127.0.0.1:7470":                {fails: true},
		"ftp://127.0.0.1":               {fails: true},
		"https://casemate.example/x":    {fails: true},
		"https://user@casemate.example": {fails: true},
		"":                              {fails: true},
	} {
		target, secure, err := parseAddress(address)
		if (err != nil) != want.fails || target != want.target || secure != want.secure {
			t.Errorf("parseAddress(%q) = %q, %v, %v", address, target, secure, err)
		}
		if err != nil && errdefs.ReasonOf(err) != "ADDRESS_INVALID" {
			t.Errorf("parseAddress(%q): reason %q", address, errdefs.ReasonOf(err))
		}
	}
}

func TestDialNamesTheCAFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := Dial(Options{Address: "https://localhost", CAFile: missing}); errdefs.ReasonOf(err) != "CA_FILE_INVALID" {
		t.Errorf("error %v", err)
	}
}
