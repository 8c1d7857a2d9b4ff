package daemons

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDaemonsAreHardened looks at both daemons as they run: memory locked and no core dumps. pkg/harden's own tests
// try what that stops, and that another process of the same user can't look in.
func TestDaemonsAreHardened(t *testing.T) {
	for name, pid := range map[string]int{"secretsd": st.Secretsd.Pid(), "sandboxd": st.Sandboxd.Pid()} {
		for file, want := range map[string]string{"limits": "Max core file size 0 ", "status": "VmLck: "} {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for line := range strings.Lines(string(text)) {
				line = strings.Join(strings.Fields(line), " ")
				found = found || strings.HasPrefix(line, want) && line != "VmLck: 0 kB"
			}
			if !found {
				t.Errorf("%s: /proc/%d/%s has no %q with what it should:\n%s", name, pid, file, want, text)
			}
		}
	}
}
