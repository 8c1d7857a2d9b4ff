package server

import (
	"errors"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/archive"
)

// dirTime is a directory's time, set once nothing more is written there.
type dirTime struct {
	name string
	time time.Time
}

// open opens what lies below the root, wherever links lead on the way.
func (u *unpacker) open(name string, flags uint64) (int, error) {
	how := &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(u.root, name, how)
	for range 16 {
		if !errors.Is(err, unix.EAGAIN) { // something was renamed meanwhile, and the kernel could not be sure
			break
		}
		fd, err = unix.Openat2(u.root, name, how)
	}
	if errors.Is(err, unix.EXDEV) || errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EAGAIN) {
		return -1, archive.Unsafe(name)
	}
	if err != nil {
		return -1, err
	}
	if err := checkNotProc(fd); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// enter opens the directory of an entry, which is made where it is missing. It stays the unpacker's.
func (u *unpacker) enter(name string) (int, error) {
	if u.dir >= 0 && u.dirName == name {
		return u.dir, nil
	}
	fd, err := u.open(name, unix.O_PATH|unix.O_DIRECTORY)
	if errors.Is(err, unix.ENOENT) && name != "." {
		above, err := u.enter(path.Dir(name))
		if err != nil {
			return -1, err
		}
		if err := unix.Mkdirat(above, path.Base(name), 0o755); err != nil && !errors.Is(err, unix.EEXIST) {
			return -1, err
		}
		if err := unix.Fchownat(above, path.Base(name), int(u.owner.uid), int(u.owner.gid), unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return -1, err
		}
		if fd, err = u.open(name, unix.O_PATH|unix.O_DIRECTORY); err != nil {
			return -1, err
		}
	} else if errors.Is(err, unix.ENOTDIR) {
		return -1, notDirectory(name)
	} else if err != nil {
		return -1, err
	}
	if u.dir >= 0 {
		_ = unix.Close(u.dir)
	}
	u.dir, u.dirName = fd, name
	return fd, nil
}

// directory makes a directory, or changes one that is there. A symbolic link to one, below the root, is as good.
func (u *unpacker) directory(e *archive.Entry) error {
	if e.Name == "." {
		if !u.fresh { // it was not the archive's before, and has others' files in it
			return nil
		}
	} else {
		above, err := u.enter(path.Dir(e.Name))
		if err != nil {
			return err
		}
		switch err := unix.Mkdirat(above, path.Base(e.Name), 0o700); {
		case errors.Is(err, unix.EEXIST):
			var st unix.Stat_t
			if err := unix.Fstatat(above, path.Base(e.Name), &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
				return err
			}
			if st.Mode&unix.S_IFMT == unix.S_IFLNK {
				_, err := u.enter(e.Name)
				return err
			}
			if u.own {
				e.UID, e.GID = int(st.Uid), int(st.Gid)
			}
		case err != nil:
			return err
		}
	}
	fd, err := u.open(e.Name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW)
	if errors.Is(err, unix.ENOTDIR) {
		return notDirectory(e.Name)
	}
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), e.Name)
	defer f.Close()
	u.times = append(u.times, dirTime{e.Name, e.ModTime})
	return errors.Join(u.setAttributes(f, e), unix.Fchown(fd, e.UID, e.GID), unix.Fchmod(fd, e.Mode))
}

// leave sets the times of the directories that the next entry is not in. Archives have a directory's entries together;
// where one has not, the directory's time is that of the last entry, and no harm done.
func (u *unpacker) leave(next string) {
	for len(u.times) > 0 {
		last := u.times[len(u.times)-1]
		if next != "" && (last.name == "." || strings.HasPrefix(next, last.name+"/")) {
			return
		}
		u.times = u.times[:len(u.times)-1]
		if fd, err := u.open(last.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW); err == nil {
			_ = setTime(fd, "", last.time, unix.AT_EMPTY_PATH)
			_ = unix.Close(fd)
		}
	}
}
