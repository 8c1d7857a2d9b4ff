package runtimetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// watching is a watch that stands. Its events have to be taken.
type watching struct {
	t      *testing.T
	events chan agent.FileEvent
	ended  chan error
	stop   context.CancelFunc
}

// watch begins to watch a directory and returns when the watch stands.
func (b *Box) watch(t *testing.T, dir string, recursive bool) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(Context(t))
	w := &watching{t: t, events: make(chan agent.FileEvent), ended: make(chan error, 1), stop: cancel}
	t.Cleanup(cancel)
	stands := make(chan bool, 1)
	go func() {
		w.ended <- b.Watch(ctx, dir, recursive, func(events []agent.FileEvent) error {
			if len(events) == 0 {
				stands <- true
			}
			for _, e := range events {
				select {
				case w.events <- e:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}()
	select {
	case <-stands:
	case err := <-w.ended:
		t.Fatal("the watch does not stand: ", err)
	}
	return w
}

var fileEventWords = map[agent.FileEventKind]string{
	agent.FileCreated: "created", agent.FileModified: "modified", agent.FileRemoved: "removed", agent.FileMoved: "moved", agent.FileOverflow: "overflow",
}

// until returns the events up to one of a file of that name, in words.
func (w *watching) until(name string) (events []string) {
	w.t.Helper()
	for {
		select {
		case e := <-w.events:
			if e.Path == name {
				return events
			}
			word := fileEventWords[e.Kind] + " " + e.Path
			if e.OldPath != "" {
				word = fileEventWords[e.Kind] + " " + e.OldPath + " > " + e.Path
			}
			if e.Directory {
				word += "/"
			}
			events = append(events, word)
		case err := <-w.ended:
			w.t.Fatalf("the watch ended with %v after %q", err, events)
		}
	}
}

// reason is that of the error which ends the watch, whatever is told before.
func (w *watching) reason() string {
	for {
		select {
		case <-w.events:
		case err := <-w.ended:
			return errdefs.ReasonOf(err)
		}
	}
}

func testWatch(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir -p /w/sub /else; echo x > /w/old; echo x > /else/file; ln -s /else /w/link")
	flat, deep := b.watch(t, "/w", false), b.watch(t, "/w", true)
	b.Sh("echo x > /w/new; echo y >> /w/old; chmod 600 /w/old; mv /w/old /w/older; mv /w/older /else/x; mv /else/x /w/back; rm /w/new; echo x > /w/sub/in; echo x > /else/file; : > /w/end1")
	events := []string{
		"created new", "modified new", "modified old", "moved old > older", "removed older", "created back", "removed new",
	}
	if diff := cmp.Diff(events, withoutRepeats(flat.until("end1"))); diff != "" {
		t.Errorf("flat (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append(events, "created sub/in", "modified sub/in"), withoutRepeats(deep.until("end1"))); diff != "" {
		t.Errorf("recursive (-want +got):\n%s", diff)
	}
	// Directories that come later, under the names that they have by then.
	b.Sh("mkdir /w/d; sleep 0.2; mkdir /w/d/e; sleep 0.2; echo x > /w/d/e/f; mv /w/d /w/moved; echo x > /w/moved/e/g; mv /w/moved /else/; echo x > /else/moved/e/h; sleep 0.2; : > /w/end2")
	if diff := cmp.Diff([]string{
		"created d/", "created d/e/", "created d/e/f", "modified d/e/f", "moved d > moved/", "created moved/e/g", "modified moved/e/g", "removed moved/",
	}, withoutRepeats(deep.until("end2"))); diff != "" {
		t.Errorf("later directories (-want +got):\n%s", diff)
	}
	go func() { flat.until("end2"); flat.until("end3") }()
	// What is in a directory already when it is seen is told of, too.
	b.Sh("mkdir -p /else/full/a/b; : > /else/full/a/b/c; mv /else/full /w/full; mkdir -p /w/q/r/s; : > /w/q/r/s/t; sleep 0.2; : > /w/end3")
	got := deep.until("end3")
	for _, want := range []string{"created full/", "created full/a/", "created full/a/b/", "created full/a/b/c", "created q/", "created q/r/", "created q/r/s/", "created q/r/s/t"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	b.Sh("rm -r /w")
	if reason := deep.reason(); reason != "WATCH_ENDED" {
		t.Errorf("the directory's removal ends the watch with %q", reason)
	}
	flat.stop()
}

// withoutRepeats leaves out what is told again right away: a second write, or a directory's content when it is found and when
// it was made.
func withoutRepeats(events []string) []string { return slices.Compact(events) }

// A watch that nobody reads takes no memory without end, does not hold up who writes, and says that it missed something; it
// then knows the directories that came meanwhile.
func testWatchOverflow(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir /w")
	w := b.watch(t, "/w", true)
	if r := b.Sh("mkdir /w/late; probe rewrite /w 30000; mkdir /w/later; : > /w/later/x; echo written"); r.Stdout != "written\n" {
		t.Fatalf("who writes: %+v", r)
	}
	told := make(chan []string, 1)
	go func() { told <- w.until("later/marker") }()
	// The marker may be written before the watch has got to where it is seen; so again, until it is.
	for {
		b.Sh(": > /w/later/marker; rm /w/later/marker")
		select {
		case events := <-told:
			if got := slices.Contains(events, "overflow "); got == s.differs(FreeInotify) {
				t.Errorf("%d events, and that some are missing is said: %v", len(events), got)
			}
			if s.differs(FreeInotify) && len(events) < 60_000 {
				t.Errorf("%d events of 60,000 writes", len(events))
			}
			return
		default:
		}
	}
}

func testWatchLimits(t *testing.T, s *suite) {
	b := s.box(t).Configured(agent.Config{})
	b.Sh("mkdir /w; ln -s /proc /w/proc; : > /w/file")
	none := func([]agent.FileEvent) error { return fmt.Errorf("it stands") }
	for _, c := range []struct {
		dir, reason string
		recursive   bool
	}{
		{"/nope", "FILE_NOT_FOUND", false}, {"/w/file", "FILE_NOT_DIRECTORY", false}, {"/proc", "FILE_NOT_REGULAR", true}, {"/w/proc", "FILE_NOT_REGULAR", false},
		{"relative", "INVALID_ARGUMENT", false},
	} {
		if err := b.Watch(Context(t), c.dir, c.recursive, none); errdefs.ReasonOf(err) != c.reason {
			t.Errorf("%s: %v, want %s", c.dir, err, c.reason)
		}
	}
	// No program can take what other sandboxes and the host need.
	want := "48 EMFILE\n"
	if s.differs(FreeInotify) { // what a process may open besides its first three
		want = b.Sh("echo $(($(ulimit -n) - 3)) EMFILE").Stdout
	}
	if got := b.Run("probe", "inotify").Stdout; got != want {
		t.Errorf("instances of inotify: %q, want %q", got, want)
	}
	var all []*watching
	for range 16 {
		all = append(all, b.watch(t, "/w", false))
	}
	if err := b.Watch(Context(t), "/w", false, none); errdefs.ReasonOf(err) != "WATCH_LIMIT" {
		t.Errorf("one more: %v", err)
	}
	all[0].stop()
	<-all[0].ended
	for { // until the agent has seen that it was hung up
		err := b.Watch(Context(t), "/", true, none) // everything, but for what is the kernel's
		if err.Error() == "it stands" {
			break
		}
		if errdefs.ReasonOf(err) != "WATCH_LIMIT" {
			t.Fatal(err)
		}
	}
}
