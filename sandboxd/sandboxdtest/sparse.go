package sandboxdtest

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ReadData returns what a file holds, without its holes: a sandbox's disk is a file of gigabytes, and nearly all of it is one.
func ReadData(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var content []byte
	for end := int64(0); ; {
		start, err := f.Seek(end, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // there is no more
			return content, nil
		} else if err != nil {
			return nil, err
		}
		if end, err = f.Seek(start, unix.SEEK_HOLE); err != nil {
			return nil, err
		}
		piece, err := io.ReadAll(io.NewSectionReader(f, start, end-start))
		if err != nil {
			return nil, err
		}
		content = append(content, piece...)
	}
}
