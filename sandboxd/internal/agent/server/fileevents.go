package server

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

// pairTime is how long the second half of a move is waited for. The kernel queues the two one behind the other.
const pairTime = 20 * time.Millisecond

// run tells out of changes until it fails: with os.ErrClosed when inotify is closed, WATCH_ENDED when root goes.
func (w *watcher) run(out *eventSender) error {
	if err := out.c.send(frame.Events, &agentv1.FileEvents{}); err != nil {
		out.gone = true
		return err
	}
	b := make([]byte, 16<<10)
	for {
		deadline := time.Time{}
		if w.moved != nil {
			deadline = time.Now().Add(pairTime)
		}
		if err := w.inotify.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := w.inotify.Read(b)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.movedAway(out)
		case err != nil:
			return err
		default:
			if err := w.read(b[:n], out); err != nil {
				return errors.Join(err, out.send())
			}
		}
		if err := out.send(); err != nil {
			return err
		}
	}
}

// read takes what one read of inotify brought: whole events.
func (w *watcher) read(b []byte, out *eventSender) error {
	for len(b) >= unix.SizeofInotifyEvent {
		watch, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
		cookie, n := binary.NativeEndian.Uint32(b[8:]), int(binary.NativeEndian.Uint32(b[12:]))
		name, _, _ := bytes.Cut(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+n], []byte{0})
		if err := w.event(watch, mask, cookie, string(name), out); err != nil {
			return err
		}
		b = b[unix.SizeofInotifyEvent+n:]
		if out.full() {
			if err := out.send(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *watcher) event(watch int32, mask, cookie uint32, base string, out *eventSender) error {
	if mask&unix.IN_Q_OVERFLOW != 0 {
		return w.overflowed(out)
	}
	if w.moved != nil && (mask&unix.IN_MOVED_TO == 0 || w.moved.cookie != cookie) {
		w.movedAway(out) // its other half would be here
	}
	dir, known := w.names[watch]
	if mask&unix.IN_IGNORED != 0 {
		delete(w.names, watch)
		known = false
	}
	if watch == w.rootWatch && mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_UNMOUNT|unix.IN_IGNORED) != 0 {
		return watchEnded()
	}
	if !known {
		return nil
	}
	if base == "" { // of the directory itself: its parent tells of that too, unless it is root
		if watch == w.rootWatch && mask&unix.IN_ATTRIB != 0 {
			out.add(agentv1.FileEvent_KIND_MODIFIED, "", true)
		}
		return nil
	}
	name, directory := path.Join(dir, base), mask&unix.IN_ISDIR != 0
	switch {
	case mask&unix.IN_MOVED_TO != 0 && w.moved != nil:
		w.movedWithin(name, out)
	case mask&unix.IN_MOVED_FROM != 0:
		w.moved = &moveStart{cookie: cookie, name: name, directory: directory}
	case mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0:
		out.add(agentv1.FileEvent_KIND_CREATED, name, directory)
		return w.follow(name, directory, out)
	case mask&unix.IN_DELETE != 0:
		out.add(agentv1.FileEvent_KIND_REMOVED, name, directory)
	case mask&(unix.IN_MODIFY|unix.IN_ATTRIB) != 0:
		out.add(agentv1.FileEvent_KIND_MODIFIED, name, directory)
	}
	return nil
}

// movedWithin tells of a move whose second half came.
func (w *watcher) movedWithin(name string, out *eventSender) {
	e := out.add(agentv1.FileEvent_KIND_MOVED, name, w.moved.directory)
	e.OldPath = []byte(w.moved.name)
	out.size += len(w.moved.name)
	if w.moved.directory {
		w.renamed(w.moved.name, name)
	}
	w.moved = nil
}

// movedAway tells of a file whose move ended where nobody watches.
func (w *watcher) movedAway(out *eventSender) {
	if w.moved == nil {
		return
	}
	out.add(agentv1.FileEvent_KIND_REMOVED, w.moved.name, w.moved.directory)
	if w.moved.directory {
		w.forget(w.moved.name)
	}
	w.moved = nil
}

// follow watches a new directory. What can't be watched is an overflow: changes are missed.
func (w *watcher) follow(name string, directory bool, out *eventSender) error {
	if !directory || !w.recursive {
		return nil
	}
	err := w.addNew(name, out)
	if err == nil || out.gone || errors.Is(err, os.ErrClosed) || errdefs.ReasonOf(err) == "WATCH_ENDED" {
		return err
	}
	out.add(agentv1.FileEvent_KIND_OVERFLOW, "", false)
	return nil
}

// overflowed tells that changes were lost, and finds the directories that came meanwhile.
func (w *watcher) overflowed(out *eventSender) error {
	w.moved = nil
	out.add(agentv1.FileEvent_KIND_OVERFLOW, "", false)
	if !w.recursive {
		return nil
	}
	root, err := w.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	// The watch of a directory that is watched already stays the same, under the name that the directory has now.
	if err := w.addBelow(root, "", 1, nil); err != nil && errdefs.ReasonOf(err) != "WATCH_LIMIT" && errdefs.ReasonOf(err) != "FILE_TOO_DEEP" {
		return err
	}
	return nil
}
