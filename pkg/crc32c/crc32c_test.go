package crc32c_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/crc32c"
)

// TestKnownAnswers takes those of RFC 3720, section B.4, and the catalogue's check value.
func TestKnownAnswers(t *testing.T) {
	ones, up := make([]byte, 32), make([]byte, 32)
	for i := range ones {
		ones[i], up[i] = 0xff, byte(i)
	}
	for _, test := range []struct {
		value []byte
		want  int64
	}{{nil, 0}, {[]byte("123456789"), 0xe3069283}, {make([]byte, 32), 0x8a9136aa}, {ones, 0x62a8ab43}, {up, 0x46dd794e}} {
		if got := crc32c.Sum(test.value); got != test.want {
			t.Errorf("Sum(%x) = %x, want %x", test.value, got, test.want)
		}
	}
}
