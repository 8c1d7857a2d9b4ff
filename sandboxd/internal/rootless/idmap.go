package rootless

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// idMap maps 0 of a namespace to the user's own id, and 1 to 65536 to ids that the host has set aside for the user. Only the
// set-user-id programs newuidmap and newgidmap may write such a map for an ordinary user.
type idMap struct {
	program    string
	own, first int
}

func idMaps() ([]idMap, error) {
	me, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("find the name of the user who runs sandboxd: %w", err)
	}
	var maps []idMap
	for _, m := range []struct {
		program, file string
		own           int
	}{
		{"newuidmap", "/etc/subuid", os.Getuid()}, {"newgidmap", "/etc/subgid", os.Getgid()},
	} {
		program, err := find(m.program, "uidmap")
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(m.file)
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		first, ok := subordinate(text, me.Username, me.Uid)
		if !ok {
			return nil, errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE", "%s has no range of %d ids for %s, which the users of sandboxes need; "+
				"`usermod --add-subuids 524288-589823 --add-subgids 524288-589823 %s`, as root, adds one, where nobody else has those", m.file, ids, me.Username, me.Username)
		}
		maps = append(maps, idMap{program, m.own, first})
	}
	return maps, nil
}

// subordinate returns the first id of the first range for a user, by name or number, that is large enough. Lines are such as
// "ada:100000:65536".
func subordinate(file []byte, name, uid string) (first int, ok bool) {
	for s := bufio.NewScanner(bytes.NewReader(file)); s.Scan(); {
		f := strings.Split(strings.TrimSpace(s.Text()), ":")
		if len(f) != 3 || f[0] != name && f[0] != uid {
			continue
		}
		first, err := strconv.Atoi(f[1])
		count, err2 := strconv.Atoi(f[2])
		if err == nil && err2 == nil && count >= ids {
			return first, true
		}
	}
	return 0, false
}

func (m idMap) write(pid int) error {
	arg := []string{strconv.Itoa(pid), "0", strconv.Itoa(m.own), "1", strconv.Itoa(FirstID), strconv.Itoa(m.first), strconv.Itoa(ids)}
	if out, err := exec.Command(m.program, arg...).CombinedOutput(); err != nil {
		return errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE", "%s failed: %v: %s", m.program, err, bytes.TrimSpace(out)).WithCause(err)
	}
	return nil
}
