package mainlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// FuzzOpen opens a log whose newest segment has whole records and then any bytes. The records are read, in their order, with
// at most others of these bytes behind them; what is appended then is the last that is read.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	d, err := mainlog.Open(mainlog.Config{Path: dir})
	if err != nil {
		f.Fatal(err)
	}
	l, err := d.Write("sb")
	if err != nil {
		f.Fatal(err)
	}
	for i, data := range []string{"one\n", "two\n"} {
		if err := l.Append(mainlog.Record{Offset: uint64(4 * (i + 1)), Time: start, Stream: mainlog.Stdout, Data: []byte(data)}); err != nil {
			f.Fatal(err)
		}
	}
	_ = l.Close()
	file := filepath.Join(dir, "sb.log", "00000000000000000000")
	whole, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(nil))
	f.Add(whole)
	f.Add(whole[:len(whole)/2+3])
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Add(make([]byte, 100))
	f.Fuzz(func(t *testing.T, garbage []byte) {
		if err := os.WriteFile(file, append(bytes.Clone(whole), garbage...), 0o600); err != nil {
			t.Fatal(err)
		}
		w := open(t, dir, 0)
		w.write(mainlog.Stdout, "last\n")
		var got []mainlog.Record
		if err := w.Read(t.Context(), mainlog.Query{}, func(r mainlog.Record) error { got = append(got, r); return nil }); err != nil {
			t.Fatal(err)
		}
		if n := len(got); n < 3 || string(got[0].Data) != "one\n" || string(got[1].Data) != "two\n" || string(got[n-1].Data) != "last\n" {
			t.Fatalf("got %v", got)
		}
		for i := 1; i < len(got); i++ {
			if got[i].Offset <= got[i-1].Offset {
				t.Fatalf("record %d of %v goes backwards", i, got)
			}
		}
		_ = w.Close()
	})
}
