package mask

import (
	"encoding/binary"
	"math/bits"
)

func (m *Masker) fillShift() {
	if len(m.begin) == 0 {
		return
	}
	// Sixteen entries for each block, so that a text's blocks seldom meet one by chance; the second-level cache has room.
	width := min(max(bits.Len(uint(len(m.begin)*(m.size-block+1)*16)), 12), 18)
	m.shift, m.hash = make([]uint8, 1<<width), 32-width
	for i := range m.shift {
		m.shift[i] = uint8(m.size - block + 1)
	}
	for _, b := range m.begin {
		for end := block - 1; end < m.size; end++ {
			p := append([]byte{0}, b.key[end-block+1:end+1]...)
			h := hashOf(p, block, m.hash)
			m.shift[h] = min(m.shift[h], uint8(m.size-1-end))
		}
	}
}

// hashOf is the hash of the block that ends at b[i]; i is at least 3.
func hashOf(b []byte, i, shift int) uint32 {
	return binary.LittleEndian.Uint32(b[i-3:]) >> 8 * 0x9E3779B1 >> (shift & 31)
}

// next returns the first index from i on where a beginning may stand; one nearer to the end than the size of one when there
// is none.
func (m *Masker) next(b []byte, i int) int {
	if len(m.shift) == 0 {
		return len(b)
	}
	shift, hash := m.shift, m.hash
	i += m.size - 1
	for i+4*stride <= len(b) && clear4(shift, hash, b, i) {
		i += 4 * stride
	}
	for i < len(b) {
		s := int(shift[hashOf(b, i, hash)])
		if s == 0 {
			break
		}
		i += s
	}
	return min(i-m.size+1, len(b))
}

// stride is how far each of four windows is moved beside the others.
const stride = 512

// clear4 says whether no beginning can end in b[i:i+4*stride]. Each step waits for the one before, for the shift; so four
// windows in four parts of the text take little longer than one.
func clear4(shift []uint8, hash int, b []byte, i int) bool {
	to := [4]int{i + stride, i + 2*stride, i + 3*stride, i + 4*stride}
	at := [4]int{i, to[0], to[1], to[2]}
	for at[0] < to[0] && at[1] < to[1] && at[2] < to[2] && at[3] < to[3] {
		s0, s1 := shift[hashOf(b, at[0], hash)], shift[hashOf(b, at[1], hash)]
		s2, s3 := shift[hashOf(b, at[2], hash)], shift[hashOf(b, at[3], hash)]
		if s0 == 0 || s1 == 0 || s2 == 0 || s3 == 0 {
			return false
		}
		at[0], at[1], at[2], at[3] = at[0]+int(s0), at[1]+int(s1), at[2]+int(s2), at[3]+int(s3)
	}
	for k := range at {
		for at[k] < to[k] {
			s := shift[hashOf(b, at[k], hash)]
			if s == 0 {
				return false
			}
			at[k] += int(s)
		}
	}
	return true
}
