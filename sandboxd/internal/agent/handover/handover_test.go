package handover

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSetupIsReadAsItWasWritten(t *testing.T) {
	for name, setup := range map[string]Setup{
		"host name only": {Hostname: "sb-1.example"},
		"capabilities":   {Hostname: "sb-1", Capabilities: 1<<63 | 1},
		"open files":     {Hostname: "sb-1", OpenFiles: 1 << 20},
		"processes":      {Hostname: "sb-1", Pids: 24},
		"read-only root": {Hostname: "sb-1", ReadOnlyRoot: true},
		"name server":    {Hostname: "sb-1", NameServer: netip.MustParseAddr("169.254.7.1")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeSetup(setup.Encode())
			if diff := cmp.Diff(setup, got, cmpopts.EquateComparable(netip.Addr{})); err != nil || diff != "" {
				t.Errorf("error %v, -written +read:\n%s", err, diff)
			}
		})
	}
}

func TestSetupThatIsNotUnderstood(t *testing.T) {
	for _, msg := range []string{"hostname a\nseal doors\n", "nameserver nobody\n", "capabilities all\n", "files many\n", "pids some\n"} {
		if s, err := DecodeSetup([]byte(msg)); err == nil {
			t.Errorf("%q was read as %+v", msg, s)
		}
	}
}
