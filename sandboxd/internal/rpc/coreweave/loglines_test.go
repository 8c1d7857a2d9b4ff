package coreweave

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/controller"
)

// records are pieces of output that follow each other, one second apart.
func records(pieces ...string) []controller.LogRecord {
	var out []controller.LogRecord
	var offset uint64
	for i, p := range pieces {
		offset += uint64(len(p))
		out = append(out, controller.LogRecord{Offset: offset, Time: time.Unix(int64(i), 0), Stream: controller.Stdout, Data: []byte(p)})
	}
	return out
}

func entries(t interface{ Fatal(...any) }, timestamps bool, in []controller.LogRecord) []*sandboxv1.LogEntry {
	var out []*sandboxv1.LogEntry
	l := logLines{session: "s", timestamps: timestamps, send: func(e *sandboxv1.LogEntry) error { out = append(out, e); return nil }}
	for _, r := range in {
		if err := l.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLogLines(t *testing.T) {
	type entry struct {
		Data string
		Next uint64
	}
	const t0, t1, t2 = "1970-01-01T00:00:00.000000Z ", "1970-01-01T00:00:01.000000Z ", "1970-01-01T00:00:02.000000Z "
	for name, c := range map[string]struct {
		in         []controller.LogRecord
		timestamps bool
		want       []entry
	}{
		"whole lines":      {records("a\n", "b\nc\n"), false, []entry{{"a\n", 2}, {"b\nc\n", 6}}},
		"a line in pieces": {records("a", "b", "c\nd"), false, []entry{{"abc\n", 4}, {"d", 5}}},
		"nothing":          {nil, true, nil},
		"times of lines":   {records("a\nb", "c\nd\n", "e"), true, []entry{{t0 + "a\n", 2}, {t0 + "bc\n" + t1 + "d\n", 7}, {t2 + "e", 8}}},
		"an empty line":    {records("\n\n"), true, []entry{{t0 + "\n" + t0 + "\n", 2}}},
		"output was dropped": {append(records("a"), controller.LogRecord{Offset: 90, Time: time.Unix(1, 0), Data: []byte("z\n"), Lost: 87}), true, []entry{
			{t0 + "a", 1}, {"\n" + t1 + "[casemate: 87 bytes of output are missing here]\n", 88}, {t1 + "z\n", 90},
		}},
		"the oldest is gone": {[]controller.LogRecord{{Offset: 90, Time: time.Unix(1, 0), Data: []byte("z\n"), Lost: 88}}, false, []entry{
			{"[casemate: 88 bytes of output are missing here]\n", 88}, {"z\n", 90},
		}},
		"a resumed half line": {[]controller.LogRecord{{Offset: 9, Time: time.Unix(0, 0), Data: []byte("x\n")}}, true, []entry{{t0 + "x\n", 9}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []entry
			for _, e := range entries(t, c.timestamps, c.in) {
				got = append(got, entry{string(e.GetData()), e.GetNextLogOffset()})
				if e.GetLogSessionId() != "s" || e.GetTimestamp() == nil {
					t.Errorf("entry %v lacks its session or time", e)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// A line that an earlier stream began gets no second time.
func TestResumedWithinALine(t *testing.T) {
	for mid, want := range map[bool]string{true: "rest\n", false: "1970-01-01T00:00:00.000000Z rest\n"} {
		var got string
		l := logLines{timestamps: true, resumed: true, send: func(e *sandboxv1.LogEntry) error { got += string(e.GetData()); return nil }}
		if err := l.add(controller.LogRecord{Offset: 9, Time: time.Unix(0, 0), Data: []byte("rest\n"), MidLine: mid}); err != nil || got != want {
			t.Errorf("mid-line %v: %q, %v", mid, got, err)
		}
	}
}

func TestLongLineIsCutBetweenCharacters(t *testing.T) {
	long := strings.Repeat("é", maxHeldLine) // two bytes each
	var whole string
	got := entries(t, true, records("x"+long[:maxHeldLine], long[maxHeldLine:], "\nnext\n"))
	for _, e := range got {
		if !utf8.Valid(e.GetData()) {
			t.Error("an entry ends within a character")
		}
		whole += string(e.GetData())
	}
	if len(got) < 2 {
		t.Errorf("%d entries, want the long line in pieces", len(got))
	}
	if want := "1970-01-01T00:00:00.000000Z x" + long + "\n1970-01-01T00:00:02.000000Z next\n"; whole != want {
		t.Errorf("%d bytes came, want %d, with one time for each line", len(whole), len(want))
	}
}

// TestLogLinesLoseNothing: whatever the pieces, the entries are the log, and resuming at any entry gives the rest.
func TestLogLinesLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.StringMatching(`[aé\n]{1,6}`)).Draw(t, "pieces")
		whole := strings.Join(pieces, "")
		var got string
		for _, e := range entries(t, false, records(pieces...)) {
			got += string(e.GetData())
			if e.GetNextLogOffset() != uint64(len(got)) {
				t.Fatalf("next offset %d behind %d bytes", e.GetNextLogOffset(), len(got))
			}
			if !utf8.Valid(e.GetData()) {
				t.Fatal("an entry ends within a character")
			}
		}
		if got != whole {
			t.Fatalf("got %q, want %q", got, whole)
		}
	})
}
