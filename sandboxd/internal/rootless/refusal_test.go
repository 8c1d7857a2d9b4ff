package rootless_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is missing is named with its remedy, before anything is made.
func TestAnOrdinaryUsersSandboxdSaysWhatItLacks(t *testing.T) {
	for name, c := range map[string]struct {
		uid     uint32
		config  string
		without string // a program that the user does not find, or a file of the user's that is not there
		want    []string
	}{
		"no word on limits":    {uid, "", "-", []string{"rootless.without_limits"}},
		"a runtime for root":   {uid, accepted + "runtimes: [native, runsc]\n", "-", []string{"runtimes: runsc needs root", "leave the others out"}},
		"no range":             {lonelyUID, accepted, "-", []string{"/etc/subuid has no range", "usermod --add-subuids", lonely}},
		"no newuidmap":         {uid, accepted, "newuidmap", []string{"apt-get install uidmap"}},
		"no slirp4netns":       {uid, accepted, "slirp4netns", []string{"apt-get install slirp4netns", "network.enabled: false"}},
		"no agent, found late": {uid, accepted, "/sandbox-agent", []string{"load the agent"}},
		"no nsenter":           {uid, accepted, "nsenter", []string{"apt-get install util-linux"}},
		"no certificate":       {uid, accepted, "/cert.pem", []string{"cert.pem"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := install(t, c.uid, c.config)
			if !strings.HasPrefix(c.without, "/") {
				d.path = pathWithout(t, c.without)
			} else {
				must(t, os.Remove(d.dir+c.without))
			}
			out, err := d.command().CombinedOutput()
			if err == nil {
				t.Errorf("sandboxd ran:\n%s", out)
			}
			for _, w := range c.want {
				if !strings.Contains(string(out), w) {
					t.Errorf("not said: %q\n%s", w, out)
				}
			}
			d.nothingRuns()
		})
	}
}

// pathWithout makes a directory of all programs that sandboxd calls but one.
func pathWithout(t *testing.T, missing string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "casemate-rootless-path")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	for _, program := range []string{"newuidmap", "newgidmap", "slirp4netns", "nsenter", "env"} {
		if program != missing {
			path, err := exec.LookPath(program)
			must(t, err)
			must(t, os.Symlink(path, filepath.Join(dir, program)))
		}
	}
	return dir
}
