package server

import (
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/casemate/casemate/pkg/errdefs"
)

// user is whom a process runs as.
type user struct {
	uid, gid uint32
	groups   []uint32 // supplementary
	name     string   // empty when /etc/passwd does not know the uid
	home     string
}

// credential returns what fork needs to become u; nil when the agent already is.
func (u user) credential() *syscall.Credential {
	if u.uid == 0 && u.gid == 0 && len(u.groups) == 0 {
		return nil
	}
	return &syscall.Credential{Uid: u.uid, Gid: u.gid, Groups: u.groups}
}

// lookupUser understands "", "name", "uid", "name:group", "uid:gid" and mixtures, against the sandbox's own /etc/passwd
// and /etc/group. As in container engines, a numeric uid that passwd does not know has group 0, and an explicit group
// means no supplementary ones.
func lookupUser(s string) (user, error) {
	name, group, hasGroup := strings.Cut(s, ":")
	u := user{home: "/"}
	numeric, isNumber := parseID(name)
	if isNumber {
		u.uid = numeric
	}
	if name == "" {
		isNumber = true // root by number: an image without /etc/passwd is fine
	}
	known := false
	for f := range table("/etc/passwd", 7) {
		uid, ok1 := parseID(f[2])
		gid, ok2 := parseID(f[3])
		if ok1 && ok2 && (f[0] == name || isNumber && uid == u.uid) {
			u = user{uid: uid, gid: gid, name: f[0], home: f[5]}
			known = true
			break
		}
	}
	if !known && !isNumber {
		return user{}, userNotFound("user", name)
	}
	if u.home == "" {
		u.home = "/"
	}
	if !known && u.uid == 0 {
		u.name, u.home = "root", "/root"
	}
	if hasGroup {
		gid, err := lookupGroup(group)
		u.gid = gid
		return u, err
	}
	if u.name != "" {
		for f := range table("/etc/group", 4) {
			if gid, ok := parseID(f[2]); ok && gid != u.gid && contains(f[3], u.name) && len(u.groups) < 1024 {
				u.groups = append(u.groups, gid)
			}
		}
		slices.Sort(u.groups) // as Linux has them; not every kernel puts them in order
	}
	return u, nil
}

func lookupGroup(s string) (uint32, error) {
	if gid, ok := parseID(s); ok {
		return gid, nil
	}
	for f := range table("/etc/group", 4) {
		if gid, ok := parseID(f[2]); ok && f[0] == s {
			return gid, nil
		}
	}
	return 0, userNotFound("group", s)
}

func userNotFound(kind, name string) error {
	return errdefs.New(errdefs.InvalidArgument, "USER_NOT_FOUND", "the image has no %s %q", kind, name).WithMetadata(kind, name)
}

// parseID takes the ids that a sandbox has: its user namespace maps 0 to 65535.
func parseID(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n <= math.MaxUint16
}

func contains(list, name string) bool {
	for _, s := range strings.Split(list, ",") {
		if s == name {
			return true
		}
	}
	return false
}

const (
	// maxTable and maxTableLine bound /etc/passwd and /etc/group, in bytes: what is in the image must not hold the agent up,
	// nor cost it much memory, nor give a process an environment that the kernel refuses.
	maxTable     = 1 << 20
	maxTableLine = 32 << 10
)

// table yields the lines of a colon separated file that have n fields or more; the last field may hold colons. A file that is
// missing, no regular file or absurdly long is an empty one, and so is a line that is, or that has a NUL byte.
func table(path string, n int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		f, err := openFile(path)
		if err != nil {
			return
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, maxTable+1))
		if err != nil || len(b) > maxTable {
			return
		}
		for l := range strings.Lines(string(b)) {
			if len(l) > maxTableLine || strings.IndexByte(l, 0) >= 0 {
				continue
			}
			if fields := strings.SplitN(strings.TrimSuffix(l, "\n"), ":", n); len(fields) == n && !yield(fields) {
				return
			}
		}
	}
}
