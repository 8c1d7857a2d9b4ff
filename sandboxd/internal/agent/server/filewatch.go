package server

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

const (
	// maxWatches is how many watches there can be at one time: each costs the kernel an instance of inotify, of which a user has
	// few.
	maxWatches = 16
	// maxEventBytes is about how much one frame of events holds.
	maxEventBytes = 128 << 10
)

func watchLimit(format string, args ...any) error {
	return errdefs.New(errdefs.ResourceExhausted, "WATCH_LIMIT", format, args...)
}

// watch answers a Watch call. While the caller does not read, changes wait in the kernel; when those are too many, it drops
// them, and the caller is told.
func (s *Server) watch(c *call, r *agentv1.Watch) {
	if s.watches.Add(1) > maxWatches {
		s.watches.Add(-1)
		c.fail(watchLimit("the sandbox's files are watched %d times already", maxWatches))
		return
	}
	defer s.watches.Add(-1)
	w, err := openWatcher(r.GetPath(), r.GetRecursive())
	if err != nil {
		c.fail(fileError(r.GetPath(), err))
		return
	}
	defer w.close()
	c.answer(&agentv1.Response{}, nil)
	go func() {
		c.gone()
		_ = w.inotify.Close() // ends the reading
	}()
	out := &eventSender{c: c}
	err = w.run(out)
	if out.gone || errors.Is(err, os.ErrClosed) {
		return
	}
	c.fail(fileError(r.GetPath(), err))
}

// eventSender gathers events and sends them in frames.
type eventSender struct {
	c      *call
	events []*agentv1.FileEvent
	size   int
	gone   bool // the caller is
}

// add takes an event. Of a file that is written to again and again only the first event of a frame is told.
func (o *eventSender) add(kind agentv1.FileEvent_Kind, name string, directory bool) *agentv1.FileEvent {
	if n := len(o.events); n > 0 {
		last := o.events[n-1]
		if last.Kind == kind && string(last.Path) == name && (kind == agentv1.FileEvent_KIND_MODIFIED || kind == agentv1.FileEvent_KIND_OVERFLOW) {
			return last
		}
	}
	e := &agentv1.FileEvent{Kind: kind, Path: []byte(name), Directory: directory}
	o.events = append(o.events, e)
	o.size += len(name) + 16
	return e
}

// full says that it is time to send.
func (o *eventSender) full() bool { return o.size > maxEventBytes }

func (o *eventSender) send() error {
	if len(o.events) == 0 {
		return nil
	}
	err := o.c.send(frame.Events, &agentv1.FileEvents{Events: o.events})
	o.events, o.size = nil, 0
	o.gone = o.gone || err != nil
	return err
}

// openInotify returns a descriptor that the runtime polls.
func openInotify() (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	switch {
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return nil, watchLimit("the host has no instance of inotify left for this sandbox (fs.inotify.max_user_instances)")
	case err != nil:
		return nil, err
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}
