package mask

// Stream masks one stream. Values are found across the borders of writes.
type Stream struct {
	m     *Masker
	held  []byte // the end of what was written: it may be the beginning of a form
	skip  int    // so many bytes of held belong to a value whose Replacement is already out
	shown int    // so many bytes of held are out, because of a pause
}

// Stream returns a new stream.
func (m *Masker) Stream() *Stream { return &Stream{m: m} }

// Append appends the masked form of b to dst and returns it. It holds back no more than an end of b that could be the
// beginning of a value.
func (s *Stream) Append(dst, b []byte) []byte {
	if len(s.held) > 0 {
		s.held = append(s.held, b...)
		b = s.held
	}
	dst, i := s.scan(dst, b, false)
	s.held = append(s.held[:0], b[i:]...)
	return dst
}

// clean returns how much of b passes as it is, when nothing is held back: there is no value in it, nor the beginning of one.
func (s *Stream) clean(b []byte) int {
	if len(s.held) > 0 || s.skip > 0 {
		return 0
	}
	for i := s.m.next(b, 0); i < len(b); i++ {
		if n, more := s.m.longest(b[i:]); n > 0 || more {
			return i
		}
		if len(b)-i > s.m.size {
			i = s.m.next(b, i+1) - 1
		}
	}
	return len(b)
}

// Flush appends what was held back: the stream has ended.
func (s *Stream) Flush(dst []byte) []byte {
	dst, _ = s.scan(dst, s.held, true)
	s.held, s.skip, s.shown = nil, 0, 0
	return dst
}

// Held says whether something is held back that Pause has not appended.
func (s *Stream) Held() bool { return len(s.held) > max(s.skip, s.shown) }

// Pause appends what was held back and is no more than a quarter of any value that it may be the beginning of: nothing has
// come for a while, and somebody may wait for it. If it turns out to be a value after all, the rest of that is masked.
func (s *Stream) Pause(dst []byte) []byte {
	to := len(s.held)
	for i := 0; i < to; i++ {
		for _, c := range s.m.candidates(s.held[i:]) {
			to = min(to, i+len(s.m.values[c.value])/4)
		}
	}
	if from := max(s.skip, s.shown); from < to {
		dst = append(dst, s.held[from:to]...)
		s.shown = to
	}
	return dst
}

// scan appends the masked form of b to dst, up to the byte whose index it returns. Values that overlap are one Replacement.
func (s *Stream) scan(dst, b []byte, end bool) ([]byte, int) {
	masked := s.skip             // b[:masked] belongs to values that were replaced
	done := max(masked, s.shown) // b[:done] is out
	for i := s.m.next(b, 0); i < len(b); i = s.m.next(b, i+1) {
		n, more := s.m.longest(b[i:])
		for len(b)-i < s.m.size && !more && i+1 < len(b) { // too near to the end for next
			i++
			n, more = s.m.longest(b[i:])
		}
		if (n > 0 || more && !end) && done < i {
			dst = append(dst, b[done:i]...)
			done = i
		}
		if more && !end {
			s.skip, s.shown = max(masked-i, 0), max(done-i, 0)
			return dst, i
		}
		if n > 0 {
			if i >= masked {
				dst = append(dst, Replacement...)
			}
			masked = max(masked, i+n)
			done = max(done, masked)
		}
	}
	if done < len(b) {
		dst = append(dst, b[done:]...)
	}
	s.skip, s.shown = max(masked-len(b), 0), 0
	return dst, len(b)
}
