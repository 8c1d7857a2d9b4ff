package cmd

import (
	"errors"
	"strings"
	"testing"
)

func TestParseDotenv(t *testing.T) {
	entries, err := parseDotenv([]byte("B=2\n# comment\nexport A='x $Y'\nA_c=\"q\"\nB=3\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.name+"="+string(e.value))
	}
	if want := "A=x $Y,A_c=q,B=3"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ","), want)
	}
}

func TestParseDotenvNeverDropsADollar(t *testing.T) {
	for text, want := range map[string]string{
		"X=pa$$word":            "pa$$word",
		"X='pa$WORD'":           "pa$WORD",
		"X=$":                   "$",
		"U=me\nX=$U:${U}@host":  "me:me@host",
		"U=me\nX=\"a $U\\nb\"":  "a me\nb",
		"X=pa$WORD":             "",
		"X=\"pa${WORD}\"":       "",
		"X=pa$5":                "",
		"X=a$(id)":              "a$(id)",
		"X=$LATER\nLATER=value": "",
	} {
		entries, err := parseDotenv([]byte(text))
		if want == "" {
			if err == nil || strings.Contains(err.Error(), "WORD") {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if err != nil || string(entries[len(entries)-1].value) != want {
			t.Errorf("%q: %v, %v; want %q", text, entries, err, want)
		}
	}
}

func TestParseDotenvShowsNoValueInErrors(t *testing.T) {
	const marker = "marker-7f3a"
	for _, text := range []string{
		"A=\"" + marker, marker, marker + " " + marker, "A.B=" + marker, "A=1\n" + marker + "\n", "A='" + marker + "\nB=" + marker,
		"A=" + strings.Repeat(marker, 10000), "=" + marker, "A\x00=" + marker,
	} {
		entries, err := parseDotenv([]byte(text))
		if err != nil && strings.Contains(err.Error(), marker) {
			t.Errorf("%.40q: %v", text, err)
		}
		var usage usageError
		if err != nil && (!errors.As(err, &usage) || entries != nil) {
			t.Errorf("%.40q: %d entries, %v", text, len(entries), err)
		}
	}
}

func FuzzParseDotenv(f *testing.F) {
	for _, s := range []string{
		"", "A=1", "export A=1\n", "A='x'\nB=\"y\\n\"", "A=$B", "A=${B}", "A=\"", "A", "=x", "A: yaml", "\xff=\xfe", "A=\\", "#", "A=1 # c",
		"export", "export ", "A=''", "A=\"${A}\"", "A=$(id)", "\r\nA=1\r\n", "A=" + strings.Repeat("x", 70000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseDotenv([]byte(text))
		if err != nil {
			return
		}
		for i, e := range entries {
			if !secretName.MatchString(e.name) || len(e.value) == 0 || len(e.value) > maxValueBytes {
				t.Errorf("entry %d of %q: name %q, %d bytes", i, text, e.name, len(e.value))
			}
			if i > 0 && entries[i-1].name >= e.name {
				t.Errorf("names of %q are not in order, or twice", text)
			}
		}
	})
}
