package server

import (
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

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
	for _, f := range table("/etc/passwd", 7) {
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
		for _, f := range table("/etc/group", 4) {
			if gid, ok := parseID(f[2]); ok && gid != u.gid && contains(f[3], u.name) && len(u.groups) < 1024 {
				u.groups = append(u.groups, gid)
			}
		}
	}
	return u, nil
}

func lookupGroup(s string) (uint32, error) {
	if gid, ok := parseID(s); ok {
		return gid, nil
	}
	for _, f := range table("/etc/group", 4) {
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

// table returns the lines of a colon separated file that have n fields or more. A file that is missing, no regular file or
// absurdly long is an empty one: what is in the image must not hold the agent up.
func table(path string, n int) [][]string {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil
	}
	var lines [][]string
	for _, l := range strings.Split(string(b), "\n") {
		if fields := strings.Split(l, ":"); len(fields) >= n {
			lines = append(lines, fields)
		}
	}
	return lines
}
