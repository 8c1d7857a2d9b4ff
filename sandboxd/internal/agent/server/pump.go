package server

import (
	"errors"
	"os"
	"sync"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/agent/runes"
)

// lastBytes is how much is still read of an output that has expired: as much as a pipe holds, so that nothing which the
// command wrote before it exited is lost, whoever else goes on writing.
const lastBytes = 64 << 10

var buffers = sync.Pool{New: func() any { return new([frame.HeaderSize + frame.MaxChunk]byte) }}

// pump reads f to its end, or until its read deadline, and hands what it reads to write: b[frame.HeaderSize:], valid during
// the call. A UTF-8 sequence is not split unless the end cuts it. It takes a buffer only while there is something to read.
func pump(f *os.File, write func(b []byte) error) {
	rc, err := f.SyscallConn()
	if err != nil {
		return
	}
	var held [utf8.UTFMax]byte // the beginning of a sequence
	nheld := 0
	left := -1 // how much is still read after the deadline; -1: it has not come
	for {
		var buf *[frame.HeaderSize + frame.MaxChunk]byte
		n, rerr := 0, error(nil)
		try := func(fd uintptr) bool {
			buf = buffers.Get().(*[frame.HeaderSize + frame.MaxChunk]byte)
			n, rerr = read(int(fd), buf[frame.HeaderSize+nheld:])
			if errors.Is(rerr, unix.EAGAIN) {
				buffers.Put(buf)
				buf = nil
				return false
			}
			return true
		}
		if left < 0 {
			if err := rc.Read(try); err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					break
				}
				left = lastBytes
				continue
			}
		} else if err := rc.Control(func(fd uintptr) { try(fd) }); err != nil {
			break
		}
		if buf == nil || n <= 0 { // nothing left after the deadline; the end; or a terminal that nobody has open any more
			if buf != nil {
				buffers.Put(buf)
			}
			break
		}
		copy(buf[frame.HeaderSize:], held[:nheld])
		b := buf[:frame.HeaderSize+nheld+n]
		cut := runes.Whole(b[frame.HeaderSize:]) + frame.HeaderSize
		nheld = copy(held[:], b[cut:])
		err := error(nil)
		if cut > frame.HeaderSize {
			err = write(b[:cut])
		}
		buffers.Put(buf)
		if err != nil {
			return
		}
		if left >= 0 {
			if left -= n; left <= 0 {
				break
			}
		}
	}
	if nheld > 0 {
		_ = write(append(make([]byte, frame.HeaderSize), held[:nheld]...))
	}
}

func read(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Read(fd, b)
		if err != unix.EINTR {
			return n, err
		}
	}
}
