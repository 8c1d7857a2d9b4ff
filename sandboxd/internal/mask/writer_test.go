package mask_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// pieces is what a writer sent.
type pieces struct{ sent []string }

func (p *pieces) writer(m *mask.Masker, pause time.Duration) *mask.Writer {
	return &mask.Writer{Stream: m.Stream(), Room: 5, Max: 16, Pause: pause, Send: func(b []byte) error {
		p.sent = append(p.sent, string(b[5:]))
		copy(b, "\xff\xff\xff\xff\xff") // the room is the receiver's
		return nil
	}}
}

func (p *pieces) all() string { return strings.Join(p.sent, "") }

func write(t *testing.T, w *mask.Writer, text string) {
	t.Helper()
	if err := w.Write(append(make([]byte, w.Room), text...)); err != nil {
		t.Fatal(err)
	}
}

func TestPiecesAreWholeAndBounded(t *testing.T) {
	const in = "é 🔑 naïve schlüssel geheim-wört€ über alles, and geheim-wört€ again: ✓✓✓✓✓✓✓✓✓✓✓✓"
	want := strings.ReplaceAll(in, "geheim-wört€", "***")
	for chunk := 1; chunk < len(in); chunk++ {
		var p pieces
		w := p.writer(masker("geheim-wört€"), 0)
		for rest := in; rest != ""; {
			n := min(chunk, len(rest))
			write(t, w, rest[:n])
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := p.all(); got != want {
			t.Errorf("chunks of %d: %q, want %q", chunk, got, want)
		}
		for _, s := range p.sent {
			if s == "" || len(s) > 16 || !utf8.ValidString(s) {
				t.Errorf("chunks of %d: the piece %q", chunk, s)
			}
		}
	}
}

func TestWhatIsNoTextPasses(t *testing.T) {
	in := strings.Repeat("\xff\x80\x80\x80\x80\xe2\x82", 20)
	var p pieces
	w := p.writer(masker("\x80\x81\x82\x83\x84\x85"), 0)
	write(t, w, in)
	_ = w.Close()
	if p.all() != in {
		t.Errorf("%q became %q", in, p.all())
	}
}

// At a terminal, what a person types and the program echoes must be seen though it is how a value begins. What is shown is a
// quarter of the value at most, and the rest of it is masked when it comes.
func TestPauseShowsAQuarter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pieces
		w := p.writer(masker("supersecretvalue"), 50*time.Millisecond)
		at := func(text string, after time.Duration, want string) {
			t.Helper()
			write(t, w, text)
			time.Sleep(after) // in the bubble
			synctest.Wait()
			if got := p.all(); got != want {
				t.Errorf("after %q and %v: %q, want %q", text, after, got, want)
			}
		}
		at("$ s", 49*time.Millisecond, "$ ")
		at("", 51*time.Millisecond, "$ s")
		at("u", time.Second, "$ su")
		at("do\r\n", 0, "$ sudo\r\n")
		at("super", time.Hour, "$ sudo\r\nsupe")
		at("secretvalue!", 0, "$ sudo\r\nsupe***!")
		at("supersecret", time.Second, "$ sudo\r\nsupe***!supe")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := p.all(), "$ sudo\r\nsupe***!supersecret"; got != want {
			t.Errorf("at the end %q, want %q", got, want)
		}
	})
}

func TestNothingIsShownWithoutAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pieces
		w := p.writer(masker("supersecretvalue"), 0)
		write(t, w, "the super")
		time.Sleep(time.Hour) // in the bubble
		write(t, w, "secretvalue")
		_ = w.Close()
		if got, want := p.all(), "the ***"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestErrorOfTheReceiver(t *testing.T) {
	gone := errors.New("gone")
	calls := 0
	w := &mask.Writer{Stream: mask.New([]redact.Bytes{}).Stream(), Max: 4, Send: func([]byte) error {
		calls++
		return gone
	}}
	for range 3 {
		if err := w.Write([]byte("0123456789")); !errors.Is(err, gone) {
			t.Error(err)
		}
	}
	if err := w.Close(); !errors.Is(err, gone) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
