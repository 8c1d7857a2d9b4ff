package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// maxWatched is how many directories one watch has at most.
const maxWatched = 8192

// watchedEvents are what a watch of a directory is told by the kernel. What was unlinked and is still open is nobody's
// concern any more.
const watchedEvents = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
	unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR | unix.IN_EXCL_UNLINK

// watcher watches a directory, or a tree of them. One goroutine uses it; another may close inotify.
//
// It keeps no directory open: the kernel would not tell of its removal.
type watcher struct {
	path      string
	recursive bool
	inotify   *os.File
	control   func(func(fd uintptr)) error // calls with inotify's descriptor, unless it is closed

	root      fileID // the directory that path meant at first
	rootWatch int32
	names     map[int32]string // the watched directories, relative to root; "" is root

	moved *moveStart // the first half of a move whose second has not come
}

type moveStart struct {
	cookie    uint32
	name      string
	directory bool
}

func openWatcher(name string, recursive bool) (*watcher, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	root, err := openDirectory(name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	inotify, err := openInotify()
	if err != nil {
		return nil, err
	}
	w := &watcher{path: name, recursive: recursive, inotify: inotify, names: map[int32]string{}}
	if err := w.open(root); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *watcher) open(root *os.File) error {
	if kernel, err := isKernels(int(root.Fd())); err != nil || kernel {
		return errors.Join(err, errNotRegular)
	}
	conn, err := w.inotify.SyscallConn()
	if err != nil {
		return err
	}
	w.control = conn.Control
	if w.root, err = idOf(root); err != nil {
		return err
	}
	if w.rootWatch, err = w.addDirectory(root, ""); err != nil || !w.recursive {
		return err
	}
	return w.addBelow(root, "", 1, nil)
}

func idOf(f *os.File) (fileID, error) {
	var st unix.Stat_t
	err := unix.Fstat(int(f.Fd()), &st)
	return fileID{st.Dev, st.Ino}, err
}

// openRoot opens the watched directory again. Where its path means another one by now, the watch has ended.
func (w *watcher) openRoot() (*os.File, error) {
	f, err := openDirectory(w.path)
	if err != nil {
		return nil, watchEnded()
	}
	if id, err := idOf(f); err != nil || id != w.root {
		return nil, errors.Join(watchEnded(), f.Close())
	}
	return f, nil
}

func watchEnded() error {
	return errdefs.New(errdefs.FailedPrecondition, "WATCH_ENDED", "the watched directory was removed or has another name now")
}

func (w *watcher) close() { _ = w.inotify.Close() }

// addDirectory watches one directory, by its descriptor: names can be given to something else meanwhile.
func (w *watcher) addDirectory(f *os.File, name string) (watch int32, err error) {
	if len(w.names) >= maxWatched {
		return 0, watchLimit("there are more than %d directories to watch", maxWatched)
	}
	n := -1
	if e := w.control(func(fd uintptr) {
		n, err = unix.InotifyAddWatch(int(fd), fmt.Sprintf("/proc/self/fd/%d", f.Fd()), watchedEvents)
	}); e != nil {
		return 0, e
	}
	if errors.Is(err, unix.ENOSPC) {
		return 0, watchLimit("the host watches as many files as it can (fs.inotify.max_user_watches)")
	}
	if err != nil {
		return 0, err
	}
	w.names[int32(n)] = name
	return int32(n), nil
}

// addBelow watches the directories below f, which is watched already, and all below them. With out, what is found there is
// told of as new.
func (w *watcher) addBelow(f *os.File, name string, depth int, out *eventSender) error {
	if depth > maxDepth {
		return tooDeep(name)
	}
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			full := path.Join(name, e.Name())
			if out != nil {
				out.add(agentv1.FileEvent_KIND_CREATED, full, e.IsDir())
				if out.full() {
					if err := out.send(); err != nil {
						return err
					}
				}
			}
			if !e.IsDir() {
				continue
			}
			if err := w.addNamed(int(f.Fd()), e.Name(), full, depth, out); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// addNamed watches the directory base in dir, and all below it. One that went meanwhile, that is no directory any more, or
// that is the kernel's is left out.
func (w *watcher) addNamed(dir int, base, name string, depth int, out *eventSender) error {
	fd, err := unix.Openat2(dir, base, &unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return nil
	case err != nil:
		return err
	}
	f := os.NewFile(uintptr(fd), base)
	defer f.Close()
	if kernel, err := isKernels(fd); err != nil || kernel {
		return err
	}
	if _, err := w.addDirectory(f, name); err != nil {
		return err
	}
	return w.addBelow(f, name, depth+1, out)
}

// addNew watches a directory that has just come, by name, and tells of what is in it already.
func (w *watcher) addNew(name string, out *eventSender) error {
	root, err := w.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	return w.addNamed(int(root.Fd()), name, name, strings.Count(name, "/")+1, out)
}

// renamed gives the watched directories in old, itself included, their new names.
func (w *watcher) renamed(old, name string) {
	for watch, n := range w.names {
		if rest, in := within(n, old); in {
			w.names[watch] = name + rest
		}
	}
}

// forget ends the watches of a directory that was moved away, and of those in it.
func (w *watcher) forget(old string) {
	for watch, n := range w.names {
		if _, in := within(n, old); in {
			_ = w.control(func(fd uintptr) { _, _ = unix.InotifyRmWatch(int(fd), uint32(watch)) })
			delete(w.names, watch)
		}
	}
}

// within says whether name is dir or in it, and what is behind dir's name then.
func within(name, dir string) (rest string, in bool) {
	rest, in = strings.CutPrefix(name, dir)
	return rest, in && (rest == "" || rest[0] == '/')
}
