package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// block is what file systems give a place on the disk, or none: the size of a hole that is worth one.
const block = 4096

var zeros [block]byte

// WriteSparse writes what r has into f, an empty file, and says how many bytes that were. Blocks of zeros become holes, which
// take no place on the disk: so what was sparse is sparse again, though archives have no word for it. buf is what is read at
// once, at least 4 KiB. Errors of r and f pass as they are, and leave a part of the file.
func WriteSparse(f *os.File, r io.Reader, buf []byte) (size int64, err error) {
	buf = buf[:len(buf)/block*block]
	for {
		n, readErr := readFull(r, buf)
		if err := writeBlocks(f, buf[:n], size); err != nil {
			return size, err
		}
		size += int64(n)
		if errors.Is(readErr, io.EOF) {
			return size, f.Truncate(size) // the last block may be a hole
		}
		if readErr != nil {
			return size, readErr
		}
	}
}

// readFull is io.ReadFull, but its io.EOF is the reader's own: one that comes too early keeps its name.
func readFull(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// writeBlocks writes the blocks of b, which begin at a place in f, that are not all zeros: neighbours at once.
func writeBlocks(f *os.File, b []byte, at int64) error {
	begin := 0 // of what is not written yet
	for i := 0; i < len(b); i += block {
		end := min(i+block, len(b))
		if !bytes.Equal(b[i:end], zeros[:end-i]) {
			continue
		}
		if err := writeAt(f, b[begin:i], at+int64(begin)); err != nil {
			return err
		}
		begin = end
	}
	return writeAt(f, b[begin:], at+int64(begin))
}

func writeAt(f *os.File, b []byte, at int64) error {
	if len(b) == 0 {
		return nil
	}
	_, err := f.WriteAt(b, at)
	return err
}
