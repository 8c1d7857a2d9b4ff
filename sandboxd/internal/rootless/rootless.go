// Package rootless lets an ordinary user run sandboxd. Before it does anything else, sandboxd executes itself again as root of a
// user namespace, over the user's own id and a range of 65536 ids that /etc/subuid and /etc/subgid give that user. In that
// namespace the native runtime and the network work as they do for root.
//
// What there is besides sandboxd, all of it the user's:
//
//	a process `sleep infinity`     the holder: it keeps the user, mount and network namespaces while sandboxd is away, so that
//	                               the next one finds its sandboxes in them
//	a process `slirp4netns`        the network namespace's way out, unless network.enabled is false
//	<state_dir>/rootless/          what a later sandboxd finds both by
//
// sandboxd enters the user and mount namespaces and stays in the host's network namespace, where it listens and finds secretsd; the
// sandboxes' links and packet filter are in the holder's. Both processes end with the last sandbox's sandboxd: see Release.
package rootless

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// FirstID is the first id of sandboxes in the namespace: 0 is the user who runs sandboxd.
	FirstID = 1
	// ids is how many there are: all that an image can use. All sandboxes share them.
	ids = 1 << 16

	// holderVariable tells the second execution who holds its namespaces, such as "4711"; with madeSuffix behind that, the first
	// has made them.
	holderVariable = "CASEMATE_ROOTLESS_HOLDER"
	madeSuffix     = ":made"
)

// Space are the namespaces that this sandboxd works in.
type Space struct {
	holder int
	made   bool // by this very start, so nobody else is in them
}

// Current returns the namespaces that Enter made or found; nil for a sandboxd that is the host's root.
func Current() *Space {
	pid, made := strings.CutSuffix(os.Getenv(holderVariable), madeSuffix)
	holder, err := strconv.Atoi(pid)
	if err != nil {
		return nil
	}
	return &Space{holder, made}
}

// Abandon is for a start that failed: it ends what that start made, and leaves alone what it found. It does nothing for nil.
func (s *Space) Abandon(stateDir string) error {
	if s == nil || !s.made {
		return nil
	}
	return Release(stateDir)
}

// Network opens the network namespace that sandboxes are connected to.
func (s *Space) Network() (*os.File, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(s.holder) + "/ns/net")
	if err != nil {
		return nil, fmt.Errorf("open the network namespace of rootless sandboxes: %w", err)
	}
	return f, nil
}

// Weaker are what sandboxes lack of those that root makes, a sentence each, for the log.
func (*Space) Weaker() []string {
	return []string{
		"nothing limits a sandbox's memory, CPU and processes, but what limits the user who runs sandboxd",
		"nothing limits what a sandbox writes: one can fill the disk of state_dir",
		"all sandboxes share one range of user ids: one that got out of its namespaces could reach the files and processes of the others",
		"sandboxes' connections are made by slirp4netns, a process of the user's: slower, of IPv4 only, and that user's own to the host's firewall",
		"a process that is the user's on the host can read all that sandboxd has, on disk and in memory, secrets that are on their way included",
	}
}

// Enter makes the calling process's namespaces, or finds those of an earlier sandboxd with the same state directory, and executes
// the program again in them; network says whether they are connected to the host's. Before it makes new ones it calls endOrphans, which
// ends sandboxes of namespaces that nobody holds any more: from outside that may be done, from the new ones not. It returns only on
// errors: FailedPrecondition, with what the host lacks and the remedy.
func Enter(stateDir string, network bool, endOrphans func() error) error {
	nsenter, err := find("nsenter", "util-linux")
	if err != nil {
		return err
	}
	dir := filepath.Join(stateDir, "rootless")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("state_dir: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	space, err := holderOf(dir, endOrphans)
	if err != nil {
		return err
	}
	if network {
		err = connect(dir, space.holder)
	}
	if err == nil {
		err = space.enter(nsenter)
	}
	if space.made {
		err = errors.Join(err, endAll(dir))
	}
	return err
}

// enter executes the program again.
func (s *Space) enter(nsenter string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	pid := strconv.Itoa(s.holder)
	variable := holderVariable + "=" + pid
	if s.made {
		variable += madeSuffix
	}
	// Who enters a mount namespace is at its root.
	argv := append([]string{"nsenter", "--target", pid, "--user", "--mount", "--", "env", "--chdir=" + here, self}, os.Args[1:]...)
	err = unix.Exec(nsenter, argv, append(os.Environ(), variable))
	return fmt.Errorf("enter the namespaces of process %s: %w", pid, err)
}

// lock keeps two sandboxds from making namespaces for one directory at a time. It ends with the next execution.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { _ = f.Close() }, nil
}

// Release ends the holder and slirp4netns, and with them the namespaces. It is for a sandboxd that has stopped and has no sandbox left.
func Release(stateDir string) error {
	dir := filepath.Join(stateDir, "rootless")
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	return endAll(dir)
}

func endAll(dir string) error {
	return errors.Join(end(filepath.Join(dir, slirpFile)), end(filepath.Join(dir, holderFile)))
}

// find looks for a program, and names the package that has it.
func find(program, pkg string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE",
			"an ordinary user's sandboxd needs the program %s: apt-get install %s", program, pkg).WithCause(err)
	}
	return path, nil
}
