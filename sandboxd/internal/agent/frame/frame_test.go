package frame_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
)

func TestFramesArriveWholeHoweverTheyAreCut(t *testing.T) {
	payloads := [][]byte{{}, []byte("x"), bytes.Repeat([]byte("y"), 10_000), bytes.Repeat([]byte("z"), frame.MaxPayload), []byte("end")}
	var wire bytes.Buffer
	for i, p := range payloads {
		if err := frame.Write(&wire, frame.Type(i+1), p); err != nil {
			t.Fatal(err)
		}
	}
	for name, r := range map[string]io.Reader{
		"whole": bytes.NewReader(wire.Bytes()),
		"half":  iotest.HalfReader(bytes.NewReader(wire.Bytes())),
		"last":  iotest.DataErrReader(bytes.NewReader(wire.Bytes())),
	} {
		fr := frame.NewReader(r)
		for i, want := range payloads {
			typ, got, err := fr.Next()
			if err != nil || typ != frame.Type(i+1) || !bytes.Equal(got, want) {
				t.Fatalf("%s: frame %d: type %d, %d bytes, %v; want %d bytes", name, i, typ, len(got), err, len(want))
			}
		}
		if _, _, err := fr.Next(); err != io.EOF {
			t.Errorf("%s: after the last frame: %v, want EOF", name, err)
		}
	}
}

func TestReaderRefusesWhatNoFrameIs(t *testing.T) {
	for name, c := range map[string]struct {
		wire string
		want error
	}{
		"too long":      {"\x01\xff\xff\xff\xff", frame.ErrTooLarge},
		"cut header":    {"\x01\x00", io.ErrUnexpectedEOF},
		"cut payload":   {"\x01\x00\x00\x00\x05abc", io.ErrUnexpectedEOF},
		"nothing at it": {"\x01\x00\x00\x00\x05", io.ErrUnexpectedEOF},
	} {
		if _, _, err := frame.NewReader(bytes.NewReader([]byte(c.wire))).Next(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWriteRefusesTooLarge(t *testing.T) {
	if err := frame.Write(io.Discard, frame.Data, make([]byte, frame.MaxPayload+1)); !errors.Is(err, frame.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x02ab\x02\x00\x00\x00\x00"))
	f.Add([]byte("\x01\x00\x10\x00\x00ab"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		fr := frame.NewReader(iotest.HalfReader(bytes.NewReader(wire)))
		var again bytes.Buffer
		for {
			typ, p, err := fr.Next()
			if err != nil {
				break
			}
			if err := frame.Write(&again, typ, p); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(wire, again.Bytes()) {
			t.Fatalf("read %q from %q", again.Bytes(), wire)
		}
	})
}
