package mainlog

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// segment is one file of a log. Its name is the position of its first byte in the output, so that names sort by age and a
// segment that is empty still says where the log goes on.
type segment struct {
	start uint64
	size  int64 // bytes of whole records
}

func (s segment) path(dir string) string { return filepath.Join(dir, fmt.Sprintf("%020d", s.start)) }

// listSegments returns the segments in dir, the oldest first, with their sizes as the file system has them. A directory that
// is not there has none.
func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing log: %w", err)
	}
	var segments []segment
	for _, e := range entries {
		start, err := strconv.ParseUint(e.Name(), 10, 64)
		if err != nil {
			continue // nothing of ours
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("listing log: %w", err)
		}
		segments = append(segments, segment{start: start, size: info.Size()})
	}
	slices.SortFunc(segments, func(a, b segment) int { return cmp.Compare(a.start, b.start) })
	return segments, nil
}

// scanWhole returns the size of the whole records at the start of a segment's file, and the last one's Offset: start, the
// segment's own, where there is none. A record that goes back to what was there before is none of them.
func scanWhole(r io.Reader, start uint64) (size int64, end uint64, err error) {
	in := bufio.NewReader(r)
	end = start
	for {
		rec, err := readRecord(in)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errTorn), err == nil && rec.start() < end:
			return size, end, nil
		case err != nil:
			return 0, 0, fmt.Errorf("reading log: %w", err)
		}
		size += rec.sizeOnDisk()
		end = rec.Offset
	}
}
