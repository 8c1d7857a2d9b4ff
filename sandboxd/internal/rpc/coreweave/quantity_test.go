package coreweave

import "testing"

func TestParseQuantity(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale int64
		want  int64
	}{
		{"1", 1000, 1000},
		{"0.5", 1000, 500},
		{".25", 1000, 250},
		{"2.", 1000, 2000},
		{"+2", 1000, 2000},
		{"500m", 1000, 500},
		{"1500u", 1000, 2}, // rounded up
		{"1n", 1000, 1},
		{"0", 1000, 0},
		{"1Gi", 1, 1 << 30},
		{"512Mi", 1, 512 << 20},
		{"1.5Ki", 1, 1536},
		{"1G", 1, 1_000_000_000},
		{"1k", 1, 1000},
		{"1E", 1, 1_000_000_000_000_000_000},
		{"7Ei", 1, 7 << 60},
		{"1e9", 1, 1_000_000_000},
		{"12E2", 1, 1200},
		{"1e-3", 1000, 1},
	} {
		got, err := parseQuantity(c.in, c.scale)
		if err != nil || got != c.want {
			t.Errorf("parseQuantity(%q, %d) = %d, %v; want %d", c.in, c.scale, got, err, c.want)
		}
	}
	for _, in := range []string{"", " 1", "1 Gi", "-1", "1gi", "1K", "1KiB", ".", "1e", "1e999", "0x10", "1/2", "9Ei", "1e30", "one"} {
		if got, err := parseQuantity(in, 1); err == nil {
			t.Errorf("parseQuantity(%q) = %d, want an error", in, got)
		}
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"1", "500m", "1.5Gi", "1e9", "-1", ".", "999999999999999999999Ei"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseQuantity(s, 1000)
		if err == nil && n < 0 {
			t.Errorf("parseQuantity(%q) = %d, want it at least 0", s, n)
		}
	})
}
