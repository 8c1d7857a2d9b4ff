// Package runes keeps UTF-8 sequences whole where output is cut.
package runes

import "unicode/utf8"

// Whole returns how much of b there is without an unfinished UTF-8 sequence at its end. Bytes that can't become a sequence are
// not waited for.
func Whole(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax+1; i-- {
		if utf8.RuneStart(b[i]) {
			if b[i] >= utf8.RuneSelf && !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}
